#ifndef SEAL_STATE_H
#define SEAL_STATE_H
/* What seal keeps, as it stands in memory and in its file. For seal.c and seal_state.c alone. */
#include "seal.h"
#include "floor/tree.h"

enum { SEAL_NOTE = 2048, SEAL_SLOT = 8192 };
struct seal_state {
	char             magic[8];
	uint64_t         generation;             /* one more with each writing */
	char             origin[128];
	struct seal_cost cost;
	int64_t          epoch;                  /* counts checkpoints signed; never a clock */
	unsigned char    identity[64], key[64], next[64], first[32];   /* first: public key of epoch 0 */
	unsigned char    box[32], pepper[32];
	uint32_t         has_next, note_length;
	struct tree      tree;                   /* as of the last checkpoint signed */
	char             note[SEAL_NOTE];        /* that checkpoint: core asks again when it was killed before it kept it */
	unsigned char    check[32];              /* SHA-256 of all above */
};

/* The newer of the two slots that is whole. Overwrites the other one, so that no key of the past stays behind. */
enum err seal_state_read(int fd, struct seal_state *ret, struct trouble *);
/* Both slots, one after the other, each flushed: at every moment one of them is whole. */
enum err seal_state_write(int fd, struct seal_state *, struct trouble *);
#endif
