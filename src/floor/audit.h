#ifndef FLOOR_AUDIT_H
#define FLOOR_AUDIT_H
/* The log is the truth: every change is a leaf of one Merkle tree, in the same commit as its rows.
 *
 * A write needs a `struct change`, and only audit_begin gives one. What a generated write did (table,
 * key, the columns it set with their new values) is put into the change by change_write itself, so
 * the tables are a pure fold over the log; audit_replay does that fold and compares.
 *
 * Life: a job on the writer calls audit_begin, writes, and returns OK; the writer closes the leaf
 * (audit_close) and commits. A job that fails after a write makes the writer roll back.
 *
 * Leaf bytes (fixed: "Audit export, layout 1" in HACKING.md): one JSON object without spaces
 *   {"index","epoch","at","actor","action","subject","writes":[[table,key,{column:value,...}|null],...],"documents":[hex,...]}
 * key: the key's value, an array when the key has several columns. Personal columns stand as one
 * "personal":hex of SHA-256(salt, JSON of those columns); a secret column as "secret":hex of SHA-256(box)
 * ("secret" then holds an object by column when a row has several). Seal leaves add "next". */
#include "floor/store.h"

struct change;
struct event;

enum err audit_begin(struct rq *, const char *action, struct str subject, struct change **ret);
int64_t  change_leaf(const struct change *);        /* the index that this leaf has when committed */
struct rq *change_rq(struct change *);
/* The document's SHA-256 stands in the leaf, its bytes in the store and in the export. ret: 64 hex digits in the arena. */
enum err change_document(struct change *, struct str bytes, struct str *ret);
/* The person's facts have changed: the standing is read again after the commit, before the caller is answered. */
void     change_touch(struct change *, int64_t person);
void     change_touch_site(struct change *);        /* what is common to many has changed */
bool     change_is_touched(const struct change *);
/* Called by sqlgen's functions only. ERR_NONE: the statement found no row. */
enum err change_write(struct change *, const struct statement *, const struct value *args);

/* --- for the writer --- */
struct audit;                                       /* the tree's frontier, the epoch; in core, one */
enum err audit_open(struct rq *, const char *origin, struct audit **ret);   /* reads size and frontier; makes nothing */
void     audit_end(struct audit *);
/* A job is: set rq->audit, run it, audit_hear, audit_close. audit_hear calls `hear` for each event said in the job's open
 * changes, also those that hear itself says, at most 4 deep (then ERR_CORRUPT). */
enum err audit_hear(struct audit *, struct rq *, enum err (*hear)(struct rq *, const struct event *, struct change *));
void     audit_drop(struct audit *);                /* forget the changes that the job now running has begun, and no more */
/* Close every change the job began: writes leaf and parts. */
enum err audit_close(struct audit *, struct rq *);
/* The persons touched since the last commit, each once or more; and whether what is common was touched. */
size_t   audit_touched(const struct audit *, const int64_t **ret);
bool     audit_touched_site(const struct audit *);
enum err audit_settle(struct audit *, struct rq *); /* once before each commit: where the tree stands */
void     audit_forget(struct audit *);              /* after a rollback: back to the last commit */
void     audit_committed(struct audit *);           /* after a commit: the leaves stand, nothing is touched */
int64_t  audit_size(const struct audit *);          /* committed */
int64_t  audit_epoch(const struct audit *);
void     change_next_key(struct change *, struct str base64);   /* makes the leaf a seal: the next leaf is of the next epoch */
void     audit_root(const struct audit *, unsigned char ret[32]);

/* --- sealing: core's clock about every five minutes, and `audit seal`; also an epoch in which nothing happened --- */
struct seal_door;
struct checkpoint { int64_t size; unsigned char root[32]; struct str note; };
/* All of it: the leaf as a job on core's writer, the hashes to seal, the note kept. Blocks; not on the writer. ret may be NULL. */
enum err audit_seal_now(struct rq *, struct seal_door *, struct checkpoint *ret);
/* Its two halves. audit_seal: a job, asks seal for the next key and writes leaf audit.seal; ERR_BUSY while a signature is owed.
 * audit_sign: pays what is owed, nothing owed: OK. Called at start too: a kill may have come between the two. */
enum err audit_seal(struct rq *, struct seal_door *);
enum err audit_sign(struct rq *, struct seal_door *);
/* Erase the personal columns of one write of a leaf, when no table holds their values any more: salt and values go, the hash stands,
 * and this change's leaf lists the gap. ERR_NONE: there is no such part. */
enum err change_erase(struct change *, int64_t leaf, int64_t write);

/* --- reading, on any connection; not on the writer, which it would hold --- */
struct fault { const char *kind; int64_t leaf; struct str text; };        /* leaf -1: none in particular */
struct faults { struct fault *at; size_t n, room; };                       /* at most 1000 are kept */
struct verdict_of_log { int64_t size; unsigned char root[32]; struct faults faults; };
/* Recomputes the log from the store: leaf hashes, indices, epochs and their seals, checkpoints, parts, documents. With a door also that the
 * seal's keys signed and that it has signed nothing else. `replay`: lays the rows of all leaves into an empty store of today's
 * tables and compares row for row. OK also when there are faults. */
enum err audit_verify(struct rq *, struct seal_door *, bool replay, struct verdict_of_log *ret);
/* Where a replay of PostgreSQL's log may put its scratch file (it has no name soon); not set: in memory. */
void audit_scratch_is(const char *folder);
/* The same where no seal process runs (a backup): `known` is what its state says; NULL: no signature is checked. */
struct known_seal { struct str origin; unsigned char identity[32], first[32], root[32]; int64_t size; };
enum err audit_verify_knowing(struct rq *, const struct known_seal *known, bool replay, struct verdict_of_log *ret);
/* Checks the log and lays it into an empty store, of either engine: the tables from the leaves, the log itself and secrets' boxes copied;
 * in one transaction of `empty`, from one snapshot. ERR_CORRUPT: the log is not whole. */
enum err audit_replay_into(struct rq *, struct store *empty);
/* Layout 1 into an empty directory, as far as the newest checkpoint. ERR_CONFLICT: the directory is not empty, or nothing is sealed yet. */
enum err audit_export(struct rq *, struct seal_door *, int dir_fd);
#endif
