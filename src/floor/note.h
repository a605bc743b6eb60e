#ifndef FLOOR_NOTE_H
#define FLOOR_NOTE_H
/* Signed notes (C2SP signed-note, tlog-checkpoint): three lines - origin, tree size, root in base64 -, an empty line, signatures.
 *
 * A key is known by its name and the first four bytes of SHA-256(name, LF, 0x01, public key). Lines of unknown keys say nothing
 * and are passed over; a known key with a bad signature spoils the note. */
#include "base/out.h"

struct note {
	struct str    origin, text, signatures;     /* text: what is signed, with its last newline */
	int64_t       size;
	unsigned char root[32];
};
enum signature { SIGNATURE_ABSENT, SIGNATURE_GOOD, SIGNATURE_BAD };

/* ERR_INVALID unless it is a note of exactly this form. The parts point into `bytes`. */
enum err       note_parse(struct str bytes, struct note *ret);
enum signature note_check(const struct note *, struct str name, const unsigned char key[32]);

/* The text, then a signature line for each key. */
void           note_text(struct out *, struct str origin, int64_t size, const unsigned char root[32]);
void           note_sign(struct out *, struct str text, struct str name, const unsigned char secret[64]);

/* A verifier key: NAME+HEX8+BASE64(0x01, public key). */
void           note_key(struct out *, struct str name, const unsigned char key[32]);
enum err       note_key_parse(struct str line, struct str *ret_name, unsigned char ret_key[32]);
bool           note_name_is_good(struct str);   /* not empty, no blank, no plus, no control character */
#endif
