/* The reader of forms with a file: boundary, part's head, part's body, and again, until the boundary that closes.
 *
 * Bytes come in pieces of any length. What cannot be told yet (half a boundary, half a head) waits in `rest`, which never holds more
 * than a piece and a head. A part with a filename is the file and goes to the memfd; one file at most. A part without is a field.
 *
 * SECURITY: every byte comes from strangers. Before the first boundary and behind the last nothing may stand; a part has a
 * Content-Disposition, may have a Content-Type, and nothing else: another header could mean a coding that two readers undo
 * differently. A boundary must be of the letters that RFC 2046 allows. The file's name is a label: its last part, and empty when it is
 * not clean text. Fields are checked as those of every form (form_add). */
#define LONG_LIVED
#include "doors/web_multipart.h"
#include <errno.h>

static bool is_boundary(struct str s)
{
	if (s.len == 0 || s.len > MULTIPART_BOUNDARY)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		char c = s.at[i];
		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || strchr("'()+_,-./:=?", c)) || c == '\0')
			return false;
	}
	return true;
}

static bool is_word(struct str s, struct str of)
{
	return s.len == of.len && strncasecmp(s.at, of.at, of.len) == 0;
}

static struct str unquote(struct str s)
{
	if (s.len >= 2 && s.at[0] == '"' && s.at[s.len - 1] == '"')
		return (struct str){ s.at + 1, s.len - 2 };
	return s;
}

bool multipart_begin(struct multipart *m, struct arena *arena, struct str type)
{
	struct str rest = type, boundary = STR_NONE;

	if (!is_word(str_trim(str_cut(&rest, ';')), STR("multipart/form-data")))
		return false;
	while (rest.at) {
		struct str value = str_cut(&rest, ';'), name = str_trim(str_cut(&value, '='));
		if (!is_word(name, STR("boundary")))
			continue;
		if (boundary.at || !value.at)
			return false;
		boundary = unquote(str_trim(value));
	}
	if (!boundary.at || !is_boundary(boundary))
		return false;
	*m = (struct multipart){ .arena = arena, .rest = out_new(arena), .value = out_new(arena), .file = -1 };
	memcpy(m->delimiter, "\r\n--", 4);
	memcpy(m->delimiter + 4, boundary.at, boundary.len);
	m->length = 4 + boundary.len;
	return true;
}

/* --- a part's head --- */

/* Cuts `; key="value"` off. False: it is not like that. */
static bool cut_parameter(struct str *rest, struct str *key, struct str *value)
{
	*rest = str_trim(*rest);
	if (rest->len == 0 || rest->at[0] != ';')
		return false;
	*rest = str_trim(str_from(*rest, 1));
	size_t equals = str_find(*rest, '=');
	if (equals + 1 >= rest->len || rest->at[equals + 1] != '"')
		return false;
	*key = str_first(*rest, equals);
	*rest = str_from(*rest, equals + 2);
	size_t end = str_find(*rest, '"');
	if (end == rest->len)
		return false;
	*value = str_first(*rest, end);
	*rest = str_from(*rest, end + 1);
	return true;
}

static bool take_disposition(struct multipart *m, struct str text)
{
	struct str form = STR("form-data"), key, value, rest;

	if (m->name.at || text.len < form.len || strncasecmp(text.at, form.at, form.len) != 0)
		return false;
	for (rest = str_from(text, form.len); str_trim(rest).len; ) {
		if (!cut_parameter(&rest, &key, &value))
			return false;
		struct str *to = is_word(key, STR("name")) ? &m->name : is_word(key, STR("filename")) ? &m->filename : NULL;
		if (!to || to->at)
			return false;
		*to = str_copy(m->arena, value);
	}
	return m->name.at != NULL;
}

static enum err take_head(struct multipart *m, struct str head)
{
	m->name = m->filename = STR_NONE;
	while (head.at && head.len) {
		struct str value = str_cut(&head, '\n');
		if (value.len == 0 || value.at[value.len - 1] != '\r')
			return ERR_INVALID;
		value.len--;
		if (memchr(value.at, '\r', value.len))
			return ERR_INVALID;
		struct str name = str_cut(&value, ':');
		if (!value.at)
			return ERR_INVALID;
		if (is_word(name, STR("Content-Disposition")) ? !take_disposition(m, str_trim(value)) : !is_word(name, STR("Content-Type")))
			return ERR_INVALID;
	}
	if (!m->name.at || (m->filename.at && m->has_file))
		return ERR_INVALID;
	m->has_file = m->has_file || m->filename.at;
	m->value = out_new(m->arena);
	return OK;
}

/* --- a part's body --- */

static enum err write_file(int fd, struct str bytes)
{
	while (bytes.len) {
		ssize_t done = write(fd, bytes.at, bytes.len);
		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return ERR_FULL;
		bytes = str_from(bytes, (size_t)done);
	}
	return OK;
}

static enum err take_body(struct multipart *m, struct str bytes)
{
	if (bytes.len == 0)
		return OK;
	if (m->filename.at) {
		if (m->file < 0)
			m->file = channel_file_begin();
		return m->file < 0 ? ERR_FULL : write_file(m->file, bytes);
	}
	m->taken += bytes.len;
	if (m->taken > MULTIPART_FIELDS)
		return ERR_FULL;
	out_put(&m->value, bytes);
	return OK;
}

/* "C:\a\b.csv" and "a/b.csv" are b.csv. */
static struct str label(struct str filename)
{
	size_t from = filename.len;

	while (from > 0 && filename.at[from - 1] != '/' && filename.at[from - 1] != '\\')
		from--;
	struct str ret = str_from(filename, from);
	return ret.len <= 200 && form_is_clean(ret, false) ? ret : STR("");
}

static enum err end_part(struct multipart *m, struct web_fields *fields)
{
	if (m->value.len)
		m->value.len = form_mend_lines(m->value.at, m->value.len);
	struct str value = m->filename.at ? label(m->filename) : m->value.len ? out_str(&m->value) : STR("");

	m->taken += m->name.len + value.len;
	return m->taken > MULTIPART_FIELDS ? ERR_FULL : form_add(fields, m->name, value);
}

/* --- the whole --- */

static void drop(struct multipart *m, size_t n)
{
	memmove(m->rest.at, m->rest.at + n, m->rest.len - n);
	m->rest.len -= n;
}

/* Reads on in what is there. ERR_NONE: more bytes are needed. */
static enum err read_start(struct multipart *m)
{
	size_t n = m->length - 2;

	if (m->rest.len < n)
		return memcmp(m->rest.at, m->delimiter + 2, m->rest.len) == 0 ? ERR_NONE : ERR_INVALID;
	if (memcmp(m->rest.at, m->delimiter + 2, n) != 0)
		return ERR_INVALID;
	drop(m, n);
	m->state = PART_AFTER;
	return OK;
}

static enum err read_after(struct multipart *m)
{
	if (m->rest.len < 2)
		return ERR_NONE;
	bool is_last = memcmp(m->rest.at, "--", 2) == 0;
	if (!is_last && memcmp(m->rest.at, "\r\n", 2) != 0)
		return ERR_INVALID;
	m->state = is_last ? PART_END : PART_HEAD;
	drop(m, 2);
	return OK;
}

static enum err read_head(struct multipart *m)
{
	const char *end = m->rest.len ? memmem(m->rest.at, m->rest.len, "\r\n\r\n", 4) : NULL;
	size_t n = end ? (size_t)(end - m->rest.at) + 2 : m->rest.len;

	if (n > MULTIPART_HEAD)
		return ERR_INVALID;
	if (!end)
		return ERR_NONE;
	enum err err = take_head(m, (struct str){ m->rest.at, n });
	drop(m, n + 2);
	m->state = PART_BODY;
	return err;
}

static enum err read_body(struct multipart *m, struct web_fields *fields)
{
	const char *end = m->rest.len ? memmem(m->rest.at, m->rest.len, m->delimiter, m->length) : NULL;
	size_t n = end ? (size_t)(end - m->rest.at) : m->rest.len < m->length ? 0 : m->rest.len - m->length + 1;
	enum err err = take_body(m, (struct str){ m->rest.at, n });

	if (err == OK && end)
		err = end_part(m, fields);
	drop(m, end ? n + m->length : n);
	if (end)
		m->state = PART_AFTER;
	return err != OK || end ? err : ERR_NONE;
}

static enum err read_end(struct multipart *m)
{
	if (m->rest.len > 2 || memcmp(m->rest.at, "\r\n", m->rest.len) != 0)
		return ERR_INVALID;
	return ERR_NONE;
}

static enum err read_on(struct multipart *m, struct web_fields *fields)
{
	switch (m->state) {
	case PART_START: return read_start(m);
	case PART_AFTER: return read_after(m);
	case PART_HEAD:  return read_head(m);
	case PART_BODY:  return read_body(m, fields);
	case PART_END:   return read_end(m);
	}
	return ERR_INVALID;
}

enum err multipart_feed(struct multipart *m, struct str bytes, struct web_fields *fields)
{
	if (m->err != OK || bytes.len == 0)
		return m->err;
	out_put(&m->rest, bytes);
	enum err err = OK;
	while (err == OK)
		err = read_on(m, fields);
	m->err = err == ERR_NONE ? OK : err;
	return m->err;
}

enum err multipart_finish(struct multipart *m)
{
	return m->err != OK ? m->err : m->state == PART_END ? OK : ERR_INVALID;
}
