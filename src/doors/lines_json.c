/* JSON: a carrier (the journal's export, Docker's, a shipper's), and the sign-in records of Windows, Entra and Keycloak.
 *
 * A record is flattened into its leaves: last name, value, and the object it lies in. A field is then found by its name wherever it lies,
 * since every shipper nests differently; of two with one name the first counts, and an outer one goes before an inner one. Pairs like
 * {"@Name":"IpAddress","#text":"..."} count as a leaf named IpAddress.
 *
 * SECURITY: no recursion beyond DEEP, at most JSON_MOST leaves, texts are unescaped into a fixed room. Names come from the shipper, values
 * from the stranger: nothing is looked for inside a value. */
#include "doors/lines_json.h"
#include "base/scan.h"

enum { DEEP = 64 };
struct parse { struct json_flat *flat; const char *at, *end; };

static void skip(struct parse *p)
{
	while (p->at < p->end && (*p->at == ' ' || *p->at == '\t' || *p->at == '\r' || *p->at == '\n'))
		p->at++;
}

static int hex4(const char *p)
{
	int value = 0;

	for (int i = 0; i < 4; i++) {
		char c = p[i];
		int d = c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
		if (d < 0)
			return -1;
		value = value * 16 + d;
	}
	return value;
}

static void put(struct json_flat *flat, char c)
{
	if (flat->room_len < flat->room_n)
		flat->room[flat->room_len++] = c;
}

static void put_rune(struct json_flat *flat, int c)
{
	if (c < 0x80) {
		put(flat, (char)c);
	} else if (c < 0x800) {
		put(flat, (char)(0xc0 | c >> 6));
		put(flat, (char)(0x80 | (c & 63)));
	} else if (c < 0x10000) {
		put(flat, (char)(0xe0 | c >> 12));
		put(flat, (char)(0x80 | (c >> 6 & 63)));
		put(flat, (char)(0x80 | (c & 63)));
	} else {
		put(flat, (char)(0xf0 | c >> 18));
		put(flat, (char)(0x80 | (c >> 12 & 63)));
		put(flat, (char)(0x80 | (c >> 6 & 63)));
		put(flat, (char)(0x80 | (c & 63)));
	}
}

static bool escape(struct parse *p)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	char c = *p->at++;
	const char *hit = c ? strchr(from, c) : NULL;
	int rune, low;

	if (hit) {
		put(p->flat, to[hit - from]);
		return true;
	}
	if (c != 'u' || p->end - p->at < 4 || (rune = hex4(p->at)) < 0)
		return false;
	p->at += 4;
	if (rune >= 0xd800 && rune < 0xdc00 && p->end - p->at >= 6 && p->at[0] == '\\' && p->at[1] == 'u'
	    && (low = hex4(p->at + 2)) >= 0xdc00 && low < 0xe000) {
		rune = 0x10000 + ((rune - 0xd800) << 10) + (low - 0xdc00);
		p->at += 6;
	}
	put_rune(p->flat, rune >= 0xd800 && rune < 0xe000 ? 0xfffd : rune);
	return true;
}

static bool text(struct parse *p, struct str *ret)
{
	const char *from = ++p->at, *end = scan_to(from, p->end, '"', '\\');

	if (end >= p->end)
		return false;
	if (*end == '"') {                       /* nothing escaped: where it stands */
		*ret = (struct str){ from, (size_t)(end - from) };
		p->at = end + 1;
		return true;
	}
	size_t begin = p->flat->room_len;
	while (p->at < p->end && *p->at != '"')
		if (*p->at != '\\')
			put(p->flat, *p->at++);
		else if (++p->at >= p->end || !escape(p))
			return false;
	if (p->at >= p->end)
		return false;
	p->at++;
	*ret = (struct str){ p->flat->room + begin, p->flat->room_len - begin };
	return true;
}

static bool value(struct parse *, struct str key, uint16_t parent, int depth);

/* A name's last two bytes, in any case: few of one record share them, and a path that a shipper joined ends as its last name does. */
static inline uint8_t tag_of(const char *key, size_t n)
{
	return n < 2 ? 0 : (uint8_t)((key[n - 1] | 32) * 5 + (key[n - 2] | 32));
}

static struct json_leaf *leaf(struct json_flat *flat, struct str key, uint16_t parent)
{
	if (flat->n >= JSON_MOST)
		return NULL;
	flat->leaf[flat->n] = (struct json_leaf){ .key = key, .parent = parent };
	flat->tag[flat->n] = tag_of(key.at, key.len);
	return &flat->leaf[flat->n++];
}

/* {"Name":"x","Value":"y"}: as if x were y's name. */
static void pair(struct json_flat *flat, size_t from, uint16_t parent)
{
	struct str name = STR_NONE, its = STR_NONE;

	if (flat->n - from < 2 || flat->n - from > 3)
		return;
	for (size_t i = from; i < flat->n; i++) {
		struct str key = flat->leaf[i].key;
		if (str_equal(key, STR("@Name")) || str_equal(key, STR("Name")) || str_equal(key, STR("name")))
			name = flat->leaf[i].value;
		else if (str_equal(key, STR("#text")) || str_equal(key, STR("Value")) || str_equal(key, STR("value")) || str_equal(key, STR("Content")))
			its = flat->leaf[i].value;
	}
	struct json_leaf *made = name.len && its.at ? leaf(flat, name, parent) : NULL;
	if (made) {
		made->value = its;
		made->is_text = true;
	}
}

static bool object(struct parse *p, uint16_t parent, int depth)
{
	size_t from = p->flat->n;

	p->at++;
	skip(p);
	if (p->at < p->end && *p->at == '}') {
		p->at++;
		return true;
	}
	for (;;) {
		struct str key;
		skip(p);
		if (p->at >= p->end || *p->at != '"' || !text(p, &key))
			return false;
		skip(p);
		if (p->at >= p->end || *p->at++ != ':' || !value(p, key, parent, depth))
			return false;
		skip(p);
		if (p->at >= p->end || (*p->at != ',' && *p->at != '}'))
			return false;
		if (*p->at++ == '}')
			break;
	}
	pair(p->flat, from, parent);
	return true;
}

/* A list of numbers is how the journal writes bytes that are no UTF-8. */
static bool list(struct parse *p, struct json_leaf *mine, uint16_t parent, int depth)
{
	size_t begin = p->flat->room_len;
	bool is_bytes = true, is_first = true;

	p->at++;
	for (;; is_first = false) {
		skip(p);
		if (p->at < p->end && *p->at == ']' && is_first) {
			p->at++;
			return true;
		}
		const char *at = p->at;
		int byte = 0;
		while (p->at < p->end && *p->at >= '0' && *p->at <= '9' && byte < 256)
			byte = byte * 10 + (*p->at++ - '0');
		if (p->at == at || byte > 255 || (p->at < p->end && !memchr(", \t]", *p->at, 4))) {
			p->at = at;
			is_bytes = false;
			if (!value(p, mine ? mine->key : STR(""), parent, depth))
				return false;
		} else if (is_bytes) {
			put(p->flat, (char)byte);
		}
		skip(p);
		if (p->at >= p->end || (*p->at != ',' && *p->at != ']'))
			return false;
		if (*p->at++ == ']')
			break;
	}
	if (mine && is_bytes) {
		mine->value = (struct str){ p->flat->room + begin, p->flat->room_len - begin };
		mine->is_list = true;
	}
	return true;
}

static bool value(struct parse *p, struct str key, uint16_t parent, int depth)
{
	skip(p);
	if (p->at >= p->end || depth > DEEP)
		return false;
	if (*p->at == '{' || *p->at == '[') {
		bool is_object = *p->at == '{';
		struct json_leaf *mine = leaf(p->flat, key, parent);
		if (mine)
			mine->is_open = true;
		uint16_t own = mine ? (uint16_t)(mine - p->flat->leaf + 1) : parent;
		return is_object ? object(p, own, depth + 1) : list(p, mine, own, depth + 1);
	}
	struct json_leaf *mine = leaf(p->flat, key, parent);
	struct str its;
	if (*p->at == '"') {
		if (!text(p, &its))
			return false;
	} else {
		const char *from = p->at;
		while (p->at < p->end && !memchr(",]} \t\r\n", *p->at, 7))
			p->at++;
		its = (struct str){ from, (size_t)(p->at - from) };
		bool is_null = str_equal(its, STR("null"));
		if (!its.len || !(is_null || str_equal(its, STR("true")) || str_equal(its, STR("false")) || its.at[0] == '-'
		                  || (its.at[0] >= '0' && its.at[0] <= '9')))
			return false;
		if (is_null)
			its = STR_NONE;
	}
	if (mine) {
		mine->value = its;
		mine->is_text = true;
	}
	return true;
}

bool json_flatten(struct json_flat *flat, struct str s)
{
	struct parse p = { flat, s.at, s.at + s.len };

	flat->n = 0;
	flat->room_len = 0;
	skip(&p);
	if (p.at >= p.end || *p.at != '{' || !object(&p, 0, 0))
		return false;
	skip(&p);
	return p.at == p.end;
}

static bool is_named_n(struct str key, const char *name, size_t n)
{
	if (key.len < n || (key.at[key.len - 1] | 32) != (name[n - 1] | 32))
		return false;
	/* "event.code", "winlog.event_data.IpAddress": the last name of a path that a shipper joined */
	if (key.len > n) {
		if (key.at[key.len - n - 1] != '.')
			return false;
		key = str_from(key, key.len - n);
	}
	return (key.at[0] | 32) == (name[0] | 32) && strncasecmp(key.at, name, n) == 0;
}

static bool is_named(struct str key, const char *name)
{
	return is_named_n(key, name, strlen(name));
}

static int depth_of(const struct json_flat *flat, size_t i)
{
	int depth = 0;

	for (uint16_t up = flat->leaf[i].parent; up; up = flat->leaf[up - 1].parent)
		depth++;
	return depth;
}

/* The next leaf from `i` on that may be called so and has a value; flat->n when there is none. */
static_assert(JSON_MOST % SCAN == 0);
static inline size_t next_named(const struct json_flat *flat, size_t i, const char *name, size_t n)
{
	char tag = (char)tag_of(name, n);

	for (size_t from = i & ~(size_t)(SCAN - 1); from < flat->n; from += SCAN)
		for (unsigned mask = scan_either((const char *)flat->tag + from, tag, tag); mask; mask &= mask - 1) {
			size_t at = from + (size_t)__builtin_ctz(mask);
			if (at >= i && at < flat->n && is_named_n(flat->leaf[at].key, name, n))
				return at;
		}
	return flat->n;
}

struct str json_find(const struct json_flat *flat, const char *name)
{
	struct str found = STR_NONE;
	size_t n = strlen(name);
	int at = 1 << 20;

	for (size_t i = next_named(flat, 0, name, n); i < flat->n; i = next_named(flat, i + 1, name, n)) {
		const struct json_leaf *l = &flat->leaf[i];
		int depth = (l->is_text || l->is_list) && l->value.at ? depth_of(flat, i) : at;
		if (depth < at) {
			found = l->value;
			at = depth;
		}
	}
	return found;
}

/* A scalar `name` that lies in something called `in`. */
struct str json_find_in(const struct json_flat *flat, const char *in, const char *name)
{
	size_t n = strlen(name);

	for (size_t i = next_named(flat, 0, name, n); i < flat->n; i = next_named(flat, i + 1, name, n))
		if (flat->leaf[i].is_text && flat->leaf[i].value.at)
			for (uint16_t up = flat->leaf[i].parent; up; up = flat->leaf[up - 1].parent)
				if (is_named(flat->leaf[up - 1].key, in))
					return flat->leaf[i].value;
	return STR_NONE;
}

struct str json_first_of(const struct json_flat *flat, const char *const *names)
{
	struct str found = STR_NONE;

	for (; *names && !found.at; names++)
		found = json_find(flat, *names);
	return found;
}
#define FIRST_OF(flat, ...) json_first_of((flat), (const char *const[]){ __VA_ARGS__, NULL })

/* A moment: RFC 3339 with any number of decimals, without a zone (UTC in sign-in records), or a count since 1970 in s, ms, us or ns. */
static bool moment(struct line_clock *clock, struct str s, bool is_utc, struct instant *ret)
{
	static struct line_clock none;
	int64_t n;

	if (s.len == 0)
		return false;
	if (str_starts(s, STR("/Date("))) {
		s = str_from(s, 6);
		s = str_first(s, str_find(s, ')'));
	}
	if (str_number(s, INT64_MAX, &n) == OK) {
		while (n >= (int64_t)100000000000000)
			n /= 1000;
		ret->ms = n < (int64_t)100000000000 ? n * 1000 : n;
		return n > 0;
	}
	char room[64];
	if (is_utc && s.len < 40) {              /* no zone: add one */
		memcpy(room, s.at, s.len);
		size_t n_room = s.len;
		bool has_zone = memchr(room + MIN(n_room, (size_t)10), '+', n_room - MIN(n_room, (size_t)10)) || memchr(room, 'Z', n_room)
		             || (n_room > 19 && memchr(room + 19, '-', n_room - 19));
		if (!has_zone)
			room[n_room++] = 'Z';
		struct str with = { room, n_room };
		return carrier_time(clock ? clock : &none, &with, ret);
	}
	return carrier_time(clock ? clock : &none, &s, ret);
}

bool json_moment(struct str s, bool is_utc, struct instant *ret)
{
	static struct line_clock none;

	none.hour_key = INT64_MIN;
	return s.at && moment(&none, s, is_utc, ret);
}

bool json_carrier(struct line_clock *clock, const struct json_flat *flat, struct line_record *ret)
{
	struct str when = FIRST_OF(flat, "_SOURCE_REALTIME_TIMESTAMP", "__REALTIME_TIMESTAMP", "@timestamp", "timestamp", "time", "ts", "timereported", "date");

	*ret = (struct line_record){ 0 };
	ret->text = FIRST_OF(flat, "MESSAGE", "log", "msg", "line");
	if (!ret->text.at)
		return false;
	ret->bare = ret->text;
	ret->program = FIRST_OF(flat, "SYSLOG_IDENTIFIER", "_COMM", "programname", "program", "appname", "app-name", "app_name", "ident", "tag");
	if (!ret->program.at)
		ret->program = json_find_in(flat, "process", "name");
	ret->program = str_first(ret->program, str_find(ret->program, '['));
	if (ret->program.len && ret->program.at[ret->program.len - 1] == ':')
		ret->program.len--;
	ret->pid = FIRST_OF(flat, "_PID", "SYSLOG_PID", "procid", "pid");
	ret->host = FIRST_OF(flat, "_HOSTNAME", "hostname", "host");
	ret->has_time = when.at && moment(clock, when, false, &ret->at);
	return true;
}

static struct str none_if(struct str s, const char *nothing)
{
	return str_equal(s, str_of(nothing)) ? STR_NONE : s;
}

/* --- Windows --- */

static bool code_of(struct str s, int64_t *ret)
{
	uint64_t n = 0;

	if (!s.len)
		return false;
	if (s.len > 2 && s.at[0] == '0' && (s.at[1] | 32) == 'x') {
		for (size_t i = 2; i < s.len; i++) {
			char c = s.at[i];
			int d = c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
			if (d < 0 || n >> 56)
				return false;
			n = n << 4 | (uint64_t)d;
		}
	} else {
		bool is_negative = s.at[0] == '-';
		int64_t positive;
		if (str_number(str_from(s, is_negative), UINT32_MAX, &positive) != OK)
			return false;
		n = is_negative ? (uint32_t)-positive : (uint64_t)positive;
	}
	*ret = (int64_t)(n & UINT32_MAX);
	return true;
}

static const struct { uint32_t code; enum line_outcome outcome; const char *reason; } nt_status[] = {
	{ 0xC000006A, LINE_FAILURE, "wrong password" }, { 0xC0000064, LINE_FAILURE, "unknown user" }, { 0xC000006D, LINE_FAILURE, "bad user or password" },
	{ 0xC0000072, LINE_REFUSED, "disabled" }, { 0xC000006F, LINE_REFUSED, "outside hours" }, { 0xC0000234, LINE_REFUSED, "locked" },
	{ 0xC0000193, LINE_REFUSED, "expired" }, { 0xC0000070, LINE_REFUSED, "workstation" }, { 0xC0000071, LINE_REFUSED, "password expired" },
	{ 0xC0000224, LINE_REFUSED, "password must change" }, { 0xC000015B, LINE_REFUSED, "logon type not granted" }, { 0xC000006E, LINE_REFUSED, "account restriction" },
	{ 0xC0000413, LINE_REFUSED, "authentication firewall" }, { 0xC00000DC, LINE_REFUSED, "server state" }, { 0xC0000133, LINE_REFUSED, "clock" },
};

static void nt_reason(int64_t code, struct line_found *ret)
{
	for (size_t i = 0; i < LENGTH(nt_status); i++)
		if (nt_status[i].code == code) {
			ret->outcome = nt_status[i].outcome;
			ret->reason = str_of(nt_status[i].reason);
		}
}

static bool windows(const struct json_flat *flat, struct line_found *ret)
{
	struct str id = FIRST_OF(flat, "EventID", "event_id", "EventCode", "System.EventID", "Id");
	int64_t event = 0, status = 0, sub = 0;

	if (!id.at)
		id = json_find_in(flat, "EventID", "#text");
	if (!id.at)
		id = json_find_in(flat, "event", "code");
	if (!id.at || str_number(id, 99999, &event) != OK || (event != 4624 && event != 4625 && event != 4776 && event != 4771 && event != 4768))
		return false;
	ret->service = "windows";
	ret->form = (uint16_t)(60000 + event % 1000);
	ret->user = none_if(FIRST_OF(flat, "TargetUserName", "AccountName", "UserName"), "-");
	ret->address = none_if(FIRST_OF(flat, "IpAddress", "ClientAddress", "SourceNetworkAddress", "Workstation", "WorkstationName"), "-");
	struct str kind = json_find(flat, "LogonType");
	bool has_status = code_of(json_find(flat, "Status"), &status);
	bool has_sub = code_of(json_find(flat, "SubStatus"), &sub);
	bool is_machine = ret->user.len && ret->user.at[ret->user.len - 1] == '$';
	if (event == 4624) {
		bool is_outside = str_equal(kind, STR("3")) || str_equal(kind, STR("10")) || str_equal(kind, STR("7"));
		bool is_named = ret->user.at && !str_equal(ret->user, STR("ANONYMOUS LOGON"));
		ret->outcome = is_outside && !is_machine && is_named ? LINE_SUCCESS : LINE_OTHER;
		ret->reason = STR("logon");
		return true;
	}
	if (event == 4776 && (!has_status || status == 0)) {
		ret->outcome = is_machine ? LINE_OTHER : LINE_SUCCESS;
		ret->reason = STR("credential validation");
		return true;
	}
	if (event == 4771 || event == 4768) {    /* Kerberos: 0x18 wrong password, 0x6 unknown, 0x12 disabled or locked */
		ret->outcome = LINE_OTHER;
		if (status == 0x18 || status == 0x6)
			ret->outcome = LINE_FAILURE;
		else if (status == 0x12 || status == 0x17)
			ret->outcome = LINE_REFUSED;
		ret->reason = STR("kerberos");
		return true;
	}
	ret->outcome = LINE_FAILURE;
	ret->reason = STR("logon failure");
	nt_reason(status, ret);
	if (has_sub && sub)
		nt_reason(sub, ret);
	return true;
}

/* --- Entra --- */

static const struct { int code; enum line_outcome outcome; const char *reason; bool is_denial; } entra_code[] = {
	{ 50126, LINE_FAILURE, "wrong password" }, { 50034, LINE_FAILURE, "unknown user" }, { 50056, LINE_FAILURE, "no password" },
	{ 500121, LINE_FAILURE, "second factor denied", true }, { 500122, LINE_FAILURE, "second factor denied", true }, { 50012, LINE_FAILURE, "authentication failed" },
	{ 50053, LINE_REFUSED, "locked" }, { 50057, LINE_REFUSED, "disabled" }, { 53003, LINE_REFUSED, "conditional access" },
	{ 53000, LINE_REFUSED, "device not compliant" }, { 53001, LINE_REFUSED, "device not joined" }, { 53002, LINE_REFUSED, "app not allowed" },
	{ 53004, LINE_REFUSED, "risky user" }, { 50105, LINE_REFUSED, "not assigned to the application" }, { 530032, LINE_REFUSED, "blocked by policy" },
	{ 50173, LINE_OTHER, "fresh login needed" }, { 50020, LINE_REFUSED, "not in the tenant" }, { 530034, LINE_REFUSED, "delegated admin blocked" },
	{ 53011, LINE_REFUSED, "risky user" }, { 50131, LINE_REFUSED, "conditional access" }, { 50064, LINE_FAILURE, "credential validation failed" },
	{ 50074, LINE_OTHER, "interrupted" }, { 50076, LINE_OTHER, "interrupted" }, { 50079, LINE_OTHER, "interrupted" }, { 50055, LINE_OTHER, "password expired" },
	{ 50072, LINE_OTHER, "interrupted" }, { 50058, LINE_OTHER, "interrupted" }, { 50140, LINE_OTHER, "interrupted" }, { 50125, LINE_OTHER, "interrupted" },
	{ 50129, LINE_OTHER, "interrupted" }, { 50144, LINE_OTHER, "password expired" }, { 50158, LINE_OTHER, "interrupted" }, { 50203, LINE_OTHER, "interrupted" },
	{ 65001, LINE_OTHER, "consent" }, { 65004, LINE_OTHER, "consent" }, { 70044, LINE_OTHER, "session expired" }, { 70043, LINE_OTHER, "session expired" },
	{ 700082, LINE_OTHER, "session expired" }, { 50097, LINE_OTHER, "interrupted" }, { 50132, LINE_OTHER, "session revoked" }, { 50133, LINE_OTHER, "session revoked" },
	{ 51004, LINE_FAILURE, "unknown user" }, { 16000, LINE_OTHER, "interrupted" }, { 500011, LINE_OTHER, "application" }, { 700016, LINE_OTHER, "application" },
	{ 7000215, LINE_FAILURE, "wrong client secret" }, { 7000222, LINE_FAILURE, "client secret expired" }, { 81016, LINE_OTHER, "interrupted" },
};

static bool entra(const struct json_flat *flat, struct line_found *ret)
{
	struct str user = FIRST_OF(flat, "userPrincipalName", "UserPrincipalName", "userDisplayName");
	struct str code = json_find_in(flat, "status", "errorCode");
	int64_t n;

	if (!code.at)
		code = FIRST_OF(flat, "ResultType", "errorCode");
	if (!user.at || !code.at || str_number(code, 99999999, &n) != OK)
		return false;
	ret->service = "entra";
	ret->form = 61000;
	ret->user = user;
	ret->address = none_if(FIRST_OF(flat, "ipAddress", "callerIpAddress"), "");
	ret->session = FIRST_OF(flat, "correlationId");
	ret->is_time = moment(NULL, FIRST_OF(flat, "createdDateTime", "TimeGenerated", "time"), true, &ret->at);
	ret->outcome = n ? LINE_FAILURE : LINE_SUCCESS;
	ret->reason = FIRST_OF(flat, "failureReason", "ResultDescription");
	for (size_t i = 0; i < LENGTH(entra_code) && n; i++)
		if (entra_code[i].code == n) {
			ret->outcome = entra_code[i].outcome;
			ret->reason = str_of(entra_code[i].reason);
			ret->is_denial = entra_code[i].is_denial;
		}
	if (!n)
		ret->reason = STR_NONE;
	return true;
}

/* --- Keycloak --- */

static bool keycloak(const struct json_flat *flat, struct line_found *ret)
{
	struct str type = json_find(flat, "type");
	bool is_login = str_equal(type, STR("LOGIN")), is_error = str_equal(type, STR("LOGIN_ERROR"));

	if ((!is_login && !is_error) || !FIRST_OF(flat, "realmId", "realmName", "realm").at)
		return false;
	struct str error = json_find(flat, "error");
	ret->service = "keycloak";
	ret->form = 62000;
	ret->user = FIRST_OF(flat, "username", "userId");
	ret->address = none_if(FIRST_OF(flat, "ipAddress"), "");
	ret->is_time = moment(NULL, FIRST_OF(flat, "time", "timestamp", "@timestamp"), true, &ret->at);
	ret->reason = error;
	ret->outcome = is_login ? LINE_SUCCESS : LINE_OTHER;
	if (is_error && (str_equal(error, STR("invalid_user_credentials")) || str_equal(error, STR("user_not_found"))))
		ret->outcome = LINE_FAILURE;
	if (is_error && (str_equal(error, STR("user_disabled")) || str_equal(error, STR("user_temporarily_disabled"))))
		ret->outcome = LINE_REFUSED;
	return true;
}

static bool is_wanted(const char *format, const char *name)
{
	return !format || strcmp(format, name) == 0;
}

bool json_match(const char *format, const struct json_flat *flat, struct line_found *ret, char *room)
{
	static struct line_clock none;

	if (is_wanted(format, "windows") && windows(flat, ret)) {
		struct str when = FIRST_OF(flat, "@timestamp", "TimeCreated", "SystemTime", "@SystemTime", "EventTime", "UtcTime", "timestamp", "time");
		none.hour_key = INT64_MIN;
		ret->is_time = when.at && moment(&none, when, true, &ret->at);
		return true;
	}
	return (is_wanted(format, "entra") && entra(flat, ret)) || (is_wanted(format, "keycloak") && keycloak(flat, ret));
}
