/* From an answer to bytes on the wire: status, the headers that every answer carries, cookies, body.
 *
 * SECURITY: the headers stand in one table, so that no answer goes without. A page may load from us and nothing from elsewhere, run no
 * inline script, be framed by nobody. Location is only ever a path of ours: an answer cannot send a browser away. The
 * session's cookie is out of reach of scripts and is never sent along from another site.
 * Referrer-Policy is same-origin, since with no-referrer Chromium sends "Origin: null" with our own forms. */
#define LONG_LIVED
#include "doors/web_parts.h"

enum { ANSWER_MS = 30000, ANSWER_BYTES_PER_MS = 16, LANGUAGE_SECONDS = 365 * 24 * 3600 };

static const struct { const char *name, *value; bool is_tls_only; } always[] = {
	{ "Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; connect-src 'self'; "
	  "form-action 'self'; frame-ancestors 'none'; base-uri 'none'; object-src 'none'; require-trusted-types-for 'script'", false },
	{ "Cross-Origin-Opener-Policy", "same-origin", false },
	{ "Cross-Origin-Resource-Policy", "same-origin", false },
	{ "X-Content-Type-Options", "nosniff", false },
	{ "Referrer-Policy", "same-origin", false },
	{ "Strict-Transport-Security", "max-age=31536000; includeSubDomains", true },
};

/* Whatever cannot be a header (a line end, say) is left out: the library refuses it. */
static void put(struct MHD_Response *response, const char *name, const char *value)
{
	(void)MHD_add_response_header(response, name, value);
}

static void put_always(struct MHD_Response *response)
{
	for (size_t i = 0; i < LENGTH(always); i++)
		if (!always[i].is_tls_only || web.is_tls)
			put(response, always[i].name, always[i].value);
}

static enum MHD_Result answer_with(struct web_request *request, struct MHD_Response *response, unsigned status, uint64_t length)
{
	if (!response)
		return MHD_NO;
	web_allow(request->link, ANSWER_MS + (int64_t)(length / ANSWER_BYTES_PER_MS));
	enum MHD_Result ret = MHD_queue_response(request->connection, status, response);
	MHD_destroy_response(response);
	return ret;
}

static struct MHD_Response *of_text(const char *text)
{
	return MHD_create_response_from_buffer(strlen(text), (void *)(uintptr_t)text, MHD_RESPMEM_PERSISTENT);
}

/* What web says without core: to machines and attackers, or because core is silent. */
static const char *plain_words(int status)
{
	switch (status) {
	case 400: return "The request is malformed.\n";
	case 414: return "The address is longer than it may be.\n";
	case 413: return "The body is longer than it may be.\n";
	case 431: return "The request's head is longer than it may be.\n";
	case 504: return "The server did not answer in time. Try again in a minute.\n";
	default:  return "The server is busy. Try again in a minute.\n";
	}
}

enum MHD_Result web_answer_plain(struct web_request *request, int status)
{
	const char *text = plain_words(status);
	bool is_api = str_starts(request->target, STR("/api/"));
	if (is_api) {
		struct out problem = out_new(request->arena);
		out_print(&problem, "{\"type\":\"about:blank\",\"status\":%d,\"detail\":", status);
		out_json(&problem, str_trim(str_of(text)));
		out_text(&problem, "}\n");
		text = str_c(request->arena, out_str(&problem));
	}
	struct MHD_Response *response = MHD_create_response_from_buffer(strlen(text), (void *)(uintptr_t)text,
		is_api ? MHD_RESPMEM_MUST_COPY : MHD_RESPMEM_PERSISTENT);

	if (!response)
		return MHD_NO;
	put_always(response);
	put(response, "Content-Type", is_api ? "application/problem+json" : "text/plain; charset=utf-8");
	put(response, "Cache-Control", "no-store");
	put(response, "Connection", "close");
	if (status >= 503)
		put(response, "Retry-After", "60");
	return answer_with(request, response, (unsigned)status, strlen(text));
}

/* The library's first line and its date, then what every answer of ours carries. */
struct str web_refusal(struct str its, char *room, size_t size)
{
	struct str rest = its, line = str_cut(&rest, '\n'), name;
	struct str code = str_first(str_from(line, MIN(line.len, (size_t)9)), 3);
	int64_t status;
	size_t n;

	const char *words = plain_words(str_number(code, 599, &status) == OK ? (int)status : 400);
	n = (size_t)snprintf(room, size, STR_FMT "\n", STR_ARG(line));
	while ((name = str_cut(&rest, '\n')).len > 1)
		if (str_starts(name, STR("Date: ")))
			n += (size_t)snprintf(room + n, size - n, STR_FMT "\n", STR_ARG(name));
	for (size_t i = 0; i < LENGTH(always); i++)
		if (!always[i].is_tls_only || web.is_tls)
			n += (size_t)snprintf(room + n, size - n, "%s: %s\r\n", always[i].name, always[i].value);
	n += (size_t)snprintf(room + n, size - n, "Content-Type: text/plain; charset=utf-8\r\nCache-Control: no-store\r\nConnection: close\r\n"
	                         "Content-Length: %zu\r\n\r\n%s", strlen(words), words);
	assert(n < size);
	return (struct str){ room, n };
}

enum MHD_Result web_answer_health(struct web_request *request)
{
	struct MHD_Response *response = of_text("ok\n");

	if (!response)
		return MHD_NO;
	put_always(response);
	put(response, "Content-Type", "text/plain; charset=utf-8");
	put(response, "Cache-Control", "no-store");
	return answer_with(request, response, 200, 3);
}

enum MHD_Result web_answer_file(struct web_request *request, const struct web_file *file)
{
	const char *known = MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND, "If-None-Match");
	bool is_known = known && str_equal(str_of(known), file->etag);
	struct MHD_Response *response = MHD_create_response_from_buffer(is_known ? 0 : file->bytes.len,
		(void *)(uintptr_t)file->bytes.at, MHD_RESPMEM_PERSISTENT);

	if (!response)
		return MHD_NO;
	put_always(response);
	put(response, "Content-Type", file->type);
	put(response, "ETag", str_c(request->arena, file->etag));
	put(response, "Cache-Control", "public, max-age=31536000, immutable");
	return answer_with(request, response, is_known ? 304 : 200, file->bytes.len);
}

static void put_session(struct MHD_Response *response, const struct web_answer *answer)
{
	char cookie[160];

	if (!answer->sets_session)
		return;
	snprintf(cookie, sizeof cookie, "%s=%s; Path=/;%s HttpOnly; SameSite=Strict%s", web.cookie, answer->session,
	         web.is_tls ? " Secure;" : "", answer->session[0] ? "" : "; Max-Age=0");
	put(response, "Set-Cookie", cookie);
}

static void put_language(struct MHD_Response *response, const struct web_request *request)
{
	const struct web_answer *answer = &request->answer;
	char cookie[160];

	if (!answer->sets_language && !request->sets_language)
		return;
	int language = answer->sets_language ? answer->language : request->ask.language;
	snprintf(cookie, sizeof cookie, "lang=%s; Path=/;%s HttpOnly; SameSite=Strict; Max-Age=%d", language ? "en" : "sv",
	         web.is_tls ? " Secure;" : "", LANGUAGE_SECONDS);
	put(response, "Set-Cookie", cookie);
}

/* A path of ours: not //elsewhere, not \elsewhere, no scheme. */
static bool is_own_path(const char *location)
{
	return location[0] == '/' && location[1] != '/' && !strchr(location, '\\');
}

static void put_filename(struct MHD_Response *response, const char *filename)
{
	char header[160];

	if (!filename[0] || strpbrk(filename, "\"\\/"))
		return;
	snprintf(header, sizeof header, "attachment; filename=\"%s\"", filename);
	put(response, "Content-Disposition", header);
}

static void put_headers(struct MHD_Response *response, const struct web_request *request)
{
	const struct web_answer *answer = &request->answer;
	char number[16];

	put_always(response);
	put(response, "Content-Type", answer->type[0] ? answer->type : "text/html; charset=utf-8");
	put(response, "Cache-Control", "no-store");
	put(response, "Vary", "Sec-Fetch-Site, Origin, Cookie, Accept, Accept-Language");
	if (answer->location[0] && is_own_path(answer->location))
		put(response, "Location", answer->location);
	if (answer->refresh) {
		snprintf(number, sizeof number, "%u", answer->refresh);
		put(response, answer->status >= 429 ? "Retry-After" : "Refresh", number);
	}
	put_filename(response, answer->filename);
	if (answer->clears_site)
		put(response, "Clear-Site-Data", "\"cache\", \"cookies\", \"storage\"");
	if (answer->status == 405)
		put(response, "Allow", "GET, HEAD, POST, PUT");
	if (answer->status == 401)
		put(response, "WWW-Authenticate", "Bearer");
	put_session(response, answer);
	put_language(response, request);
}

enum MHD_Result web_answer_core(struct web_request *request)
{
	struct web_answer *answer = &request->answer;
	struct MHD_Response *response;

	if (answer->status < 200 || answer->status > 599 || ((answer->status == 503 || answer->status == 504) && !answer->body_length))
		return web_answer_plain(request, answer->status == 504 ? 504 : 503);
	if (request->answer_file >= 0) {
		size_t length;
		if (!channel_file_is_sealed(request->answer_file, &length))
			return web_answer_plain(request, 503);
		answer->body_length = (uint32_t)length;
		response = MHD_create_response_from_fd64(length, request->answer_file);
		request->answer_file = response ? -1 : request->answer_file;
	} else {
		response = MHD_create_response_from_buffer(answer->body_length, request->answer_bytes, MHD_RESPMEM_MUST_FREE);
		request->answer_bytes = response ? NULL : request->answer_bytes;
	}
	if (!response)
		return MHD_NO;
	put_headers(response, request);
	return answer_with(request, response, answer->status, answer->body_length);
}
