/* The rows of long work. What runs is elsewhere; here only its beginning and its end are told to the writer. */
#include "floor/job.h"
#include "floor/writer.h"

struct telling { int64_t id; struct str text; int64_t person; };

static enum err start_job(struct rq *rq, void *of)
{
	const struct telling *telling = of;
	enum err err = job_drop(rq, telling->id);

	if (err != OK && err != ERR_NONE)
		return err;
	return job_begin(rq, telling->id, (struct maybe_int){ telling->person >= 0, telling->person }, telling->text, rq->now);
}

enum err job_start(struct rq *rq, int64_t id, struct str title)
{
	struct telling telling = { id, title.at ? title : STR(""), rq->actor->person };
	return writer_do(writer_of_core(), start_job, &telling, rq);
}

static enum err end_job(struct rq *rq, void *of)
{
	const struct telling *telling = of;
	return job_end(rq, (struct maybe_int){ true, rq->now.ms }, telling->text, telling->id);
}

enum err job_over(struct rq *rq, int64_t id, struct str result)
{
	struct telling telling = { id, result, -1 };
	return writer_do(writer_of_core(), end_job, &telling, rq);
}
