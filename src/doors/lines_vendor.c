/* Messages of appliances that are no sentences: FortiGate (key=value and CEF), SonicWall (key=value), Palo Alto (CSV by position).
 *
 * FortiGate puts the address before the name, so its first remip= or srcip= counts; SonicWall puts it behind, so its last src= outside
 * quotes does. Values may be quoted, with \" inside. Which words make a refusal of a failure is the same for all: a rule turned the
 * person away (locked, disabled, no privilege), whatever the password was.
 *
 * SECURITY: what stands inside quotes is never a key. */
#include "doors/lines_parts.h"
#include "base/scan.h"

enum { MOST_PAIRS = 96, MOST_CELLS = 64 };
struct pair { struct str key, value; };
struct pairs { struct pair pair[MOST_PAIRS]; uint8_t tag[MOST_PAIRS]; size_t n; };    /* of each key, by its end */

static const bool key_byte[256] = { ['0' ... '9'] = true, ['a' ... 'z'] = true, ['A' ... 'Z'] = true, ['_'] = true, ['-'] = true };

static inline bool is_key_byte(char c)
{
	return key_byte[(unsigned char)c];
}

static inline const char *key_end(const char *at, const char *end)
{
	SCAN_END(at, end, scan_keys16);
}

/* A key's last two bytes: few keys of one line share them. One byte alone has none. */
static inline uint8_t tag_of(const char *key, size_t n)
{
	return n < 2 ? 0 : (uint8_t)((unsigned char)key[n - 1] * 5 + (unsigned char)key[n - 2]);
}

/* Behind key=: a quoted value without its quotes and escapes. `room` holds what had escapes. */
static struct str quoted(const char **at, const char *end, char **room, const char *room_end)
{
	const char *p = *at + 1, *from = p;
	bool has_escape = false;

	for (;;) {
		p = scan_to(p, end, '"', '\\');
		if (p >= end || *p == '"')
			break;
		has_escape = true;
		p += p + 1 < end ? 2 : 1;
	}
	p = MIN(p, end);
	struct str its = { from, (size_t)(p - from) };
	*at = p < end ? p + 1 : end;
	if (!has_escape || (size_t)(room_end - *room) < its.len)
		return its;
	char *to = *room;
	for (const char *q = from; q < p; q++) {
		if (*q == '\\' && q + 1 < p && (q[1] == '"' || q[1] == '\\'))
			q++;
		*to++ = *q;
	}
	its = (struct str){ *room, (size_t)(to - *room) };
	*room = to;
	return its;
}

/* key=value pairs; with `is_loose` (CEF) a value goes on to the next " key=". */
static void take_pairs(struct str text, bool is_loose, char *room, size_t room_n, struct pairs *ret)
{
	const char *at = text.at, *end = text.at + text.len;
	char *free_room = room;

	ret->n = 0;
	while (at < end && ret->n < MOST_PAIRS) {
		const char *key = at;
		at = key_end(at, end);
		if (at == key || at >= end || *at != '=') {
			while (at < end && *at != ' ')
				if (*at++ == '"' && !is_loose)
					return;          /* no key's value: somebody quotes a stranger */
			while (at < end && *at == ' ')
				at++;
			continue;
		}
		ret->tag[ret->n] = tag_of(key, (size_t)(at - key));
		struct pair *pair = &ret->pair[ret->n++];
		pair->key = (struct str){ key, (size_t)(at - key) };
		at++;
		if (at < end && *at == '"' && !is_loose) {
			pair->value = quoted(&at, end, &free_room, room + room_n);
		} else {
			const char *from = at;
			for (;; at++) {
				at = scan_to(at, end, ' ', ' ');
				if (at == end || !is_loose)
					break;
				const char *next = key_end(at + 1, end);
				if (next < end && *next == '=' && next > at + 1)
					break;
			}
			pair->value = (struct str){ from, (size_t)(at - from) };
		}
		while (at < end && (*at == ' ' || *at == ','))
			at++;
	}
}

static_assert(MOST_PAIRS % SCAN == 0);
static struct str first_value(const struct pairs *pairs, const char *name)
{
	size_t n = strlen(name);
	char tag = (char)tag_of(name, n);

	for (size_t from = 0; from < pairs->n; from += SCAN)
		for (unsigned mask = scan_either((const char *)pairs->tag + from, tag, tag); mask; mask &= mask - 1) {
			size_t i = from + (size_t)__builtin_ctz(mask);
			if (i >= pairs->n)
				break;
			struct str key = pairs->pair[i].key;
			if (key.len >= n && memcmp(key.at + key.len - n, name, n) == 0
			    && (key.len == n || (key.len == n + 7 && memcmp(key.at, "FTNTFGT", 7) == 0)))
				return pairs->pair[i].value;
		}
	return STR_NONE;
}

static struct str last_value(const struct pairs *pairs, const char *name)
{
	for (size_t i = pairs->n; i-- > 0; )
		if (str_equal(pairs->pair[i].key, str_of(name)))
			return pairs->pair[i].value;
	return STR_NONE;
}

static bool holds(struct str s, const char *word)
{
	size_t n = strlen(word);

	for (size_t i = 0; i + n <= s.len; i++)
		if ((s.at[i] | 32) == (word[0] | 32) && strncasecmp(s.at + i, word, n) == 0)
			return true;
	return false;
}

/* Words in any case; those of one first letter in one chain, so that a text is gone through once. */
enum { MOST_WORDS = 24 };
struct words { const char *word[MOST_WORDS]; uint8_t first[32], next[MOST_WORDS], len[MOST_WORDS]; bool is_ready; };

static bool holds_any(struct str s, struct words *words)
{
	for (uint8_t i = 0; i < MOST_WORDS && words->word[i] && !words->is_ready; i++) {
		uint8_t *chain = &words->first[words->word[i][0] & 31];
		words->len[i] = (uint8_t)strlen(words->word[i]);
		words->next[i] = *chain;
		*chain = i + 1;
	}
	words->is_ready = true;
	for (size_t i = 0; i < s.len; i++)
		for (uint8_t k = words->first[s.at[i] & 31]; k; k = words->next[k - 1])
			if (s.len - i >= words->len[k - 1] && (s.at[i + 1] | 32) == words->word[k - 1][1] && strncasecmp(s.at + i, words->word[k - 1], words->len[k - 1]) == 0)
				return true;
	return false;
}

/* A rule turned the person away. */
static bool is_refusal(struct str s)
{
	static struct words words = { { "lock", "disabled", "privilege", "not allowed", "expired", "blocked", "blacklist", "banned", "allow list", "too many",
		"not in the allow", "not authorized", "not authorised", "no permission", "exceed", "not granted", "quota", "inactive", "policy" } };
	return holds_any(s, &words);
}

static struct str told(struct str s)
{
	s = str_trim(s);
	if (!s.len || str_equal(s, STR("N/A")) || str_equal(s, STR("n/a")) || str_equal(s, STR("-")) || str_equal(s, STR("unknown")))
		return STR_NONE;
	return s;
}

static struct str told_address(struct str s)
{
	s = told(s);
	return str_equal(s, STR("0.0.0.0")) || str_equal(s, STR("::")) ? STR_NONE : s;
}

static bool is_one_of(struct str s, const char *const *words)
{
	for (; *words; words++)
		if (s.len == strlen(*words) && strncasecmp(s.at, *words, s.len) == 0)
			return true;
	return false;
}

static bool stamp(struct str date, struct str time, struct str zone, struct instant *ret)
{
	static struct line_clock clock;
	char room[80];
	int n = snprintf(room, sizeof room, STR_FMT " " STR_FMT STR_FMT, (int)MIN(date.len, (size_t)10), date.at ? date.at : "",
	                 (int)MIN(time.len, (size_t)16), time.at ? time.at : "", (int)MIN(zone.len, (size_t)6), zone.at ? zone.at : "");
	struct str s = { room, (size_t)n };

	clock.hour_key = INT64_MIN;
	return date.len && time.len && carrier_time(&clock, &s, ret);
}

/* --- FortiGate --- */

static bool fortigate_time(const struct pairs *pairs, struct instant *ret)
{
	int64_t n;

	if (str_number(first_value(pairs, "eventtime"), INT64_MAX, &n) == OK && n > 0) {
		while (n >= (int64_t)100000000000000)
			n /= 1000;
		ret->ms = n < (int64_t)100000000000 ? n * 1000 : n;
		return true;
	}
	return stamp(first_value(pairs, "date"), first_value(pairs, "time"), first_value(pairs, "tz"), ret);
}

static bool fortigate(struct str text, char *room, size_t room_n, struct line_found *ret)
{
	static const char *const fails[] = { "failure", "failed", "fail", "negotiate_error", NULL };
	static const char *const logins[] = { "login", "authentication", "auth-logon", "auth", "ssl-login", "logon", "xauth", NULL };
	static const char *const kinds[] = { "vpn", "user", "system", "admin", NULL };
	const char *cef = memmem(text.at, text.len, "CEF:", 4);
	struct pairs pairs __attribute__((uninitialized));

	if (cef && memchr(text.at, '"', (size_t)(cef - text.at)))
		return false;
	if (cef) {
		struct str rest = str_from(text, (size_t)(cef - text.at));
		if (!holds(str_first(rest, 60), "fortinet"))
			return false;
		for (int i = 0; i < 7; i++)
			(void)str_cut(&rest, '|');
		if (!rest.at)
			return false;
		take_pairs(rest, true, room, room_n, &pairs);
	} else {
		if (!memmem(text.at, text.len, "logid=", 6) && !memmem(text.at, text.len, "devid=", 6) && !memmem(text.at, text.len, "subtype=", 8))
			return false;
		take_pairs(text, false, room, room_n, &pairs);
	}
	struct str action = first_value(&pairs, cef ? "act" : "action"), status = first_value(&pairs, cef ? "outcome" : "status");
	struct str kind = first_value(&pairs, "subtype"), reason = first_value(&pairs, "reason"), description = first_value(&pairs, "logdesc");
	if (cef && !action.at)
		action = first_value(&pairs, "action");
	if (!status.at)
		status = first_value(&pairs, "status");
	if (cef && !kind.at) {
		kind = first_value(&pairs, "cat");
		kind = str_from(kind, kind.len ? MIN(str_find(kind, ':') + 1, kind.len) : 0);
	}
	if (!kind.at || !action.at)
		return false;
	ret->service = "fortigate";
	ret->form = 63000;
	ret->outcome = LINE_OTHER;
	ret->user = told(first_value(&pairs, cef ? "suser" : "user"));
	if (!ret->user.at)
		ret->user = told(first_value(&pairs, cef ? "duser" : "xauthuser"));
	if (!ret->user.at)
		ret->user = told(first_value(&pairs, "user"));
	ret->address = told_address(first_value(&pairs, "remip"));
	if (!ret->address.at)
		ret->address = told_address(first_value(&pairs, cef ? "src" : "srcip"));
	ret->reason = told(reason).at ? reason : action;
	ret->is_time = fortigate_time(&pairs, &ret->at);
	bool has_failed = is_one_of(status, fails) || is_one_of(action, (const char *const[]){ "ssl-login-fail", "login-fail", "auth-fail", "ipsec-login-fail", NULL });
	bool is_login = is_one_of(action, logins) || holds(action, "login") || holds(action, "negotiate") || holds(description, "login")
	             || holds(description, "authentication") || str_equal(kind, STR("user"));
	if (!is_one_of(kind, kinds))
		return true;
	if (has_failed && is_login)
		ret->outcome = is_refusal(reason) ? LINE_REFUSED : LINE_FAILURE;
	else if (str_equal(action, STR("tunnel-up")) && ret->user.at)
		ret->outcome = LINE_SUCCESS;
	else if (is_one_of(action, logins) && str_equal(status, STR("success")) && ret->user.at)
		ret->outcome = LINE_SUCCESS;
	return true;
}

/* --- SonicWall --- */

static bool sonicwall(struct str text, char *room, size_t room_n, struct line_found *ret)
{
	static struct words denied = { { "login denied", "login failed", "login failure", "authentication failed", "authentication failure", "authentication denied",
		"authentication rejected", "logon denied", "failed login", "login attempt denied", "incorrect", "bad credentials", "invalid user", "locked out",
		"login disabled" } };
	static struct words allowed = { { "login allowed", "login successful", "login succeeded", "authentication successful", "logged in", "authentication success" } };
	struct pairs pairs __attribute__((uninitialized));

	if (!memmem(text.at, text.len, "msg=\"", 5) || (!memmem(text.at, text.len, "sn=", 3) && !memmem(text.at, text.len, "id=firewall", 11)
	                                                && !memmem(text.at, text.len, "id=sslvpn", 9)))
		return false;
	take_pairs(text, false, room, room_n, &pairs);
	struct str message = first_value(&pairs, "msg"), time = first_value(&pairs, "time");
	if (!message.at)
		return false;
	ret->service = "sonicwall";
	ret->form = 64000;
	ret->reason = message;
	ret->user = told(first_value(&pairs, "usr"));
	if (!ret->user.at)
		ret->user = told(first_value(&pairs, "user"));
	ret->address = last_value(&pairs, "src");
	size_t colons = 0;
	for (size_t i = 0; i < ret->address.len; i++)
		colons += ret->address.at[i] == ':';
	if (colons && colons <= 3 && memchr(ret->address.at, '.', ret->address.len))
		ret->address = str_first(ret->address, str_find(ret->address, ':'));
	ret->address = told_address(ret->address);
	ret->is_time = stamp(str_first(time, 10), str_from(time, MIN(time.len, (size_t)11)), STR_NONE, &ret->at);
	if (ret->is_time && holds(time, "UTC"))
		ret->is_time = stamp(str_first(time, 10), str_first(str_from(time, 11), 8), STR("Z"), &ret->at);
	ret->outcome = LINE_OTHER;
	if (holds_any(message, &denied))
		ret->outcome = is_refusal(message) ? LINE_REFUSED : LINE_FAILURE;
	else if (holds_any(message, &allowed))
		ret->outcome = LINE_SUCCESS;
	return true;
}

/* --- Palo Alto --- */

static size_t cells(struct str text, char *room, size_t room_n, struct str *ret)
{
	char *to = room, *end = room + room_n;
	size_t n = 0, i = 0;

	while (n < MOST_CELLS) {
		if (i < text.len && text.at[i] == '"') {
			char *from = to;
			for (i++; i < text.len && to < end; i++) {
				if (text.at[i] == '"' && !(i + 1 < text.len && text.at[i + 1] == '"'))
					break;
				i += text.at[i] == '"';
				*to++ = text.at[i];
			}
			ret[n++] = (struct str){ from, (size_t)(to - from) };
			while (i < text.len && text.at[i] != ',')
				i++;
		} else {
			size_t len = str_find(str_from(text, i), ',');
			ret[n++] = (struct str){ text.at + i, len };
			i += len;
		}
		if (i >= text.len)
			break;
		i++;
	}
	return n;
}

/* What stands between two texts, the first from the left, the second from there. */
static struct str between(struct str s, const char *before, const char *after)
{
	const char *hit = memmem(s.at, s.len, before, strlen(before));

	if (!s.len || !hit)
		return STR_NONE;
	s = str_from(s, (size_t)(hit - s.at) + strlen(before));
	for (size_t i = 0; i < s.len; i++)
		if (strchr(after, s.at[i]) && s.at[i])
			return str_first(s, i);
	return s;
}

static void paloalto_system(struct str *cell, size_t n, struct line_found *ret)
{
	struct str event = cell[8], text = n > 14 ? cell[14] : STR_NONE;

	ret->user = told(between(text, "user '", "'"));
	if (!ret->user.at)
		ret->user = told(between(text, "User '", "'"));
	if (!ret->user.at)
		ret->user = told(between(text, "User name: ", ",;"));
	if (ret->user.len && ret->user.at[ret->user.len - 1] == '.')
		ret->user.len--;
	/* The address is behind the name, which may be anything: the last one. */
	const char *hit = NULL;
	for (size_t i = 0; i + 6 < text.len; i++)
		if (strncasecmp(text.at + i, "from: ", 6) == 0)
			hit = text.at + i + 6;
	if (hit) {
		struct str rest = str_from(text, (size_t)(hit - text.at));
		size_t len = 0;
		while (len < rest.len && (is_key_byte(rest.at[len]) || rest.at[len] == '.' || rest.at[len] == ':'))
			len++;
		while (len && rest.at[len - 1] == '.')
			len--;
		ret->address = told_address(str_first(rest, len));
	}
	struct str reason = between(text, "eason: ", ".,");
	ret->reason = reason.len ? reason : event;
	if (holds(event, "auth-fail") || holds(text, "failed authentication") || holds(text, "authentication failed") || holds(text, "login failed"))
		ret->outcome = is_refusal(reason.len ? reason : text) ? LINE_REFUSED : LINE_FAILURE;
	else if (holds(event, "auth-succ") || holds(text, "authenticated for user"))
		ret->outcome = LINE_SUCCESS;
}

static bool paloalto(struct str text, char *room, size_t room_n, struct line_found *ret)
{
	struct str cell[MOST_CELLS] __attribute__((uninitialized));
	bool is_protect = memmem(text.at, text.len, ",GLOBALPROTECT,", 15) != NULL;

	if (!is_protect && !memmem(text.at, text.len, ",SYSTEM,", 8))
		return false;
	size_t comma = str_find(text, ','), from = comma;
	if (memchr(text.at, '"', comma))
		return false;
	while (from && text.at[from - 1] != ' ')
		from--;
	size_t n = cells(str_from(text, from), room, room_n, cell);
	if (n < 14 || (!str_equal(cell[3], STR("GLOBALPROTECT")) && !str_equal(cell[3], STR("SYSTEM"))))
		return false;
	is_protect = str_equal(cell[3], STR("GLOBALPROTECT"));
	ret->service = "paloalto";
	ret->form = 65000;
	ret->outcome = LINE_OTHER;
	ret->is_time = stamp(str_first(cell[6], 10), str_from(cell[6], MIN(cell[6].len, (size_t)11)), STR_NONE, &ret->at);
	if (!is_protect) {
		paloalto_system(cell, n, ret);
		return true;
	}
	struct str event = cell[8], status = n > 28 ? cell[28] : STR_NONE, reason = n > 25 ? cell[25] : STR_NONE, error = n > 27 ? cell[27] : STR_NONE;
	ret->user = told(cell[12]);
	ret->address = n > 15 ? told_address(cell[15]) : STR_NONE;
	if (!ret->address.at && n > 16)
		ret->address = told_address(cell[16]);
	ret->reason = told(reason).at ? reason : told(error).at ? error : event;
	bool is_auth = holds(event, "auth") || holds(event, "login");
	if (holds(status, "fail") && is_auth)
		ret->outcome = is_refusal(reason) || is_refusal(error) ? LINE_REFUSED : LINE_FAILURE;
	else if (str_equal(status, STR("success")) && (holds(event, "-auth") || holds(event, "gateway-connected") || holds(event, "gateway-login")))
		ret->outcome = LINE_SUCCESS;
	return true;
}

static bool is_wanted(const char *format, const char *name)
{
	return !format || strcmp(format, name) == 0;
}

bool vendor_match(const char *format, const struct line_record *record, struct line_found *ret, char *room, size_t room_n)
{
	struct str text = record->bare;

	/* Nothing that these write is without a comma or an = near its beginning. */
	if (text.len < 40 || (!memchr(text.at, '=', text.len) && !memchr(text.at, ',', text.len)))
		return false;
	return (is_wanted(format, "fortigate") && fortigate(text, room, room_n, ret))
	    || (is_wanted(format, "sonicwall") && sonicwall(text, room, room_n, ret))
	    || (is_wanted(format, "paloalto") && paloalto(text, room, room_n, ret));
}
