/* Countermeasures: states and verbs. Who makes one decides it, but what stops a critical unit: that waits for a coordinator or the management.
 *
 * A held account's sessions are ended through the outbox, by the event connection_held in the same commit; so are those that came in from a
 * blocked source. core judges each once more, with where it came from, before it is ended.
 *
 * Shared addresses: a source from which our own people have come within a day is blocked by somebody who says that she knows, never by
 * the watch. Networks are at most an IPv4 /16 or an IPv6 /32.
 *
 * SECURITY: roles are read from the store. Nobody holds, or lets go, her own account. No measure lasts longer than MEASURE_HOURS. */
#include "incidents.h"
#include "measure.h"
#include "floor/people.h"
#include "floor/setting.h"

enum { LONGEST_WHY = 500, OURS_LISTED = 64, V4_SHORTEST = 96 + 16, V6_SHORTEST = 32 };

const char *const measure_kind_name[MEASURE_KINDS] = { "", "block", "hold", "factor" };
const char *const measure_kind_word[MEASURE_KINDS] = { "", N_("Block a source"), N_("Hold an account"), N_("Require the second factor") };
const char *const measure_state_name[MEASURE_STATES] = { "pending", "active", "pending_removal", "removed" };
const char *const measure_state_word[MEASURE_STATES] = { N_("Waits for a decision"), N_("In force"), N_("To be removed"), N_("Removed") };

enum measure_state measure_state(const struct measure_get_row *row, struct instant now)
{
	if (row->removed_at.is || !instant_is_before(now, row->until))
		return MEASURE_REMOVED;
	return !row->decided_at.is ? MEASURE_PENDING : row->asked_at.is ? MEASURE_PENDING_REMOVAL : MEASURE_ACTIVE;
}

struct str measure_target(struct rq *rq, const struct measure_get_row *row)
{
	return row->person.is ? incidents_person(rq, row->person) : row->network;
}

/* --- our own people --- */

struct ours { const struct network *network; struct instant now; int64_t person[OURS_LISTED], live[OURS_LISTED]; int64_t n; size_t n_live; };

static bool add_once(int64_t *list, int64_t n, int64_t one)
{
	for (int64_t i = 0; i < MIN(n, (int64_t)OURS_LISTED); i++)
		if (list[i] == one)
			return false;
	if (n < OURS_LISTED)
		list[n] = one;
	return true;
}

static enum err one_caller(void *of, const struct measure_callers_row *row)
{
	struct ours *ours = of;
	uint8_t address[16];

	if (!address_read(row->calling, address) || !network_has(ours->network, address))
		return OK;
	ours->n += add_once(ours->person, ours->n, row->person.i);
	if (!row->closed_at.is && instant_is_before(ours->now, row->until) && ours->n_live < OURS_LISTED)
		ours->n_live += add_once(ours->live, (int64_t)ours->n_live, row->person.i);
	return OK;
}

enum err measure_ours(struct rq *rq, const struct network *network, int64_t *ret_n, int64_t **ret_live, size_t *ret_n_live)
{
	struct ours *ours = NEW(rq->arena, struct ours);

	*ours = (struct ours){ .network = network, .now = rq->now };
	TRY(measure_callers(rq, instant_plus(rq->now, DAYS(-1)), one_caller, ours));
	*ret_n = ours->n;
	*ret_live = ours->live;
	*ret_n_live = ours->n_live;
	return OK;
}

/* --- to make one --- */

struct plan { struct network network; struct str text; struct people_get_row person; struct incidents_get_row incident; bool has_person, has_incident, is_critical;
	int64_t *live; size_t n_live; };

static enum err check_source(struct rq *rq, struct measure_wish *wish, struct plan *plan)
{
	struct out text = out_new(rq->arena);
	int64_t n;

	if (!network_read(wish->target, &plan->network))
		return WRONG(wish, "target", _("Write an address like 192.0.2.7 or a network like 192.0.2.0/24."));
	if (plan->network.prefix < (network_is_v4(&plan->network) ? V4_SHORTEST : V6_SHORTEST))
		return WRONG(wish, "target", _("That network is too large: at most /16, and /32 of IPv6."));
	out_network(&text, &plan->network);
	plan->text = out_str(&text);
	plan->is_critical = wish->is_critical;
	TRY(measure_ours(rq, &plan->network, &n, &plan->live, &plan->n_live));
	if (n && !wish->knows_ours) {
		wish->wrong = "ours";
		return fail(rq, ERR_CONFLICT, tongue_n(rq->language, "%lld of our own people has come in from there within a day. Say that you know it.",
			"%lld of our own people have come in from there within a day. Say that you know it.", n), (long long)n);
	}
	return OK;
}

static enum err check_account(struct rq *rq, struct measure_wish *wish, struct plan *plan)
{
	enum err err = people_find(rq, wish->target, &plan->person);

	if (err != OK) {
		wish->wrong = "target";
		return err == ERR_NONE ? ERR_INVALID : err;
	}
	if (plan->person.id == wish->by)
		return WRONG(wish, "target", _("Nobody decides a measure against herself."));
	plan->has_person = true;
	plan->is_critical = plan->person.class == 1;
	return OK;
}

static enum err check_wish(struct rq *rq, struct measure_wish *wish, struct plan *plan)
{
	unsigned roles;

	wish->wrong = NULL;
	TRY(incidents_roles(rq, wish->by, &roles));
	if (!(roles & (MEASURE_MAKES | MEASURE_DECIDES_CRITICAL)))
		return fail(rq, ERR_DENIED, _("A coordinator, the support or a system owner does that."));
	if (wish->kind < MEASURE_BLOCK || wish->kind >= MEASURE_KINDS)
		return WRONG(wish, "kind", _("Choose what to do."));
	if (wish->hours < 1 || wish->hours > MEASURE_HOURS)
		return WRONG(wish, "hours", _("Enter hours from 1 to %d."), MEASURE_HOURS);
	if (!wish->because.len || wish->because.len > LONGEST_WHY || !str_is_utf8(wish->because))
		return WRONG(wish, "because", _("Say why, in a sentence or two."));
	if (wish->incident.len) {
		wish->wrong = "incident";
		enum err err = incidents_find(rq, wish->incident, wish->by, &plan->incident);
		if (err != OK)
			return err == ERR_NONE ? ERR_INVALID : err;
		plan->has_incident = true;
		wish->wrong = NULL;
	}
	return wish->kind == MEASURE_BLOCK ? check_source(rq, wish, plan) : check_account(rq, wish, plan);
}

static enum err note(struct rq *rq, struct change *change, struct maybe_int incident, struct maybe_int by, struct str text)
{
	if (!incident.is)
		return OK;
	TRY(incidents_active(change, rq->now, incident.i));
	return incidents_note(rq, change, &(const struct incidents_noted){ .incident = incident.i, .kind = INCIDENTS_MITIGATION, .at = rq->now, .by = by,
		.act = "measure", .text = text });
}

static struct str said(struct rq *rq, int64_t id, enum measure_kind kind, struct str target, const char *what, struct str because)
{
	return str_print(rq->arena, "%s: %.*s. %s (%lld).%s%.*s", _(measure_kind_word[kind]), STR_ARG(target), _(what), (long long)id, because.len ? " " : "",
	                 STR_ARG(because));
}

/* It acts from this commit on: the standing is read again, who is in is judged again. */
static void begins(struct change *change, struct maybe_int person, const int64_t *live, size_t n_live)
{
	change_touch_site(change);
	if (person.is)
		event_say(change, (struct event){ .kind = EVENT_connection_held, .person = person.i, .leaf = change_leaf(change) });
	for (size_t i = 0; i < n_live; i++)
		event_say(change, (struct event){ .kind = EVENT_connection_held, .person = live[i], .leaf = change_leaf(change) });
}

static enum err check_room(struct rq *rq)
{
	struct measure_acting_row acting;

	TRY(measure_acting(rq, rq->now, &acting));
	if (acting.n >= MEASURES_MOST)
		return fail(rq, ERR_FULL, _("More than %d measures cannot be in force. Block a network, or remove some."), MEASURES_MOST);
	return OK;
}

enum err measure_make(struct rq *rq, struct measure_wish *wish, int64_t *ret)
{
	struct plan *plan = NEW(rq->arena, struct plan);
	struct measure_most_row most;
	struct change *change;
	unsigned roles;

	wish->because = str_trim(wish->because);
	TRY(check_wish(rq, wish, plan));
	TRY(check_room(rq));
	TRY(incidents_roles(rq, wish->by, &roles));
	TRY(measure_most(rq, &most));
	bool may_decide = roles & (plan->is_critical ? MEASURE_DECIDES_CRITICAL : MEASURE_MAKES | MEASURE_DECIDES_CRITICAL);
	struct maybe_int by = { true, wish->by }, person = { plan->has_person, plan->person.id }, incident = { plan->has_incident, plan->incident.id };
	*ret = most.id + 1;
	TRY(incidents_begin(rq, "measure.make", plan->has_person ? plan->person.code : str_print(rq->arena, "%lld", (long long)*ret), &change));
	TRY(measure_add(change, &(const struct measure_add_args){ .id = *ret, .incident = incident, .kind = wish->kind,
		.network = plan->has_person ? STR("") : plan->text, .person = person, .is_critical = plan->is_critical, .because = wish->because,
		.made_at = rq->now, .made_by = by, .until = instant_plus(rq->now, HOURS(wish->hours)),
		.decided_at = { may_decide, may_decide ? rq->now.ms : 0 }, .decided_by = { may_decide, may_decide ? wish->by : 0 } }));
	if (may_decide)
		begins(change, person, plan->live, plan->n_live);
	return note(rq, change, incident, by, said(rq, *ret, wish->kind, plan->has_person ? plan->person.name : plan->text,
		measure_state_word[may_decide ? MEASURE_ACTIVE : MEASURE_PENDING], wish->because));
}

/* --- by the watch --- */

enum err measure_by_watch(struct rq *rq, struct change *change, int64_t incident, struct str key)
{
	int64_t minutes = setting_number(rq, "incidents.block_minutes"), n, *live;
	struct measure_of_network_row before;
	struct out text = out_new(rq->arena);
	struct measure_most_row most;
	struct measure_acting_row acting;
	struct maybe_int of = { true, incident };
	struct network network;
	size_t n_live;

	if (!minutes || !network_read(key, &network) || network.prefix < (network_is_v4(&network) ? 96 + 24 : 48))
		return OK;
	out_network(&text, &network);
	/* Once a day at most: whom a person let go is not stopped again by the next line. */
	TRY(measure_of_network(rq, out_str(&text), instant_plus(rq->now, DAYS(-1)), &before));
	TRY(measure_acting(rq, rq->now, &acting));
	if (before.n || acting.n >= MEASURES_MOST)
		return OK;
	TRY(measure_ours(rq, &network, &n, &live, &n_live));
	if (n)
		return note(rq, change, of, (struct maybe_int){ 0 }, str_print(rq->arena, tongue_n(rq->language,
			"%.*s is not blocked by itself: %lld of our own people has come in from there within a day.",
			"%.*s is not blocked by itself: %lld of our own people have come in from there within a day.", n), STR_ARG(out_str(&text)), (long long)n));
	TRY(measure_most(rq, &most));
	TRY(measure_add(change, &(const struct measure_add_args){ .id = most.id + 1, .incident = of, .kind = MEASURE_BLOCK, .network = out_str(&text),
		.because = str_of(_("Seen by the watch.")), .made_at = rq->now, .until = instant_plus(rq->now, MINUTES(minutes)),
		.decided_at = { true, rq->now.ms } }));
	change_touch_site(change);
	return note(rq, change, of, (struct maybe_int){ 0 }, said(rq, most.id + 1, MEASURE_BLOCK, out_str(&text), measure_state_word[MEASURE_ACTIVE], STR("")));
}

/* --- what is done with one --- */

static enum err begin(struct rq *rq, const struct measure_get_row *row, const char *act, struct change **ret)
{
	struct str code = incidents_code(rq, row->person);

	return incidents_begin(rq, act, code.at ? code : str_print(rq->arena, "%lld", (long long)row->id), ret);
}

static enum err decide(struct rq *rq, const struct measure_get_row *row, int64_t by, struct str because)
{
	struct network network;
	struct change *change;
	int64_t *live = NULL, n;
	size_t n_live = 0;

	TRY(check_room(rq));
	if (!row->person.is && network_read(row->network, &network))
		TRY(measure_ours(rq, &network, &n, &live, &n_live));
	TRY(begin(rq, row, "measure.decide", &change));
	TRY(measure_decided(change, rq->now, (struct maybe_int){ true, by }, row->id));
	begins(change, row->person, live, n_live);
	return note(rq, change, row->incident, (struct maybe_int){ true, by }, said(rq, row->id, (enum measure_kind)row->kind, measure_target(rq, row),
		measure_state_word[MEASURE_ACTIVE], because));
}

static enum err ask(struct rq *rq, const struct measure_get_row *row, int64_t by, struct str because)
{
	struct change *change;

	TRY(begin(rq, row, "measure.ask", &change));
	TRY(measure_asked(change, rq->now, (struct maybe_int){ true, by }, because, row->id));
	return note(rq, change, row->incident, (struct maybe_int){ true, by }, said(rq, row->id, (enum measure_kind)row->kind, measure_target(rq, row),
		measure_state_word[MEASURE_PENDING_REMOVAL], because));
}

static enum err remove_it(struct rq *rq, const struct measure_get_row *row, int64_t by, struct str because)
{
	struct change *change;

	TRY(begin(rq, row, "measure.remove", &change));
	TRY(measure_removed(change, rq->now, (struct maybe_int){ true, by }, because, row->id));
	change_touch_site(change);
	return note(rq, change, row->incident, (struct maybe_int){ true, by }, said(rq, row->id, (enum measure_kind)row->kind, measure_target(rq, row),
		measure_state_word[MEASURE_REMOVED], because));
}

#define IN(state) (1u << (state))
const struct measure_act measure_acts[] = {
	{ "decide", N_("Put it in force"), IN(MEASURE_PENDING), false, decide },
	{ "ask", N_("Ask that it be removed"), IN(MEASURE_ACTIVE), true, ask },
	{ "remove", N_("Remove it"), IN(MEASURE_PENDING) | IN(MEASURE_ACTIVE) | IN(MEASURE_PENDING_REMOVAL), true, remove_it },
	{ 0 }
};

enum err measure_may(struct rq *rq, const struct measure_act *act, const struct measure_get_row *row, int64_t by)
{
	unsigned roles;
	bool is_deciding = strcmp(act->name, "ask") != 0;

	TRY(incidents_roles(rq, by, &roles));
	if (!(roles & (MEASURE_MAKES | MEASURE_DECIDES_CRITICAL)))
		return fail(rq, ERR_DENIED, _("A coordinator, the support or a system owner does that."));
	if (!(act->states & IN(measure_state(row, rq->now))))
		return fail(rq, ERR_CONFLICT, _("The measure is %s: that cannot be done now."), _(measure_state_word[measure_state(row, rq->now)]));
	if (row->person.is && row->person.i == by)
		return fail(rq, ERR_DENIED, _("Nobody decides a measure against herself."));
	/* Who decided removes; everybody else asks a coordinator. */
	if (is_deciding && row->is_critical && !(roles & MEASURE_DECIDES_CRITICAL))
		return fail(rq, ERR_DENIED, _("It concerns a critical unit: a coordinator or the management decides."));
	if (is_deciding && row->decided_by.is && row->decided_by.i != by && !(roles & MEASURE_DECIDES_CRITICAL))
		return fail(rq, ERR_DENIED, _("Who decided it, a coordinator or the management removes it. You can ask for it."));
	return OK;
}

enum err measure_do(struct rq *rq, struct str name, int64_t id, int64_t by, struct str because)
{
	struct measure_get_row row;
	enum err err = measure_get(rq, id, &row);

	if (err == ERR_NONE)
		return fail(rq, ERR_NONE, _("There is no measure %lld."), (long long)id);
	if (err != OK)
		return err;
	because = because.at ? str_trim(because) : STR("");
	for (const struct measure_act *act = measure_acts; act->name; act++) {
		if (!str_equal(name, str_of(act->name)))
			continue;
		TRY(measure_may(rq, act, &row, by));
		if ((act->needs_reason && !because.len) || because.len > LONGEST_WHY || !str_is_utf8(because))
			return fail(rq, ERR_INVALID, _("Say why, in a sentence or two."));
		return act->make(rq, &row, by, because);
	}
	return fail(rq, ERR_INVALID, _("There is no such act."));
}
