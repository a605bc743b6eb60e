/* samordna-verify DIR --key FILE [--since CHECKPOINT]: is this export of the log whole, and does it continue what I know?
 *
 * One pass over leaves.ndjson: each line is read strictly, numbered, hashed into the tree; at each seal leaf its checkpoint is opened, and
 * root and both signatures are checked with the key that the seal before has named (the first with that of the key file). At the
 * end: the newest checkpoint covers all leaves, nothing lies beside what the leaves speak of, documents are what the leaves hash.
 * In memory stay the longest leaf, 40 bytes a document and 16 a checkpoint; never the leaves.
 *
 * Output and exit codes are those of `samordna audit verify`: 0 whole, 6 with each fault and its leaf, 2 usage, 3 no such file, 1 when
 * something could not be read. It speaks English alone: the less there is to trust, the better.
 *
 * SECURITY: everything in DIR is a stranger's, and no hint in it is believed: keys come from --key, which was handed over on paper. What it
 * cannot see: a log rewritten as a whole by who has its identity key and that of epoch 0, or after the last checkpoint that
 * somebody else holds by who has today's; --since closes the second up to that checkpoint. */
#include "verify.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MOST_FAULTS = 1000, MOST_NOTE = 1 << 16 };
struct fault { const char *kind; int64_t leaf; char text[240]; };
struct document { unsigned char hash[32]; bool is_named; };
struct checkpoint { int64_t size; bool is_named; };

static struct fault faults[MOST_FAULTS + 1];
static size_t n_faults;

static struct {
	int         dir, checkpoints_dir, documents_dir;
	struct tree tree;
	int64_t     next;                        /* the index that the next leaf should have */
	int64_t     epoch, last_seal;            /* last_seal: the size at it; 0 before the first */
	bool        has_wrong_root, has_keys;
	struct keys keys;                        /* .epoch: of the epoch that is open */
	struct text last_note;                   /* malloc'ed: the checkpoint of the last seal */
	struct document   *documents;            /* in the order of their hashes */
	struct checkpoint *checkpoints;          /* in the order of their sizes */
	size_t      n_documents, n_checkpoints;
	bool        has_since, is_since_note;
	struct note since;
	struct text since_bytes, key_bytes;      /* what notes and keys point into */
} v = { .dir = -1, .checkpoints_dir = -1, .documents_dir = -1 };

__attribute__((format(printf, 3, 4)))
static void fault(const char *kind, int64_t leaf, const char *format, ...)
{
	va_list list;

	if (n_faults > MOST_FAULTS)
		return;
	struct fault *one = &faults[n_faults++];
	*one = n_faults > MOST_FAULTS ? (struct fault){ "more", leaf, "and more, which are not listed" } : (struct fault){ kind, leaf, "" };
	if (n_faults > MOST_FAULTS)
		return;
	va_start(list, format);
	vsnprintf(one->text, sizeof one->text, format, list);
	va_end(list);
}

_Noreturn static void give_up(int status, const char *what, const char *why)
{
	fprintf(stderr, "samordna-verify: %s: %s\n", what, why);
	exit(status);
}

static void *more_room(void *at, size_t n, size_t each)
{
	/* Doubled at each power of two. */
	if (n & (n - 1) || !(at = realloc(at, (n ? 2 * n : 1) * each)))
		if (!at)
			give_up(1, "memory", strerror(ENOMEM));
	return at;
}

/* --- what lies in the two folders --- */

static void take_document(const char *name)
{
	struct document one = { .is_named = false };

	if (!text_hash((struct text){ name, strlen(name) }, one.hash)) {
		fault("document", -1, "documents/ holds a file whose name is no hash: %.80s", name);
		return;
	}
	v.documents = more_room(v.documents, v.n_documents, sizeof one);
	v.documents[v.n_documents++] = one;
}

static void take_checkpoint(const char *name)
{
	struct checkpoint one = { 0, false };
	char again[32];
	size_t n = strlen(name), zeroes = strspn(name, "0");

	bool is_number = n < sizeof again && text_number((struct text){ name + zeroes, n - zeroes }, &one.size);
	snprintf(again, sizeof again, "%012" PRId64, one.size);
	if (!is_number || strcmp(again, name) != 0) {
		fault("checkpoint", -1, "checkpoints/ holds a file whose name is no size: %.80s", name);
		return;
	}
	v.checkpoints = more_room(v.checkpoints, v.n_checkpoints, sizeof one);
	v.checkpoints[v.n_checkpoints++] = one;
}

static int list_folder(const char *name, void (*take)(const char *))
{
	int fd = openat(v.dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	int copy = fd < 0 ? -1 : openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *list = copy < 0 ? NULL : fdopendir(copy);

	if (!list && errno != ENOENT && errno != ENOTDIR && errno != ELOOP)
		give_up(1, name, strerror(errno));
	if (!list) {
		fault("export", -1, "there is no folder %s", name);
		return -1;
	}
	for (struct dirent *entry; (entry = readdir(list)); )
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			take(entry->d_name);
	closedir(list);
	return fd;
}

static int by_hash(const void *a, const void *b)
{
	return memcmp(a, b, 32);
}

static int by_size(const void *a, const void *b)
{
	const struct checkpoint *one = a, *other = b;
	return (one->size > other->size) - (one->size < other->size);
}

static void list_folders(void)
{
	v.checkpoints_dir = list_folder("checkpoints", take_checkpoint);
	v.documents_dir = list_folder("documents", take_document);
	if (v.n_documents)
		qsort(v.documents, v.n_documents, sizeof v.documents[0], by_hash);
	if (v.n_checkpoints)
		qsort(v.checkpoints, v.n_checkpoints, sizeof v.checkpoints[0], by_size);
}

/* A small file of the export, malloc'ed; a fault and no bytes when it is missing, too long, or no plain file. */
static struct text small_file(int dir, const char *kind, int64_t leaf, const char *folder, const char *name)
{
	struct text ret = { NULL, 0 };
	int fd = file_open(dir, name, false);

	if (fd < 0 && errno != ENOENT && errno != ELOOP && errno != EINVAL && errno != ENXIO)
		give_up(1, name, strerror(errno));
	if (fd < 0) {
		fault(kind, leaf, "%s%s is missing or no plain file", folder, name);
		return ret;
	}
	ret.at = file_whole(fd, MOST_NOTE, &ret.len);
	if (!ret.at && errno != EFBIG)
		give_up(1, name, strerror(errno));
	if (!ret.at)
		fault(kind, leaf, "%s%s is longer than it can be", folder, name);
	close(fd);
	return ret;
}

/* --- one leaf --- */

static void check_document(int64_t leaf, const unsigned char hash[32])
{
	unsigned char really[32];
	char name[65];
	struct document *found = v.n_documents ? bsearch(hash, v.documents, v.n_documents, sizeof v.documents[0], by_hash) : NULL;

	sodium_bin2hex(name, sizeof name, hash, 32);
	if (!found) {
		fault("document", leaf, "document %s is missing", name);
		return;
	}
	if (found->is_named)
		return;
	found->is_named = true;
	int fd = file_open(v.documents_dir, name, false);
	if (fd < 0 && (errno == EINVAL || errno == ELOOP || errno == ENXIO))
		fault("document", leaf, "document %s is no plain file", name);
	else if (fd < 0 || !file_hash(fd, really))
		give_up(1, name, strerror(errno));
	else if (memcmp(really, hash, 32) != 0)
		fault("document", leaf, "document %s is changed", name);
	if (fd >= 0)
		close(fd);
}

static void check_root(int64_t leaf, const unsigned char root[32], const char *kind, const char *whose)
{
	unsigned char ours[32];

	tree_root(&v.tree, ours);
	if (memcmp(ours, root, 32) == 0 || v.has_wrong_root)
		return;
	v.has_wrong_root = true;           /* one wrong leaf makes all later roots wrong: said once */
	fault(kind, leaf, "the leaves up to here do not give the root that %s holds", whose);
}

static void check_signatures(const struct note *note, int64_t leaf, const char *kind)
{
	static const char *const state[] = { "is missing", "", "is wrong" };

	if (!v.has_keys)
		return;
	enum signature identity = note_signed(note, v.keys.origin, v.keys.identity);
	enum signature epoch = note_signed(note, v.keys.epoch_name, v.keys.epoch);
	if (!text_same(note->origin, v.keys.origin))
		fault(kind, leaf, "the checkpoint is of another log");
	if (identity != SIGNATURE_GOOD)
		fault(kind, leaf, "the checkpoint's signature by the log's own key %s", state[identity]);
	if (epoch != SIGNATURE_GOOD)
		fault(kind, leaf, "the checkpoint's signature by the key of epoch %" PRId64 " %s", v.epoch, state[epoch]);
}

static void check_checkpoint(int64_t index)
{
	struct checkpoint *found = NULL, key = { index + 1, false };
	struct note note;
	char name[32];

	snprintf(name, sizeof name, "%012" PRId64, index + 1);
	if (v.n_checkpoints && (found = bsearch(&key, v.checkpoints, v.n_checkpoints, sizeof key, by_size)))
		found->is_named = true;
	if (!found) {
		fault("checkpoint", index, "this seal has no checkpoint");
		return;
	}
	struct text bytes = small_file(v.checkpoints_dir, "checkpoint", index, "checkpoints/", name);
	free((char *)v.last_note.at);
	v.last_note = bytes;
	if (!bytes.at)
		return;
	if (!note_read(bytes, &note)) {
		fault("checkpoint", index, "the checkpoint is no signed note");
		return;
	}
	if (note.size != index + 1)
		fault("checkpoint", index, "the checkpoint is one of %" PRId64 " leaves", note.size);
	else
		check_root(index, note.root, "checkpoint", "the checkpoint");
	check_signatures(&note, index, "checkpoint");
}

/* Behind leaf `size - 1`, before its key goes. */
static void check_since(int64_t index)
{
	if (!v.has_since || v.since.size != v.tree.size)
		return;
	unsigned char ours[32];
	tree_root(&v.tree, ours);
	if (memcmp(ours, v.since.root, 32) != 0)
		fault("since", index, "the log does not continue the checkpoint that you know: another history leads here");
	if (v.is_since_note)
		check_signatures(&v.since, index, "since");
}

static void check_seal(int64_t index, const struct line *line)
{
	unsigned char key[32];

	if (!line->is_seal) {
		if (line->has_next)
			fault("seal", index, "a leaf that is no seal names a key");
		return;
	}
	check_checkpoint(index);
	v.last_seal = index + 1;
	v.epoch++;
	if (!line->has_next || !text_base64(line->next, key, 32))
		fault("seal", index, "the seal names no next key");
	else
		memcpy(v.keys.epoch, key, 32);
}

static void check_place(const struct line *line)
{
	if (line->index > v.next)
		fault("index", v.next, "leaf %" PRId64 " is missing (%" PRId64 " comes next)", v.next, line->index);
	else if (line->index < v.next)
		fault("index", line->index, "leaf %" PRId64 " stands where leaf %" PRId64 " should", line->index, v.next);
	if (line->epoch != v.epoch)
		fault("epoch", line->index, "it is of epoch %" PRId64 " where epoch %" PRId64 " is open", line->epoch, v.epoch);
	v.epoch = line->epoch;
}

static void check_line(struct text bytes)
{
	struct line line;
	unsigned char hash[32];

	tree_add(&v.tree, bytes);
	const char *why = line_read(bytes, &line);
	if (why) {
		fault("leaf", v.next, "%s", why);
		check_since(v.next++);
		return;
	}
	check_place(&line);
	for (struct text rest = line.documents; line_document(&rest, hash); )
		check_document(line.index, hash);
	check_since(line.index);
	check_seal(line.index, &line);
	v.next = line.index == INT64_MAX ? 0 : line.index + 1;
}

static void check_leaves(void)
{
	struct reader reader = { .fd = file_open(v.dir, "leaves.ndjson", false) };
	struct text line;
	enum reading got = READING_END;

	if (reader.fd < 0 && errno != ENOENT && errno != ELOOP && errno != EINVAL && errno != ENXIO)
		give_up(1, "leaves.ndjson", strerror(errno));
	if (reader.fd < 0)
		fault("export", -1, "leaves.ndjson is missing or no plain file");
	while (reader.fd >= 0 && (got = reader_line(&reader, &line)) == READING_LINE)
		check_line(line);
	if (got == READING_TORN) {
		check_line(line);
		fault("leaf", v.next - 1, "the last line of leaves.ndjson is torn off: no newline ends it");
	}
	if (got == READING_LONG)
		fault("leaf", v.next, "the line is longer than a leaf can be; what follows was not read");
	if (got == READING_FAILED)
		give_up(1, "leaves.ndjson", strerror(reader.why));
	free(reader.room);
	if (reader.fd >= 0)
		close(reader.fd);
}

/* --- the whole --- */

static void check_newest(void)
{
	struct text newest = small_file(v.dir, "checkpoint", v.next - 1, "", "checkpoint");
	struct note note;

	if (v.tree.size == 0)
		fault("checkpoint", -1, "there are no leaves; every export has a seal");
	else if (v.last_seal == 0)
		fault("seal", v.next - 1, "no leaf is a seal: nothing here was ever signed");
	else if (v.last_seal != v.next)
		fault("seal", v.last_seal, "the leaves from here on are covered by no checkpoint");
	if (newest.at && !note_read(newest, &note))
		fault("checkpoint", v.next - 1, "the newest checkpoint is no signed note");
	else if (newest.at && note.size != v.tree.size)
		fault("checkpoint", v.next - 1, "the newest checkpoint covers %" PRId64 " leaves, and %" PRId64 " are here", note.size, v.tree.size);
	else if (newest.at && v.last_note.at && !text_same(newest, v.last_note))
		fault("checkpoint", v.next - 1, "the newest checkpoint is not the one of the last seal");
	free((char *)newest.at);
}

static void check_left_over(void)
{
	char name[65];

	for (size_t i = 0; i < v.n_checkpoints; i++)
		if (!v.checkpoints[i].is_named)
			fault("checkpoint", v.checkpoints[i].size - 1, "a checkpoint of %" PRId64 " leaves follows no seal", v.checkpoints[i].size);
	for (size_t i = 0; i < v.n_documents; i++)
		if (!v.documents[i].is_named) {
			sodium_bin2hex(name, sizeof name, v.documents[i].hash, 32);
			fault("document", -1, "document %s is named by no leaf", name);
		}
	if (v.has_since && v.since.size > v.tree.size)
		fault("since", v.tree.size - 1, "you know a checkpoint of %" PRId64 " leaves, and %" PRId64 " are here: the log was cut or put back",
		      v.since.size, v.tree.size);
}

/* The export's own copy of the keys proves nothing; that it differs is worth knowing all the same. */
static void check_own_key(void)
{
	struct text bytes = small_file(v.dir, "key", -1, "", "key");
	struct keys own;

	if (bytes.at && (!keys_read(bytes, &own) || bytes.at[bytes.len - 1] != '\n'))
		fault("key", -1, "the export's own key file is not two verifier keys");
	else if (bytes.at && v.has_keys && (memcmp(own.identity, v.keys.identity, 32) != 0 || memcmp(own.epoch, v.keys.epoch, 32) != 0
	                                    || !text_same(own.origin, v.keys.origin)))
		fault("key", -1, "the export's own key file is another than the one you gave");
	free((char *)bytes.at);
}

static void put_json(const char *s)
{
	putchar('"');
	for (; *s; s++)
		if (*s == '"' || *s == '\\')
			printf("\\%c", *s);
		else if ((unsigned char)*s < ' ' || (unsigned char)*s >= 0x7f)
			printf("\\u%04x", (unsigned char)*s);      /* of a file's name: bytes shown, not read */
		else
			putchar(*s);
	putchar('"');
}

static int say(bool is_json)
{
	unsigned char root[32];
	char base64[64];

	tree_root(&v.tree, root);
	sodium_bin2base64(base64, sizeof base64, root, 32, sodium_base64_VARIANT_ORIGINAL);
	if (is_json)
		printf("{\"size\":%" PRId64 ",\"root\":\"%s\",\"ok\":%s}\n", v.tree.size, base64, n_faults ? "false" : "true");
	else
		printf("%" PRId64 " leaves, root %s\n%s\n", v.tree.size, base64, n_faults ? "The log is NOT whole:" : "The log is whole.");
	for (size_t i = 0; i < n_faults; i++) {
		char leaf[24];
		snprintf(leaf, sizeof leaf, faults[i].leaf < 0 ? is_json ? "null" : "-" : "%" PRId64, faults[i].leaf);
		printf(is_json ? "{\"fault\":\"%s\",\"leaf\":%s,\"text\":" : "%s, leaf %s: ", faults[i].kind, leaf);
		if (is_json)
			put_json(faults[i].text);
		else
			fputs(faults[i].text, stdout);
		puts(is_json ? "}" : "");
	}
	if (fflush(stdout) != 0)
		give_up(1, "standard output", strerror(errno));
	return n_faults ? 6 : 0;
}

/* --- what the caller gave --- */

static void open_key(const char *path)
{
	int fd = file_open(AT_FDCWD, path, true);

	if (fd < 0)
		give_up(errno == ENOENT || errno == ENOTDIR ? 3 : 1, path, strerror(errno));
	v.key_bytes.at = file_whole(fd, MOST_NOTE, &v.key_bytes.len);
	if (!v.key_bytes.at && errno != EFBIG)
		give_up(1, path, strerror(errno));
	close(fd);
	v.has_keys = v.key_bytes.at && keys_read(v.key_bytes, &v.keys);
	if (!v.has_keys)
		fault("key", -1, "the key file that you gave is not two verifier keys: no signature could be checked");
}

/* SIZE:BASE64ROOT as it stands on paper, or a note's file. */
static void open_since(const char *what)
{
	struct text rest = { what, strlen(what) }, size = text_cut(&rest, ':');

	v.has_since = true;
	if (rest.at && size.len && strspn(what, "0123456789") == size.len) {
		if (!text_number(size, &v.since.size) || !text_base64(rest, v.since.root, 32))
			give_up(2, "--since", "write SIZE:BASE64ROOT or the name of a checkpoint's file");
		return;
	}
	int fd = file_open(AT_FDCWD, what, true);
	if (fd < 0)
		give_up(errno == ENOENT || errno == ENOTDIR ? 3 : 1, what, strerror(errno));
	v.since_bytes.at = file_whole(fd, MOST_NOTE, &v.since_bytes.len);
	if (!v.since_bytes.at && errno != EFBIG)
		give_up(1, what, strerror(errno));
	close(fd);
	v.is_since_note = v.since_bytes.at && note_read(v.since_bytes, &v.since);
	v.has_since = v.is_since_note;
	if (!v.is_since_note)
		fault("since", -1, "the checkpoint that you gave is no signed note");
}

static int usage(int status)
{
	fprintf(status ? stderr : stdout, "usage: samordna-verify DIR --key FILE [--since CHECKPOINT-FILE | --since SIZE:BASE64ROOT] [--json]\n"
	        "Checks an export of the log. 0: it is whole. 6: it is not, each fault with its leaf.\n");
	return status;
}

static bool option(int argc, char **argv, int *i, const char *name, const char **ret)
{
	size_t n = strlen(name);

	if (strncmp(argv[*i], name, n) != 0 || (argv[*i][n] != '=' && argv[*i][n] != '\0'))
		return false;
	if (*ret || (argv[*i][n] == '\0' && *i + 1 == argc))
		exit(usage(2));
	*ret = argv[*i][n] == '=' ? argv[*i] + n + 1 : argv[++*i];
	return true;
}

int main(int argc, char **argv)
{
	const char *dir = NULL, *key = NULL, *since = NULL;
	bool is_json = false;

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
			return usage(0);
		if (strcmp(argv[i], "--json") == 0)
			is_json = true;
		else if (option(argc, argv, &i, "--key", &key) || option(argc, argv, &i, "--since", &since))
			continue;
		else if (argv[i][0] == '-' || dir)
			return usage(2);
		else
			dir = argv[i];
	}
	if (!dir || !key)
		return usage(2);
	if (sodium_init() < 0)
		give_up(1, "libsodium", "does not start");
	walls_up();
	v.dir = openat(AT_FDCWD, dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (v.dir < 0)
		give_up(errno == ENOENT || errno == ENOTDIR ? 3 : 1, dir, strerror(errno));
	open_key(key);
	if (since)
		open_since(since);
	check_own_key();
	list_folders();
	check_since(-1);
	check_leaves();
	check_newest();
	check_left_over();
	return say(is_json);
}
