#ifndef VERIFY_FORGE_H
#define VERIFY_FORGE_H
/* Exports of a log, forged: a history is made, meddled with, and put on the disk for the real samordna-verify. Tests only.
 *
 *     struct history h = forge_honest();          // 13 leaves in four epochs
 *     ... change h.leaf[2], h.n, h.epoch[1] ...
 *     forge_put_all(&h);                           // forge_home/e as the meddler would have it; forge_home/key is the same key's copy
 *     forge_free(&h); */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <sodium.h>

enum { MOST = 40, EPOCHS = 8 };
#define ORIGIN "samordna.example/log"
extern char forge_home[64];

struct key { unsigned char public[32], secret[64]; };
struct history {
	char       *leaf[MOST];
	int         n, checkpointed;                /* checkpoints of seals behind this size are signed */
	struct key  identity, epoch[EPOCHS];        /* what signs */
	const char *document;                       /* its bytes */
};

struct history forge_honest(void);           /* seals are leaves 4, 5, 9 and 12 */
void           forge_free(struct history *);
struct key     forge_key(const char *name);  /* the same name gives the same key */
void           forge_keys(struct history *, const char *of);
void           forge_add(struct history *, int epoch, const char *actor, const char *subject, const char *document);
void           forge_seal(struct history *, int epoch);
int            forge_epoch_of(const struct history *, int leaf);

void forge_note(const struct history *, int size, char *ret);       /* the checkpoint of that size */
void forge_signature(char *note, const char *text, const char *name, const struct key *);     /* one more line behind it */

void forge_put_all(const struct history *);
void forge_put(const char *name, const char *bytes);                /* one file of the export */
void forge_put_leaves(const struct history *);
void forge_put_checkpoints(const struct history *);
void forge_put_key(const struct history *, const char *as);
void forge_put_document(const char *bytes, const char *under);
void forge_shell(const char *format, ...) __attribute__((format(printf, 1, 2)));
#endif
