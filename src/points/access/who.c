/* Who may: employed, and holding a role for the legal body that the matter belongs to.
 *
 * A role comes from HR's file; the one of manager also from being somebody's manager. A deputy holds, for the time of
 * the deputyship, the roles of the person deputised for, in that person's body. Managers and system owners decide in their
 * own body alone; support and coordinators serve all bodies.
 *
 * SECURITY: read from the store on every path (page, command line, import), never taken from what a door said. */
#include "access.h"

static const unsigned serves_all = ROLE_SUPPORT | ROLE_COORDINATOR;

static enum err roles_of(struct rq *rq, int64_t person, int64_t stored, unsigned *ret)
{
	struct access_manages_row manages;

	TRY(access_manages(rq, (struct maybe_int){ true, person }, &manages));
	*ret = (unsigned)stored | (manages.n ? ROLE_MANAGER : 0);
	return OK;
}

static bool fits(unsigned held, unsigned roles, bool is_own_body)
{
	return (held & roles & (is_own_body ? ~0u : serves_all)) != 0;
}

static enum err holds_as_deputy(struct rq *rq, int64_t person, unsigned roles, int64_t body, bool *ret)
{
	struct access_stands_in_row *rows;
	size_t n;

	TRY(access_stands_in(rq, person, rq->now, &rows, &n));
	for (size_t i = 0; i < n && !*ret; i++) {
		unsigned held;
		TRY(roles_of(rq, rows[i].person, rows[i].roles, &held));
		*ret = fits(held, roles, rows[i].body == body);
	}
	return OK;
}

enum err access_holds(struct rq *rq, int64_t person, unsigned roles, int64_t body)
{
	struct access_person_row row;
	unsigned held;
	bool is_held = false;
	enum err err = access_person(rq, person, &row);

	if (err == ERR_NONE)
		return fail(rq, ERR_NONE, _("There is no person number %lld."), (long long)person);
	if (err != OK)
		return err;
	if ((row.left_at.is && row.left_at.i <= rq->now.ms) || (row.employment_end.is && row.employment_end.i <= rq->now.ms))
		return fail(rq, ERR_DENIED, _("%.*s is no longer employed and can decide nothing."), STR_ARG(row.code));
	TRY(roles_of(rq, person, row.roles, &held));
	if (fits(held, roles, row.body == body))
		return OK;
	TRY(holds_as_deputy(rq, person, roles, body, &is_held));
	if (is_held)
		return OK;
	struct out words = out_new(rq->arena);
	static const struct { unsigned role; const char *word; } word[] = { { ROLE_MANAGER, N_("manager") },
		{ ROLE_SYSTEM_OWNER, N_("system owner") }, { ROLE_SUPPORT, N_("support") }, { ROLE_COORDINATOR, N_("coordinator") } };
	for (size_t i = 0; i < LENGTH(word); i++)
		if (roles & word[i].role)
			out_print(&words, "%s%s", words.len ? ", " : "", _(word[i].word));
	return fail(rq, ERR_DENIED, _("%.*s may not do that. One of these roles in the same legal body is needed: %.*s."),
	            STR_ARG(row.code), STR_ARG(out_str(&words)));
}
