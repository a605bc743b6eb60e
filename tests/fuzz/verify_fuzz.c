/* Any bytes as what is typed into a verification: a code, a token, a telephone number. First octet: which, and of whose.
 *
 * What is typed is brought into one form before it is compared: that form stays as it is when it is brought there again, is never longer than
 * what was typed and its hyphens, and equals the real one only when it is the real one. */
#include "points/access/verify.h"

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t n);

static void check_code(struct rq *rq, int64_t id, struct str typed)
{
	struct str digits = verify_digits(rq, typed), code = verify_code(rq, id, 1);
	bool is_same = verify_same(verify_keyed(rq, VERIFY_SECRET_CODE, id, digits), verify_keyed(rq, VERIFY_SECRET_CODE, id, code));

	assert(digits.len <= 65 && digits.len <= typed.len && str_equal(verify_digits(rq, digits), digits));
	assert(is_same == str_equal(digits, code));
	assert(code.len == 6 && verify_number(rq, id).len == 6 && verify_link(rq, id).len == 24);
}

static void check_token(struct rq *rq, int64_t id, struct str typed)
{
	struct str once = verify_token_typed(rq, typed), token = verify_token(rq, id);

	assert(str_equal(verify_token_typed(rq, once), once));
	assert(str_equal(verify_token_typed(rq, token), token) && token.len == 19);
	assert(verify_same(once, token) == str_equal(once, token));
}

static void check_number(struct rq *rq, struct str typed)
{
	struct str number = people_number(rq->arena, typed);

	assert(number.len <= typed.len);
	for (size_t i = 0; i < number.len; i++)
		assert((number.at[i] >= '0' && number.at[i] <= '9') || (i == 0 && number.at[i] == '+'));
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t n)
{
	static const struct actor nobody = { .person = -1 };
	struct arena *arena = arena_new((size_t)1 << 26);
	struct trouble trouble = { 0 };
	struct rq rq = { .arena = arena, .actor = &nobody, .language = LANGUAGE_EN, .trouble = &trouble };

	if (n) {
		struct str typed = { (const char *)at + 1, n - 1 };
		check_code(&rq, at[0], typed);
		check_token(&rq, at[0], typed);
		check_number(&rq, typed);
	}
	arena_end(arena);
	return 0;
}
