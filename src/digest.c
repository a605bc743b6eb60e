/* The digest: what waits for each person, gathered into one mail in her language, in the morning of the days that the setting names.
 *
 * The same tasks as on /tasks, from the same fold. A batch of persons a minute, so that the writer is never held for long; who has been told today is read
 * from the outbox itself, so a restart in the middle neither repeats nor forgets anybody.
 *
 * SECURITY: titles of tasks go out by mail, so those of protected persons stand there as the task itself shows them: without a name. Whoever does not
 * want it says so on /me/mail. */
#define LONG_LIVED
#include "desk.h"
#include "digest.h"
#include "floor/mail.h"
#include "floor/people.h"
#include "floor/setting.h"

enum { MORNING = 7, BATCH = 50, SHOWN = 20, PEOPLE_MOST = 5000 };

/* Whoever has something waiting, each once. */
struct waiting { int64_t *person; size_t n; };

static void add_person(struct waiting *waiting, int64_t person)
{
	for (size_t i = 0; i < waiting->n; i++)
		if (waiting->person[i] == person)
			return;
	if (waiting->n < PEOPLE_MOST)
		waiting->person[waiting->n++] = person;
}

static enum err find_people(struct rq *rq, const struct tasks *tasks, struct waiting *ret)
{
	struct mail_role_row *rows;
	unsigned roles = 0;
	size_t n;

	for (size_t i = 0; i < tasks->n; i++) {
		if (tasks->at[i].person >= 0)
			add_person(ret, tasks->at[i].person);
		roles |= tasks->at[i].roles;
	}
	TRY(mail_role(rq, (int64_t)roles, &rows, &n));
	for (size_t i = 0; i < n; i++)
		add_person(ret, rows[i].id);
	return OK;
}

static bool wants(struct rq *rq, const struct people_get_row *person)
{
	struct mail_told_row told;
	struct mail_wish_of_row wish;

	if (!people_is_employed(person, rq->now) || !mail_address_is_good(person->email))
		return false;
	if (mail_wish_of(rq, person->id, &wish) == OK && wish.no_digest)
		return false;
	return mail_told(rq, (struct maybe_int){ true, person->id }, STR("digest"), instant_midnight(rq->now), &told) == ERR_NONE;
}

static size_t write_text(struct rq *rq, enum language language, const struct tasks *tasks, const struct people_get_row *person, struct out *text)
{
	size_t n = 0;

	out_text(text, tongue(language, "This waits for you in Samordna:"));
	out_text(text, "\n");
	for (size_t i = 0; i < tasks->n; i++) {
		const struct task *task = &tasks->at[i];
		if (task->person != person->id && !(task->roles & (unsigned)person->roles))
			continue;
		if (++n > SHOWN)
			continue;
		out_print(text, "\n- " STR_FMT, STR_ARG(task->title));
		if (task->due_at.ms) {
			out_text(text, ", ");
			out_text(text, instant_is_before(task->due_at, rq->now) ? tongue(language, "overdue since") : tongue(language, "at latest"));
			out_byte(text, ' ');
			tongue_date(text, language, task->due_at);
		}
	}
	if (n > SHOWN)
		out_print(text, tongue(language, "\n- and %zu more"), n - SHOWN);
	return n;
}

/* *change is begun with the first: who has nothing waiting leaves no leaf. */
static enum err tell(struct rq *rq, const struct tasks tasks[LANGUAGES], int64_t id, struct change **change, size_t *told)
{
	struct people_get_row person;

	if (people_get(rq, id, &person) != OK || !wants(rq, &person))
		return OK;
	enum language language = mail_language(rq, id);
	struct out text = out_new(rq->arena), day = out_new(rq->arena);
	size_t n = write_text(rq, language, &tasks[language], &person, &text);
	if (!n)
		return OK;
	tongue_date(&day, LANGUAGE_SV, rq->now);
	if (!*change)
		TRY(audit_begin(rq, "mail.digest", out_str(&day), change));
	(*told)++;
	return mail_say(*change, &(struct mail){ .kind = "digest", .person = id, .at = STR("/tasks"), .text = out_str(&text),
		.title = str_print(rq->arena, tongue_n(language, "%zu thing waits for you in Samordna", "%zu things wait for you in Samordna", (int64_t)n), n) });
}

static bool is_day(struct rq *rq)
{
	struct wall now = instant_wall(rq->now);
	int64_t days = setting_number(rq, "mail.digest_days");

	return days && now.hour >= MORNING && (days == 1 ? now.weekday <= 5 : now.weekday == 1);
}

enum err digest_tick(struct rq *rq)
{
	static int64_t done_day;               /* the writer's alone: nobody is left to tell that day */
	struct tasks tasks[LANGUAGES] = { 0 };
	struct waiting waiting = { NEW_MANY(rq->arena, PEOPLE_MOST, int64_t), 0 };
	struct change *change = NULL;
	size_t told = 0;

	if (!mail_is_on() || instant_midnight(rq->now).ms == done_day || !is_day(rq))
		return OK;
	for (enum language language = 0; language < LANGUAGES; language++) {
		struct rq in = *rq;
		in.language = language;
		TRY(desk_tasks(&in, true, &tasks[language]));
	}
	TRY(find_people(rq, &tasks[0], &waiting));
	for (size_t i = 0; i < waiting.n && told < BATCH; i++)
		TRY(tell(rq, tasks, waiting.person[i], &change, &told));
	if (told < BATCH)
		done_day = instant_midnight(rq->now).ms;
	return OK;
}
