/* Reads leaves back: a scanner for the one form in which audit.c writes them.
 *
 * SECURITY: what is read here may have been changed by somebody with the database in his hands: every step is bounded by the bytes
 * there are, nesting by DEPTH, and what is not exactly our form is ERR_INVALID, never a guess. */
#include <sodium.h>
#include "floor/leaf.h"

enum { DEPTH = 6 };

static bool take(struct str *s, const char *literal)
{
	struct str want = str_of(literal);

	if (!str_starts(*s, want))
		return false;
	*s = str_from(*s, want.len);
	return true;
}

static bool skip_text(struct str *s)
{
	if (!take(s, "\""))
		return false;
	for (size_t i = 0; i < s->len; i++) {
		if (s->at[i] == '"') {
			*s = str_from(*s, i + 1);
			return true;
		}
		if ((unsigned char)s->at[i] < ' ')
			return false;
		if (s->at[i] == '\\')
			i++;
	}
	return false;
}

static bool skip_number(struct str *s)
{
	size_t i = s->len && s->at[0] == '-', from = i;

	while (i < s->len && s->at[i] >= '0' && s->at[i] <= '9')
		i++;
	if (i == from || (s->at[from] == '0' && i > 1) || i > 20)
		return false;
	*s = str_from(*s, i);
	return true;
}

static bool skip_value(struct str *s, int depth)
{
	if (!s->len || depth > DEPTH)
		return false;
	if (s->at[0] == '"')
		return skip_text(s);
	if (s->at[0] == 'n')
		return take(s, "null");
	if (s->at[0] != '[' && s->at[0] != '{')
		return skip_number(s);
	bool is_object = s->at[0] == '{';
	const char *end = is_object ? "}" : "]";
	*s = str_from(*s, 1);
	if (take(s, end))
		return true;
	do
		if ((is_object && (!skip_text(s) || !take(s, ":"))) || !skip_value(s, depth + 1))
			return false;
	while (take(s, ","));
	return take(s, end);
}

/* One value at the front, and what stands between its first and last byte when `is_bare`. */
static bool value_at(struct str *s, bool is_bare, struct str *ret)
{
	struct str from = *s;

	if (!skip_value(s, 0))
		return false;
	struct str whole = str_first(from, from.len - s->len);
	*ret = is_bare ? (struct str){ whole.at + 1, whole.len - 2 } : whole;
	return true;
}

static bool text_field(struct str *s, const char *name, struct str *ret)
{
	return take(s, name) && s->len && s->at[0] == '"' && value_at(s, true, ret);
}

static bool list_field(struct str *s, const char *name, struct str *ret)
{
	return take(s, name) && s->len && s->at[0] == '[' && value_at(s, true, ret);
}

static bool number_field(struct str *s, const char *name, int64_t *ret)
{
	struct str digits;

	if (!take(s, name))
		return false;
	digits = *s;
	return skip_number(s) && str_number(str_first(digits, digits.len - s->len), INT64_MAX, ret) == OK;
}

enum err leaf_parse(struct str bytes, struct leaf *ret)
{
	struct leaf leaf = { .next = STR_NONE };
	struct str s = bytes;

	bool is_ours = number_field(&s, "{\"index\":", &leaf.index) && number_field(&s, ",\"epoch\":", &leaf.epoch)
		&& text_field(&s, ",\"at\":", &leaf.at) && text_field(&s, ",\"actor\":", &leaf.actor)
		&& text_field(&s, ",\"action\":", &leaf.action) && text_field(&s, ",\"subject\":", &leaf.subject)
		&& list_field(&s, ",\"writes\":", &leaf.writes) && list_field(&s, ",\"documents\":", &leaf.documents);
	if (is_ours && str_starts(s, STR(",")))
		is_ours = text_field(&s, ",\"next\":", &leaf.next);
	if (!is_ours || !str_equal(s, STR("}")))
		return ERR_INVALID;
	*ret = leaf;
	return OK;
}

bool leaf_is_seal(const struct leaf *leaf)
{
	return str_equal(leaf->action, STR("audit.seal"));
}

enum err leaf_element(struct str *rest, struct str *ret)
{
	if (!rest->len)
		return ERR_NONE;
	if (!value_at(rest, false, ret) || (rest->len && !(take(rest, ",") && rest->len)))
		return ERR_INVALID;
	return OK;
}

enum err leaf_column(struct str *rest, struct str *ret_name, struct str *ret_value)
{
	if (!rest->len)
		return ERR_NONE;
	if (rest->at[0] != '"' || !value_at(rest, true, ret_name) || !take(rest, ":"))
		return ERR_INVALID;
	return rest->len ? leaf_element(rest, ret_value) : ERR_INVALID;
}

enum err leaf_write(struct str *rest, struct write *ret)
{
	struct str whole;
	struct write write;

	TRY(leaf_element(rest, &whole));
	if (whole.at[0] != '[')
		return ERR_INVALID;
	struct str s = { whole.at + 1, whole.len - 2 };
	if (!s.len || s.at[0] != '"' || !value_at(&s, true, &write.table) || !take(&s, ",") || !value_at(&s, false, &write.key) || !take(&s, ","))
		return ERR_INVALID;
	write.is_delete = str_equal(s, STR("null"));
	write.columns = STR("");
	if (!write.is_delete && (!s.len || s.at[0] != '{' || !value_at(&s, true, &write.columns) || s.len))
		return ERR_INVALID;
	*ret = write;
	return OK;
}

static int hex_digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The escapes that out_json writes: \" \\ \n \r \t and \u00XX. */
static bool unescape(const char *at, size_t left, char *ret, size_t *ret_used)
{
	static const char name[] = "\"\\nrt", means[] = "\"\\\n\r\t";
	const char *hit = left > 1 ? memchr(name, at[1], 5) : NULL;

	if (hit) {
		*ret = means[hit - name];
		*ret_used = 2;
		return true;
	}
	if (left < 6 || memcmp(at, "\\u00", 4) != 0)
		return false;
	int high = hex_digit(at[4]), low = hex_digit(at[5]);
	*ret = (char)(high * 16 + low);
	*ret_used = 6;
	return high >= 0 && high < 8 && low >= 0;
}

enum err leaf_text(struct arena *arena, struct str quoted, struct str *ret)
{
	struct str s = { quoted.at + 1, quoted.len - 2 };
	char *at = arena_take(arena, quoted.len);
	size_t n = 0, used;

	if (quoted.len < 2 || quoted.at[0] != '"')
		return ERR_INVALID;
	for (size_t i = 0; i < s.len; i += used) {
		used = 1;
		if (s.at[i] != '\\')
			at[n] = s.at[i];
		else if (!unescape(s.at + i, s.len - i, &at[n], &used))
			return ERR_INVALID;
		n++;
	}
	*ret = (struct str){ at, n };
	return OK;
}

static enum err blob(struct arena *arena, struct str quoted, struct str *ret)
{
	size_t n = 0;
	unsigned char *at = arena_take(arena, quoted.len);

	if (quoted.len < 2 || sodium_base642bin(at, quoted.len, quoted.at + 1, quoted.len - 2, NULL, &n, NULL, sodium_base64_VARIANT_ORIGINAL) != 0)
		return ERR_INVALID;
	*ret = (struct str){ (char *)at, n };
	return OK;
}

enum err leaf_value(struct arena *arena, struct str value, enum value_kind kind, struct value *ret)
{
	struct str text;

	if (str_equal(value, STR("null"))) {
		*ret = (struct value){ .kind = VALUE_NULL };
		return OK;
	}
	if (value.len && value.at[0] == '"') {
		TRY(kind == VALUE_BLOB ? blob(arena, value, &text) : leaf_text(arena, value, &text));
		*ret = (struct value){ kind == VALUE_BLOB ? VALUE_BLOB : VALUE_TEXT, { .s = text } };
		return OK;
	}
	bool is_negative = value.len && value.at[0] == '-';
	int64_t n;
	/* The least number of all has no positive twin: it is read by hand. */
	if (str_equal(value, STR("-9223372036854775808")))
		n = INT64_MIN;
	else if (str_number(str_from(value, is_negative), INT64_MAX, &n) != OK)
		return ERR_INVALID;
	else if (is_negative)
		n = -n;
	*ret = value_int(n);
	return OK;
}

enum err leaf_key(struct arena *arena, struct str key, const struct table *table, struct value *ret)
{
	bool is_list = key.len && key.at[0] == '[';
	struct str rest = is_list ? (struct str){ key.at + 1, key.len - 2 } : key, one;
	int n = 0;

	if (is_list != (table->n_keys > 1))
		return ERR_INVALID;
	for (int i = 0; i < table->n_columns; i++) {
		if (!table->columns[i].is_key)
			continue;
		TRY(leaf_element(&rest, &one));
		TRY(leaf_value(arena, one, table->columns[i].kind, &ret[n++]));
	}
	return rest.len ? ERR_INVALID : OK;
}
