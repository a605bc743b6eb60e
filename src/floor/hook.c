/* Events for other systems: the table of what is told, and the row for each webhook.
 *
 * SECURITY: see hook.h. A webhook is known by its number and its host: when the lines of samordna.conf have changed places, what waited for the one is never
 * sent to another. */
#include "floor/hook.h"
#include "floor/mail.sql.h"
#include "floor/people.h"

static const struct { enum event_kind kind; const char *event, *subject; } told[] = {
	{ EVENT_person_left, "person.left", "person_number" },
	{ EVENT_access_reset, "access.reset", "verification" },
	{ EVENT_connection_held, "connection.held", "held" },
	{ EVENT_grant_ended, "grant.ended", "grant" },
	{ EVENT_decision_signed, "decision.signed", "decision" },
	{ EVENT_decision_ended, "decision.ended", "decision" },
	{ EVENT_incident_opened, "incident.opened", "incident" },
	{ EVENT_incident_closed, "incident.closed", "incident" },
};

static const char (*hosts)[256];
static size_t n_hosts;

void hooks_are(const char (*of)[256], size_t n)
{
	hosts = of;
	n_hosts = n;
}

size_t hook_count_lines(void)
{
	return n_hosts;
}

const char *hook_host(size_t hook)
{
	return hook < n_hosts ? hosts[hook] : "";
}

static struct str body_of(struct rq *rq, const struct hook_said *said)
{
	struct people_get_row person;
	struct out body = out_new(rq->arena);

	out_print(&body, "{\"type\":\"%s\",\"timestamp\":\"", said->event);
	out_instant_utc(&body, rq->now);
	out_print(&body, "\",\"data\":{\"%s\":%lld", said->subject, (long long)said->number);
	if (said->person >= 0 && people_get(rq, said->person, &person) == OK) {
		out_text(&body, ",\"person\":");
		out_json(&body, person.code);
	}
	if (said->ticket.len) {
		out_text(&body, ",\"ticket\":");
		out_json(&body, said->ticket);
	}
	out_text(&body, "}}");
	return out_str(&body);
}

enum err hook_say(struct change *change, const struct hook_said *said)
{
	struct rq *rq = change_rq(change);
	struct hook_most_row most;

	if (!n_hosts)
		return OK;
	TRY(hook_most(rq, &most));
	struct str body = body_of(rq, said);
	for (size_t i = 0; i < n_hosts; i++)
		TRY(hook_add(change, &(struct hook_add_args){ most.n + 1 + (int64_t)i, (int64_t)i, str_of(hosts[i]), str_of(said->event), body, rq->now, STR("") }));
	return OK;
}

enum err hook_hear(const struct event *event, struct change *change)
{
	for (size_t i = 0; i < LENGTH(told) && n_hosts; i++)
		if (told[i].kind == event->kind)
			return hook_say(change, &(struct hook_said){ told[i].event, told[i].subject, event->subject, event->person, STR_NONE });
	return OK;
}

static enum err or_none(enum err err)
{
	return err == ERR_NONE ? OK : err;
}

enum err hook_again(struct rq *rq, int64_t id)
{
	struct hook_get_row row;
	struct change *change;
	enum err err = hook_get(rq, id, &row);

	if (err == ERR_NONE)
		return fail(rq, ERR_NONE, _("There is no delivery %lld."), (long long)id);
	TRY(err);
	if (!str_equal(str_of(hook_host((size_t)row.hook)), row.host))
		return fail(rq, ERR_CONFLICT, _("samordna.conf names no such webhook any more."));
	TRY(audit_begin(rq, "webhook.again", str_print(rq->arena, "%lld", (long long)id), &change));
	TRY(hook_revive(change, id));
	TRY(or_none(mail_try_drop(rq, 1, id)));
	return or_none(mail_peer_drop(rq, row.hook + 1));
}

enum err hook_test(struct rq *rq)
{
	struct change *change;

	if (!n_hosts)
		return fail(rq, ERR_CONFLICT, _("No webhook is named: set webhook in samordna.conf."));
	TRY(audit_begin(rq, "webhook.test", STR(""), &change));
	for (size_t i = 0; i < n_hosts; i++)
		TRY(or_none(mail_peer_drop(rq, (int64_t)i + 1)));
	return hook_say(change, &(struct hook_said){ "samordna.test", "test", 1, -1, STR_NONE });
}

enum err hook_due_tasks(struct rq *rq, struct tasks *ret)
{
	struct hook_count_row count;

	TRY(hook_count(rq, &count));
	if (count.failed)
		tasks_add(rq, ret, &(struct task){ .title = str_print(rq->arena, tongue_n(rq->language, "%lld event could not be told to another system",
			"%lld events could not be told to another system", count.failed), (long long)count.failed), .where = STR("/admin/webhooks"), .person = -1,
			.roles = ROLE_COORDINATOR });
	return OK;
}

/* --- commands --- */

static enum err list(struct rq *rq, const struct args *args, struct out *ret)
{
	struct hook_latest_row *rows;
	size_t n;

	TRY(hook_latest(rq, &rows, &n));
	for (size_t i = 0; i < n; i++) {
		const char *state = rows[i].sent_at.is ? "sent" : rows[i].failed_at.is ? "failed" : "waiting";
		struct str cause = rows[i].cause.len ? rows[i].cause : rows[i].last;
		if (!args->json) {
			out_print(ret, "%lld\t%s\t" STR_FMT "\t" STR_FMT "\t" STR_FMT "\n", (long long)rows[i].id, state, STR_ARG(rows[i].event), STR_ARG(rows[i].host),
			          STR_ARG(cause));
			continue;
		}
		out_print(ret, "{\"delivery\":%lld,\"state\":\"%s\",\"event\":", (long long)rows[i].id, state);
		out_json(ret, rows[i].event);
		out_text(ret, ",\"host\":");
		out_json(ret, rows[i].host);
		out_print(ret, ",\"tries\":%lld,\"cause\":", (long long)rows[i].tries);
		out_json(ret, cause);
		out_text(ret, "}\n");
	}
	return OK;
}

static enum err again(struct rq *rq, const struct args *args, struct out *ret)
{
	int64_t id;
	(void)ret;

	if (args->n_words != 1 || str_number(args->words[0], INT64_MAX, &id) != OK)
		return trouble_exit(rq->trouble, 2, fail(rq, ERR_INVALID, _("Name one delivery by its number: webhook list shows them.")));
	return hook_again(rq, id);
}

static enum err test(struct rq *rq, const struct args *args, struct out *ret)
{
	(void)args;
	(void)ret;
	return hook_test(rq);
}

const struct command hook_commands[] = {
	{ "webhook list", "", N_("The latest events told to other systems, and what became of each"), COMMAND_READ, list },
	{ "webhook again", "NUMBER", N_("Send one delivery again at once, also one that was delivered"), COMMAND_WRITE, again },
	{ "webhook test", "", N_("Send a test event to every webhook"), COMMAND_WRITE, test },
	{ 0 }
};
