#ifndef DOORS_MESSAGE_SEAL_H
#define DOORS_MESSAGE_SEAL_H
/* core <-> seal: keys, signatures, passwords, secrets. Included by doors/message.h. */
#include "base/channel.h"

enum seal_what {
	/* On the signing channel. */
	SEAL_NEXT_KEY = 1,    /* -> 32 bytes: public key of the next epoch; the same until a checkpoint is signed */
	SEAL_SIGN,            /* with hashes: leaf hashes from index `number` on (32 bytes each), in as many messages as it takes, going
	                       * on where the last checkpoint ends. Without: sign for size `number`; place a: the last leaf, a seal
	                       * -> the signed note. Asked again for the size last signed: the same note. Else ERR_CONFLICT. */
	SEAL_KEYS,            /* -> the two verifier lines */
	SEAL_SIZE,            /* -> number: tree size of the last checkpoint signed; 32 bytes: its root */
	/* On the channel for secrets. Boxes are of three kinds; one kind cannot be opened as another. */
	SEAL_PASSWORD_HASH,   /* place a: password -> box. ERR_BUSY: the queue is full */
	SEAL_PASSWORD_CHECK,  /* place a: password, place b: box, empty for an unknown person (the same work, then no)
	                       * -> number 1: right, but hash it again, the cost has risen; ERR_DENIED when wrong */
	SEAL_SECRET_BOX,      /* place a: at most 4096 bytes -> box */
	SEAL_SECRET_OPEN,     /* place a: box -> bytes: only for what core must use (RADIUS, SMTP); TOTP seeds never leave */
	SEAL_TOTP_NEW,        /* -> a: box, b: the seed in base32, shown once */
	SEAL_TOTP_CHECK       /* place a: code, place b: box; number: unix seconds; -> the counter used, ERR_DENIED when wrong */
};
struct seal_ask {
	struct message head;
	uint32_t what, n_hashes;
	int64_t  number;
	struct place a, b;    /* in the bytes behind */
};
struct seal_answer { struct message head; uint32_t err; uint32_t spare; int64_t number; struct place a, b; };
#endif
