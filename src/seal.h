#ifndef SEAL_H
#define SEAL_H
/* The seal process: holds the keys, and nothing else can make it say them.
 *
 * It signs checkpoints of the log, boxes and opens secrets, checks passwords and TOTP. It opens nothing: keeper hands it its state
 * file. Two channels: one for signing, which core's writer waits on, and one for secrets, where argon2id takes its time.
 *
 * What it is asked and answers: enum seal_what in doors/message.h; core's side is floor/seal_door.h. */
#include "base/trouble.h"

/* The cost of one password: argon2id passes and bytes. It stands in the state file, so that tests can be quick. */
struct seal_cost { uint64_t passes, bytes; };
#define SEAL_COST ((struct seal_cost){ 3, 64 << 20 })
#define SEAL_COST_OF_TESTS ((struct seal_cost){ 1, 8192 })

/* Writes a new state into an empty file open for reading and writing: fresh keys, an empty log. `origin` is the log's name,
 * without blanks and plus (samordna.kommun.example/log). ERR_CONFLICT when the file is not empty. */
enum err seal_state_new(int state_fd, const char *origin, struct seal_cost, struct trouble *);

/* The process, until core is gone. Its exit status. */
int seal_run(int state_fd, int sign_fd, int secrets_fd);
#endif
