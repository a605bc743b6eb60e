/* One line for the list, and a text for the timeline: which rule, who, whence, how often, when. Names are strangers' words: shown, never
 * believed, and bounded by the watch's lists.
 *
 * SECURITY: control characters of what a stranger typed become question marks: an incident is read in terminals and mails too. */
#include "watch_tell.h"

enum { SHOWN = 10 };

static const struct { const char *rule, *title; int severity; } words[WATCH_RULES] = {
	[WATCH_R1] = { "R1", N_("Passwords are guessed, fast: %.*s"), 4 },
	[WATCH_R2] = { "R2", N_("Passwords are guessed: %.*s"), 4 },
	[WATCH_R3] = { "R3", N_("Passwords are guessed, slowly: %.*s"), 4 },
	[WATCH_R4] = { "R4", N_("Many accounts are tried from one place: %.*s"), 3 },
	[WATCH_R5] = { "R5", N_("Many accounts are tried from many places"), 3 },
	[WATCH_R6] = { "R6", N_("A login succeeded after many failures: %.*s"), 2 },
	[WATCH_R7] = { "R7", N_("The second factor is asked for again and again: %.*s"), 3 },
	[WATCH_R8] = { "R8", N_("Two logins too far apart to travel between: %.*s"), 2 },
	[WATCH_R9] = { "R9", N_("A login without a grant: %.*s"), 2 },
	[WATCH_R10] = { "R10", N_("A disabled or idle account is used: %.*s"), 3 },
};

bool watch_is_worth_telling(const struct watch_incident *incident)
{
	return !incident->told || incident->events >= incident->told * 10 || incident->severity > incident->told_severity;
}

static struct str tame(struct rq *rq, struct str s)
{
	char *room = arena_take(rq->arena, s.len + 1);

	for (size_t i = 0; i < s.len; i++)
		room[i] = (unsigned char)s.at[i] < ' ' || s.at[i] == 0x7f ? '?' : s.at[i];
	s.at = room;
	return str_is_utf8(s) ? s : STR("?");
}

static struct str listed(struct rq *rq, const struct watch_list *list)
{
	struct out out = out_new(rq->arena);

	for (size_t i = 0; i < list->n && i < SHOWN; i++) {
		out_text(&out, i ? ", " : "");
		out_put(&out, tame(rq, watch_listed(list, i)));
	}
	if (list->n > SHOWN || list->has_more)
		out_text(&out, " …");
	return out.len ? out_str(&out) : STR("-");
}

static struct str moment(struct rq *rq, struct instant at)
{
	struct wall w = instant_wall(at);
	return str_print(rq->arena, "%04d-%02d-%02d %02d:%02d:%02d", w.year, w.month, w.day, w.hour, w.minute, w.second);
}

struct suspicion *watch_suspicion(struct rq *rq, const struct watch_incident *incident)
{
	struct suspicion *what = NEW(rq->arena, struct suspicion);
	struct str key = tame(rq, str_utf8_first(incident->key, 120));
	struct str title = str_print(rq->arena, _(words[incident->rule].title), STR_ARG(key));
	struct str first = moment(rq, incident->first_at), last = moment(rq, incident->last_at);
	struct str users = listed(rq, &incident->users), addresses = listed(rq, &incident->addresses);

	*what = (struct suspicion){ .source = "watch", .rule = words[incident->rule].rule, .key = key, .title = title,
		.severity = incident->severity > WATCH_HIGH ? 1 : words[incident->rule].severity };
	what->text = str_print(rq->arena, _("Rule %s. Attempts: %lld, from %.*s to %.*s. Addresses: %.*s. Accounts: %.*s."), what->rule, (long long)incident->events,
	                       STR_ARG(first), STR_ARG(last), STR_ARG(addresses), STR_ARG(users));
	return what;
}
