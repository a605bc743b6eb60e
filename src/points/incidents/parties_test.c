/* Others in an incident: a supplier and its clock; several legal bodies with a report each, and nobody who decides for another's; confidential ones leave no
 * trace in what others read; vulnerabilities refer to what there is. */
#define MORE_PERSONS BEA, MIA,
#define MORE_PEOPLE [BEA] = { "bea", ROLE_COORDINATOR, 2 }, [MIA] = { "mia", ROLE_MANAGEMENT, 2 }
#include "test_house.h"
#include "parties.h"
#include "floor/mandate.h"
#include "floor/refer.h"

static struct tasks tasks_now(void)
{
	struct tasks tasks = { 0 };

	assert_int_equal(incidents_due(&f->rq, &tasks), OK);
	return tasks;
}

static const struct task *task_with(const struct tasks *tasks, const char *text)
{
	for (size_t i = 0; i < tasks->n; i++)
		for (size_t k = 0; k + strlen(text) <= tasks->at[i].title.len; k++)
			if (memcmp(tasks->at[i].title.at + k, text, strlen(text)) == 0)
				return &tasks->at[i];
	return NULL;
}

/* --- the supplier --- */

static void supplier_has_its_clock(void **state)
{
	(void)state;
	int64_t id = reported("The mail is down", "");
	struct tasks tasks;

	f->rq.language = LANGUAGE_EN;
	assert_int_equal(act("said", id, PER, "text=Soon"), ERR_INVALID);
	assert_int_equal(act("supplier", id, PER, ""), ERR_INVALID);
	assert_int_equal(act("supplier", id, PER, "name=Nätbolaget|knew=2026-11-24 11:00"), ERR_INVALID);
	assert_int_equal(act("supplier", id, PER, "name=Nätbolaget|knew=2026-11-24 09:00|told=2026-11-24 08:00"), ERR_INVALID);
	assert_int_equal(act("supplier", id, PER, "name=Nätbolaget|hours=0"), ERR_INVALID);
	assert_int_equal(act("supplier", id, ANNA, "name=Nätbolaget"), ERR_DENIED);
	DO("supplier", id, PER, "name=Nätbolaget|contract=A-17|contact=070-174 06 05|hours=4|knew=2026-11-24 08:00");
	tasks = tasks_now();
	const struct task *task = task_with(&tasks, "Ask Nätbolaget what it has to say");
	assert_non_null(task);
	assert_int_equal(task->due_at.ms, instant_plus(f->rq.now, HOURS(2)).ms);      /* four hours from when it knew */
	DO("said", id, PER, "text=A disk has failed|at=2026-11-24 09:30|next=2026-11-24 16:00");
	tasks = tasks_now();
	task = task_with(&tasks, "Ask Nätbolaget");
	assert_int_equal(task->due_at.ms, instant_plus(f->rq.now, HOURS(6)).ms);      /* as it has promised */
	assert_int_equal(act("said", id, PER, "text=x|at=2026-11-24 12:00"), ERR_INVALID);
	assert_int_equal(act("said", id, PER, "text=x|next=2026-11-24 09:00"), ERR_INVALID);
	DO("supplier", id, PER, "name=Nätbolaget|hours=4|knew=2026-11-24 08:00|told=2026-11-24 09:30");
	DO("said", id, PER, "text=It works again");
	tasks = tasks_now();
	assert_null(task_with(&tasks, "Ask Nätbolaget"));
	struct parties_said_row *said;
	size_t n;
	assert_int_equal(parties_said(&f->rq, id, &said, &n), OK);
	assert_int_equal(n, 2);
	assert_true(instant_is_before(said[1].at, said[1].made_at));
	DO("classify", id, EVA, "confidential=yes");
	DO("said", id, EVA, "text=More|next=2026-11-24 18:00");
	tasks = tasks_now();
	assert_null(task_with(&tasks, "Nätbolaget"));
}

/* --- several legal bodies --- */

static enum err give_mandate(int64_t person)
{
	int64_t id;
	return mandate_give(&f->rq, &(const struct mandate_wish){ .person = person, .body = 2, .level = 3, .from_at = f->rq.now }, -1, &id);
}

static int64_t own_of(int64_t parent, const char *body)
{
	struct parties_shares_row *rows;
	size_t n;

	assert_int_equal(parties_shares(&f->rq, parent, &rows, &n), OK);
	for (size_t i = 0; i < n; i++)
		if (str_equal(rows[i].body_name, str_of(body)))
			return rows[i].incident;
	return -1;
}

static void each_body_reports_itself(void **state)
{
	(void)state;
	int64_t id = reported("The shared case system is open", "");

	f->rq.language = LANGUAGE_EN;
	DO("assess", id, PER, "");
	DO("classify", id, PER, "severity=2|rsit=availability/outage|effect=T|title=Case system down");
	DO("confirm", id, PER, "");
	DO("facts", id, PER, "facts=limited=600; systems=the case system");
	DO("note", id, PER, "text=The line is closed|kind=mitigation");
	assert_int_equal(act("share", id, PER, "bodies=Two"), ERR_DENIED);
	assert_int_equal(act("share", id, EVA, "bodies=Three"), ERR_INVALID);
	assert_int_equal(act("share", id, EVA, ""), ERR_INVALID);
	DO("share", id, EVA, "bodies=One; Two");
	assert_int_equal(act("share", id, EVA, "bodies=Two"), ERR_INVALID);
	int64_t one = own_of(id, "One"), two = own_of(id, "Two");
	struct incidents_get_row row = row_of(two), parent = row_of(id);
	assert_int_equal(row.aware_at.ms, parent.aware_at.ms);
	assert_int_equal(row.state, INCIDENTS_CONFIRMED);
	assert_true(str_equal(row.title, parent.title) && str_equal(row.packs, parent.packs));
	assert_int_equal(act("share", two, EVA, "bodies=One"), ERR_INVALID);

	/* What is stated once fills both; what a body states of itself counts for it alone. */
	struct significance s;
	assert_int_equal(incidents_significance(&f->rq, &row, &s), OK);
	assert_int_equal(significance_fact_named(&s, STR("limited"))->number.i, 600);
	DO("facts", two, BEA, "facts=limited=20");
	assert_int_equal(incidents_significance(&f->rq, &row, &s), OK);
	assert_int_equal(significance_fact_named(&s, STR("limited"))->number.i, 20);
	struct incidents_get_row first = row_of(one);
	assert_int_equal(incidents_significance(&f->rq, &first, &s), OK);
	assert_int_equal(significance_fact_named(&s, STR("limited"))->number.i, 600);
	struct incidents_duty duty;
	struct incidents_paper paper;
	assert_int_equal(incidents_duty_find(&f->rq, &row, STR("se-csl-2026"), STR("notification"), &duty), OK);
	assert_int_equal(incidents_paper(&f->rq, &row, &duty, &paper), OK);
	struct str text = incidents_paper_text(&f->rq, &paper);
	assert_non_null(strstr(str_c(f->arena, text), "Two →"));
	assert_non_null(strstr(str_c(f->arena, text), "The line is closed"));
	assert_non_null(strstr(str_c(f->arena, text), "the case system"));

	/* Nobody decides for another's. */
	assert_int_equal(act("track", two, EVA, "pack=gdpr|applies=no|because=No names"), ERR_DENIED);
	assert_int_equal(act("track", one, BEA, "pack=gdpr|applies=no|because=No names"), ERR_DENIED);
	DO("track", one, EVA, "pack=gdpr|applies=no|because=No names");
	DO("track", two, BEA, "pack=gdpr|applies=yes|because=Names");
	assert_int_equal(act("track", two, MIA, "pack=se-csl-2026|applies=yes|because=x"), ERR_DENIED);
	assert_int_equal(JOB(give_mandate(MIA)), OK);
	DO("track", two, MIA, "pack=se-csl-2026|applies=yes|because=x");
	assert_int_equal(act("handed", two, EVA, "pack=gdpr|step=notification|receipt=IMY-1"), ERR_DENIED);
	DO("handed", two, BEA, "pack=gdpr|step=notification|receipt=IMY-1");
	struct incidents_receipt_of_row *receipts;
	size_t n;
	assert_int_equal(incidents_receipt_of(&f->rq, two, &receipts, &n), OK);
	assert_int_equal(n, 1);
	assert_int_equal(incidents_receipt_of(&f->rq, one, &receipts, &n), OK);
	assert_int_equal(n, 0);
}

/* The shared one waits for each body's decision, bodies' own are no recurrence of each other, and they follow it into confidence. */
static void bodies_belong_together(void **state)
{
	(void)state;
	int64_t id = reported("Shared", "");
	struct incidents_need needs[INCIDENTS_NEEDS];
	struct incidents_again_row *again;
	struct incidents_get_row row;
	size_t n;

	DO("classify", id, EVA, "severity=3|rsit=availability/outage");
	DO("share", id, EVA, "bodies=One; Two");
	int64_t one = own_of(id, "One"), two = own_of(id, "Two");
	static const char *const packs[] = { "pack=gdpr|applies=no|because=x", "pack=se-csl-2026|applies=no|because=x" };
	for (size_t i = 0; i < LENGTH(packs); i++) {
		DO("track", id, EVA, packs[i]);
		DO("track", one, EVA, packs[i]);
	}
	row = row_of(id);
	assert_int_equal(incidents_closing(&f->rq, &row, KIM, needs), OK);
	assert_false(needs[3].is_met);
	assert_string_equal(needs[3].name, "duties");
	for (size_t i = 0; i < LENGTH(packs); i++)
		DO("track", two, BEA, packs[i]);
	assert_int_equal(incidents_closing(&f->rq, &row, KIM, needs), OK);
	assert_true(needs[3].is_met);
	DO("follow", id, EVA, "cause=Disk|class=supplier");
	DO("follow", one, EVA, "cause=Disk|class=supplier");
	DO("follow", two, EVA, "cause=Disk|class=supplier");
	row = row_of(two);
	assert_int_equal(incidents_recurring(&f->rq, &row, &again, &n), OK);
	assert_int_equal(n, 0);
	DO("classify", id, EVA, "confidential=yes");
	assert_true(row_of(one).is_confidential && row_of(two).is_confidential);
	assert_false(incidents_may_see(&f->rq, &row, PER) && row_of(two).is_confidential == false);
	DO("classify", id, EVA, "confidential=no");
	assert_false(row_of(two).is_confidential);
}

/* --- confidential ones --- */

static struct str sentence_for(unsigned roles)
{
	struct actor reader = { .person = MAJ, .name = STR("person:maj"), .roles = roles, .body = 1 };
	struct figures figures = { 0 };

	f->rq.actor = &reader;
	assert_int_equal(incidents_figures(&f->rq, &figures), OK);
	f->rq.actor = &f->actor;
	return str_print(f->arena, "%d %.*s %.*s %.*s", (int)figures.state, STR_ARG(figures.sentence), STR_ARG(figures.next.at ? figures.next : STR("")),
		STR_ARG(figures.next_at.at ? figures.next_at : STR("")));
}

/* Everything that a confidential incident could put into the answer of the question: each is in the coordinator's and in nobody else's. */
static void figures_hold_nothing_secret(void **state)
{
	(void)state;
	static const unsigned others[] = { ROLE_MANAGEMENT, ROLE_SUPPORT, ROLE_SYSTEM_OWNER, ROLE_AUDITOR, ROLE_EMPLOYEE, ROLE_MANAGER };
	struct str none = sentence_for(ROLE_SUPPORT);
	int64_t secret = reported("About a colleague", "");

	DO("classify", secret, EVA, "confidential=yes|severity=1");
	at("2026-11-24 13:00");                                          /* nobody has taken it for three hours */
	for (size_t i = 0; i < LENGTH(others); i++)
		assert_true(str_equal(sentence_for(others[i]), none));
	assert_false(str_equal(sentence_for(ROLE_COORDINATOR), none));
	int64_t open = reported("A call", "");
	DO("assign", open, PER, "owner=per");
	struct str one = sentence_for(ROLE_SUPPORT);
	DO("task", secret, EVA, "text=Look|owner=siv|due=2026-11-25");
	DO("weakness", secret, EVA, "text=Look|cause=All|owner=siv|due=2026-11-25");
	DO("assess", secret, EVA, "");
	DO("track", secret, EVA, "pack=gdpr|applies=yes|because=Names");
	at("2026-11-24 13:01");
	assert_true(str_equal(sentence_for(ROLE_SUPPORT), one));         /* a duty that is not decided */
	DO("dismiss", open, PER, "because=Nothing");
	at("2026-11-29 10:00");
	struct str late = sentence_for(ROLE_MANAGEMENT);                 /* a task, a vulnerability and a report are late by now, of the secret one alone */
	assert_non_null(strstr(str_c(f->arena, late), "0 "));
	assert_false(str_equal(late, sentence_for(ROLE_COORDINATOR)));
	assert_null(strstr(str_c(f->arena, late), "2026-1"));
	struct incidents_figure_closed_row last;
	DO("dismiss", secret, EVA, "because=Done");
	assert_int_equal(incidents_figure_closed(&f->rq, false, &last), OK);
	assert_int_equal(last.last_at.i, row_of(open).closed_at.i);
}

static void events_and_log_hold_nothing_secret(void **state)
{
	(void)state;
	int64_t secret = reported("About a colleague", "");
	struct actor reader = { .person = SIV, .name = STR("person:siv"), .roles = ROLE_SYSTEM_OWNER, .body = 1 };

	DO("classify", secret, EVA, "confidential=yes|severity=3");
	int before = opened;
	DO("dismiss", secret, EVA, "because=Nothing");
	DO("reopen", secret, EVA, "because=Something");
	assert_int_equal(opened, before);                                /* webhooks are told of nothing */
	f->rq.actor = &reader;
	assert_true(incidents_hides(&f->rq, STR("2026-1")));
	assert_false(incidents_hides(&f->rq, STR("2026-2")));
	assert_false(incidents_hides(&f->rq, STR("siv")));
	reader.roles = ROLE_COORDINATOR;
	assert_false(incidents_hides(&f->rq, STR("2026-1")));
	f->rq.actor = &f->actor;
}

static void recurrence_counts_nothing_secret(void **state)
{
	(void)state;
	int64_t secret = reported("One", ""), open = reported("Two", "");
	struct incidents_get_row row;
	struct significance s;

	DO("classify", secret, EVA, "confidential=yes|rsit=fraud/phishing|severity=3");
	DO("classify", open, EVA, "rsit=fraud/phishing|severity=3");
	DO("follow", secret, EVA, "cause=x|class=attack");
	DO("follow", open, EVA, "cause=x|class=attack");
	row = row_of(open);
	assert_int_equal(incidents_significance(&f->rq, &row, &s), OK);
	assert_int_equal(significance_fact_named(&s, STR("recurs"))->number.i, 1);
	row = row_of(secret);
	assert_int_equal(incidents_significance(&f->rq, &row, &s), OK);
	assert_int_equal(significance_fact_named(&s, STR("recurs"))->number.i, 2);
}

/* --- what a vulnerability belongs to --- */

static enum err find_gateway(struct rq *rq, struct str name, struct refer_found *ret)
{
	if (!str_equal(name, STR("vpn1")))
		return fail(rq, ERR_NONE, "no gateway");
	*ret = (struct refer_found){ .title = name, .at = STR("/capacity") };
	return OK;
}

static void vulnerabilities_refer(void **state)
{
	(void)state;
	int64_t id = reported("All at one gateway", "");
	struct refer_shown *shown;
	size_t n;

	refer_know("rules", NULL);
	refer_know("changes", NULL);
	refer_know("capacity", find_gateway);
	refer_know("incidents", incidents_find_work);
	assert_int_equal(act("weakness", id, EVA, "text=One line|cause=All at home|owner=siv|due=2026-12-01|capacity=vpn9"), ERR_INVALID);
	assert_string_equal(wrong_field, "capacity");
	assert_int_equal(act("weakness", id, EVA, "text=One line|cause=All at home|owner=siv|due=2026-12-01|rule=<b>"), ERR_INVALID);
	assert_string_equal(wrong_field, "rule");
	assert_int_equal(act("weakness", id, EVA, "text=One line|owner=siv|due=2026-12-01"), ERR_INVALID);
	assert_string_equal(wrong_field, "cause");
	DO("weakness", id, EVA, "text=One line|cause=All at home|owner=siv|due=2026-12-01|rule=R-12|change=2026-17|capacity=vpn1");
	assert_int_equal(refer_from(&f->rq, "incidents", STR("2026-1/1"), &shown, &n), OK);
	assert_int_equal(n, 3);
	assert_true(str_equal(shown[0].name, STR("R-12")) && !shown[0].found.is_checked);
	assert_true(str_equal(shown[2].name, STR("vpn1")) && shown[2].found.is_checked);
	assert_int_equal(refer_to(&f->rq, "capacity", STR("vpn1"), &shown, &n), OK);
	assert_int_equal(n, 1);
	assert_non_null(strstr(str_c(f->arena, shown[0].found.title), "One line"));
	DO("classify", id, EVA, "confidential=yes");
	struct actor reader = { .person = MAJ, .name = STR("person:maj"), .roles = ROLE_AUDITOR, .body = 1 };
	f->rq.actor = &reader;
	assert_int_equal(refer_to(&f->rq, "capacity", STR("vpn1"), &shown, &n), OK);
	assert_int_equal(n, 0);                                          /* nor at the other end */
	f->rq.actor = &f->actor;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
		T(supplier_has_its_clock), T(each_body_reports_itself), T(bodies_belong_together), T(figures_hold_nothing_secret),
		T(events_and_log_hold_nothing_secret), T(recurrence_counts_nothing_secret), T(vulnerabilities_refer),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
