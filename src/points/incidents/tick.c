/* What time brings: a log that has fallen silent. One leaf a tick, the next in a minute. */
#include "law.h"
#include "log.h"

enum err incidents_tick(struct rq *rq)
{
	bool has_said = false;

	return incidents_logs_tick(rq, &has_said);
}
