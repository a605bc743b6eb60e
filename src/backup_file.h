#ifndef BACKUP_FILE_H
#define BACKUP_FILE_H
/* The file of a backup: a head of 64 bytes, then two parts (the seal's state, the store), each with its length before it.
 *
 * Plain: the parts, then SHA-256 of everything before. Sealed with a passphrase: the parts as a stream of chunks (libsodium's
 * secretstream, XChaCha20-Poly1305; the key by argon2id from passphrase and salt), the last one marked as such. So a file that is cut,
 * changed or put together from two is found out in both forms; only the sealed one says who made it. */
#include "base/trouble.h"

enum { BACKUP_PASSPHRASE = 4096 };       /* bytes at most; at least 12 */

struct backup_out;
struct backup_in;

/* Into an open, empty file. `passphrase` STR_NONE: plain. */
enum err backup_out_begin(int fd, struct str passphrase, struct trouble *, struct backup_out **ret);
enum err backup_out_part(struct backup_out *, int from_fd, struct trouble *);     /* all of a file, from its beginning */
enum err backup_out_end(struct backup_out *, struct trouble *);                   /* durable when OK; always frees */

/* ERR_CORRUPT: no backup, cut or changed; ERR_DENIED: wrong or missing passphrase. What has been read is right only when
 * backup_in_end says OK. */
enum err backup_in_begin(int fd, struct str passphrase, struct trouble *, struct backup_in **ret);
enum err backup_in_part(struct backup_in *, int to_fd, struct trouble *);
enum err backup_in_end(struct backup_in *, struct trouble *);                     /* always frees */
#endif
