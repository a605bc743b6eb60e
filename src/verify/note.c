/* Checkpoints (C2SP signed notes) and verifier keys.
 *
 * A note: origin, tree size, root in base64, each a line; an empty line; signature lines "— NAME BASE64(key id, signature)". A key id is
 * the first four bytes of SHA-256(NAME, LF, 0x01, public key), Ed25519 is over the three lines with the last newline.
 *
 * SECURITY: lines of unknown keys say nothing and are passed over (witnesses sign the same note); a known key with a bad
 * signature spoils the note, also when a good one stands beside it. One checkpoint has one text: no leading zero, no fourth line. */
#include "verify.h"
#include <sodium.h>
#include <string.h>

bool text_base64(struct text text, unsigned char *ret, size_t n)
{
	size_t got = 0;

	return text.at && sodium_base642bin(ret, n, text.at, text.len, NULL, &got, NULL, sodium_base64_VARIANT_ORIGINAL) == 0 && got == n;
}

/* Printable and UTF-8, as far as a name needs it: no blank, no plus, no control character. */
static bool is_name(struct text name)
{
	for (size_t i = 0; i < name.len; i++)
		if ((unsigned char)name.at[i] <= ' ' || name.at[i] == '+' || name.at[i] == 0x7f)
			return false;
	return name.len > 0;
}

static void key_id(struct text name, const unsigned char key[32], unsigned char ret[4])
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

bool note_read(struct text bytes, struct note *ret)
{
	struct text rest = bytes;
	struct note note = { .origin = text_cut(&rest, '\n') };
	struct text size = text_cut(&rest, '\n'), root = text_cut(&rest, '\n');
	const char *end = rest.at;
	struct text empty = text_cut(&rest, '\n');

	if (!end || !rest.at || empty.len || rest.len == 0 || bytes.at[bytes.len - 1] != '\n')
		return false;
	for (size_t i = 0; i < bytes.len; i++)
		if (((unsigned char)bytes.at[i] < ' ' && bytes.at[i] != '\n') || bytes.at[i] == 0x7f)
			return false;
	if (!is_name(note.origin) || !text_number(size, &note.size) || !text_base64(root, note.root, 32))
		return false;
	note.text = (struct text){ bytes.at, (size_t)(end - bytes.at) };
	note.signatures = rest;
	*ret = note;
	return true;
}

enum signature note_signed(const struct note *note, struct text name, const unsigned char key[32])
{
	static const char dash[] = "\xe2\x80\x94 ";
	enum signature ret = SIGNATURE_ABSENT;
	struct text rest = note->signatures;
	unsigned char id[4], bytes[68];

	key_id(name, key, id);
	while (rest.len) {
		struct text line = text_cut(&rest, '\n');
		if (line.len < sizeof dash - 1 || memcmp(line.at, dash, sizeof dash - 1) != 0)
			return SIGNATURE_BAD;
		line = (struct text){ line.at + sizeof dash - 1, line.len - (sizeof dash - 1) };
		if (!text_same(text_cut(&line, ' '), name) || !text_base64(line, bytes, sizeof bytes) || memcmp(bytes, id, 4) != 0)
			continue;
		if (crypto_sign_verify_detached(bytes + 4, (const unsigned char *)note->text.at, note->text.len, key) != 0)
			return SIGNATURE_BAD;
		ret = SIGNATURE_GOOD;
	}
	return ret;
}

/* NAME+HEX8+BASE64(0x01, public key) */
static bool key_read(struct text line, struct text *ret_name, unsigned char ret_key[32])
{
	struct text rest = line, name = text_cut(&rest, '+'), hex = text_cut(&rest, '+');
	unsigned char id[4], bytes[33];
	char said[9];

	if (!rest.at || !is_name(name) || !text_base64(rest, bytes, sizeof bytes) || bytes[0] != 1)
		return false;
	key_id(name, bytes + 1, id);
	sodium_bin2hex(said, sizeof said, id, sizeof id);
	if (!text_is(hex, said))
		return false;
	*ret_name = name;
	memcpy(ret_key, bytes + 1, 32);
	return true;
}

bool keys_read(struct text bytes, struct keys *ret)
{
	struct text rest = bytes, first = text_cut(&rest, '\n'), second = text_cut(&rest, '\n');
	struct keys keys;

	if (rest.len || !key_read(first, &keys.origin, keys.identity) || !key_read(second, &keys.epoch_name, keys.epoch))
		return false;
	if (keys.epoch_name.len != keys.origin.len + 6 || memcmp(keys.epoch_name.at, keys.origin.at, keys.origin.len) != 0
	    || memcmp(keys.epoch_name.at + keys.origin.len, "/epoch", 6) != 0)
		return false;
	*ret = keys;
	return true;
}
