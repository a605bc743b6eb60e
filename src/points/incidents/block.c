/* Reported links, and what is decided about their hosts.
 *
 * A decision is a row that counts until its end: by the clock, without anybody's act, or because somebody ended it. The time from the first
 * report to the block is kept in the row, so it stays what it was when reports are gone.
 *
 * SECURITY: links are read in the reader process alone; what comes back is checked letter by letter before it is kept, since it goes into files for
 * other systems. Ours is never blocked: the reader says so of the host however it is written, letters are compared once more here, and
 * what becomes ours later is kept back at every export. Without a list of our pages nothing is blocked, for nobody could tell. A whole public
 * suffix (com.se, github.io) is never blocked: strangers of every kind live below it. */
#include "block.h"
#include "floor/people.h"
#include "floor/reading.h"
#include "floor/setting.h"

enum { LONGEST_HOST = 253, LONGEST_LINK = 8192, LONGEST_BECAUSE = 1000 };

/* --- what the reader made of it --- */

static bool is_host(struct str host)
{
	for (size_t i = 0; i < host.len; i++) {
		char c = host.at[i];
		if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c && strchr(".-_:[]", c))))
			return false;
	}
	return host.len > 0 && host.len <= LONGEST_HOST;
}

static bool is_number(struct str host)
{
	for (size_t i = 0; i < host.len; i++)
		if (!((host.at[i] >= '0' && host.at[i] <= '9') || host.at[i] == '.'))
			return host.at[0] == '[';
	return true;
}

static void take(struct rq *rq, const struct link_record *record, struct block_seen *ret)
{
	struct str host = str_copy(rq->arena, str_of(record->host)), domain = str_copy(rq->arena, str_of(record->domain));

	if (!is_host(host) || record->verdict > LINK_IMITATES)
		return;
	*ret = (struct block_seen){ .host = host, .imitates = str_copy(rq->arena, str_of(record->imitates)), .verdict = record->verdict,
		.reasons = (int64_t)(record->reasons & (((uint64_t)1 << LINK_REASON_COUNT) - 1)), .is_name = !is_number(host),
		.is_ours = record->verdict == LINK_OURS || record->reasons & ((uint64_t)1 << LINK_OWN_DOMAIN) };
	if (!str_is_utf8(ret->imitates))
		ret->imitates = STR("");
	ret->domain = is_host(domain) && str_ends(host, domain) ? domain : STR("");
}

void block_look(struct rq *rq, struct str text, struct block_seen *ret)
{
	struct trouble trouble = { 0 };
	struct rq asking = *rq;
	struct link_record record;

	*ret = (struct block_seen){ .host = STR("") };
	asking.trouble = &trouble;
	if (text.len && text.len <= LONGEST_LINK && reading_link(&asking, text, &record) == OK)
		take(rq, &record, ret);
}

enum err block_look_at_host(struct rq *rq, struct str typed, struct block_seen *ret)
{
	struct link_record record;

	*ret = (struct block_seen){ .host = STR("") };
	if (!typed.len || typed.len > LONGEST_LINK)
		return OK;
	TRY(reading_link(rq, typed, &record));
	take(rq, &record, ret);
	if (!ret->host.len)
		return OK;
	/* Over https and with nothing behind it: what the link that was typed did wrong does not make the host less ours. */
	TRY(reading_link(rq, str_print(rq->arena, "https://%.*s/", STR_ARG(ret->host)), &record));
	struct str host = ret->host;
	*ret = (struct block_seen){ .host = STR("") };
	take(rq, &record, ret);
	return str_equal(host, ret->host) ? OK : fail(rq, ERR_INVALID, "%s", _("That host cannot be read. Write it like this: login-kommun.example"));
}

/* --- what is ours --- */

static bool same_letters(struct str a, struct str b)
{
	return a.len == b.len && (a.len == 0 || strncasecmp(a.at, b.at, a.len) == 0);
}

/* a is below b: "www.evil.se" is below "evil.se". */
static bool is_below(struct str a, struct str b)
{
	return a.len > b.len + 1 && b.len && a.at[a.len - b.len - 1] == '.' && same_letters(str_from(a, a.len - b.len), b);
}

static bool is_listed(struct rq *rq, struct str host, bool with_below, bool *ret_has_strange)
{
	struct str hosts = setting_text(rq, "logins.own_hosts");

	*ret_has_strange = false;
	for (size_t i = 0, end; i < hosts.len; i = end + 1) {
		for (end = i; end < hosts.len && !strchr(" ,;\t\r\n", hosts.at[end]); end++)
			*ret_has_strange |= (unsigned char)hosts.at[end] >= 0x80;
		struct str own = { hosts.at + i, end - i };
		bool is_open = str_starts(own, STR("*."));
		own = is_open ? str_from(own, 2) : own;
		if (own.len && own.at[own.len - 1] == '.')
			own.len--;
		if (same_letters(own, host) || (is_open && is_below(host, own)) || (with_below && is_below(own, host)))
			return true;
	}
	return false;
}

bool block_is_ours(struct rq *rq, struct str host, bool with_below)
{
	struct trouble trouble = { 0 };
	struct rq asking = *rq;
	struct block_seen seen;
	bool has_strange;

	if (is_listed(rq, host, with_below, &has_strange))
		return true;
	if (!has_strange)
		return false;
	asking.trouble = &trouble;
	return block_look_at_host(&asking, host, &seen) != OK || seen.is_ours || !seen.host.len;
}

/* --- reports --- */

enum err block_link(struct rq *rq, struct change *change, int64_t report, const struct block_seen *seen)
{
	return block_link_add(change, &(const struct block_link_add_args){ .report = report, .host = seen->host, .domain = seen->domain.len ? seen->domain : seen->host,
		.verdict = seen->verdict, .reasons = seen->reasons, .imitates = seen->imitates, .made_at = rq->now });
}

enum err block_incident(struct rq *rq, const struct block_seen *seen, struct incidents_get_row *ret)
{
	struct block_incident_of_row row;

	if (!seen->host.len || seen->verdict == LINK_OURS)
		return ERR_NONE;
	TRY(block_incident_of(rq, seen->host, &row));
	TRY(incidents_get(rq, row.incident, ret));
	while (ret->state == INCIDENTS_MERGED && ret->merged_into.is)
		TRY(incidents_get(rq, ret->merged_into.i, ret));
	/* A stranger is told no number that only few may know of. */
	return incidents_is_over(ret->state) || ret->is_confidential ? ERR_NONE : OK;
}

/* --- decisions --- */

#define REFUSE(wish, name, kind, ...) ((wish)->field = (name), fail(rq, (kind), __VA_ARGS__))

static enum err may(struct rq *rq, int64_t by)
{
	unsigned roles;

	if (by < 0)
		return fail(rq, ERR_INVALID, "%s", _("Say who does it."));
	TRY(incidents_roles(rq, by, &roles));
	return roles & BLOCK_ROLES ? OK : fail(rq, ERR_DENIED, _("You may not do that. It takes one of these: %.*s."),
	                                       STR_ARG(people_role_words(rq, BLOCK_ROLES)));
}

static enum err check_because(struct rq *rq, struct str *because, const char **ret_field)
{
	*because = because->at ? str_trim(*because) : STR("");
	*ret_field = "because";
	if (!because->len)
		return fail(rq, ERR_INVALID, "%s", _("Say why."));
	if (because->len > LONGEST_BECAUSE || !str_is_utf8(*because))
		return fail(rq, ERR_INVALID, "%s", _("Shorten what you wrote. The beginning is enough."));
	for (size_t i = 0; i < because->len; i++)
		if ((unsigned char)because->at[i] < 0x20 && !strchr("\n\r\t", because->at[i] ? because->at[i] : 1))
			return fail(rq, ERR_INVALID, "%s", _("Some characters cannot be read. Write it by hand."));
	*ret_field = NULL;
	return OK;
}

static enum err check_host(struct rq *rq, struct block_wish *wish)
{
	const struct block_seen *seen = &wish->seen;
	bool has_strange;

	if (!seen->host.len)
		return REFUSE(wish, "host", ERR_INVALID, "%s", _("That host cannot be read. Write it like this: login-kommun.example"));
	if (wish->is_left)
		return OK;
	if (!str_trim(setting_text(rq, "logins.own_hosts")).len)
		return REFUSE(wish, "host", ERR_CONFLICT, "%s", _("List our own login pages first (setting logins.own_hosts). Until then nobody can tell whether a block would hit one of them."));
	if (seen->is_ours || is_listed(rq, seen->host, wish->is_below, &has_strange))
		return REFUSE(wish, "host", ERR_DENIED, _("%.*s is ours. What is ours is never blocked."), STR_ARG(seen->host));
	if (seen->is_name && !seen->domain.len)
		return REFUSE(wish, "host", ERR_INVALID, _("%.*s is no single host: many have their names below it."), STR_ARG(seen->host));
	if (wish->is_below && !str_equal(seen->host, seen->domain))
		return REFUSE(wish, "host", ERR_INVALID, _("All names below can be blocked of a whole domain alone: %.*s."), STR_ARG(seen->domain.len ? seen->domain : seen->host));
	return OK;
}

/* What was decided before: a block may follow where a host was left alone, nothing else twice. ret_since: when the last one ceased to count. */
static enum err check_before(struct rq *rq, struct block_wish *wish, struct block_last_row *ret, struct instant *ret_since)
{
	enum err err = block_last(rq, wish->seen.host, ret);

	*ret_since = (struct instant){ 0 };
	if (err == ERR_NONE) {
		ret->id = 0;
		return OK;
	}
	if (err != OK)
		return err;
	bool counts = !ret->ended_at.is && instant_is_before(rq->now, ret->until_at);
	if (counts && (!ret->is_left || wish->is_left))
		return REFUSE(wish, "host", ERR_CONFLICT, ret->is_left ? _("It has been decided already to leave %.*s alone.") : _("%.*s is blocked already. End that first."),
		              STR_ARG(wish->seen.host));
	if (!counts) {
		ret->id = 0;
		*ret_since = ret->ended_at.is && ret->ended_at.i < ret->until_at.ms ? (struct instant){ ret->ended_at.i } : ret->until_at;
	}
	return OK;
}

static enum err note_all(struct rq *rq, struct change *change, const struct block_wish *wish, struct str text)
{
	const struct block_seen *seen = &wish->seen;
	struct block_incidents_row *rows;
	size_t n;

	TRY(block_incidents(rq, seen->domain.len ? seen->domain : seen->host, &rows, &n));
	for (size_t i = 0; i < n; i++) {
		if (incidents_is_over(rows[i].state))
			continue;
		TRY(incidents_note(rq, change, &(const struct incidents_noted){ .incident = rows[i].id, .kind = wish->is_left ? INCIDENTS_OBSERVATION : INCIDENTS_MITIGATION,
			.at = rq->now, .by = { true, wish->by }, .text = text, .act = wish->is_left ? "leave" : "block" }));
		if (wish->is_left && rows[i].state == INCIDENTS_REPORTED && !rows[i].is_confidential)
			TRY(incidents_move(change, &(const struct incidents_move_args){ .state = INCIDENTS_DISMISSED, .closed_at = { true, rq->now.ms },
				.active_at = rq->now, .id = rows[i].id }));
		else
			TRY(incidents_active(change, rq->now, rows[i].id));
	}
	return OK;
}

enum err block_decide(struct rq *rq, struct block_wish *wish)
{
	struct block_first_row first = { 0 };
	struct block_last_row before;
	struct block_most_row most;
	struct change *change;
	struct instant since;

	wish->field = NULL;
	TRY(may(rq, wish->by));
	TRY(check_host(rq, wish));
	TRY(check_because(rq, &wish->because, &wish->field));
	if (wish->days < 1 || wish->days > BLOCK_DAYS_MOST)
		return REFUSE(wish, "days", ERR_INVALID, _("Write a number of days from 1 to %d"), BLOCK_DAYS_MOST);
	TRY(check_before(rq, wish, &before, &since));
	TRY(block_first(rq, wish->seen.host, wish->is_below, since, &first));
	TRY(block_most(rq, &most));
	struct instant until = instant_plus(rq->now, DAYS(wish->days));
	TRY(incidents_begin(rq, wish->is_left ? "leave" : "block", wish->seen.host, &change));
	if (before.id)
		TRY(block_end(change, (struct maybe_int){ true, rq->now.ms }, (struct maybe_int){ true, wish->by }, wish->because, before.id));
	TRY(block_add(change, &(const struct block_add_args){ .id = most.id + 1, .host = wish->seen.host, .is_left = wish->is_left, .is_below = wish->is_below,
		.because = wish->because, .first_at = first.first_at, .decided_at = rq->now, .decided_by = wish->by, .until_at = until }));
	struct out text = out_new(rq->arena);
	out_print(&text, "%.*s%s → ", STR_ARG(wish->seen.host), wish->is_below ? " (*)" : "");
	tongue_date(&text, rq->language, until);
	out_print(&text, ": %.*s", STR_ARG(wish->because));
	return note_all(rq, change, wish, out_str(&text));
}

enum err block_undo(struct rq *rq, struct block_over *over)
{
	struct block_last_row last;
	struct change *change;

	TRY(may(rq, over->by));
	TRY(check_because(rq, &over->because, &over->field));
	over->field = "host";
	enum err err = block_last(rq, over->host, &last);
	if (err == ERR_NONE || (err == OK && (last.ended_at.is || !instant_is_before(rq->now, last.until_at))))
		return fail(rq, ERR_NONE, _("Nothing decided about %.*s counts now."), STR_ARG(str_utf8_first(over->host, 80)));
	TRY(err);
	over->field = NULL;
	TRY(incidents_begin(rq, "unblock", over->host, &change));
	return block_end(change, (struct maybe_int){ true, rq->now.ms }, (struct maybe_int){ true, over->by }, over->because, last.id);
}

/* --- figures and what waits --- */

enum err block_median(struct rq *rq, int64_t *ret, size_t *ret_n)
{
	struct block_times_row *rows;

	TRY(block_times(rq, instant_plus(rq->now, DAYS(-90)), &rows, ret_n));
	*ret = *ret_n ? rows[*ret_n / 2].took : 0;
	return OK;
}

struct str block_span(struct rq *rq, int64_t ms)
{
	int64_t minutes = MAX(ms, (int64_t)0) / MINUTES(1).ms, hours = minutes / 60;

	if (minutes < 120)
		return str_print(rq->arena, tongue_n(rq->language, "%lld minute", "%lld minutes", minutes), (long long)minutes);
	if (hours < 48)
		return str_print(rq->arena, tongue_n(rq->language, "%lld hour", "%lld hours", hours), (long long)hours);
	return str_print(rq->arena, tongue_n(rq->language, "%lld day", "%lld days", hours / 24), (long long)(hours / 24));
}

enum err block_due(struct rq *rq, struct tasks *ret)
{
	struct block_undecided_row *rows;
	size_t n;

	TRY(block_undecided(rq, instant_plus(rq->now, DAYS(-30)), rq->now, &rows, &n));
	for (size_t i = 0; i < n; i++)
		tasks_add(rq, ret, &(struct task){ .title = str_print(rq->arena, _("Decide whether %.*s is blocked"), STR_ARG(rows[i].domain)),
			.where = str_print(rq->arena, "/incidents/links/%.*s", STR_ARG(rows[i].domain)), .person = -1, .roles = rows[i].shown ? BLOCK_ROLES : ROLE_COORDINATOR,
			.due_at = instant_plus(rows[i].first_at, HOURS(1)) });
	return OK;
}
