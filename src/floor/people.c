/* People. Canonical names by libunistring, Swedish order by ICU's collation keys.
 *
 * SECURITY: the gate compares names in the canonical form and in no other; a name that cannot be brought into it is nobody's.
 * Nothing is guessed: user and DOMAIN\user are different names unless HR's file lists both. */
#define LONG_LIVED
#include "floor/people.h"
#include "floor/job.h"
#include <pthread.h>
#include <unicase.h>
#include <unicode/ucol.h>
#include <unicode/ustring.h>
#include <uninorm.h>

static bool is_plain_ascii(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.at[i] >= 0x80)
			return false;
	return true;
}

bool people_canonical(struct str name, char *room, size_t size, struct str *ret)
{
	name = str_trim(name);
	if (name.len == 0 || name.len >= size || !str_is_utf8(name))
		return false;
	for (size_t i = 0; i < name.len; i++)
		if ((unsigned char)name.at[i] < 0x20 || name.at[i] == 0x7f)
			return false;
	size_t length = size;
	if (is_plain_ascii(name)) {
		for (size_t i = 0; i < name.len; i++)
			room[i] = (char)(name.at[i] >= 'A' && name.at[i] <= 'Z' ? name.at[i] + 32 : name.at[i]);
		length = name.len;
	} else if (!u8_casefold((const uint8_t *)name.at, name.len, NULL, UNINORM_NFC, (uint8_t *)room, &length) || length > size) {
		return false;
	}
	*ret = (struct str){ room, length };
	return true;
}

enum err people_find(struct rq *rq, struct str name, struct people_get_row *ret)
{
	char room[1024];
	struct str canonical;
	struct people_named_row named;

	if (!people_canonical(name, room, sizeof room, &canonical))
		return fail(rq, ERR_NONE, _("Nobody is called \"%.*s\"."), (int)MIN(name.len, (size_t)80), name.at ? name.at : "");
	enum err err = people_named(rq, canonical, &named);
	if (err == ERR_NONE)
		return fail(rq, ERR_NONE, _("Nobody is called \"%.*s\"."), (int)MIN(name.len, (size_t)80), name.at);
	return err == OK ? people_get(rq, named.person, ret) : err;
}

/* One collator for all threads, opened at the first name; it is not safe for two at a time. */
static pthread_mutex_t collating = PTHREAD_MUTEX_INITIALIZER;

static int32_t collate(const UChar *wide, int32_t n, uint8_t *key, int32_t size)
{
	static UCollator *ours;
	UErrorCode status = U_ZERO_ERROR;

	pthread_mutex_lock(&collating);
	if (!ours)
		ours = ucol_open("sv", &status);
	int32_t length = ours ? ucol_getSortKey(ours, wide, n, key, size) : 0;
	pthread_mutex_unlock(&collating);
	return length;
}

struct str people_sort_key(struct arena *arena, struct str name)
{
	enum { MOST = 64 };
	UChar wide[256];
	uint8_t key[512];
	int32_t n = 0;
	UErrorCode status = U_ZERO_ERROR;

	u_strFromUTF8(wide, (int32_t)LENGTH(wide), &n, name.at, (int32_t)str_utf8_first(name, 200).len, &status);
	int32_t length = U_FAILURE(status) ? 0 : collate(wide, n, key, sizeof key);
	if (length <= 0)
		return name;
	length = MIN(length - 1, (int32_t)MOST);          /* without the NUL that ends it */
	char *hex = arena_take(arena, 2 * (size_t)length + 1);
	for (int32_t i = 0; i < length; i++) {
		hex[2 * i] = "0123456789abcdef"[key[i] >> 4];
		hex[2 * i + 1] = "0123456789abcdef"[key[i] & 15];
	}
	return (struct str){ hex, 2 * (size_t)length };
}

static struct str bound(struct arena *arena, const uint8_t *key, int32_t length, UColBoundMode mode)
{
	uint8_t room[600];
	UErrorCode status = U_ZERO_ERROR;
	int32_t n = ucol_getBound(key, length, mode, 1, room, sizeof room, &status);
	struct out out = out_new(arena);

	if (U_SUCCESS(status) && n > 1)
		out_hex(&out, room, (size_t)n - 1);
	return out_str(&out);
}

void people_sort_range(struct arena *arena, struct str prefix, struct str *ret_low, struct str *ret_high)
{
	UChar wide[256];
	uint8_t key[512];
	int32_t n = 0;
	UErrorCode status = U_ZERO_ERROR;

	u_strFromUTF8(wide, (int32_t)LENGTH(wide), &n, prefix.at, (int32_t)str_utf8_first(prefix, 200).len, &status);
	int32_t length = U_FAILURE(status) ? 0 : collate(wide, n, key, sizeof key);
	*ret_low = length > 0 ? bound(arena, key, length, UCOL_BOUND_LOWER) : STR("");
	*ret_high = length > 0 ? bound(arena, key, length, UCOL_BOUND_UPPER_LONG) : STR("\xf4\x8f\xbf\xbf");
}

static const struct { const char *word; int64_t bit; } roles[] = {
	{ "coordinator", ROLE_COORDINATOR }, { "management", ROLE_MANAGEMENT }, { "support", ROLE_SUPPORT },
	{ "system_owner", ROLE_SYSTEM_OWNER }, { "employee", ROLE_EMPLOYEE }, { "auditor", ROLE_AUDITOR }, { "manager", ROLE_MANAGER },
};

bool people_roles(struct str words, int64_t *ret, struct str *ret_bad)
{
	int64_t sum = 0;

	while (words.at && words.len) {
		struct str word = str_cut(&words, ' ');
		bool is_known = word.len == 0;
		for (size_t i = 0; i < LENGTH(roles); i++)
			if (str_equal(word, str_of(roles[i].word))) {
				sum |= roles[i].bit;
				is_known = true;
			}
		if (!is_known) {
			*ret_bad = word;
			return false;
		}
	}
	*ret = sum;
	return true;
}

void people_roles_out(struct out *out, int64_t bits)
{
	size_t from = out->len;

	for (size_t i = 0; i < LENGTH(roles); i++)
		if (bits & roles[i].bit)
			out_print(out, "%s%s", out->len > from ? " " : "", roles[i].word);
}

bool people_is_employed(const struct people_get_row *person, struct instant at)
{
	return !person->left_at.is && (!person->employment_end.is || at.ms < person->employment_end.i);
}

enum err people_next_id(struct rq *rq, int64_t *ret)
{
	struct people_count_row persons;
	struct job_get_row job;
	enum err err = job_get(rq, JOB_IMPORT, &job);

	if (err != OK && err != ERR_NONE)
		return err;
	if (err == OK && !job.ended_at.is && job.total)
		return fail(rq, ERR_BUSY, _("HR's file is being read in. Try again in a minute."));
	TRY(people_count(rq, &persons));
	*ret = persons.n;
	return OK;
}

struct str people_number(struct arena *arena, struct str phone)
{
	struct out out = out_new(arena);

	for (size_t i = 0; i < phone.len; i++)
		if ((phone.at[i] >= '0' && phone.at[i] <= '9') || (phone.at[i] == '+' && out.len == 0))
			out_byte(&out, phone.at[i]);
	struct str digits = out.len ? out_str(&out) : STR("");
	if (str_starts(digits, STR("+46")))
		return str_from(digits, 3);
	if (str_starts(digits, STR("0046")))
		return str_from(digits, 4);
	return str_starts(digits, STR("0")) ? str_from(digits, 1) : digits;
}
