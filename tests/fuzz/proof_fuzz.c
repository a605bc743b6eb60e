/* Any bytes as a leaf, a checkpoint or a key file of an export, in the parsers of samordna-verify. First octet: which.
 *
 * A leaf that is taken is JSON to a parser that others wrote, with the same index and epoch; its bytes cannot be read in two ways. What the
 * parsers point to lies inside the bytes. No signature is ever right: nobody here has a key. */
#include "verify/verify.h"
#include <assert.h>
#include <jansson.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t n);

static void check_inside(struct text whole, struct text part)
{
	assert(!part.at || (part.at >= whole.at && part.len <= whole.len && (size_t)(part.at - whole.at) <= whole.len - part.len));
}

static void check_line(struct text bytes)
{
	struct line line = { 0 };
	json_error_t error;
	unsigned char hash[32];

	if (line_read(bytes, &line))
		return;
	check_inside(bytes, line.documents);
	check_inside(bytes, line.next);
	json_t *root = json_loadb(bytes.at, bytes.len, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &error);
	/* Numbers beyond 64 bits are the one thing that the leaf's encoding allows and jansson does not. */
	if (!root && json_error_code(&error) == json_error_numeric_overflow)
		return;
	assert(root && json_is_object(root));
	assert(json_integer_value(json_object_get(root, "index")) == line.index && json_integer_value(json_object_get(root, "epoch")) == line.epoch);
	size_t documents = 0;
	for (struct text rest = line.documents; line_document(&rest, hash); )
		documents++;
	assert(documents == json_array_size(json_object_get(root, "documents")));
	assert(line.is_seal == (strcmp(json_string_value(json_object_get(root, "action")), "audit.seal") == 0));
	json_decref(root);
}

static void check_note(struct text bytes)
{
	static const unsigned char key[32] = { 1 };
	struct note note = { 0 };

	if (!note_read(bytes, &note))
		return;
	check_inside(bytes, note.origin);
	check_inside(bytes, note.text);
	check_inside(bytes, note.signatures);
	assert(note.size >= 0 && note_signed(&note, note.origin, key) != SIGNATURE_GOOD);
}

static void check_keys(struct text bytes)
{
	struct keys keys = { 0 };

	if (!keys_read(bytes, &keys))
		return;
	check_inside(bytes, keys.origin);
	check_inside(bytes, keys.epoch_name);
	assert(keys.origin.len && keys.epoch_name.len > keys.origin.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t n)
{
	if (!n)
		return 0;
	/* Exactly as large as the text, so that one octet too far is seen. */
	char *bytes = malloc(n);
	assert(bytes && sodium_init() >= 0);
	memcpy(bytes, at + 1, n - 1);
	struct text text = { bytes, n - 1 };
	if (at[0] % 3 == 0)
		check_line(text);
	else if (at[0] % 3 == 1)
		check_note(text);
	else
		check_keys(text);
	free(bytes);
	return 0;
}
