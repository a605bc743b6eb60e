/* What is decided about people here and not in HR's file: the class of a unit, roles, who stands in for whom.
 *
 * A role given here is kept whatever HR's file says; one that HR's file gives comes back with the next file. A deputy has, for the days
 * that are named, the roles of the person she stands in for, in that person's legal body.
 *
 * SECURITY: who asks is checked by the page (role, second factor); what is asked is checked here, on the row as it is now. Nobody gives
 * a role to herself; one coordinator always remains; a deputy is of the same legal body, so that nobody decides for another's. */
#include "floor/event.h"
#include "floor/people.h"

enum err people_set_class(struct rq *rq, int64_t unit, struct str name, int64_t class)
{
	struct people_of_unit_row *people;
	struct change *change;
	size_t n;

	TRY(audit_begin(rq, "people.unit", name, &change));
	TRY(people_unit_class(change, class, unit));
	event_say(change, (struct event){ .kind = EVENT_class_set, .person = -1, .subject = unit });
	TRY(people_of_unit(rq, unit, &people, &n));
	for (size_t i = 0; i < n; i++)
		change_touch(change, people[i].id);
	return OK;
}

enum err people_give_roles(struct rq *rq, int64_t id, int64_t kept)
{
	struct people_get_row person;
	struct people_roles_of_row has;
	struct people_with_role_row coordinators;
	struct change *change;

	TRY(people_get(rq, id, &person));
	TRY(people_roles_of(rq, id, &has));
	if (id == rq->actor->person)
		return fail(rq, ERR_DENIED, _("Nobody gives a role to herself. Ask another coordinator."));
	if (!people_is_employed(&person, rq->now))
		return fail(rq, ERR_CONFLICT, _("Who has left is given no role."));
	bool is_local = str_starts(person.code, STR("local:"));
	int64_t from_file = is_local ? has.roles & ROLE_EMPLOYEE : has.roles & ~has.kept_roles, roles = from_file | (kept & ROLE_STAFF);
	if (has.roles & ~roles & ROLE_COORDINATOR) {
		TRY(people_with_role(rq, ROLE_COORDINATOR, &coordinators));
		if (coordinators.n < 2)
			return fail(rq, ERR_CONFLICT, _("This is the only coordinator. Make another one first."));
	}
	TRY(audit_begin(rq, "people.roles", person.code, &change));
	change_touch(change, id);
	return people_roles_set(change, roles, kept & ROLE_STAFF, id);
}

enum err people_deputise(struct rq *rq, const struct people_deputising *d)
{
	struct people_get_row person, deputy;
	struct people_deputy_most_row most;
	struct change *change;

	TRY(people_get(rq, d->person, &person));
	TRY(people_get(rq, d->deputy, &deputy));
	if (d->deputy == d->person)
		return fail(rq, ERR_INVALID, _("Nobody stands in for herself."));
	if (!people_is_employed(&person, rq->now) || !people_is_employed(&deputy, rq->now))
		return fail(rq, ERR_CONFLICT, _("Both must be employed now."));
	if (person.body != deputy.body)
		return fail(rq, ERR_CONFLICT, _("A deputy is of the same legal body."));
	if (!instant_is_before(d->from_at, d->until) || !instant_is_before(rq->now, d->until))
		return fail(rq, ERR_INVALID, _("The last day must not be before the first, nor in the past."));
	struct instant begins = instant_is_before(d->from_at, rq->now) ? rq->now : d->from_at;
	if (instant_is_before(instant_plus_months(begins, PEOPLE_DEPUTY_MONTHS), d->until))
		return fail(rq, ERR_INVALID, _("At most %d months. Name the deputy again then."), PEOPLE_DEPUTY_MONTHS);
	TRY(people_deputy_most(rq, &most));
	TRY(audit_begin(rq, "people.deputy", person.code, &change));
	change_touch(change, d->deputy);
	return people_deputy_add(change, &(struct people_deputy_add_args){ most.n + 1, d->person, d->deputy, d->from_at, d->until });
}

enum err people_deputy_stop(struct rq *rq, int64_t person, int64_t id)
{
	struct people_deputy_get_row row;
	struct people_get_row of;
	struct change *change;
	enum err err = people_deputy_get(rq, id, &row);

	if (err == ERR_NONE || (err == OK && row.person != person))
		return fail(rq, ERR_NONE, _("There is no such deputy."));
	TRY(err);
	if (!instant_is_before(rq->now, row.until))
		return fail(rq, ERR_CONFLICT, _("It is over already."));
	TRY(people_get(rq, person, &of));
	TRY(audit_begin(rq, "people.deputy.end", of.code, &change));
	change_touch(change, row.deputy);
	/* One that has not begun ends at its beginning: it has never been. */
	struct instant until = instant_is_before(rq->now, row.from_at) ? row.from_at : rq->now;
	return people_deputy_end(change, until, id);
}
