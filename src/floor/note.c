/* Signed notes, read and written. The seal process writes them, core checks them; samordna-verify has its own reader.
 *
 * SECURITY: a note is refused unless it has exactly the form that note_text writes (no leading zero, no further line), so that one
 * checkpoint has one encoding. Signatures are Ed25519 over the text with its last newline. */
#include <sodium.h>
#include "floor/note.h"

enum { MOST_NOTE = 64 * 1024, DASH = 3 };       /* the em dash is three bytes */

bool note_name_is_good(struct str name)
{
	for (size_t i = 0; i < name.len; i++)
		if ((unsigned char)name.at[i] <= ' ' || name.at[i] == '+' || name.at[i] == 0x7f)
			return false;
	return name.len > 0 && str_is_utf8(name);
}

static void key_id(struct str name, const unsigned char key[32], unsigned char ret[4])
{
	crypto_hash_sha256_state state;
	unsigned char hash[32];

	crypto_hash_sha256_init(&state);
	crypto_hash_sha256_update(&state, (const unsigned char *)name.at, name.len);
	crypto_hash_sha256_update(&state, (const unsigned char *)"\n\001", 2);
	crypto_hash_sha256_update(&state, key, 32);
	crypto_hash_sha256_final(&state, hash);
	memcpy(ret, hash, 4);
}

static bool base64_exactly(struct str text, unsigned char *ret, size_t n)
{
	size_t got = 0;
	return sodium_base642bin(ret, n, text.at, text.len, NULL, &got, NULL, sodium_base64_VARIANT_ORIGINAL) == 0 && got == n;
}

static bool is_number(struct str text)
{
	return text.len > 0 && (text.len == 1 || text.at[0] != '0');
}

enum err note_parse(struct str bytes, struct note *ret)
{
	struct str rest = bytes;
	struct note note = { .origin = str_cut(&rest, '\n') };
	struct str size = str_cut(&rest, '\n'), root = str_cut(&rest, '\n'), empty = str_cut(&rest, '\n');

	if (bytes.len > MOST_NOTE || !rest.at || empty.len || !note_name_is_good(note.origin) || !str_is_utf8(bytes))
		return ERR_INVALID;
	for (size_t i = 0; i < bytes.len; i++)
		if (((unsigned char)bytes.at[i] < ' ' && bytes.at[i] != '\n') || bytes.at[i] == 0x7f)
			return ERR_INVALID;
	if (!is_number(size) || str_number(size, INT64_MAX, &note.size) != OK || !base64_exactly(root, note.root, 32))
		return ERR_INVALID;
	if (rest.len == 0 || bytes.at[bytes.len - 1] != '\n')
		return ERR_INVALID;
	note.text = str_first(bytes, (size_t)(rest.at - bytes.at) - 1);
	note.signatures = rest;
	*ret = note;
	return OK;
}

enum signature note_check(const struct note *note, struct str name, const unsigned char key[32])
{
	struct str rest = note->signatures;
	enum signature ret = SIGNATURE_ABSENT;
	unsigned char id[4], bytes[68];

	key_id(name, key, id);
	while (rest.len) {
		struct str line = str_cut(&rest, '\n');
		if (!str_starts(line, STR("\xe2\x80\x94 ")))
			return SIGNATURE_BAD;
		line = str_from(line, DASH + 1);
		if (!str_equal(str_cut(&line, ' '), name) || !line.at || !base64_exactly(line, bytes, sizeof bytes) || memcmp(bytes, id, 4) != 0)
			continue;
		if (crypto_sign_verify_detached(bytes + 4, (const unsigned char *)note->text.at, note->text.len, key) != 0)
			return SIGNATURE_BAD;
		ret = SIGNATURE_GOOD;
	}
	return ret;
}

void note_text(struct out *out, struct str origin, int64_t size, const unsigned char root[32])
{
	out_put(out, origin);
	out_print(out, "\n%lld\n", (long long)size);
	out_base64(out, root, 32);
	out_byte(out, '\n');
}

void note_sign(struct out *out, struct str text, struct str name, const unsigned char secret[64])
{
	unsigned char bytes[68];

	key_id(name, secret + 32, bytes);              /* libsodium keeps the public key behind the seed */
	crypto_sign_detached(bytes + 4, NULL, (const unsigned char *)text.at, text.len, secret);
	out_text(out, "\xe2\x80\x94 ");
	out_put(out, name);
	out_byte(out, ' ');
	out_base64(out, bytes, sizeof bytes);
	out_byte(out, '\n');
}

void note_key(struct out *out, struct str name, const unsigned char key[32])
{
	unsigned char id[4], bytes[33] = { 1 };

	key_id(name, key, id);
	memcpy(bytes + 1, key, 32);
	out_put(out, name);
	out_byte(out, '+');
	out_hex(out, id, 4);
	out_byte(out, '+');
	out_base64(out, bytes, sizeof bytes);
}

enum err note_key_parse(struct str line, struct str *ret_name, unsigned char ret_key[32])
{
	struct str rest = line, name = str_cut(&rest, '+'), hex = rest.at ? str_cut(&rest, '+') : STR_NONE;
	unsigned char id[4], said[4], bytes[33];
	size_t n = 0;

	if (!rest.at || !note_name_is_good(name) || hex.len != 8 || !base64_exactly(rest, bytes, sizeof bytes) || bytes[0] != 1)
		return ERR_INVALID;
	if (sodium_hex2bin(said, sizeof said, hex.at, hex.len, NULL, &n, NULL) != 0 || n != 4)
		return ERR_INVALID;
	key_id(name, bytes + 1, id);
	if (memcmp(id, said, 4) != 0)
		return ERR_INVALID;
	*ret_name = name;
	memcpy(ret_key, bytes + 1, 32);
	return OK;
}
