/* Strict readers of forms, queries, JSON objects, paths and cookies.
 *
 * SECURITY: every byte comes from strangers. A percent sign without two digits, a byte that is not UTF-8, a name that
 * stands twice, a number that does not fit: the whole request is refused, never mended. JSON is read by jansson with duplicates
 * refused; its nesting is cut at FORM_DEPTH here. Nothing is written outside the arena and *ret.
 * It does not know which fields a page takes: those that it does not ask for are never looked at. */
#include <jansson.h>
#include "doors/web_form.h"

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Decodes into `at`, which has room for all of raw. False: a broken escape. */
static bool decode(struct str raw, bool is_form, char *at, size_t *ret)
{
	size_t n = 0;

	for (size_t i = 0; i < raw.len; i++) {
		char c = raw.at[i];
		if (c == '%') {
			int high = raw.len - i > 2 ? hex(raw.at[i + 1]) : -1, low = high < 0 ? -1 : hex(raw.at[i + 2]);
			if (low < 0)
				return false;
			c = (char)(high << 4 | low);
			i += 2;
		} else if (is_form && c == '+') {
			c = ' ';
		}
		at[n++] = c;
	}
	*ret = n;
	return true;
}

/* CR LF and a lone CR become LF: what a textarea sends and what a person typed are then the same text. */
size_t form_mend_lines(char *at, size_t n)
{
	size_t to = 0;

	for (size_t i = 0; i < n; i++) {
		if (at[i] == '\r') {
			at[to++] = '\n';
			i += i + 1 < n && at[i + 1] == '\n';
		} else {
			at[to++] = at[i];
		}
	}
	return to;
}

bool form_is_clean(struct str s, bool may_have_lines)
{
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.at[i];
		if ((c < 0x20 && !(may_have_lines && (c == '\n' || c == '\t'))) || c == 0x7f)
			return false;
	}
	return str_is_utf8(s);
}

static bool is_name(struct str s)
{
	if (s.len == 0 || s.len > FORM_NAME)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		char c = s.at[i];
		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-'))
			return false;
	}
	return true;
}

enum err form_add(struct web_fields *fields, struct str name, struct str value)
{
	if (!is_name(name) || !form_is_clean(value, true))
		return ERR_INVALID;
	for (size_t i = 0; i < fields->n; i++)
		if (str_equal(fields->at[i].name, name))
			return ERR_INVALID;
	if (fields->n == WEB_FIELDS)
		return ERR_FULL;
	fields->at[fields->n++] = (struct web_field){ name, value };
	return OK;
}

static enum err decode_part(struct arena *arena, struct str raw, struct str *ret)
{
	char *at = arena_take(arena, raw.len + 1);
	size_t n;

	if (!decode(raw, true, at, &n))
		return ERR_INVALID;
	*ret = (struct str){ at, form_mend_lines(at, n) };
	return OK;
}

enum err form_urlencoded(struct arena *arena, struct str raw, struct web_fields *ret)
{
	struct str rest = raw;

	while (rest.at && rest.len) {
		struct str value = str_cut(&rest, '&'), name = str_cut(&value, '=');
		if (rest.at && rest.len == 0)
			return ERR_INVALID;
		TRY(decode_part(arena, name, &name));
		TRY(decode_part(arena, value.at ? value : STR(""), &value));
		TRY(form_add(ret, name, value));
	}
	return OK;
}

/* --- JSON --- */

static enum err flatten(struct arena *, const json_t *, struct str name, int depth, struct web_fields *ret);

static enum err flatten_array(struct arena *arena, const json_t *array, struct str name, int depth, struct web_fields *ret)
{
	for (size_t i = 0; i < json_array_size(array); i++) {
		struct str of = i == 0 ? name : str_print(arena, STR_FMT ".%zu", STR_ARG(name), i);
		TRY(flatten(arena, json_array_get(array, i), of, depth + 1, ret));
	}
	return OK;
}

static enum err flatten_object(struct arena *arena, json_t *object, struct str name, int depth, struct web_fields *ret)
{
	const char *key;
	json_t *value;

	if (name.len && json_object_get(object, "type") && json_object_get(object, "value") && json_object_size(object) == 2)
		return flatten(arena, json_object_get(object, "value"), name, depth + 1, ret);
	json_object_foreach(object, key, value) {
		struct str of = name.len ? str_print(arena, STR_FMT ".%s", STR_ARG(name), key) : str_copy(arena, str_of(key));
		TRY(flatten(arena, value, of, depth + 1, ret));
	}
	return OK;
}

static enum err flatten(struct arena *arena, const json_t *value, struct str name, int depth, struct web_fields *ret)
{
	/* Long names and many empty parts would cost more memory than the text that names them. */
	if (depth > FORM_DEPTH || name.len > FORM_NAME || json_array_size(value) > WEB_FIELDS || json_object_size(value) > WEB_FIELDS)
		return ERR_INVALID;
	switch (json_typeof(value)) {
	case JSON_NULL:    return OK;
	case JSON_TRUE:    return form_add(ret, name, STR("true"));
	case JSON_FALSE:   return form_add(ret, name, STR("false"));
	case JSON_INTEGER: return form_add(ret, name, str_print(arena, "%lld", (long long)json_integer_value(value)));
	case JSON_REAL:    return ERR_INVALID;
	case JSON_STRING:
		return form_add(ret, name, str_copy(arena, (struct str){ json_string_value(value), json_string_length(value) }));
	case JSON_ARRAY:   return flatten_array(arena, value, name, depth, ret);
	case JSON_OBJECT:  return flatten_object(arena, (json_t *)(uintptr_t)value, name, depth, ret);
	}
	return ERR_INVALID;
}

/* jansson recurses once a level: what is nested deeper than we take is turned away before it is built. */
static bool is_shallow(struct str text)
{
	int depth = 0;
	bool is_quoted = false;

	for (size_t i = 0; i < text.len; i++) {
		char c = text.at[i];
		if (is_quoted && c == '\\')
			i++;
		else if (c == '"')
			is_quoted = !is_quoted;
		else if (!is_quoted && (c == '{' || c == '[') && ++depth > 2 * FORM_DEPTH)
			return false;
		else if (!is_quoted && (c == '}' || c == ']'))
			depth--;
	}
	return true;
}

enum err form_json(struct arena *arena, struct str text, struct web_fields *ret)
{
	json_error_t error;

	if (!is_shallow(text))
		return ERR_INVALID;
	json_t *root = json_loadb(text.at, text.len, JSON_REJECT_DUPLICATES, &error);
	if (!root)
		return ERR_INVALID;
	enum err err = json_is_object(root) ? flatten_object(arena, root, STR(""), 0, ret) : ERR_INVALID;
	json_decref(root);
	return err;
}

/* --- path, cookies --- */

static bool is_dots(struct str part)
{
	return part.len == 0 || str_equal(part, STR(".")) || str_equal(part, STR(".."));
}

enum err form_path(struct str raw, char *ret, size_t size)
{
	char room[2048];
	size_t n;

	if (raw.len == 0 || raw.at[0] != '/' || raw.len > sizeof room || !decode(raw, false, room, &n) || n >= size)
		return ERR_INVALID;
	struct str path = { room, n }, rest = str_from(path, 1);
	if (!form_is_clean(path, false) || memchr(room, '\\', n))
		return ERR_INVALID;
	while (n > 1 && rest.at)
		if (is_dots(str_cut(&rest, '/')))
			return ERR_INVALID;
	memcpy(ret, room, n);
	ret[n] = '\0';
	return OK;
}

struct str form_cookie(struct str header, struct str name)
{
	struct str rest = header, ret = STR_NONE;

	while (rest.at) {
		struct str value = str_cut(&rest, ';'), of = str_trim(str_cut(&value, '='));
		if (!value.at || !str_equal(of, name))
			continue;
		if (ret.at)
			return STR_NONE;
		ret = str_trim(value);
	}
	for (size_t i = 0; i < ret.len; i++) {
		char c = ret.at[i];
		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-'))
			return STR_NONE;
	}
	return ret.len ? ret : STR_NONE;
}

const struct web_field *form_field(const struct web_fields *fields, const char *name)
{
	for (size_t i = 0; i < fields->n; i++)
		if (str_equal(fields->at[i].name, str_of(name)))
			return &fields->at[i];
	return NULL;
}
