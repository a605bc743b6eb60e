/* Any bytes as a leaf, a checkpoint or a key file, read by both readers: the server's and samordna-verify's, which share no code. What
 * the verifier takes the server must take too, with the same numbers, and the other way round for notes, whose form both know
 * wholly. The first byte says what the rest is. */
#include "verify/verify.h"
#include "export_fuzz.h"
#include <assert.h>
#include <sodium.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t n);

static void leaf(struct text bytes)
{
	struct line line;
	struct server_leaf theirs;
	unsigned char hash[32];
	size_t documents = 0;

	if (line_read(bytes, &line) != NULL)
		return;
	bool is_read = server_reads_leaf(bytes.at, bytes.len, &theirs);
	assert(is_read && theirs.index == line.index && theirs.epoch == line.epoch && theirs.is_seal == line.is_seal && theirs.has_next == line.has_next);
	for (struct text rest = line.documents; line_document(&rest, hash); )
		documents++;
	assert(documents == theirs.documents);
}

static void note(struct text bytes)
{
	unsigned char key[32] = { 7 }, root[32];
	struct note note;
	int64_t size;

	bool is_ours = note_read(bytes, &note), is_theirs = bytes.len <= 64 * 1024 && server_reads_note(bytes.at, bytes.len, &size, root);
	/* The server also demands UTF-8 of signature lines that it does not know. */
	assert(!is_theirs || is_ours);
	if (is_theirs)
		assert(size == note.size && memcmp(root, note.root, 32) == 0);
	if (is_ours)
		assert(note_signed(&note, note.origin, key) != SIGNATURE_GOOD);
}

static void keys(struct text bytes)
{
	struct keys keys;
	struct text rest = bytes, line = text_cut(&rest, '\n');

	if (keys_read(bytes, &keys))
		assert(server_reads_key(line.at, line.len));
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t n)
{
	if (n == 0)
		return 0;
	struct text bytes = { (const char *)at + 1, n - 1 };
	switch (at[0]) {
	case 'l': leaf(bytes); break;
	case 'n': note(bytes); break;
	case 'k': keys(bytes); break;
	default: return -1;
	}
	return 0;
}
