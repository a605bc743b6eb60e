#ifndef FLOOR_SEAL_DOOR_H
#define FLOOR_SEAL_DOOR_H
/* core's side of the seal process: calls that wait for its answer. Any thread may call; answers come into the caller's arena.
 *
 * When seal is being started again a call waits some seconds for the new channel, then says ERR_BUSY. A call that was under way
 * when seal died says ERR_BUSY too: nothing was promised; ask again.
 *
 * (The one file of the floor besides reading.h that knows doors/message.h: its questions are messages between processes.) */
#include "floor/rq.h"

struct seal_door;
enum seal_channel { SEAL_SIGNING, SEAL_SECRETS, SEAL_CHANNELS };

struct seal_door *seal_door_new(void);
/* A new end of a channel (PEER_SEAL_SIGN, PEER_SEAL_SECRETS); takes over the descriptor. */
void      seal_door_is(struct seal_door *, enum seal_channel, int fd);
/* Called, on any thread, when seal sends nonsense or nothing for too long and its channel is given up. */
void      seal_door_on_stuck(struct seal_door *, void (*stuck)(void));
void      seal_door_end(struct seal_door *);        /* nobody may be calling any more */
/* The one that pages, commands and the clock use; set by core at start. NULL before. */
struct seal_door *seal_of_core(void);
void      seal_is_cores(struct seal_door *);

/* --- signing: used by audit_seal.c --- */
enum err  seal_next_key(struct seal_door *, struct rq *, unsigned char ret[32]);
enum err  seal_keys(struct seal_door *, struct rq *, struct str *ret);                  /* two verifier lines */
enum err  seal_size(struct seal_door *, struct rq *, int64_t *ret, unsigned char ret_root[32]);
enum { SEAL_HASHES = 3000 };                        /* at most so many a call */
enum err  seal_sign_add(struct seal_door *, struct rq *, int64_t from, const unsigned char *hashes, uint32_t n);
enum err  seal_sign(struct seal_door *, struct rq *, int64_t size, struct str leaf, struct str *ret_note);

/* --- secrets: not on the writer, a password takes its time --- */
enum err  seal_password_hash(struct seal_door *, struct rq *, struct str password, struct str *ret_box);
/* ERR_DENIED: wrong, or `box` is STR_NONE (unknown person: the same work). ret_again: hash it again and store the new box. */
enum err  seal_password_check(struct seal_door *, struct rq *, struct str password, struct str box, bool *ret_again);
enum err  seal_secret_box(struct seal_door *, struct rq *, struct str secret, struct str *ret_box);     /* at most 4096 bytes */
enum err  seal_secret_open(struct seal_door *, struct rq *, struct str box, struct str *ret_secret);
enum err  seal_totp_new(struct seal_door *, struct rq *, struct str *ret_box, struct str *ret_base32);
/* ret: the counter; a counter is used once, which the caller sees to. */
enum err  seal_totp_check(struct seal_door *, struct rq *, struct str code, struct str box, struct instant now, int64_t *ret);
#endif
