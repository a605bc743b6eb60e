/* The log as files (layout 1 of HACKING.md), for samordna-verify and for anybody's own verifier.
 *
 * Only what the newest checkpoint covers goes out: seal first. One snapshot is read, leaves are written as they come.
 *
 * SECURITY: parts (salts and personal values) never leave the store: they are no part of an export. File names are ours: numbers and hex
 * digits. Every file is written anew (O_EXCL), in a directory that must be empty. */
#define LONG_LIVED
#include <sodium.h>
#include "floor/audit.h"
#include "floor/audit.sql.h"
#include "floor/leaf.h"
#include "floor/page.h"
#include "floor/seal_door.h"
#include "floor/tree.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

struct hashes { struct hash *at; size_t n, room; };
struct exporting { struct rq *rq; int dir, documents; FILE *leaves; struct hashes named; int64_t size; };

static enum err cannot(struct rq *rq, const char *name)
{
	return fail(rq, errno == ENOSPC ? ERR_FULL : ERR_IO, _("%s cannot be written: %s"), name, strerror(errno));
}

static enum err make_directory(struct rq *rq, int dir, const char *name, int *ret)
{
	if (mkdirat(dir, name, 0700) != 0)
		return cannot(rq, name);
	*ret = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return *ret >= 0 ? OK : cannot(rq, name);
}

static bool is_empty(int dir)
{
	int copy = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *list = copy < 0 ? NULL : fdopendir(copy);
	int n = 0;

	for (struct dirent *entry; list && (entry = readdir(list)); )
		n += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
	if (list)
		closedir(list);
	return list && n == 0;
}

static enum err put_checkpoint(void *of, const struct audit_checkpoints_row *row)
{
	struct exporting *exporting = of;
	char name[24];

	snprintf(name, sizeof name, "%012lld", (long long)row->id);
	return args_put_file(exporting->rq, &(const struct args){ .directory = exporting->dir }, name, row->note);
}

static enum err note_documents(struct exporting *exporting, const struct leaf *leaf)
{
	struct str rest = leaf->documents, one;
	struct hashes *named = &exporting->named;
	size_t n;
	enum err err;

	while ((err = leaf_element(&rest, &one)) == OK) {
		if (named->n == named->room) {
			size_t room = MAX(named->room * 2, (size_t)64);
			struct hash *more = NEW_MANY(exporting->rq->arena, room, struct hash);
			if (named->n)
				memcpy(more, named->at, named->n * sizeof more[0]);
			named->at = more;
			named->room = room;
		}
		if (one.len == 66 && sodium_hex2bin(named->at[named->n].byte, 32, one.at + 1, 64, NULL, &n, NULL) == 0 && n == 32)
			named->n++;
	}
	return OK;
}

static enum err put_leaf(void *of, const struct audit_leaves_row *row)
{
	struct exporting *exporting = of;
	struct leaf leaf;

	/* A leaf that cannot be read goes out all the same: the verifier says so. */
	if (leaf_parse(row->leaf, &leaf) == OK)
		TRY(note_documents(exporting, &leaf));
	if (fwrite(row->leaf.at, 1, row->leaf.len, exporting->leaves) != row->leaf.len || fputc('\n', exporting->leaves) == EOF)
		return cannot(exporting->rq, "leaves.ndjson");
	return OK;
}

static int by_bytes(const void *a, const void *b)
{
	return memcmp(a, b, 32);
}

static enum err put_document(void *of, const struct audit_documents_row *row)
{
	struct exporting *exporting = of;
	unsigned char hash[32];
	size_t n = 0;

	if (row->hash.len != 64 || sodium_hex2bin(hash, 32, row->hash.at, 64, NULL, &n, NULL) != 0 || n != 32 || !exporting->named.n)
		return OK;
	if (!bsearch(hash, exporting->named.at, exporting->named.n, 32, by_bytes))
		return OK;
	return args_put_file(exporting->rq, &(const struct args){ .directory = exporting->documents }, str_print(exporting->rq->arena, STR_FMT, STR_ARG(row->hash)).at, row->body);
}

static enum err put_leaves(struct exporting *exporting)
{
	int fd = openat(exporting->dir, "leaves.ndjson", O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

	exporting->leaves = fd < 0 ? NULL : fdopen(fd, "w");
	if (!exporting->leaves)
		return cannot(exporting->rq, "leaves.ndjson");
	enum err err = audit_leaves(exporting->rq, 0, exporting->size, put_leaf, exporting);
	if (fclose(exporting->leaves) != 0 && err == OK)
		err = cannot(exporting->rq, "leaves.ndjson");
	return err;
}

static enum err put_all(struct rq *rq, int dir, struct str keys)
{
	struct exporting exporting = { .rq = rq, .dir = dir, .documents = -1 };
	struct audit_checkpoint_last_row last;

	enum err err = audit_checkpoint_last(rq, &last);
	if (err != OK)
		return err == ERR_NONE ? fail(rq, ERR_CONFLICT, _("Nothing is sealed yet; first: samordna audit seal")) : err;
	exporting.size = last.id;
	TRY(put_leaves(&exporting));
	TRY(args_put_file(rq, &(const struct args){ .directory = dir }, "checkpoint", last.note));
	TRY(args_put_file(rq, &(const struct args){ .directory = dir }, "key", keys));
	TRY(make_directory(rq, dir, "checkpoints", &exporting.dir));
	err = audit_checkpoints(rq, put_checkpoint, &exporting);
	close(exporting.dir);
	TRY(err);
	if (exporting.named.n)
		qsort(exporting.named.at, exporting.named.n, 32, by_bytes);
	TRY(make_directory(rq, dir, "documents", &exporting.documents));
	err = audit_documents(rq, put_document, &exporting);
	close(exporting.documents);
	return err;
}

enum err audit_export(struct rq *rq, struct seal_door *door, int dir)
{
	struct str keys;

	if (!is_empty(dir))
		return fail(rq, ERR_CONFLICT, _("The directory is not empty; an export wants one of its own."));
	TRY(seal_keys(door, rq, &keys));
	bool is_in_job = rq->audit != NULL;
	if (!is_in_job)
		TRY(store_run_text(rq, store_is_postgres(rq->store) ? "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY" : "BEGIN", NULL, 0));
	enum err err = put_all(rq, dir, keys);
	if (!is_in_job)
		store_rollback(rq->store);
	return err;
}
