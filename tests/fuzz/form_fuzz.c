/* Any bytes as what stands in a request: query or form, JSON, path, cookies, Host and Origin. First octet: which. */
#include "doors/web_form.h"
#include "doors/web_guard.h"
#include "base/arena.h"

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t n);

static void check_fields(const struct web_fields *fields)
{
	assert(fields->n <= WEB_FIELDS);
	for (size_t i = 0; i < fields->n; i++) {
		struct str name = fields->at[i].name, value = fields->at[i].value;
		assert(name.len && name.len <= FORM_NAME && str_is_utf8(value));
		for (size_t k = 0; k < value.len; k++)
			assert((unsigned char)value.at[k] >= 0x20 || value.at[k] == '\n' || value.at[k] == '\t');
		for (size_t k = 0; k < i; k++)
			assert(!str_equal(fields->at[k].name, name));
	}
}

static void check_path(const char *path, size_t n)
{
	assert(strlen(path) < n && path[0] == '/' && !strstr(path, "//") && !strstr(path, "/../") && !strchr(path, '\\'));
	assert(!str_ends(str_of(path), STR("/..")) && !str_ends(str_of(path), STR("/.")));
}

static void forgery(struct str raw)
{
	struct str rest = raw;
	struct web_head head = { .host = str_cut(&rest, '\n') };
	const char *ours = "http://localhost:8080 https://samordna.example";

	head.origin = rest.at ? str_cut(&rest, '\n') : STR_NONE;
	head.site = rest.at ? rest : STR_NONE;
	/* Obeyed only when the host is ours, and the browser or the origin says that the form was. */
	if (web_forgery(ours, &head) == 0)
		assert(web_host_is_ours(ours, head.host) && (head.site.at ? str_equal(head.site, STR("same-origin")) : head.origin.at != NULL)
		       && (!head.origin.at || web_origin_is_ours(ours, head.origin)));
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t n)
{
	static struct arena *arena;
	static struct web_fields fields;
	char path[512];

	if (!n)
		return 0;
	if (!arena)
		arena = arena_new(256 << 20);
	struct str text = { (const char *)at + 1, n - 1 };
	fields.n = 0;
	switch (at[0] % 5) {
	case 0:
		if (form_urlencoded(arena, text, &fields) == OK)
			check_fields(&fields);
		break;
	case 1:
		if (form_json(arena, text, &fields) == OK)
			check_fields(&fields);
		break;
	case 2:
		if (form_path(text, path, sizeof path) == OK)
			check_path(path, sizeof path);
		break;
	case 3: {
		struct str value = form_cookie(text, STR("samordna"));
		for (size_t i = 0; i < value.len; i++)
			assert(value.at[i] == '-' || value.at[i] == '_' || (unsigned char)value.at[i] - '0' < 10u || ((unsigned char)value.at[i] | 32) - 'a' < 26u);
		break;
	}
	default: forgery(text);
	}
	arena_empty(arena);
	return 0;
}
