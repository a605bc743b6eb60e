/* In the exercise alone: the coordinator becomes one fictional person of each role, and herself again, so that four eyes can be tried
 * by two eyes. /exercise, and the banner that every page of an exercise has leads there.
 *
 * SECURITY: only where the store itself says that it is an exercise (demo.is_on, which nothing but `demo` sets), only for whoever
 * logged in as coordinator, only the persons listed here, none of whom was made by hand. The router looks at the same mark at
 * each request. Every leaf has both names, and so has the becoming. */
#include "floor/account.h"
#include "floor/frame.h"
#include "floor/people.h"
#include "floor/setting.h"
#include "floor/exercise.html.h"

enum { PEOPLE_MOST = 8 };
struct cast { struct exercise_page_people at[PEOPLE_MOST]; int64_t person[PEOPLE_MOST]; size_t n; };

static void put(struct cast *cast, unsigned role, int64_t person, struct str code, struct str name)
{
	cast->person[cast->n] = person;
	cast->at[cast->n++] = (struct exercise_page_people){ .code = code, .name = name, .role = frame_role(role) };
}

/* One of each role; the employee is the manager's own, so that a request can go its whole way. */
static enum err find_cast(struct rq *rq, struct cast *ret)
{
	static const unsigned roles[] = { ROLE_COORDINATOR, ROLE_MANAGEMENT, ROLE_SYSTEM_OWNER, ROLE_SUPPORT, ROLE_AUDITOR };
	struct account_with_role_row row;
	struct people_get_row manager;

	ret->n = 0;
	for (size_t i = 0; i < LENGTH(roles); i++) {
		enum err err = account_with_role(rq, roles[i], 0, 0, &row);
		if (err == OK)
			put(ret, roles[i], row.id, row.code, row.name);
		else if (err != ERR_NONE)
			return err;
	}
	enum err err = account_with_role(rq, 0, ROLE_PRIVILEGED | ROLE_MANAGER, 0, &row);
	if (err == OK && row.manager.is) {
		TRY(people_get(rq, row.manager.i, &manager));
		put(ret, ROLE_MANAGER, manager.id, manager.code, manager.name);
	}
	if (err == OK)
		put(ret, ROLE_EMPLOYEE, row.id, row.code, row.name);
	return err == ERR_NONE ? OK : err;
}

/* The coordinator who logged in, whoever she is just now. */
static enum err find_self(struct rq *rq, const struct visit *visit, struct people_get_row *ret, bool *ret_acts)
{
	int64_t person = account_real_person(rq, visit, ret_acts);

	if (!setting_bool(rq, "demo.is_on"))
		return fail(rq, ERR_NONE, _("There is no page at that address."));
	if (person < 0)
		return fail(rq, ERR_DENIED, _("Log in again."));
	TRY(people_get(rq, person, ret));
	if (!(ret->roles & ROLE_COORDINATOR))
		return fail(rq, ERR_DENIED, _("Your role does not have this page."));
	return OK;
}

static enum err get_exercise(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	struct people_get_row self, now = { .name = STR("") };
	struct cast cast;
	bool acts;

	TRY(find_self(rq, visit, &self, &acts));
	TRY(find_cast(rq, &cast));
	if (acts)
		TRY(people_get(rq, rq->actor->person, &now));
	for (size_t i = 0; acts && i < cast.n; i++)
		cast.at[i].is_now = cast.person[i] == now.id;
	exercise_page(&answer->body, rq->language, &(struct exercise_page){ .form_token = visit->form_token, .now = now.name,
		.people = cast.at, .n_people = cast.n });
	return OK;
}

static enum err post_exercise(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	struct str become = visit_field(visit, "become"), hash = account_hash(rq->arena, visit->session);
	struct people_get_row self;
	struct change *change;
	struct cast cast;
	bool acts;
	size_t i = 0;

	TRY(find_self(rq, visit, &self, &acts));
	answer->location = STR("/");
	if (!become.at) {
		TRY(audit_begin(rq, "exercise.be_oneself", self.code, &change));
		return account_session_act(rq, (struct maybe_int){ .is = false }, hash);
	}
	TRY(find_cast(rq, &cast));
	while (i < cast.n && !str_equal(cast.at[i].code, become))
		i++;
	if (i == cast.n)
		return fail(rq, ERR_INVALID, _("You can become one of those on the page, and nobody else."));
	TRY(audit_begin(rq, "exercise.become", become, &change));
	return account_session_act(rq, (struct maybe_int){ true, cast.person[i] }, hash);
}

PAGE_ACTS(exercise_acts, "", "self")

const struct page account_exercise_pages[] = {
	{ .path = "/exercise", .may_get = ROLE_STAFF, .may_post = ROLE_STAFF, .get = get_exercise, .post = post_exercise, .act = exercise_acts },
	{ 0 },
};
