/* Codes, numbers, links and tokens of verifying a caller: all derived from one key that is drawn at the first use and never leaves memory.
 *
 * So the page of the employee can show her code again and again, and the agent's page the words, while the store holds only hashes: of codes
 * and numbers keyed ones, of links and tokens plain ones (account_hash), which outlive a start. After a start the key is another: a code
 * that was outstanding matches nothing any more, and the agent gives a new one; a token can still be used by whoever wrote it down.
 *
 * SECURITY: the six digits of a code are one of a million; three tries each (verify_state.h) and a keyed hash, so a copy of the store, or
 * the log, is no help. The token that is good for a reset has 80 bits, the link 120. A hash of the presented number is salted by the same
 * key: it tells as long as the process lives that two calls came from one number, and nothing more.
 *
 * The key is long-lived memory (serve.c lists it). */
#include <pthread.h>
#include <sodium.h>
#include "points/access/verify.h"
#include "base/world.h"

static unsigned char key[crypto_auth_hmacsha256_KEYBYTES];
static pthread_once_t is_drawn = PTHREAD_ONCE_INIT;

static void draw_key(void)
{
	world.random(key, sizeof key);
}

static void derive(unsigned char ret[32], enum verify_secret what, int64_t id, int64_t round, struct str said)
{
	crypto_auth_hmacsha256_state state;
	int64_t head[3] = { (int64_t)what, id, round };

	pthread_once(&is_drawn, draw_key);
	crypto_auth_hmacsha256_init(&state, key, sizeof key);
	crypto_auth_hmacsha256_update(&state, (const unsigned char *)head, sizeof head);
	crypto_auth_hmacsha256_update(&state, (const unsigned char *)said.at, said.len);
	crypto_auth_hmacsha256_final(&state, ret);
}

/* Six digits, each of the million as likely as the next to within one in four thousand million. */
static struct str digits_of(struct rq *rq, enum verify_secret what, int64_t id, int64_t round)
{
	unsigned char bytes[32];
	uint64_t n = 0;

	derive(bytes, what, id, round, STR(""));
	for (size_t i = 0; i < 7; i++)
		n = n << 8 | bytes[i];
	return str_print(rq->arena, "%06llu", (unsigned long long)(n % 1000000));
}

struct str verify_number(struct rq *rq, int64_t id)
{
	return digits_of(rq, VERIFY_SECRET_NUMBER, id, 0);
}

struct str verify_code(struct rq *rq, int64_t id, int64_t round)
{
	return digits_of(rq, VERIFY_SECRET_CODE, id, round);
}

static const char letter[] = "0123456789abcdefghjkmnpqrstvwxyz";

struct str verify_link(struct rq *rq, int64_t id)
{
	unsigned char bytes[32];
	struct out out = out_new(rq->arena);

	derive(bytes, VERIFY_SECRET_LINK, id, 0, STR(""));
	for (size_t i = 0; i < 24; i++)
		out_byte(&out, letter[bytes[i] & 31]);
	return out_str(&out);
}

struct str verify_token(struct rq *rq, int64_t id)
{
	unsigned char bytes[32];
	struct out out = out_new(rq->arena);

	derive(bytes, VERIFY_SECRET_TOKEN, id, 0, STR(""));
	for (size_t i = 0; i < 16; i++) {
		char c = letter[bytes[i] & 31];
		if (i && i % 4 == 0)
			out_byte(&out, '-');
		out_byte(&out, c >= 'a' ? (char)(c - 32) : c);
	}
	return out_str(&out);
}

enum err verify_words_of(struct rq *rq, int64_t id, struct str *ret)
{
	unsigned char bytes[32];

	derive(bytes, VERIFY_SECRET_WORDS, id, 0, STR(""));
	return verify_words(rq, bytes, ret);
}

struct str verify_keyed(struct rq *rq, enum verify_secret what, int64_t id, struct str said)
{
	unsigned char *bytes = arena_take(rq->arena, 32);

	derive(bytes, what, id, -1, said);
	return (struct str){ (char *)bytes, 32 };
}

struct str verify_digits(struct rq *rq, struct str typed)
{
	struct out out = out_new(rq->arena);

	for (size_t i = 0; i < typed.len && out.len <= 64; i++)
		if (typed.at[i] != ' ' && typed.at[i] != '-' && typed.at[i] != '\t')
			out_byte(&out, typed.at[i]);
	return out.len ? out_str(&out) : STR("");
}

bool verify_same(struct str a, struct str b)
{
	return a.len == b.len && a.len && sodium_memcmp(a.at, b.at, a.len) == 0;
}
