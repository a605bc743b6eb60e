/* A request's life: head -> guard -> body -> one ask to core -> suspended -> answered.
 *
 * The library calls web_request_handle once when the head is there, then for each piece of body, then once more, and again
 * after each resume. What must be refused because of its framing is refused in the first call, with the connection closed.
 * What is honest but may not be (a forged form, a long body, another method) is read to its end and shown by core as a page.
 *
 * Before a body that is PUT, or a form with a file, is taken in, core is asked whether this visitor may: a stranger cannot make us keep
 * 256 MiB. A form's token stands in its body; core looks at it afterwards.
 *
 * SECURITY: all that core gets is typed and bounded here. Cookies are ignored on /api/, the bearer's token elsewhere. */
#define LONG_LIVED
#include "doors/web_parts.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>

enum { CEILING = 64 << 20, BODY_MS = 20000, BODY_BYTES_PER_MS = 64, SPARE_REQUESTS = 64 };
enum { WANTS_HTML, WANTS_JSON, WANTS_CSV };

/* Requests that have been answered and wait to be used again. */
static struct web_request *spare;
static int n_spare;

void *web_request_new(void *of, const char *uri, struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *link = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	struct web_request *request = spare;
	struct arena *arena;

	if (request) {
		spare = request->next;
		n_spare--;
		arena = request->arena;
	} else {
		request = malloc(sizeof *request);
		arena = arena_new(CEILING);
		if (!request)
			abort();
	}
	*request = (struct web_request){ .connection = connection, .arena = arena, .file = -1, .answer_file = -1, .slot = -1,
	                                 .link = link ? link->socket_context : NULL, .is_metrics = of != NULL };
	request->raw = uri;
	request->target = str_copy(arena, str_of(uri));
	request->body = out_new(arena);
	return request;
}

static void drop_answer(struct web_request *request)
{
	if (request->answer_file >= 0)
		close(request->answer_file);
	free(request->answer_bytes);
	request->answer_file = -1;
	request->answer_bytes = NULL;
}

void web_request_end(void *of, struct MHD_Connection *connection, void **at, enum MHD_RequestTerminationCode code)
{
	struct web_request *request = *at;

	(void)of;
	(void)connection;
	(void)code;
	if (!request)
		return;
	web_wait_not(request);
	if (request->is_large)
		web_large_end();
	if (request->file >= 0)
		close(request->file);
	drop_answer(request);
	arena_empty(request->arena);
	*at = NULL;
	if (n_spare == SPARE_REQUESTS) {
		arena_end(request->arena);
		free(request);
		return;
	}
	request->next = spare;
	spare = request;
	n_spare++;
}

/* --- the head --- */

static bool is_of_type(struct str type, struct str of)
{
	struct str rest = type, first = str_trim(str_cut(&rest, ';'));
	return first.len == of.len && strncasecmp(first.at, of.at, of.len) == 0;
}

static uint8_t wanted(struct str accept, struct str format)
{
	struct str rest = accept;
	uint8_t ret = WANTS_HTML;

	if (format.at)
		return str_equal(format, STR("json")) ? WANTS_JSON : str_equal(format, STR("csv")) ? WANTS_CSV : WANTS_HTML;
	while (rest.at) {
		struct str range = str_cut(&rest, ',');
		if (is_of_type(range, STR("text/html")))
			return WANTS_HTML;
		if (is_of_type(range, STR("application/json")))
			ret = WANTS_JSON;
		else if (is_of_type(range, STR("text/csv")) && ret == WANTS_HTML)
			ret = WANTS_CSV;
	}
	return ret;
}

/* q=0.8 as 800; a quality that is none counts as nothing. */
static int quality(struct str parameters)
{
	struct str rest = str_trim(parameters);
	int64_t whole, part = 0;

	if (!parameters.at)
		return 1000;
	if (!str_starts(rest, STR("q=")))
		return 0;
	rest = str_from(rest, 2);
	struct str before = str_cut(&rest, '.');
	if (str_number(before, 1, &whole) != OK || (rest.at && (rest.len > 3 || (rest.len && str_number(rest, 999, &part) != OK))))
		return 0;
	for (size_t digits = rest.at ? rest.len : 3; digits < 3; digits++)
		part *= 10;
	return (int)MIN(whole * 1000 + part, (int64_t)1000);
}

static bool is_language(struct str tag, struct str of)
{
	return tag.len >= 2 && strncasecmp(tag.at, of.at, 2) == 0 && (tag.len == 2 || tag.at[2] == '-');
}

/* Swedish unless English is liked better. 0 sv, 1 en. */
static uint8_t liked_language(struct str header)
{
	struct str rest = header;
	int swedish = 0, english = 0;

	while (rest.at) {
		struct str parameters = str_cut(&rest, ','), tag = str_trim(str_cut(&parameters, ';'));
		int q = quality(parameters);
		if (is_language(tag, STR("sv")))
			swedish = MAX(swedish, q);
		else if (is_language(tag, STR("en")))
			english = MAX(english, q);
	}
	return english > swedish;
}

static bool take_language(struct str s, uint8_t *ret)
{
	bool is_swedish = str_equal(s, STR("sv"));

	if (!is_swedish && !str_equal(s, STR("en")))
		return false;
	*ret = !is_swedish;
	return true;
}

static void take_out(struct web_fields *fields, const char *name, struct str *ret)
{
	const struct web_field *field = form_field(fields, name);

	*ret = field ? field->value : STR_NONE;
	if (field) {
		size_t i = (size_t)(field - fields->at);
		memmove(&fields->at[i], &fields->at[i + 1], (--fields->n - i) * sizeof fields->at[0]);
	}
}

static void put_text(char *room, size_t size, struct str s)
{
	if (s.len < size) {
		memcpy(room, s.len ? s.at : "", s.len);
		room[s.len] = '\0';
	}
}

static void take_address(struct web_request *request)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(request->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	char *room = request->ask.address;

	if (!info || !info->client_addr)
		return;
	const void *at = info->client_addr;
	const struct sockaddr_in *four = at;
	const struct sockaddr_in6 *six = at;
	if (info->client_addr->sa_family == AF_INET)
		inet_ntop(AF_INET, &four->sin_addr, room, sizeof request->ask.address);
	else if (info->client_addr->sa_family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&six->sin6_addr))
		inet_ntop(AF_INET, six->sin6_addr.s6_addr + 12, room, sizeof request->ask.address);
	else if (info->client_addr->sa_family == AF_INET6)
		inet_ntop(AF_INET6, &six->sin6_addr, room, sizeof request->ask.address);
}

static void take_who(struct web_request *request)
{
	struct web_ask *ask = &request->ask;

	if (ask->is_api) {
		struct str token = request->head.authorization;
		if (token.len > 7 && strncasecmp(token.at, "Bearer ", 7) == 0)
			put_text(ask->bearer, sizeof ask->bearer, str_trim(str_from(token, 7)));
	} else {
		put_text(ask->session, sizeof ask->session, form_cookie(request->head.cookie, str_of(web.cookie)));
	}
}

static bool take_method(const char *method, uint8_t *ret)
{
	static const char *const names[] = { [METHOD_GET] = "GET", [METHOD_HEAD] = "HEAD", [METHOD_POST] = "POST", [METHOD_PUT] = "PUT" };

	for (size_t i = 0; i < LENGTH(names); i++)
		if (strcmp(method, names[i]) == 0) {
			*ret = (uint8_t)i;
			return true;
		}
	return false;
}

static bool is_unsafe(const struct web_request *request)
{
	return request->ask.method >= METHOD_POST;
}

/* Path, query, language, who. 0, or the status that core shall show. */
static int take_head(struct web_request *request, const char *method)
{
	struct web_ask *ask = &request->ask;
	struct str query = request->target, path = str_cut(&query, '?'), word, format;
	int refused = 0;

	ask->language = liked_language(request->head.language);
	(void)take_language(form_cookie(request->head.cookie, STR("lang")), &ask->language);
	take_address(request);
	ask->is_secure = web.is_tls;
	put_text(ask->host, sizeof ask->host, request->head.host);
	if (form_path(path, ask->path, sizeof ask->path) != OK) {
		put_text(ask->path, sizeof ask->path, STR("/"));
		refused = 404;
	}
	/* Each of the two listeners knows only its own addresses. */
	bool is_shared = str_equal(str_of(ask->path), STR("/healthz")) || str_equal(str_of(ask->path), STR("/readyz"));
	if (!is_shared && request->is_metrics != str_equal(str_of(ask->path), STR("/metrics")))
		refused = 404;
	ask->is_api = str_starts(str_of(ask->path), STR("/api/"));
	take_who(request);
	if (query.at && form_urlencoded(request->arena, query, &request->fields) != OK)
		refused = 400;
	take_out(&request->fields, "lang", &word);
	request->sets_language = word.at && take_language(word, &ask->language);
	take_out(&request->fields, "format", &format);
	ask->wants = wanted(request->head.accept, format);
	if (!take_method(method, &ask->method)) {
		ask->method = METHOD_GET;
		refused = 405;
	} else if (is_unsafe(request) && !ask->is_api && !refused) {
		refused = web_forgery(web.boot.origin, &request->head);
	}
	return refused;
}

/* The head's texts lie in the library's buffer, which the body overwrites. */
static void keep_head(struct web_request *request)
{
	struct web_head *head = &request->head;
	struct str *texts[] = { &head->host, &head->origin, &head->site, &head->cookie, &head->authorization, &head->type,
	                        &head->accept, &head->language };

	for (size_t i = 0; i < LENGTH(texts); i++)
		*texts[i] = str_copy(request->arena, *texts[i]);
	head->length = head->coding = STR_NONE;
}

/* --- to core --- */

/* Places and bytes behind the ask; the bytes go into a sealed file when they are too many for one packet. */
static enum err send_ask(struct web_request *request, uint32_t serial)
{
	struct web_ask *ask = &request->ask;
	struct out packet = out_new(request->arena), bytes = out_new(request->arena);
	size_t n = request->fields.n;
	int file = request->file;

	ask->n_fields = (uint32_t)n;
	struct place *place = NEW_MANY(request->arena, 2 * n + 1, struct place);
	for (size_t i = 0; i < n; i++) {
		struct str both[] = { request->fields.at[i].name, request->fields.at[i].value };
		for (size_t k = 0; k < 2; k++) {
			place[2 * i + k] = (struct place){ (uint32_t)bytes.len, (uint32_t)both[k].len };
			out_put(&bytes, both[k]);
		}
	}
	bool is_long = bytes.len > CHANNEL_MOST / 2;
	if (is_long) {
		file = channel_file(bytes.at, bytes.len);
		if (file < 0)
			return ERR_FULL;
		bytes.len = 0;
	}
	ask->bytes_in_file = is_long;
	out_put(&packet, (struct str){ (const char *)&ask->method, sizeof *ask - offsetof(struct web_ask, method) });
	out_put(&packet, (struct str){ (const char *)place, 2 * n * sizeof *place });
	out_put(&packet, out_str(&bytes));
	bool has_file = file >= 0 && !ask->is_check;
	enum err err = channel_send(web.core_fd, (struct message){ .kind = MESSAGE_WEB_ASK, .serial = serial }, packet.at, packet.len,
	                            &file, has_file);
	if (is_long)
		close(file);
	return err;
}

/* The library forgets the request until its answer is there. */
static enum MHD_Result ask_core(struct web_request *request)
{
	uint32_t serial;

	if (web_wait(request, &serial) != OK)
		return web_answer_plain(request, 503);
	web_allow(request->link, 0);
	MHD_suspend_connection(request->connection);
	if (send_ask(request, serial) != OK) {
		web_wait_not(request);
		request->answer = (struct web_answer){ .status = 503 };
		request->has_answer = true;
		MHD_resume_connection(request->connection);
	}
	return MHD_YES;
}

/* Files come to addresses that end in /import alone: as the body of a PUT, or from a browser as a form. */
static bool takes_import(const struct web_request *request)
{
	return (request->ask.method == METHOD_PUT || request->multipart) && str_ends(str_of(request->ask.path), STR("/import"));
}

static void look_for_file(struct web_request *request)
{
	struct multipart multipart;

	if (request->ask.method != METHOD_POST || request->ask.is_api || !str_ends(str_of(request->ask.path), STR("/import"))
	    || !multipart_begin(&multipart, request->arena, request->head.type))
		return;
	request->multipart = NEW(request->arena, struct multipart);
	*request->multipart = multipart;
}

static enum MHD_Result begin(struct web_request *request, const char *method, const char *version)
{
	int status = web_guard(request->connection, method, request->target, request->raw, version, &request->head);

	request->is_begun = true;
	if (status) {
		web_count_refusal(status);
		return web_answer_plain(request, status);
	}
	keep_head(request);
	int refused = take_head(request, method);
	request->ask.refused = (uint16_t)refused;
	if (refused == 403 || refused == 421)
		web_count_refusal(refused);
	look_for_file(request);
	request->most = takes_import(request) ? WEB_IMPORT_MOST : WEB_BODY_MOST;
	if (request->head.body > request->most)
		return web_answer_plain(request, 413);
	web_allow(request->link, BODY_MS + (int64_t)request->head.body / BODY_BYTES_PER_MS);
	if ((request->ask.method != METHOD_PUT && !request->multipart) || refused)
		return MHD_YES;
	if (takes_import(request) && !(request->is_large = web_large_begin()))
		return web_answer_plain(request, 503);
	request->ask.is_check = 1;
	return ask_core(request);
}

/* --- the body --- */

static bool write_file(int fd, const char *data, size_t n)
{
	while (n) {
		ssize_t done = write(fd, data, n);
		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return false;
		data += done;
		n -= (size_t)done;
	}
	return true;
}

static void take_body(struct web_request *request, const char *data, size_t n)
{
	request->received += n;
	if (request->received > request->most) {
		request->ask.refused = 413;
		request->body = out_new(request->arena);
		/* No way to answer in the middle of a body: it may go on for what the deadline leaves, and is thrown away. */
		return;
	}
	web_extend(request->link, BODY_MS + (int64_t)(MAX(request->head.body, request->received) / BODY_BYTES_PER_MS));
	if (request->ask.refused)
		return;
	if (request->multipart) {
		enum err err = multipart_feed(request->multipart, (struct str){ data, n }, &request->fields);
		request->file = request->multipart->file;
		if (err != OK)
			request->ask.refused = err == ERR_FULL ? 413 : 400;
	} else if (request->ask.method == METHOD_PUT) {
		if (request->file < 0)
			request->file = channel_file_begin();
		if (request->file < 0 || !write_file(request->file, data, n))
			request->ask.refused = 507;
	} else {
		out_put(&request->body, (struct str){ data, n });
	}
}

static int finish_body(struct web_request *request)
{
	struct str type = request->head.type, body = out_str(&request->body);
	enum err err = OK;

	if (request->multipart) {
		err = multipart_finish(request->multipart);
		if (err == OK && request->file >= 0 && channel_file_seal(request->file) != OK)
			return 500;
		return err == OK ? 0 : 400;
	}
	if (request->ask.method == METHOD_PUT) {
		if (request->file < 0)
			request->file = channel_file("", 0);
		else if (channel_file_seal(request->file) != OK)
			return 500;
		return request->file < 0 ? 507 : 0;
	}
	if (request->ask.method != METHOD_POST || body.len == 0)
		return 0;
	if (is_of_type(type, STR("application/x-www-form-urlencoded")) && !request->ask.is_api)
		err = form_urlencoded(request->arena, body, &request->fields);
	else if (is_of_type(type, STR("application/json")) && request->ask.is_api)
		err = form_json(request->arena, body, &request->fields);
	else
		return 415;
	return err == OK ? 0 : 400;
}

static enum MHD_Result ask_whole(struct web_request *request)
{
	struct web_file file;

	/* Not in the first call: an answer there would close the connection. */
	if (!request->ask.refused && request->ask.method <= METHOD_HEAD) {
		if (str_equal(str_of(request->ask.path), STR("/healthz")))
			return web_answer_health(request);
		if (web_find_file && web_find_file(str_of(request->ask.path), &file))
			return web_answer_file(request, &file);
	}
	if (!request->ask.refused)
		request->ask.refused = (uint16_t)finish_body(request);
	if (request->ask.refused) {
		request->fields.n = 0;
		if (request->file >= 0)
			close(request->file);
		request->file = -1;
	}
	return ask_core(request);
}

static enum MHD_Result handle(struct web_request *request, const char *method, const char *version, const char *data, size_t *n)
{
	if (!request->is_begun)
		return begin(request, method, version);
	/* A request suspended in its first call has that call again: core's word on the body is there. */
	if (request->has_answer && request->ask.is_check) {
		if (request->answer.status != 100)
			return web_answer_core(request);
		request->has_answer = false;
		request->ask.is_check = 0;
		drop_answer(request);
		web_allow(request->link, BODY_MS + (int64_t)request->head.body / BODY_BYTES_PER_MS);
		return MHD_YES;
	}
	if (*n) {
		take_body(request, data, *n);
		*n = 0;
		return MHD_YES;
	}
	return request->has_answer ? web_answer_core(request) : ask_whole(request);
}

enum MHD_Result web_request_handle(void *of, struct MHD_Connection *connection, const char *url, const char *method, const char *version,
                                   const char *data, size_t *n, void **at)
{
	struct web_request *request = *at;

	(void)of;
	(void)connection;
	(void)url;
	if (!request)
		return MHD_NO;
	ARENA_GUARD(request->arena)
		return MHD_NO;
	return handle(request, method, version, data, n);
}
