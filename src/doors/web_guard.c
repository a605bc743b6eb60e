/* The framing guard.
 *
 * libmicrohttpd 0.9.75 accepts two Content-Length fields, none or two Host fields, blanks before a colon, and hides bytes:
 * it ends a value at the first NUL and glues a folded line to the name before it. Two servers that read one request
 * differently are a smuggling attack, so every such request is refused and the connection closed.
 *
 * The hidden bytes show in the gaps: names and values are pointers into the receive buffer, and in an honest head they lie
 * back to back. Later libraries (1.x) refuse these by themselves and may move what they read; there the check is left out, and
 * the conformance test says whether that was right.
 *
 * SECURITY: this runs on bytes of strangers before anything else of ours. It reads only between the head's first byte and
 * its length as the library tells it, converts numbers by str_number, and keeps pointers no longer than the request.
 * Not seen from here: chunk extensions, bare LF in chunk lines, trailers. Trailers are never read. */
#include "doors/web_guard.h"

struct walk {
	struct web_head *head;
	uintptr_t        next;         /* where the next name must begin; 0: not checked */
	size_t           n;
	int              n_host, n_length, n_coding;
	bool             is_bad;
};

static bool is_token(struct str s)
{
	static const char others[] = "!#$%&'*+-.^_`|~";

	for (size_t i = 0; i < s.len; i++) {
		char c = s.at[i];
		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || (c && strchr(others, c))))
			return false;
	}
	return s.len > 0;
}

/* Field values: visible bytes, blanks, tabs, and bytes over 0x7f, which are opaque. */
static bool is_value(struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.at[i];
		if ((c < 0x20 && c != '\t') || c == 0x7f)
			return false;
	}
	return true;
}

static bool is_named(struct str name, const char *of)
{
	return name.len == strlen(of) && strncasecmp(name.at, of, name.len) == 0;
}

/* A field that may stand once. */
static void keep(struct walk *walk, struct str *room, struct str value)
{
	walk->is_bad |= room->at != NULL;
	*room = value;
}

static void sort_in(struct walk *walk, struct str name, struct str value)
{
	struct web_head *head = walk->head;

	if (is_named(name, "Host")) {
		walk->n_host++;
		head->host = value;
	} else if (is_named(name, "Content-Length")) {
		walk->n_length++;
		head->length = value;
	} else if (is_named(name, "Transfer-Encoding")) {
		walk->n_coding++;
		head->coding = value;
	} else if (is_named(name, "Sec-Fetch-Site")) {
		head->is_site_doubled |= head->site.at != NULL;
		head->site = value;
	} else if (is_named(name, "Origin")) {
		keep(walk, &head->origin, value);
	} else if (is_named(name, "Cookie")) {
		keep(walk, &head->cookie, value);
	} else if (is_named(name, "Authorization")) {
		keep(walk, &head->authorization, value);
	} else if (is_named(name, "Content-Type")) {
		keep(walk, &head->type, value);
	} else if (is_named(name, "Accept")) {
		head->accept = value;
	} else if (is_named(name, "Accept-Language")) {
		head->language = value;
	}
}

/* HG6: between name and value stand a colon and blanks, behind the value CR LF (which the library has overwritten with NULs),
 * and nothing else. */
static bool lies_well(struct walk *walk, const char *name, size_t n, const char *value)
{
	if (!walk->next)
		return true;
	if ((uintptr_t)name != walk->next || (uintptr_t)value < (uintptr_t)name + n + 1)
		return false;
	for (const char *at = name + n + 1; at < value; at++)
		if (*at != ' ' && *at != '\t')
			return false;
	return true;
}

static enum MHD_Result take_field(void *of, enum MHD_ValueKind kind, const char *name, size_t n_name, const char *value, size_t n_value)
{
	struct walk *walk = of;
	struct str key = { name, n_name }, text = { value ? value : "", value ? n_value : 0 };

	(void)kind;
	if (!value || !is_token(key) || !is_value(text) || !lies_well(walk, name, n_name, value) || ++walk->n > GUARD_FIELDS_MOST) {
		walk->is_bad = true;
		return MHD_NO;
	}
	if (walk->next)
		walk->next = (uintptr_t)value + n_value + 2;
	sort_in(walk, key, str_trim(text));
	return MHD_YES;
}

/* A target in origin form, of visible ASCII. */
static bool is_target(struct str target)
{
	for (size_t i = 0; i < target.len; i++)
		if ((unsigned char)target.at[i] <= 0x20 || (unsigned char)target.at[i] >= 0x7f || target.at[i] == '#')
			return false;
	return target.len > 0 && target.at[0] == '/';
}

static bool body_is_framed(struct walk *walk, const char *method, const char *version)
{
	struct web_head *head = walk->head;
	int64_t length = 0;

	if (walk->n_host != 1 || head->host.len == 0 || walk->n_length + walk->n_coding > 1)
		return false;
	if (walk->n_length && str_number(head->length, INT64_MAX / 2, &length) != OK)
		return false;
	if (walk->n_coding && (strcmp(version, "HTTP/1.1") != 0 || !is_named(head->coding, "chunked")))
		return false;
	head->body = (uint64_t)length;
	head->has_body = length > 0 || walk->n_coding;
	/* A body on GET has no meaning, and another server may take it for the next request. */
	return !(head->has_body && (strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0));
}

int web_guard(struct MHD_Connection *connection, const char *method, struct str target, const char *target_at, const char *version,
              struct web_head *ret)
{
	const union MHD_ConnectionInfo *size = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
	struct walk walk = { .head = ret };

	*ret = (struct web_head){ 0 };
	if (!size || (strcmp(version, "HTTP/1.1") != 0 && strcmp(version, "HTTP/1.0") != 0) || !is_target(target))
		return 400;
	if (size->header_size > GUARD_HEAD_MOST)
		return 431;
	(void)target_at;
#if MHD_VERSION < 0x01000000
	if (version != target_at + target.len + 1)
		return 400;
	walk.next = (uintptr_t)version + strlen(version) + 2;
#endif
	MHD_get_connection_values_n(connection, MHD_HEADER_KIND, take_field, &walk);
	if (walk.is_bad)
		return 400;
	if (walk.next && walk.next + 2 - (uintptr_t)method != size->header_size)
		return 400;
	return body_is_framed(&walk, method, version) ? 0 : 400;
}

/* --- forged requests --- */

static struct str next_origin(struct str *rest)
{
	struct str origin = str_cut(rest, ' ');
	return origin.at ? origin : STR("");
}

bool web_origin_is_ours(const char *origins, struct str origin)
{
	struct str rest = str_of(origins);

	while (rest.at) {
		struct str ours = next_origin(&rest);
		if (ours.len && str_equal(ours, origin))
			return true;
	}
	return false;
}

static bool is_same_host(struct str a, struct str b)
{
	return a.len == b.len && strncasecmp(a.at, b.at, a.len) == 0;
}

bool web_host_is_ours(const char *origins, struct str host)
{
	struct str rest = str_of(origins);

	while (rest.at) {
		struct str ours = next_origin(&rest);
		bool is_tls = str_starts(ours, STR("https://"));
		struct str own_port = is_tls ? STR(":443") : STR(":80");
		ours = str_from(ours, is_tls ? 8 : 7);
		if (ours.len == 0)
			continue;
		if (is_same_host(ours, host))
			return true;
		if (str_ends(host, own_port) && is_same_host(ours, str_first(host, host.len - own_port.len)))
			return true;
	}
	return false;
}

int web_forgery(const char *origins, const struct web_head *head)
{
	if (!web_host_is_ours(origins, head->host))
		return 421;
	if (head->is_site_doubled || (head->site.at && !str_equal(head->site, STR("same-origin"))))
		return 403;
	if (head->origin.at)
		return web_origin_is_ours(origins, head->origin) ? 0 : 403;
	return head->site.at ? 0 : 403;
}
