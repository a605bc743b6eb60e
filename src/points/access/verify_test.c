/* Tests of verifying a caller against the store: the way of each class, who may take which part, what time does to it, the signals, and what
 * the gate holds afterwards. The order of steps is verify_state_test.c's; here each act meets a real row, and every refusal leaves no leaf. */
#include "floor/fixture.h"
#include "points/access/verify.h"
#include "floor/account.h"
#include "floor/event.h"
#include "floor/mail.h"
#include "floor/session.sql.h"
#include "floor/setting.h"

#include "verify_test_cast.h"

static enum verify_end ended(int64_t id)
{
	struct verification v;
	assert_int_equal(verify_read(&f->rq, id, &v), OK);
	return v.facts.end;
}

static enum err vouches(int64_t id, int64_t who, bool is_yes)
{
	struct verify_asked_row *rows;
	size_t n;
	assert_int_equal(verify_asked(&f->rq, who, f->rq.now, &rows, &n), OK);
	for (size_t i = 0; i < n; i++)
		if (rows[i].verification == id)
			return JOB(verify_answer(&f->rq, rows[i].id, who, is_yes));
	return ERR_NONE;
}

static int count(const char *rule)
{
	int n = 0;
	for (int i = 0; i < n_said; i++)
		n += strcmp(said[i].rule, rule) == 0;
	return n;
}

static struct opinion judged(int64_t person)
{
	struct access_slice slice = { 0 };
	struct opinion opinion;
	static struct access_site site;
	assert_int_equal(access_stand(&f->rq, (struct slices){ person, person + 1, (char *)&slice, sizeof slice }), OK);
	access_opinion(&(struct ask){ .person = person, .at = f->rq.now, .gateway = -1 }, &slice, &site, &opinion);
	return opinion;
}

static bool is_held(int64_t person)
{
	return judged(person).reason == &access_quarantined;
}

/* --- the classes --- */

static void test_a(void **state)
{
	int64_t id = heard(ANNA, "unlock");
	(void)state;

	assert_int_equal(does("approve", id), OK);
	assert_int_equal(ended(id), VERIFY_APPROVED);
	assert_int_equal(steps("use", id, PER, STR("0000-0000-0000-0000")), ERR_DENIED);
	assert_int_equal(steps("use", id, PER, verify_token(&f->rq, id)), OK);
	assert_int_equal(steps("use", id, PER, verify_token(&f->rq, id)), ERR_CONFLICT);
	assert_int_equal(ended(id), VERIFY_DONE);
	assert_false(is_held(ANNA));
	assert_int_equal(n_resets, 0);
}

static void test_b(void **state)
{
	int64_t id = heard(ANNA, "password");
	struct verify_notices_row *rows;
	size_t n;
	(void)state;

	assert_int_equal(does("approve", id), ERR_CONFLICT);
	assert_int_equal(does("ask", id), OK);
	assert_int_equal(does("approve", id), ERR_CONFLICT);
	assert_int_equal(vouches(id, PIA, true), ERR_NONE);
	assert_int_equal(vouches(id, BO, true), OK);
	assert_int_equal(does("approve", id), OK);
	assert_int_equal(verify_notices(&f->rq, ANNA, (struct instant){ 0 }, &rows, &n), OK);
	assert_int_equal(n, 1);
	assert_int_equal(verify_notices(&f->rq, BO, (struct instant){ 0 }, &rows, &n), OK);
	assert_int_equal(n, 1);
	assert_int_equal(steps("use", id, PER, verify_token(&f->rq, id)), OK);
	assert_int_equal(n_resets, 1);
	assert_true(is_held(ANNA));
	later(HOURS(24));
	assert_false(is_held(ANNA));
}

static void test_c(void **state)
{
	int64_t id = heard(ANNA, "factor");
	(void)state;

	assert_int_equal(steps("ask", id, PER, STR("bo")), OK);
	assert_int_equal(vouches(id, BO, true), OK);
	assert_int_equal(does("approve", id), ERR_CONFLICT);
	assert_int_equal(steps("ask", id, PER, STR("bo")), ERR_CONFLICT);
	assert_int_equal(steps("ask", id, PER, STR("fia")), ERR_DENIED);
	assert_int_equal(steps("ask", id, PER, STR("anna")), ERR_DENIED);
	assert_int_equal(steps("ask", id, PER, STR("per")), ERR_DENIED);
	assert_int_equal(steps("ask", id, PER, STR("gus")), ERR_DENIED);
	assert_int_equal(steps("ask", id, PER, STR("chef")), OK);
	assert_int_equal(vouches(id, CHEF, true), OK);
	assert_int_equal(does("approve", id), OK);
	id = heard(GUS, "phone");
	assert_int_equal(does("present", id), ERR_INVALID);
	assert_int_equal(steps("present", id, PER, STR("identity card, at the reception")), OK);
	assert_int_equal(does("approve", id), OK);
}

/* A privileged account or a manager: never by telephone alone, whatever is asked for. */
static void test_privileged(void **state)
{
	int64_t id = -1;
	(void)state;

	id = heard(BO, "unlock");
	assert_int_equal(does("approve", id), ERR_CONFLICT);
	assert_int_equal(begins(PIA, "information", PER, NULL, &id), OK);
	assert_int_equal(does("call", id), OK);
	assert_int_equal(does("code", id), OK);
	assert_int_equal(steps("read", id, PER, code_of(id)), OK);
	assert_int_equal(does("approve", id), ERR_CONFLICT);
	assert_int_equal(steps("present", id, PER, STR("passport")), OK);
	assert_int_equal(does("approve", id), OK);
}

static enum err change_phone(int64_t person)
{
	struct change *change;
	struct people_get_row row;

	TRY(people_get(&f->rq, person, &row));
	TRY(audit_begin(&f->rq, "test.phone", row.code, &change));
	TRY(people_change(change, &(const struct people_change_args){ .name = row.name, .email = row.email, .phone = STR("070-174 06 99"), .sort = STR(""),
		.phone_changed_at = f->rq.now, .unit = row.unit, .manager = row.manager, .roles = row.roles, .id = person }));
	event_say(change, (struct event){ .kind = EVENT_phone_changed, .person = person });
	return OK;
}

/* A number that is too new, or missing, proves nothing: also when it is changed while the call goes on. */
static void test_number(void **state)
{
	int64_t id = heard(ANNA, "unlock");
	(void)state;

	assert_int_equal(JOB(change_phone(ANNA)), OK);
	assert_int_equal(does("approve", id), ERR_CONFLICT);
	assert_true(is_held(ANNA));
	assert_int_equal(does("abort", id), OK);
	later(HOURS(71));
	id = begun(ANNA, "unlock");
	assert_int_equal(does("call", id), ERR_CONFLICT);
	assert_int_equal(does("code", id), OK);
	assert_int_equal(steps("read", id, PER, code_of(id)), OK);
	assert_int_equal(does("approve", id), ERR_CONFLICT);
	assert_int_equal(steps("ask", id, PER, STR("bo")), OK);
	assert_int_equal(vouches(id, BO, true), OK);
	assert_int_equal(does("approve", id), ERR_CONFLICT);
	assert_int_equal(steps("present", id, PER, STR("identity card")), OK);
	assert_int_equal(does("approve", id), OK);
	later(HOURS(2));
	id = heard(ANNA, "unlock");
	assert_int_equal(does("approve", id), OK);
	id = begun(NEWT, "unlock");
	assert_int_equal(does("call", id), ERR_CONFLICT);
	assert_int_equal(JOB(change_phone(PIA)), OK);
	later(DAYS(13));
	id = begun(PIA, "unlock");
	assert_int_equal(does("call", id), ERR_CONFLICT);
}

/* --- codes, tokens, time --- */

static struct str wrong_code(int64_t id)
{
	struct str code = code_of(id), other = str_print(f->rq.arena, STR_FMT, STR_ARG(code));
	char *first = (char *)other.at;
	*first = *first == '9' ? '0' : (char)(*first + 1);
	return other;
}

static void test_codes(void **state)
{
	int64_t id = begun(ANNA, "unlock"), other = begun(GUS, "unlock");
	(void)state;

	assert_int_equal(does("call", id), OK);
	assert_int_equal(does("call", other), OK);
	assert_int_equal(steps("read", id, PER, STR("123456")), ERR_CONFLICT);
	assert_int_equal(does("code", id), OK);
	assert_int_equal(does("code", other), OK);
	assert_int_equal(steps("read", id, PER, STR("12345")), ERR_INVALID);
	assert_int_equal(steps("read", id, PER, STR("12345x")), ERR_INVALID);
	assert_int_equal(steps("read", id, PER, str_print(f->rq.arena, "%04000d", 7)), ERR_INVALID);
	/* Another call's code is a wrong one; so is that of the code before. */
	struct str first = code_of(id);
	assert_int_equal(steps("read", id, PER, code_of(other)), OK);
	assert_true(done.is_wrong && done.tries_left == 2);
	assert_int_equal(does("code", id), OK);
	assert_int_equal(steps("read", id, PER, first), OK);
	assert_true(done.is_wrong && done.tries_left == 1);
	later(MINUTES(5));
	assert_int_equal(steps("read", id, PER, code_of(id)), ERR_CONFLICT);
	assert_int_equal(does("code", id), OK);
	assert_int_equal(steps("read", id, PER, wrong_code(id)), OK);
	assert_true(done.is_wrong && done.tries_left == 0);
	/* A thousand more change nothing and leave no trace. */
	int64_t size = audit_size(f->audit);
	struct rq asking = f->rq;
	struct verify_deed deed = { .id = id, .by = PER, .said = code_of(id) };
	asking.arena = arena_new(64 << 20);
	for (int i = 0; i < 1000; i++) {
		fixture_forgive(f);
		assert_int_equal(verify_do(&asking, verify_act_named(STR("read")), &deed, &done), ERR_CONFLICT);
		arena_empty(asking.arena);
	}
	arena_end(asking.arena);
	assert_int_equal(audit_size(f->audit), size);
	assert_int_equal(does("code", id), ERR_CONFLICT);
	assert_int_equal(does("approve", id), ERR_CONFLICT);
	/* As it is read: with blanks. */
	struct str code = (later(MINUTES(-5)), code_of(other));
	assert_int_equal(steps("read", other, PER, str_print(f->rq.arena, " %.3s %.3s ", code.at, code.at + 3)), OK);
	assert_false(done.is_wrong);
}

static void test_tokens(void **state)
{
	int64_t id = heard(ANNA, "unlock"), other = heard(GUS, "unlock");
	(void)state;

	assert_int_equal(steps("use", id, PER, verify_token(&f->rq, id)), ERR_CONFLICT);
	assert_int_equal(does("approve", id), OK);
	assert_int_equal(does("approve", other), OK);
	assert_int_equal(steps("use", id, PER, verify_token(&f->rq, other)), ERR_DENIED);
	assert_int_equal(steps("use", id, PIA, verify_token(&f->rq, id)), ERR_DENIED);
	assert_int_equal(steps("use", id, PER, STR("")), ERR_DENIED);
	struct str token = verify_token(&f->rq, other);
	char small[20];
	for (size_t i = 0; i < token.len; i++)
		small[i] = token.at[i] >= 'A' ? (char)(token.at[i] + 32) : token.at[i];
	assert_int_equal(steps("use", other, PER, (struct str){ small, token.len }), OK);
	later(MINUTES(15));
	assert_int_equal(steps("use", id, PER, verify_token(&f->rq, id)), ERR_CONFLICT);
	assert_int_equal(ended(id), VERIFY_LAPSED);
	id = heard(ANNA, "unlock");
	later(MINUTES(30));
	assert_int_equal(does("approve", id), ERR_CONFLICT);
	assert_int_equal(ended(id), VERIFY_LAPSED);
}

static void test_parties(void **state)
{
	int64_t id = -1, again = -1;
	(void)state;

	assert_int_equal(begins(PER, "unlock", PER, NULL, &id), ERR_DENIED);
	assert_int_equal(begins(ANNA, "unlock", BO, NULL, &id), ERR_DENIED);
	assert_int_equal(begins(ANNA, "everything", PER, NULL, &id), ERR_INVALID);
	assert_int_equal(begins(ANNA, "unlock", PER, "a number", &id), ERR_INVALID);
	assert_int_equal(begins(999, "unlock", PER, NULL, &id), ERR_NONE);
	id = begun(ANNA, "unlock");
	assert_int_equal(begins(ANNA, "unlock", PER, NULL, &again), OK);
	assert_int_equal(again, id);
	assert_int_equal(begins(ANNA, "password", PER, NULL, &again), ERR_CONFLICT);
	assert_int_equal(begins(ANNA, "unlock", PIA, NULL, &again), ERR_CONFLICT);
	assert_int_equal(steps("call", id, PIA, STR("")), ERR_DENIED);
	assert_int_equal(steps("call", id, -1, STR("")), ERR_DENIED);
	assert_int_equal(steps("abort", id, PIA, STR("")), ERR_DENIED);
	assert_int_equal(JOB(verify_not_me(&f->rq, id, BO)), ERR_NONE);
	assert_int_equal(JOB(verify_not_me(&f->rq, 4711, ANNA)), ERR_NONE);
}

/* The manager is asked, once, and has a quarter of an hour. */
static void test_vouching(void **state)
{
	int64_t id = heard(ANNA, "password");
	(void)state;

	assert_int_equal(steps("ask", id, PER, STR("chef")), ERR_DENIED);
	assert_int_equal(does("ask", id), OK);
	later(MINUTES(15));
	assert_int_equal(vouches(id, BO, true), ERR_NONE);
	assert_int_equal(does("ask", id), OK);
	assert_int_equal(vouches(id, BO, false), OK);
	assert_int_equal(count("denied"), 1);
	assert_int_equal(vouches(id, BO, true), ERR_NONE);
	assert_int_equal(does("ask", id), ERR_CONFLICT);
	assert_int_equal(does("approve", id), ERR_CONFLICT);
	assert_int_equal(JOB(verify_answer(&f->rq, 1, BO, true)), ERR_CONFLICT);
	assert_int_equal(JOB(verify_answer(&f->rq, 99, BO, true)), ERR_NONE);
}

/* Nobody can be told: it stops. With an address it goes on, and the mail is in the same commit. */
static void test_channels(void **state)
{
	int64_t id = begun(MUTE, "unlock"), other = begun(OLA, "unlock");
	(void)state;

	assert_int_equal(steps("present", id, PER, STR("identity card")), OK);
	assert_int_equal(does("approve", id), ERR_CONFLICT);
	assert_int_equal(steps("present", other, PER, STR("identity card")), OK);
	mail_is_from(STR(""), STR(""));
	assert_int_equal(does("approve", other), ERR_CONFLICT);
	mail_is_from(STR("samordna@ex.example"), STR("https://samordna.ex.example"));
	int64_t size = audit_size(f->audit);
	assert_int_equal(does("approve", other), OK);
	assert_int_equal(audit_size(f->audit), size + 1);
}

/* Who has no log-in here sees no code: others who know her vouch instead, as many as the class asks for, or she comes. */
static void test_no_log_in(void **state)
{
	int64_t id = begun(OLA, "unlock");
	(void)state;

	assert_int_equal(does("code", id), ERR_CONFLICT);
	assert_int_equal(steps("read", id, PER, STR("123456")), ERR_CONFLICT);
	assert_int_equal(does("bound", id), ERR_CONFLICT);
	assert_int_equal(does("ask", id), ERR_CONFLICT);
	assert_int_equal(does("call", id), OK);
	assert_int_equal(does("approve", id), ERR_CONFLICT);
	assert_int_equal(does("ask", id), OK);
	assert_int_equal(does("approve", id), ERR_CONFLICT);
	assert_int_equal(vouches(id, BO, true), OK);
	assert_int_equal(does("approve", id), OK);
	assert_int_equal(steps("use", id, PER, verify_token(&f->rq, id)), OK);
	/* B: a second manager, too. */
	id = begun(OLA, "password");
	assert_int_equal(does("call", id), OK);
	assert_int_equal(does("ask", id), OK);
	assert_int_equal(vouches(id, BO, true), OK);
	assert_int_equal(does("approve", id), ERR_CONFLICT);
	assert_int_equal(steps("ask", id, PER, STR("chef")), OK);
	assert_int_equal(vouches(id, CHEF, true), OK);
	assert_int_equal(does("approve", id), OK);
	assert_int_equal(steps("use", id, PER, verify_token(&f->rq, id)), OK);
	assert_true(is_held(OLA));
	/* C: she herself, whoever vouches. */
	id = begun(OLA, "phone");
	assert_int_equal(does("call", id), OK);
	assert_int_equal(does("ask", id), OK);
	assert_int_equal(vouches(id, BO, true), OK);
	assert_int_equal(steps("ask", id, PER, STR("chef")), OK);
	assert_int_equal(vouches(id, CHEF, true), OK);
	assert_int_equal(does("approve", id), ERR_CONFLICT);
	assert_int_equal(steps("present", id, PER, STR("identity card")), OK);
	assert_int_equal(does("approve", id), OK);
	/* Her number has just been changed: nobody's word ties the caller to her. */
	assert_int_equal(JOB(change_phone(OLA)), OK);
	id = begun(OLA, "unlock");
	assert_int_equal(does("call", id), ERR_CONFLICT);
	assert_int_equal(does("ask", id), ERR_CONFLICT);
	assert_int_equal(steps("present", id, PER, STR("identity card")), OK);
	assert_int_equal(does("approve", id), OK);
}

/* --- signals --- */

static void test_not_me(void **state)
{
	int64_t id = heard(ANNA, "unlock");
	(void)state;

	assert_int_equal(does("approve", id), OK);
	assert_int_equal(JOB(verify_not_me(&f->rq, id, ANNA)), OK);
	assert_int_equal(count("S1"), 1);
	assert_int_equal(said[0].severity, 1);
	assert_int_equal(steps("use", id, PER, verify_token(&f->rq, id)), ERR_CONFLICT);
	assert_int_equal(ended(id), VERIFY_DENIED);
	assert_true(is_held(ANNA));
	assert_int_equal(JOB(verify_not_me(&f->rq, id, ANNA)), ERR_CONFLICT);
	assert_int_equal(begins(ANNA, "unlock", PIA, NULL, &id), OK);
}

static void test_failures(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++) {
		assert_int_equal(does(i == 1 ? "deny" : "abort", begun(ANNA, "unlock")), OK);
		assert_int_equal(count("S2"), i == 2);
	}
	assert_int_equal(count("denied"), 1);
}

static void test_campaign(void **state)
{
	int64_t id;
	(void)state;

	assert_int_equal(begins(ANNA, "password", PER, "070-174 06 42", &id), OK);
	assert_int_equal(begins(GUS, "unlock", PIA, "0701740642", &id), OK);
	assert_int_equal(count("S3"), 0);
	assert_int_equal(begins(NEWT, "unlock", PER, "0701740642", &id), OK);
	assert_int_equal(count("S3"), 1);
	/* The desk is stricter, also for what is under way. */
	struct verification v;
	assert_int_equal(verify_read(&f->rq, 1, &v), OK);
	assert_int_equal(v.facts.class, VERIFY_C);
	assert_int_equal(verify_read(&f->rq, 2, &v), OK);
	assert_int_equal(v.facts.class, VERIFY_A);
	later(HOURS(4));
	assert_int_equal(verify_read(&f->rq, 1, &v), OK);
	assert_int_equal(v.facts.class, VERIFY_B);
}

static void test_second_reset(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		int64_t id = heard(ANNA, "password");
		assert_int_equal(steps("present", id, PER, STR("passport")), OK);
		assert_int_equal(does("approve", id), OK);
		assert_int_equal(steps("use", id, PER, verify_token(&f->rq, id)), OK);
	}
	assert_int_equal(count("S4"), 1);
}

static enum err allow_duress(void)
{
	struct change *change;
	TRY(audit_begin(&f->rq, "test.set", STR("x"), &change));
	return setting_set(change, STR("access.duress"), STR("yes"));
}

static struct str forced_code(int64_t id)
{
	struct str code = code_of(id), other = str_print(f->rq.arena, STR_FMT, STR_ARG(code));
	char *last = (char *)&other.at[5];
	*last = *last == '9' ? '0' : (char)(*last + 1);
	return other;
}

static void test_duress(void **state)
{
	int64_t id = begun(ANNA, "unlock");
	(void)state;

	assert_int_equal(does("call", id), OK);
	assert_int_equal(does("code", id), OK);
	assert_int_equal(steps("read", id, PER, forced_code(id)), OK);
	assert_true(done.is_wrong);
	assert_int_equal(JOB(allow_duress()), OK);
	assert_int_equal(steps("read", id, PER, forced_code(id)), OK);
	assert_false(done.is_wrong);
	assert_int_equal(count("duress"), 1);
	assert_true(is_held(ANNA));
	assert_int_equal(does("approve", id), OK);
}

/* An agent who is pressed calls a colleague in: from then on only the colleague gets anywhere. */
static void test_hand_over(void **state)
{
	int64_t id = heard(ANNA, "unlock");
	(void)state;

	assert_int_equal(steps("take", id, PIA, STR("")), ERR_CONFLICT);
	assert_int_equal(steps("hand", id, PIA, STR("")), ERR_DENIED);
	assert_int_equal(does("hand", id), OK);
	assert_int_equal(does("hand", id), ERR_CONFLICT);
	assert_int_equal(does("approve", id), ERR_CONFLICT);
	assert_int_equal(steps("take", id, PER, STR("")), ERR_DENIED);
	assert_int_equal(steps("take", id, ANNA, STR("")), ERR_DENIED);
	assert_int_equal(steps("take", id, BO, STR("")), ERR_DENIED);
	struct tasks tasks = { 0 };
	assert_int_equal(access_due(&f->rq, &tasks), OK);
	bool is_asked = false;
	for (size_t i = 0; i < tasks.n; i++)
		is_asked |= tasks.at[i].roles == ROLE_SUPPORT;
	assert_true(is_asked);
	assert_int_equal(steps("take", id, PIA, STR("")), OK);
	assert_int_equal(does("approve", id), ERR_DENIED);
	assert_int_equal(steps("approve", id, PIA, STR("")), OK);
	assert_int_equal(steps("use", id, PER, verify_token(&f->rq, id)), ERR_DENIED);
	assert_int_equal(steps("use", id, PIA, verify_token(&f->rq, id)), OK);
	/* The first agent may still deny what she has handed over. */
	id = begun(GUS, "unlock");
	assert_int_equal(does("hand", id), OK);
	assert_int_equal(does("deny", id), OK);
}

static enum err connects(int64_t person, int64_t id)
{
	struct change *change;

	TRY(audit_begin(&f->rq, "gate.accept", STR("x"), &change));
	return session_offer(change, &(struct session_offer_args){ .id = id, .person = { true, person }, .gateway = 0, .offered_at = f->rq.now,
		.until = instant_plus(f->rq.now, HOURS(4)), .nas_session = STR(""), .calling = STR("") });
}

/* S6: a new device is asked for while the old one logs in: before the call, or while it goes on. */
static void test_device(void **state)
{
	int64_t id;
	(void)state;

	begun(ANNA, "factor");
	assert_int_equal(count("S6"), 0);
	assert_int_equal(JOB(connects(GUS, 1001)), OK);
	begun(GUS, "password");
	assert_int_equal(count("S6"), 0);
	assert_int_equal(does("abort", 2), OK);
	begun(GUS, "factor");
	assert_int_equal(count("S6"), 1);
	later(HOURS(2));
	id = heard(ANNA, "phone");
	assert_int_equal(steps("present", id, PER, STR("identity card")), OK);
	assert_int_equal(count("S6"), 1);
	later(SECONDS(1));
	assert_int_equal(JOB(connects(ANNA, 1002)), OK);
	assert_int_equal(does("approve", id), OK);
	assert_int_equal(count("S6"), 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, set_up, tear_down)
int main(void)
{
	const struct CMUnitTest tests[] = { TEST(a), TEST(b), TEST(c), TEST(privileged), TEST(number), TEST(codes), TEST(tokens), TEST(parties),
		TEST(vouching), TEST(channels), TEST(no_log_in), TEST(not_me), TEST(failures), TEST(campaign), TEST(second_reset), TEST(duress), TEST(hand_over), TEST(device) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
