/* What all pages of logging in share: tokens, one-time codes, sessions, budgets, the drawing of a QR code.
 *
 * SECURITY: tokens and codes come from the kernel and are kept as hashes; 80 bits and more need no slow hash. A session's token is
 * new at every step that gains rights, and the old row goes in the same commit. Budgets are counted by name as typed and by
 * network, never by whether there is such a person, so that being stopped tells nothing; their names are hashes, since people
 * type passwords into the wrong field. Lock-out: ten wrong tries from one network stop that name from that network for a
 * quarter of an hour; only a hundred from everywhere stop it everywhere. */
#include <arpa/inet.h>
#include <qrencode.h>
#include <sodium.h>
#include "floor/account.h"
#include "floor/people.h"
#include "base/world.h"

/* --- tokens and codes --- */

struct str account_hash(struct arena *arena, struct str token)
{
	unsigned char *hash = arena_take(arena, crypto_hash_sha256_BYTES);

	crypto_hash_sha256(hash, (const unsigned char *)token.at, token.len);
	return (struct str){ (char *)hash, crypto_hash_sha256_BYTES };
}

struct str account_form_token(struct arena *arena, struct str session)
{
	static const char purpose[] = "samordna form 1";
	unsigned char hash[crypto_auth_hmacsha256_BYTES];
	crypto_auth_hmacsha256_state state;
	char *room = arena_take(arena, 64);

	crypto_auth_hmacsha256_init(&state, (const unsigned char *)session.at, session.len);
	crypto_auth_hmacsha256_update(&state, (const unsigned char *)purpose, sizeof purpose);
	crypto_auth_hmacsha256_final(&state, hash);
	sodium_bin2base64(room, 64, hash, sizeof hash, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	return str_of(room);
}

struct str account_token(struct arena *arena)
{
	unsigned char random[24];
	char *room = arena_take(arena, 48);

	world.random(random, sizeof random);
	sodium_bin2base64(room, 48, random, sizeof random, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	return str_of(room);
}

/* Crockford's base 32: no I, L, O, U to mistake when it is read aloud or typed. */
static const char letter[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
enum { CODE_LETTERS = 16 };

void account_code_make(char ret[ACCOUNT_CODE])
{
	unsigned char random[CODE_LETTERS];
	size_t at = 0;

	world.random(random, sizeof random);
	for (size_t i = 0; i < CODE_LETTERS; i++) {
		if (i && i % 4 == 0)
			ret[at++] = '-';
		ret[at++] = letter[random[i] & 31];
	}
	ret[at] = '\0';
}

bool account_code_read(struct str typed, char ret[ACCOUNT_CODE])
{
	size_t n = 0, at = 0;

	for (size_t i = 0; i < typed.len; i++) {
		char c = typed.at[i];
		if (c == ' ' || c == '-')
			continue;
		if (c >= 'a' && c <= 'z')
			c = (char)(c - 32);
		c = c == 'O' ? '0' : c == 'I' || c == 'L' ? '1' : c;
		if (n == CODE_LETTERS || !c || !strchr(letter, c))
			return false;
		if (n && n % 4 == 0)
			ret[at++] = '-';
		ret[at++] = c;
		n++;
	}
	ret[at] = '\0';
	return n == CODE_LETTERS;
}

enum err account_code_give(struct change *change, struct maybe_int person, enum account_code_kind kind, struct instant until,
                           const char *code)
{
	struct rq *rq = change_rq(change);
	struct account_code_most_row most;

	TRY(account_code_most(rq, &most));
	return account_code_add(change, &(struct account_code_add_args){ .id = most.n + 1, .person = person, .kind = kind,
		.hash = account_hash(rq->arena, str_of(code)), .made_at = rq->now, .until = until });
}

enum err account_saved_codes_give(struct change *change, int64_t person, char ret[ACCOUNT_SAVED_CODES][ACCOUNT_CODE])
{
	for (int i = 0; i < ACCOUNT_SAVED_CODES; i++) {
		account_code_make(ret[i]);
		TRY(account_code_give(change, (struct maybe_int){ true, person }, CODE_SAVED, INSTANT_NEVER, ret[i]));
	}
	return OK;
}

/* --- sessions --- */

enum err account_session_begin(struct rq *rq, const struct visit *visit, struct answer *answer, struct account_session_wish wish)
{
	struct str token = account_token(rq->arena);

	if (visit->session.len)
		TRY(account_or_none(account_session_drop(rq, account_hash(rq->arena, visit->session))));
	answer->cookie = token;
	return account_session_add(rq, &(struct account_session_add_args){ .hash = account_hash(rq->arena, token), .person = wish.person,
		.waiting_for = wish.waiting_for, .made_at = rq->now, .seen_at = rq->now, .stepped_up_at = wish.stepped_up_at,
		.address = visit->address });
}

bool account_is_stepped_up(const struct rq *rq)
{
	return !instant_is_before(instant_plus(rq->actor->stepped_up_at, MINUTES(ACCOUNT_STEP_UP)), rq->now);
}

struct str account_step_up_at(struct rq *rq, struct str here)
{
	struct out at = out_new(rq->arena);

	out_text(&at, "/step-up?next=");
	out_url(&at, here);
	return out_str(&at);
}

struct str account_next(const struct visit *visit)
{
	return account_path(visit_field(visit, "next"));
}

struct str account_path(struct str next)
{
	if (next.len < 2 || next.len > 300 || next.at[0] != '/' || next.at[1] == '/')
		return STR("");
	for (size_t i = 0; i < next.len; i++)
		if (next.at[i] == '\\' || (unsigned char)next.at[i] <= 0x20 || (unsigned char)next.at[i] >= 0x7f)
			return STR("");
	return next;
}

int64_t account_real_person(struct rq *rq, const struct visit *visit, bool *ret_acts)
{
	struct account_session_row session;

	*ret_acts = false;
	if (!visit->session.len || account_session(rq, account_hash(rq->arena, visit->session), &session) != OK || !session.person.is)
		return -1;
	*ret_acts = session.acts_as.is;
	return session.person.i;
}

enum err account_act_as(struct rq *rq, int64_t person)
{
	struct people_get_row row;
	struct actor *actor = NEW(rq->arena, struct actor);

	TRY(people_get(rq, person, &row));
	*actor = (struct actor){ .person = person, .name = str_print(rq->arena, "person:" STR_FMT, STR_ARG(row.code)),
		.roles = (unsigned)row.roles & ROLE_STAFF, .stepped_up_at = rq->now, .body = row.body };
	rq->actor = actor;
	return OK;
}

enum err account_tidy(struct rq *rq)
{
	TRY(account_or_none(account_session_tidy(rq, instant_plus(rq->now, DAYS(-1)))));
	TRY(account_or_none(account_enrolment_tidy(rq, instant_plus(rq->now, MINUTES(-ACCOUNT_ENROLMENT)))));
	return account_or_none(account_budget_tidy(rq, instant_plus(rq->now, DAYS(-1))));
}

/* --- budgets --- */

static const struct { const char *word; int64_t tries; int minutes; } budgets[ACCOUNT_BUDGETS] = {
	[BUDGET_NAME_HERE] = { "name here", 10, 15 },     /* a user name, from one network */
	[BUDGET_NAME] = { "name", 100, 60 },              /* a user name, from everywhere */
	[BUDGET_NETWORK] = { "network", 200, 15 },        /* a whole office is one network on Monday morning */
	[BUDGET_SECOND] = { "second", 5, 15 },            /* a person whose password was right */
	[BUDGET_SECOND_DAY] = { "second day", 30, 24 * 60 }, /* ... and in a day: then the password is known to somebody else */
	[BUDGET_START] = { "start", 30, 15 },             /* start codes, from one network */
	[BUDGET_REPORT] = { "report", 30, 15 },           /* reports without an account, from one network */
	[BUDGET_LINK] = { "link", 300, 15 },              /* links checked without a log-in, from one network: a whole office is one */
	[BUDGET_CALL] = { "call", 5, 10 },                /* wrong numbers of calls, from one network */
	[BUDGET_CALLS] = { "calls", 200, 10 },            /* ... and from everywhere */
	[BUDGET_FEED] = { "feed", 60, 60 },               /* readings of a calendar by its key, and wrong keys from one network */
	[BUDGET_REPORTS] = { "reports", 600, 60 },        /* ... and from everywhere */
};

static bool is_over(enum account_budget_kind kind, struct budget budget, struct instant now)
{
	return instant_is_before(instant_plus(budget.since, MINUTES(budgets[kind].minutes)), now);
}

bool budget_is_spent(enum account_budget_kind kind, struct budget budget, struct instant now)
{
	return budget.tries >= budgets[kind].tries && !is_over(kind, budget, now);
}

struct budget budget_after(enum account_budget_kind kind, struct budget budget, struct instant now)
{
	if (budget.tries == 0 || is_over(kind, budget, now))
		return (struct budget){ 1, now };
	return (struct budget){ budget.tries + 1, budget.since };
}

int64_t budget_left(enum account_budget_kind kind, struct budget budget, struct instant now)
{
	return is_over(kind, budget, now) ? budgets[kind].tries : MAX(budgets[kind].tries - budget.tries, (int64_t)0);
}

struct str account_network(struct arena *arena, struct str address)
{
	unsigned char bytes[16];
	struct out network = out_new(arena);
	const char *text = str_c(arena, address);

	if (inet_pton(AF_INET, text, bytes) == 1)
		out_hex(&network, bytes, 3);
	else if (inet_pton(AF_INET6, text, bytes) == 1)
		out_hex(&network, bytes, 6);
	return out_str(&network);
}

static struct str budget_name(struct rq *rq, enum account_budget_kind kind, struct str of)
{
	struct out name = out_new(rq->arena);
	struct str hash = account_hash(rq->arena, of);

	out_text(&name, budgets[kind].word);
	out_byte(&name, ' ');
	out_hex(&name, hash.at, 16);
	return out_str(&name);
}

static enum err take(struct rq *rq, struct str name, struct budget *ret)
{
	struct account_budget_row row;
	enum err err = account_budget(rq, name, &row);

	*ret = (struct budget){ 0 };
	if (err == OK)
		*ret = (struct budget){ row.tries, row.since };
	return err == ERR_NONE ? OK : err;
}

bool account_is_spent(struct rq *rq, enum account_budget_kind kind, struct str of)
{
	struct budget budget;

	/* Cannot be read: closed. */
	return take(rq, budget_name(rq, kind, of), &budget) != OK || budget_is_spent(kind, budget, rq->now);
}

enum err account_spend(struct rq *rq, enum account_budget_kind kind, struct str of, int64_t *ret_left)
{
	struct str name = budget_name(rq, kind, of);
	struct budget budget;

	TRY(take(rq, name, &budget));
	budget = budget_after(kind, budget, rq->now);
	if (ret_left)
		*ret_left = budget_left(kind, budget, rq->now);
	return account_budget_set(rq, name, budget.tries, budget.since);
}

enum err account_refund(struct rq *rq, enum account_budget_kind kind, struct str of)
{
	return account_or_none(account_budget_drop(rq, budget_name(rq, kind, of)));
}

/* --- drawing --- */

bool qr_draw(struct arena *arena, struct str text, struct qr_run **ret, size_t *ret_n, int64_t *ret_modules)
{
	enum { QUIET = 4 };
	QRcode *code = QRcode_encodeString8bit(str_c(arena, text), 0, QR_ECLEVEL_M);
	size_t n = 0;

	if (!code)
		return false;
	int width = code->width;
	struct qr_run *runs = NEW_MANY(arena, (size_t)width * (size_t)width / 2 + (size_t)width, struct qr_run);
	for (int y = 0; y < width; y++)
		for (int x = 0; x < width; x++) {
			bool is_dark = code->data[y * width + x] & 1;
			bool goes_on = is_dark && x && code->data[y * width + x - 1] & 1;
			if (goes_on)
				runs[n - 1].width++;
			else if (is_dark)
				runs[n++] = (struct qr_run){ x + QUIET, y + QUIET, 1 };
		}
	*ret = runs;
	*ret_n = n;
	*ret_modules = width + 2 * QUIET;
	QRcode_free(code);
	return true;
}
