/* Sealing: the last leaf of an epoch names the next key, and the checkpoint that covers it is signed by the seal process.
 *
 * Two commits and a process lie between beginning and end, and a kill may fall anywhere:
 *   1. asked for the next key: nothing has happened yet; seal gives the same key again.
 *   2. leaf audit.seal and an empty checkpoint row are committed: the row says that a signature is owed.
 *   3. seal has signed and not yet said so: it keeps the note and gives it again.
 * audit_sign pays what is owed, whenever it is called; no second seal is begun while one is owed.
 *
 * SECURITY: seal takes hashes and computes size and root itself; what does not continue what it signed before it refuses. The hashes
 * are read and sent off the writer, which only keeps the finished note: five minutes of a busy gate are a million of them. */
#define LONG_LIVED
#include <sodium.h>
#include "floor/audit.h"
#include "floor/audit.sql.h"
#include "floor/note.h"
#include "floor/seal_door.h"
#include "floor/writer.h"
#include <pthread.h>

enum err audit_seal(struct rq *rq, struct seal_door *door)
{
	struct audit_checkpoint_waiting_row owed;
	struct out base64 = out_new(rq->arena);
	struct change *change;
	unsigned char key[32];

	enum err err = audit_checkpoint_waiting(rq, &owed);
	if (err != ERR_NONE)
		return err == OK ? fail(rq, ERR_BUSY, "the seal of the epoch before is not signed yet") : err;
	TRY(seal_next_key(door, rq, key));
	TRY(audit_begin(rq, "audit.seal", str_print(rq->arena, "%lld", (long long)audit_epoch(rq->audit)), &change));
	out_base64(&base64, key, sizeof key);
	change_next_key(change, out_str(&base64));
	err = audit_checkpoint_add(rq, change_leaf(change) + 1, STR(""));
	return err == ERR_NONE ? fail(rq, ERR_CORRUPT, _("a checkpoint stands where none can be")) : err;
}

/* --- signing --- */

struct sending { struct seal_door *door; struct rq *rq; int64_t from; uint32_t n; unsigned char hashes[SEAL_HASHES][32]; };

static enum err send_hashes(struct sending *sending)
{
	if (sending->n == 0)
		return OK;
	enum err err = seal_sign_add(sending->door, sending->rq, sending->from, sending->hashes[0], sending->n);
	sending->from += sending->n;
	sending->n = 0;
	arena_empty(sending->rq->arena);
	return err;
}

static enum err take_hash(void *of, const struct audit_hashes_row *row)
{
	struct sending *sending = of;

	if (row->hash.len != 32 || row->id != sending->from + sending->n)
		return fail(sending->rq, ERR_CORRUPT, tongue(sending->rq->language, "leaf %lld is missing or has no hash; run: samordna audit verify"), (long long)(sending->from + sending->n));
	memcpy(sending->hashes[sending->n++], row->hash.at, 32);
	return sending->n == SEAL_HASHES ? send_hashes(sending) : OK;
}

/* In an arena of its own, emptied after each message. */
static enum err send_all_hashes(struct rq *rq, struct seal_door *door, int64_t from, int64_t to)
{
	struct sending *sending = NEW(rq->arena, struct sending);
	struct rq own = *rq;

	own.arena = arena_new(8 << 20);
	*sending = (struct sending){ .door = door, .rq = &own, .from = from };
	enum err err = audit_hashes(rq, from, to, take_hash, sending);
	if (err == OK)
		err = send_hashes(sending);
	arena_end(own.arena);
	return err;
}

struct signed_note { int64_t size; struct str note; };

static enum err keep_note(struct rq *rq, void *of)
{
	const struct signed_note *signed_note = of;
	enum err err = audit_checkpoint_signed(rq, signed_note->note, signed_note->size);
	return err == ERR_NONE ? OK : err;
}

static enum err sign_one(struct rq *rq, struct seal_door *door, int64_t size)
{
	unsigned char root[32];
	struct audit_leaf_get_row leaf;
	struct signed_note done = { .size = size };
	int64_t from;

	TRY(seal_size(door, rq, &from, root));
	if (from > size)
		return fail(rq, ERR_CORRUPT, _("The seal has signed %lld leaves, and the store asks for %lld: this store is older than the seal's "
		            "state. Restore both from one backup."), (long long)from, (long long)size);
	TRY(audit_leaf_get(rq, size - 1, &leaf));
	if (from < size)
		TRY(send_all_hashes(rq, door, from, size));
	TRY(seal_sign(door, rq, size, leaf.leaf, &done.note));
	if (rq->audit || !writer_of_core())
		return keep_note(rq, &done);
	return writer_do(writer_of_core(), keep_note, &done, rq);
}

enum err audit_sign(struct rq *rq, struct seal_door *door)
{
	struct audit_checkpoint_waiting_row owed;
	enum err err;

	while ((err = audit_checkpoint_waiting(rq, &owed)) == OK)
		TRY(sign_one(rq, door, owed.id));
	return err == ERR_NONE ? OK : err;
}

static enum err seal_job(struct rq *rq, void *of)
{
	return audit_seal(rq, of);
}

enum err audit_seal_now(struct rq *rq, struct seal_door *door, struct checkpoint *ret)
{
	static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;
	struct audit_checkpoint_last_row last;
	unsigned char ahead[32];

	/* Asked for beforehand, so that the writer does not wait while seal writes its state. */
	TRY(seal_next_key(door, rq, ahead));
	pthread_mutex_lock(&one_at_a_time);
	enum err err = audit_sign(rq, door);
	if (err == OK)
		err = writer_do(writer_of_core(), seal_job, door, rq);
	if (err == OK)
		err = audit_sign(rq, door);
	if (err == OK)
		err = audit_checkpoint_last(rq, &last);
	pthread_mutex_unlock(&one_at_a_time);
	if (err != OK || !ret)
		return err;
	struct note note;
	TRY(note_parse(last.note, &note));
	*ret = (struct checkpoint){ .size = note.size, .note = last.note };
	memcpy(ret->root, note.root, 32);
	return OK;
}
