/* `samordna status` and `samordna tasks list`: the start page and what waits, on the command line. The same folds as the pages.
 *
 * SECURITY: who asks is the account that owns the home and sees what a coordinator sees. Nothing is changed, no leaf is written. */
#include "core.h"
#include "desk.h"
#include "floor/frame.h"
#include "floor/people.h"

static const char *const state_name[] = { [STATE_IN_ORDER] = "in_order", [STATE_UNKNOWN] = "unknown",
	[STATE_NEEDS_ACTION] = "needs_action", [STATE_FAILING] = "failing" };

static void put_key(struct out *out, const char *key, struct str value)
{
	out_print(out, ",\"%s\":", key);
	out_json(out, value.len ? value : STR_NONE);
}

static void put_moment(struct out *out, const char *key, struct instant at, bool is_set)
{
	out_print(out, ",\"%s\":", key);
	if (!is_set) {
		out_text(out, "null");
		return;
	}
	out_byte(out, '"');
	out_instant(out, at);
	out_byte(out, '"');
}

static void put_question(struct rq *rq, const struct desk_question *q, bool json, struct out *ret)
{
	const struct figures *f = &q->figures;

	if (!json) {
		out_print(ret, "%-12s  %s\n    %s\n    %.*s\n", q->point->name, tongue(rq->language, state_page_of(f->state).word),
		          tongue(rq->language, q->point->question), STR_ARG(f->sentence));
		if (f->next.len)
			out_print(ret, "    %s: %.*s\n", _("Next step"), STR_ARG(f->next));
		return;
	}
	out_print(ret, "{\"question\":\"%s\",\"state\":\"%s\"", q->point->name, state_name[f->state]);
	put_key(ret, "text", str_of(tongue(rq->language, q->point->question)));
	put_key(ret, "sentence", f->sentence);
	put_key(ret, "evidence", f->evidence);
	put_key(ret, "evidence_at", f->evidence_at);
	put_moment(ret, "measured_at", f->measured_at, f->measured_at.ms != 0);
	put_key(ret, "next", f->next);
	put_key(ret, "next_at", f->next_at);
	put_key(ret, "owner", f->owner);
	out_text(ret, "}\n");
}

static enum err run_status(struct rq *rq, const struct args *args, struct out *ret)
{
	struct desk_question questions[DESK_QUESTIONS];
	size_t n;

	TRY(desk_questions(rq, questions, &n));
	for (size_t i = 0; i < n; i++)
		put_question(rq, &questions[i], args->json, ret);
	return OK;
}

static enum err run_tasks(struct rq *rq, const struct args *args, struct out *ret)
{
	struct tasks tasks;

	TRY(desk_tasks(rq, true, &tasks));
	for (size_t i = 0; i < tasks.n; i++) {
		const struct task *task = &tasks.at[i];
		struct people_get_row person = { .code = STR_NONE };
		struct out roles = out_new(rq->arena);
		if (task->person >= 0)
			TRY(people_get(rq, task->person, &person));
		if (task->roles)
			people_roles_out(&roles, task->roles);
		if (!args->json) {
			struct out due = out_new(rq->arena);
			if (task->due_at.ms)
				tongue_date(&due, rq->language, task->due_at);
			out_print(ret, "%.*s\t%.*s\t%.*s\n", STR_ARG(out_str(&due)), STR_ARG(person.code.len ? person.code : out_str(&roles)),
			          STR_ARG(task->title));
			continue;
		}
		out_text(ret, "{\"title\":");
		out_json(ret, task->title);
		put_key(ret, "where", task->where);
		put_key(ret, "person", person.code);
		put_key(ret, "roles", out_str(&roles));
		put_moment(ret, "due", task->due_at, task->due_at.ms != 0);
		out_text(ret, "}\n");
	}
	return OK;
}

const struct command desk_commands[] = {
	{ "status", "", N_("How the questions stand now, as on the start page"), COMMAND_READ, run_status },
	{ "tasks list", "", N_("All that waits, for whom, and until when"), COMMAND_READ, run_tasks },
	{ 0 }
};
