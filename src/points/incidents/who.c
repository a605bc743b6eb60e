/* Who may see an incident, and with which roles somebody acts.
 *
 * Those who work with incidents see them all but the confidential ones, which are seen by coordinators, by who answers for the incident and by
 * those who have a task in it. Of a body's own report, also by who holds a mandate for that body. For everybody else an incident does not exist.
 *
 * SECURITY: roles are read from the store on every path (page, command line), never taken from what a door said; a deputy holds the roles of the
 * person she stands in for, for the time of it. */
#include "parties.h"
#include "floor/people.h"

enum err incidents_roles(struct rq *rq, int64_t person, unsigned *ret)
{
	struct people_deputy_for_row *rows;
	struct people_get_row row, other;
	size_t n;
	enum err err = people_get(rq, person, &row);

	if (err == ERR_NONE)
		return fail(rq, ERR_NONE, _("There is no person number %lld."), (long long)person);
	if (err != OK)
		return err;
	if (!people_is_employed(&row, rq->now))
		return fail(rq, ERR_DENIED, _("%.*s is no longer employed and can decide nothing."), STR_ARG(row.code));
	unsigned roles = (unsigned)row.roles;
	TRY(people_deputy_for(rq, person, rq->now, &rows, &n));
	for (size_t i = 0; i < n; i++) {
		TRY(people_get(rq, rows[i].person, &other));
		if (!instant_is_before(rq->now, rows[i].from_at) && people_is_employed(&other, rq->now))
			roles |= (unsigned)other.roles;
	}
	*ret = roles & ROLE_STAFF;
	return OK;
}

bool incidents_works_with(struct rq *rq, const struct incidents_get_row *row, int64_t person)
{
	struct incidents_works_row works = { 0 };

	if (row->owner.is && row->owner.i == person)
		return true;
	return person >= 0 && incidents_works(rq, row->id, (struct maybe_int){ true, person }, &works) == OK && works.n > 0;
}

bool incidents_sees_confidential(const struct rq *rq)
{
	return (rq->actor->roles & (ROLE_COORDINATOR | ROLE_HOST)) != 0;
}

bool incidents_hides(struct rq *rq, struct str subject)
{
	struct incidents_numbered_row known;
	struct incidents_get_row row;
	struct trouble trouble = { 0 };
	struct rq asking = *rq;

	asking.trouble = &trouble;
	return subject.len < 20 && incidents_numbered(&asking, subject, &known) == OK
	    && (incidents_get(&asking, known.id, &row) != OK || (row.is_confidential && !incidents_may_see(&asking, &row, rq->actor->person)));
}

bool incidents_may_see(struct rq *rq, const struct incidents_get_row *row, int64_t by)
{
	unsigned roles;

	if (by < 0)
		return (rq->actor->roles & ROLE_HOST) != 0;
	if (incidents_works_with(rq, row, by))
		return true;
	if (by == rq->actor->person)
		roles = rq->actor->roles;
	else if (incidents_roles(rq, by, &roles) != OK)
		return false;
	return roles & ROLE_COORDINATOR || (!row->is_confidential && roles & INCIDENTS_SEE_ALL) || incidents_has_mandate(rq, row->id, by);
}

enum err incidents_find(struct rq *rq, struct str number, int64_t by, struct incidents_get_row *ret)
{
	struct incidents_numbered_row known;
	struct str shown = str_utf8_first(number, 40);
	enum err err = number.len > 20 ? ERR_NONE : incidents_numbered(rq, number, &known);

	if (err == OK)
		err = incidents_get(rq, known.id, ret);
	if (err == OK && !incidents_may_see(rq, ret, by))
		err = ERR_NONE;
	if (err == ERR_NONE)
		return fail(rq, ERR_NONE, _("There is no incident %.*s."), STR_ARG(shown));
	return err;
}

struct str incidents_person(struct rq *rq, struct maybe_int who)
{
	struct people_get_row row;

	if (!who.is || people_get(rq, who.i, &row) != OK)
		return STR("");
	return people_shown_name(rq, row.name, row.is_protected);
}

struct str incidents_code(struct rq *rq, struct maybe_int who)
{
	struct people_get_row row;

	return who.is && people_get(rq, who.i, &row) == OK ? row.code : STR_NONE;
}
