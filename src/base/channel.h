#ifndef BASE_CHANNEL_H
#define BASE_CHANNEL_H
/* Messages between two of our processes: a SOCK_SEQPACKET unix socket, one message a packet.
 *
 * A message begins with struct message; its kind tells the struct that follows (doors/message.h). What is larger than
 * CHANNEL_MOST travels as a memfd sealed against write, grow and shrink, read with pread, never mapped.
 * The receiver believes nothing: length, kind and every offset are checked before use.
 *
 * channel_send and channel_receive may be called by several threads on one socket: packets stay whole. */
#include "base/arena.h"

enum { CHANNEL_MOST = 128 * 1024, CHANNEL_FILES = 32 };

struct message { uint32_t kind, length, serial, spare; };    /* length of all, this head included */

struct place { uint32_t at, length; };                        /* in the bytes behind a message's struct */
struct parcel { void *at; size_t length; int files[CHANNEL_FILES]; int n_files; };

enum err channel_pair(int ret[2]);                            /* both close-on-exec */
/* Sends head + body (body may be empty) and up to CHANNEL_FILES descriptors; sets head.length. ERR_BUSY when a
 * non-blocking socket is full, ERR_IO when the peer is gone. */
enum err channel_send(int fd, struct message head, const void *body, size_t n, const int *files, int n_files);
/* Receives one message into room (CHANNEL_MOST bytes). ERR_NONE: the peer is gone; ERR_BUSY: nothing there (non-blocking);
 * ERR_INVALID: malformed (already thrown away, its descriptors closed). Descriptors in ret are the caller's to close. */
enum err channel_receive(int fd, void *room, struct parcel *ret);

/* A sealed memfd holding these bytes; -1 when the machine has no room. */
int      channel_file(const void *bytes, size_t n);
int      channel_file_begin(void);                            /* an open one, to be written, then sealed */
enum err channel_file_seal(int fd);
/* Checks that the file is sealed and at most `most` long, and reads it whole into the arena. */
enum err channel_file_read(struct arena *, int fd, size_t most, struct str *ret);
bool     channel_file_is_sealed(int fd, size_t *length);
#endif
