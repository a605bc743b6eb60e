/* Any bytes as a form with a file. Beside what the sanitizers see: however the bytes are cut, the same comes out; and every field
 * that is taken is clean. */
#include "doors/web_multipart.h"

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t n);

static struct web_fields whole, pieces;

static enum err read_in(struct arena *arena, struct str body, size_t step, struct web_fields *fields, size_t *ret_file)
{
	struct multipart m;

	*fields = (struct web_fields){ .n = 0 };
	assert(multipart_begin(&m, arena, STR("multipart/form-data; boundary=X")));
	for (size_t i = 0; i < body.len; i += step)
		(void)multipart_feed(&m, str_first(str_from(body, i), step), fields);
	enum err err = multipart_finish(&m);
	*ret_file = 0;
	if (m.file >= 0) {
		assert(channel_file_seal(m.file) == OK && channel_file_is_sealed(m.file, ret_file));
		close(m.file);
	}
	return err;
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t n)
{
	struct arena *arena = arena_new((size_t)256 << 20);
	struct str body = { (const char *)at, n };
	size_t file, file_of_pieces;
	enum err err = read_in(arena, body, n + 1, &whole, &file), again = read_in(arena, body, 1 + n % 7, &pieces, &file_of_pieces);

	assert((err == OK) == (again == OK));
	for (size_t i = 0; err == OK && i < whole.n; i++) {
		assert(pieces.n == whole.n && file == file_of_pieces);
		assert(str_equal(whole.at[i].name, pieces.at[i].name) && str_equal(whole.at[i].value, pieces.at[i].value));
		assert(form_is_clean(whole.at[i].value, true) && whole.at[i].name.len && whole.at[i].name.len <= FORM_NAME);
	}
	arena_end(arena);
	return 0;
}
