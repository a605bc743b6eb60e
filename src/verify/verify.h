#ifndef VERIFY_VERIFY_H
#define VERIFY_VERIFY_H
/* samordna-verify: checks an export of the log (HACKING.md, "Audit export, layout 1") with no other help than libsodium's SHA-256 and
 * Ed25519. It shares no code with the server, so that a mistake there is not made twice: this folder includes nothing but
 * its own header, and tools/layers sees to it. Under 1,000 lines of code in all, to be read in an evening:
 *   line.c   the leaves' one encoding        note.c   checkpoints and keys
 *   tree.c   the tree, and files             verify.c the check itself, and main */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Bytes of somebody else's memory. */
struct text { const char *at; size_t len; };
bool text_is(struct text, const char *);
bool text_same(struct text, struct text);
/* Up to this byte, which goes too; the whole when it is not there, and then *rest has no bytes and no `at`. */
struct text text_cut(struct text *rest, char);
/* Digits without a leading zero, at most INT64_MAX. */
bool text_number(struct text, int64_t *ret);
bool text_hash(struct text, unsigned char ret[32]);                /* 64 hex digits, small letters */
bool text_base64(struct text, unsigned char *ret, size_t n);       /* exactly n bytes, in their one encoding */

/* --- line.c --- */
struct line {
	int64_t     index, epoch;
	struct text documents;              /* what stands between the brackets: "hex","hex" */
	struct text next;                   /* of a seal leaf */
	bool        is_seal, has_next;
};
/* NULL when the bytes are a leaf in its one encoding, else what is wrong. */
const char *line_read(struct text, struct line *ret);
/* The next document named; false behind the last. */
bool line_document(struct text *rest, unsigned char ret[32]);

/* --- note.c --- */
struct note { struct text origin, text, signatures; int64_t size; unsigned char root[32]; };
struct keys { struct text origin, epoch_name; unsigned char identity[32], epoch[32]; };
enum signature { SIGNATURE_ABSENT, SIGNATURE_GOOD, SIGNATURE_BAD };
bool           note_read(struct text, struct note *ret);
enum signature note_signed(const struct note *, struct text name, const unsigned char key[32]);
bool           keys_read(struct text, struct keys *ret);           /* the two lines of a `key` file */

/* --- tree.c --- */
struct tree { int64_t size; unsigned char frontier[64][32]; };
void tree_add(struct tree *, struct text leaf);
void tree_root(const struct tree *, unsigned char ret[32]);

/* A file line by line, in a window that grows to the longest line alone. */
struct reader { int fd, why; char *room; size_t size, from, to; bool is_ended; };
enum reading { READING_LINE, READING_END, READING_TORN /* no newline at the end */, READING_LONG, READING_FAILED };
enum reading reader_line(struct reader *, struct text *ret);
/* Opens a plain file: -1 with errno; ELOOP or EINVAL for what is no plain file. */
int     file_open(int dir, const char *name, bool may_follow);
/* All of a small file, malloc'ed: NULL with errno, EFBIG over `most`. */
char   *file_whole(int fd, size_t most, size_t *ret);
bool    file_hash(int fd, unsigned char ret[32]);

/* --- walls.c --- */
void walls_up(void);                    /* from here on: open to read, read, write to what is open, end */
#endif
