/* Backups. A backup is the store and the seal's state of the same moment: with one alone the log cannot go on.
 *
 * create: core makes the copy of the store while it goes on serving (SQLite: one read transaction; PostgreSQL: the log laid into a file
 * of SQLite, audit_move.c) and hands over the open file, which has no name any more. Core never sees the seal's keys: the client,
 * who owns HOME, reads that state himself, before and after; when it changed meanwhile (a seal fell in between) it asks again.
 * verify: unpacks beside nothing else, checks the whole log against the state's keys and lays every table anew from it.
 * restore: the same, into a home without a store; then leaf audit.restored, whose subject is what came back. With `store = postgres:`
 * the log is laid into that database: so a backup is also the way from one engine to the other. Volatile tables (sessions) come empty.
 *
 * SECURITY: a plain file holds the keys of the log and everybody's data: --passphrase FILE seals it, and without that a sentence says so.
 * A backup whose keys are old can sign another history from there: only a checkpoint that somebody else holds shows it. samordna.conf
 * and the files that it names are not in it: secrets of RADIUS stand there in the clear. Nothing is ever overwritten. */
#define LONG_LIVED
#include <sodium.h>
#include "backup.h"
#include "backup_note.h"
#include "backup_file.h"
#include "init.h"
#include "seal_state.h"
#include "floor/audit.sql.h"
#include "floor/audit_commands.h"
#include "floor/people_import.h"
#include "floor/upgrade.h"
#include "base/world.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

enum { TRIES = 8, PATH = 512, STATE_BYTES = 2 * SEAL_SLOT };

/* --- small things --- */

static enum err cannot(struct rq *rq, const char *path)
{
	return fail(rq, errno == EEXIST ? ERR_CONFLICT : errno == ENOENT ? ERR_NONE : errno == ENOSPC || errno == EDQUOT ? ERR_FULL : ERR_IO, "%s: %s", path,
	            strerror(errno));
}

static void say_done(struct rq *rq, struct out *out, bool is_json, const struct verdict_of_log *verdict, int64_t began)
{
	double seconds = (double)(world.ticks() - began) / 1000;

	if (is_json)
		out_print(out, "{\"size\":%lld,\"root\":\"", (long long)verdict->size);
	else
		out_print(out, _("%lld leaves, root "), (long long)verdict->size);
	out_base64(out, verdict->root, 32);
	out_print(out, is_json ? "\",\"seconds\":%.3f}\n" : _(", %.3f seconds\n"), seconds);
}

/* The passphrase's file: all of it but the newline at its end. */
static enum err passphrase_of(struct rq *rq, const struct args *args, struct str *ret)
{
	struct str path = args_option(args, "passphrase");
	char *room = arena_take(rq->arena, BACKUP_PASSPHRASE + 2);

	*ret = STR_NONE;
	if (!path.at)
		return OK;
	int fd = open(path.at, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, room, BACKUP_PASSPHRASE + 2);
	if (fd >= 0)
		close(fd);
	if (n < 0)
		return cannot(rq, path.at);
	while (n > 0 && (room[n - 1] == '\n' || room[n - 1] == '\r'))
		n--;
	*ret = (struct str){ room, (size_t)n };
	return OK;
}

static enum err file_word(struct rq *rq, const struct args *args, const char **ret)
{
	if (args->n_words != 1)
		return trouble_exit(rq->trouble, 2, fail(rq, ERR_INVALID, _("Name one file: samordna backup create|verify|restore FILE")));
	*ret = str_print(rq->arena, STR_FMT, STR_ARG(args->words[0])).at;
	return OK;
}

static enum err sync_folder_of(struct rq *rq, const char *path)
{
	char folder[PATH];
	const char *slash = strrchr(path, '/');

	snprintf(folder, sizeof folder, "%.*s", slash ? (int)(slash - path) + 1 : 1, slash ? path : ".");
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool is_done = fd >= 0 && fsync(fd) == 0;
	if (fd >= 0)
		close(fd);
	return is_done ? OK : cannot(rq, folder);
}

/* --- create --- */

/* In core: a copy of the store under a name of its own in HOME/store, opened, and the name taken away again. */
static enum err copy_store(struct rq *rq, const char *path)
{
	struct store_place place = { .at = path };
	struct store *copy;

	if (!store_is_postgres(rq->store))
		return store_backup(rq->store, path, rq->trouble);
	TRY(store_create(&place, rq->trouble, &copy));
	enum err err = audit_replay_into(rq, copy);
	store_close(copy);
	return err;
}

static enum err size_and_root(struct rq *rq, const char *path, struct verdict_of_log *ret)
{
	struct store_place place = { .at = path };
	struct rq own = *rq;
	struct audit *audit;

	TRY(store_open(&place, true, rq->trouble, &own.store));
	enum err err = audit_open(&own, "", &audit);
	if (err == OK) {
		ret->size = audit_size(audit);
		audit_root(audit, ret->root);
		audit_end(audit);
	}
	store_close(own.store);
	return err;
}

static enum err create_in_core(struct rq *rq, const struct args *args, struct out *out)
{
	struct verdict_of_log verdict = { 0 };
	char path[PATH];
	unsigned char random[8];
	char hex[17];
	int64_t began = world.ticks();

	if (!args->given)
		return ERR_INVALID;
	world.random(random, sizeof random);
	sodium_bin2hex(hex, sizeof hex, random, sizeof random);
	snprintf(path, sizeof path, "%s/store/copy-%s.db", people_home(), hex);
	enum err err = copy_store(rq, path);
	if (err == OK)
		err = size_and_root(rq, path, &verdict);
	if (err == OK && (*args->given = open(path, O_RDONLY | O_CLOEXEC)) < 0)
		err = cannot(rq, path);
	unlink(path);
	say_done(rq, out, args->json, &verdict, began);
	return err;
}

static enum err read_state(struct rq *rq, const char *home, unsigned char *ret)
{
	char path[PATH];
	ssize_t n;

	snprintf(path, sizeof path, "%s/seal/state", home);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : pread(fd, ret, STATE_BYTES, 0);
	int why = errno;
	if (fd >= 0)
		close(fd);
	errno = why;
	if (n < 0)
		return cannot(rq, path);
	return n == STATE_BYTES ? OK : fail(rq, ERR_CORRUPT, _("The seal's state has not the length that it should have; nothing was copied."));
}

/* A copy of the store in whose making the seal's state stood still. */
static enum err take_moment(struct rq *rq, const struct here *here, unsigned char *state, struct out *ret_text, int *ret_fd)
{
	unsigned char *after = arena_take(rq->arena, STATE_BYTES);

	for (int i = 0; i < TRIES; i++) {
		TRY(read_state(rq, here->home, state));
		ret_text->len = 0;
		*ret_fd = -1;
		int status = here->ask(here->of, ret_text, ret_fd);
		if (status)
			return trouble_exit(rq->trouble, status, ERR_IO);
		if (*ret_fd < 0)
			return fail(rq, ERR_IO, _("The server made no copy of the store."));
		enum err err = read_state(rq, here->home, after);
		if (err == OK && memcmp(state, after, STATE_BYTES) == 0)
			return OK;
		close(*ret_fd);
		TRY(err);
	}
	return fail(rq, ERR_BUSY, _("The log is being sealed again and again; try once more."));
}

static enum err write_backup(struct rq *rq, int fd, struct str passphrase, const unsigned char *state, int store)
{
	struct backup_out *backup;
	int memory = channel_file(state, STATE_BYTES);

	if (memory < 0)
		return fail(rq, ERR_FULL, "no memory for the seal's state");
	enum err err = backup_out_begin(fd, passphrase, rq->trouble, &backup);
	if (err == OK) {
		err = backup_out_part(backup, memory, rq->trouble);
		if (err == OK)
			err = backup_out_part(backup, store, rq->trouble);
		enum err end = backup_out_end(backup, rq->trouble);
		err = err == OK ? end : err;
	}
	close(memory);
	return err;
}

/* For /admin and the foot of the pages: when, and where to. */
static void note_done(const char *home, const char *path)
{
	struct backup_note note = { .at = world.now() };
	struct stat about;
	char *whole = realpath(path, NULL);

	if (whole && stat(whole, &about) == 0) {
		note.bytes = about.st_size;
		snprintf(note.path, sizeof note.path, "%s", whole);
		backup_note_write(home, &note);
	}
	free(whole);
}

/* Written under another name and linked when it is whole: what has the name is a backup, and what had it stays. */
static enum err create_here(struct rq *rq, const struct args *args, struct out *out, const struct here *here)
{
	unsigned char *state = arena_take(rq->arena, STATE_BYTES);
	struct str passphrase;
	const char *path;
	int store = -1;

	TRY(file_word(rq, args, &path));
	TRY(passphrase_of(rq, args, &passphrase));
	if (access(path, F_OK) == 0)
		return fail(rq, ERR_CONFLICT, _("%s is there already; a backup overwrites nothing."), path);
	const char *part = str_print(rq->arena, "%s.part", path).at;
	int fd = open(part, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return cannot(rq, part);
	struct out text = out_new(rq->arena);
	enum err err = take_moment(rq, here, state, &text, &store);
	if (err == OK) {
		err = write_backup(rq, fd, passphrase, state, store);
		close(store);
	}
	sodium_memzero(state, STATE_BYTES);
	close(fd);
	if (err == OK && link(part, path) != 0)
		err = cannot(rq, path);
	unlink(part);
	if (err == OK)
		err = sync_folder_of(rq, path);
	if (err != OK)
		return err;
	note_done(here->home, path);
	if (!passphrase.at)
		world_log("samordna: %s", _("This backup is not sealed: it holds the log's keys and everybody's data. Keep it as you keep the server, "
		                            "or use --passphrase FILE."));
	out_put(out, out_str(&text));
	return OK;
}

/* --- unpacking and checking --- */

static enum err unpack(struct rq *rq, const char *file, struct str passphrase, const char *state, const char *store)
{
	struct backup_in *in;
	int from = open(file, O_RDONLY | O_CLOEXEC);

	if (from < 0)
		return cannot(rq, file);
	int to_state = open(state, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	int to_store = to_state < 0 ? -1 : open(store, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	enum err err = to_store < 0 ? cannot(rq, to_state < 0 ? state : store) : backup_in_begin(from, passphrase, rq->trouble, &in);
	if (err == OK) {
		err = backup_in_part(in, to_state, rq->trouble);
		if (err == OK)
			err = backup_in_part(in, to_store, rq->trouble);
		enum err end = backup_in_end(in, rq->trouble);
		err = err == OK ? end : err;
	}
	close(from);
	if (to_state >= 0)
		close(to_state);
	if (to_store >= 0)
		close(to_store);
	/* A file that was cut or changed is what a check is there to find. */
	return err == ERR_CORRUPT ? trouble_exit(rq->trouble, 6, err) : err;
}

static enum err known_from(struct rq *rq, const char *path, struct known_seal *ret)
{
	struct seal_state *state = NEW(rq->arena, struct seal_state);
	int fd = open(path, O_RDWR | O_CLOEXEC);

	if (fd < 0)
		return cannot(rq, path);
	enum err err = seal_state_read(fd, state, rq->trouble);
	close(fd);
	if (err == OK) {
		struct hash root = tree_root(&state->tree);
		ret->origin = str_copy(rq->arena, str_of(state->origin));
		ret->size = state->tree.size;
		memcpy(ret->root, root.byte, 32);
		memcpy(ret->identity, state->identity + 32, 32);
		memcpy(ret->first, state->first, 32);
	}
	sodium_memzero(state, sizeof *state);
	return err;
}

/* Everything again from the leaves; a log of an older program is first checked as it stands, then brought up to date. */
static enum err check_log(struct rq *rq, const struct known_seal *known, struct verdict_of_log *ret)
{
	struct verdict_of_log after;
	bool is_due;

	TRY(upgrade_is_due(rq, &is_due));
	TRY(audit_verify_knowing(rq, known, !is_due, ret));
	if (!is_due || ret->faults.n)
		return OK;
	TRY(upgrade(rq));
	TRY(audit_verify_knowing(rq, known, true, &after));
	ret->faults = after.faults;
	return OK;
}

struct unpacked { const char *state, *store; struct rq rq; };

static enum err open_unpacked(struct rq *rq, struct unpacked *unpacked, struct verdict_of_log *ret)
{
	struct store_place place = { .at = unpacked->store };
	struct known_seal known;

	TRY(known_from(rq, unpacked->state, &known));
	unpacked->rq = *rq;
	TRY(store_open(&place, true, rq->trouble, &unpacked->rq.store));
	enum err err = check_log(&unpacked->rq, &known, ret);
	if (err != OK)
		store_close(unpacked->rq.store);
	return err;
}

static void remove_unpacked(struct rq *rq, const struct unpacked *unpacked)
{
	static const char *const companions[] = { "", "-wal", "-shm", "-journal" };

	unlink(unpacked->state);
	for (size_t i = 0; i < LENGTH(companions); i++)
		unlink(str_print(rq->arena, "%s%s", unpacked->store, companions[i]).at);
}

static enum err say_verdict(struct rq *rq, const struct args *args, struct out *out, const struct verdict_of_log *verdict, int64_t began)
{
	say_done(rq, out, args->json, verdict, began);
	audit_say_faults(rq, out, args->json, verdict);
	if (!verdict->faults.n)
		return OK;
	return trouble_exit(rq->trouble, 6, fail(rq, ERR_CORRUPT, _("The backup's log is not whole: look at the faults above.")));
}

/* --- verify --- */

static enum err verify_here(struct rq *rq, const struct args *args, struct out *out, const struct here *here)
{
	const char *file, *folder = getenv("TMPDIR");
	struct verdict_of_log verdict = { 0 };
	struct str passphrase;
	int64_t began = world.ticks();
	char place[PATH];

	TRY(file_word(rq, args, &file));
	TRY(passphrase_of(rq, args, &passphrase));
	if (access(file, R_OK) != 0)
		return cannot(rq, file);
	snprintf(place, sizeof place, "%s/samordna-backup-XXXXXX", folder && *folder ? folder : "/var/tmp");
	if (!mkdtemp(place))
		return cannot(rq, place);
	struct unpacked unpacked = { .state = str_print(rq->arena, "%s/state", place).at, .store = str_print(rq->arena, "%s/samordna.db", place).at };
	enum err err = unpack(rq, file, passphrase, unpacked.state, unpacked.store);
	if (err == OK)
		err = open_unpacked(rq, &unpacked, &verdict);
	if (err == OK) {
		store_close(unpacked.rq.store);
		err = say_verdict(rq, args, out, &verdict, began);
	}
	remove_unpacked(rq, &unpacked);
	rmdir(place);
	return err;
}

/* --- restore --- */

/* The leaf that says so, and nobody is logged in any more. */
static enum err say_restored(struct rq *rq, const struct verdict_of_log *verdict)
{
	struct audit *audit;
	struct change *change;
	struct out subject = out_new(rq->arena);

	TRY(audit_open(rq, "", &audit));
	out_print(&subject, "%lld:", (long long)verdict->size);
	out_base64(&subject, verdict->root, 32);
	rq->audit = audit;
	enum err err = store_begin(rq->store, rq->trouble);
	if (err == OK)
		err = audit_begin(rq, "audit.restored", out_str(&subject), &change);
	for (size_t i = 0; err == OK && store_tables[i]; i++)
		if (store_tables[i]->is_volatile)
			err = store_run_text(rq, str_print(rq->arena, "DELETE FROM %s", store_tables[i]->name).at, NULL, 0);
	if (err == OK)
		err = audit_close(audit, rq);
	if (err == OK)
		err = audit_settle(audit, rq);
	if (err == OK)
		err = store_commit(rq->store, rq->trouble);
	rq->audit = NULL;
	audit_end(audit);
	return err;
}

/* Into the database that samordna.conf names, which must have no tables of ours. */
static enum err into_postgres(struct rq *rq, const char *conninfo, const struct verdict_of_log *verdict)
{
	struct store_place place = { true, conninfo };
	struct rq there = *rq;
	struct cursor c;

	TRY(store_create(&place, rq->trouble, &there.store));
	enum err err = store_start_text(&there, "SELECT count(*) FROM information_schema.tables WHERE table_name = 'schema_applied'", NULL, 0, &c);
	if (err == OK) {
		err = store_step(&c, rq->trouble);
		if (err == OK && store_int(&c, 0))
			err = fail(rq, ERR_CONFLICT, _("There is a store in that database already; nothing was changed."));
		store_finish(&c);
	}
	if (err == OK)
		err = audit_replay_into(rq, there.store);
	if (err == OK)
		err = say_restored(&there, verdict);
	store_close(there.store);
	return err;
}

struct target { char store[PATH], state[PATH], lock[PATH]; struct boot boot; int locked; };

/* A home without store and without keys; made when it is not there. */
static enum err prepare(struct rq *rq, const char *home, struct target *target)
{
	char path[PATH];

	snprintf(target->store, sizeof target->store, "%s/store/samordna.db", home);
	snprintf(target->state, sizeof target->state, "%s/seal/state", home);
	snprintf(target->lock, sizeof target->lock, "%s/lock", home);
	if (access(target->store, F_OK) == 0 || access(target->state, F_OK) == 0)
		return fail(rq, ERR_CONFLICT, _("There is a store in %s already; a backup is restored into an empty home alone. Nothing was changed."), home);
	for (int i = 0; i < 3; i++) {
		snprintf(path, sizeof path, "%s%s", home, i == 0 ? "" : i == 1 ? "/store" : "/seal");
		if (mkdir(path, 0700) != 0 && errno != EEXIST)
			return cannot(rq, path);
	}
	target->locked = open(target->lock, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (target->locked < 0)
		return cannot(rq, target->lock);
	if (flock(target->locked, LOCK_EX | LOCK_NB) != 0)
		return fail(rq, ERR_CONFLICT, _("Samordna is running on %s: stop it first."), home);
	TRY(init_settings(home, rq->trouble));
	snprintf(target->boot.home, sizeof target->boot.home, "%s", home);
	return boot_read(&target->boot, rq->trouble);
}

/* The keys first, the store last: a home with a store has all. */
static enum err put_in_place(struct rq *rq, const struct target *target, const struct unpacked *unpacked, bool is_postgres)
{
	if (rename(unpacked->state, target->state) != 0)
		return cannot(rq, target->state);
	TRY(sync_folder_of(rq, target->state));
	if (!is_postgres && rename(unpacked->store, target->store) != 0)
		return cannot(rq, target->store);
	return sync_folder_of(rq, target->store);
}

static enum err restore_here(struct rq *rq, const struct args *args, struct out *out, const struct here *here)
{
	static struct target target = { .locked = -1 };
	struct verdict_of_log verdict = { 0 };
	struct str passphrase;
	const char *file;
	int64_t began = world.ticks();

	TRY(file_word(rq, args, &file));
	TRY(passphrase_of(rq, args, &passphrase));
	if (access(file, R_OK) != 0)
		return cannot(rq, file);
	TRY(prepare(rq, here->home, &target));
	bool is_postgres = strncmp(target.boot.store, "postgres:", 9) == 0;
	struct unpacked unpacked = { .state = str_print(rq->arena, "%s.new", target.state).at, .store = str_print(rq->arena, "%s.new", target.store).at };
	remove_unpacked(rq, &unpacked);
	enum err err = unpack(rq, file, passphrase, unpacked.state, unpacked.store);
	if (err == OK)
		err = open_unpacked(rq, &unpacked, &verdict);
	if (err == OK) {
		err = verdict.faults.n ? OK : is_postgres ? into_postgres(&unpacked.rq, target.boot.store + 9, &verdict) : say_restored(&unpacked.rq, &verdict);
		store_close(unpacked.rq.store);
	}
	if (err == OK && !verdict.faults.n)
		err = put_in_place(rq, &target, &unpacked, is_postgres);
	remove_unpacked(rq, &unpacked);
	close(target.locked);
	return err == OK ? say_verdict(rq, args, out, &verdict, began) : err;
}

/* --- before an upgrade --- */

enum err backup_before_upgrade(struct rq *rq, const char *home)
{
	char path[PATH], part[PATH];

	if (store_is_postgres(rq->store)) {
		world_log("samordna: %s", "the schema is brought up to date; of PostgreSQL no copy is made by itself: samordna backup create, by the program before");
		return OK;
	}
	/* A start that was cut off in the middle of copying left half a copy: it never gets the name of a whole one. */
	snprintf(part, sizeof part, "%s/store/before.part", home);
	snprintf(path, sizeof path, "%s/store/before-%s-%lld.db", home, SAMORDNA_VERSION, (long long)rq->now.ms);
	unlink(part);
	TRY(store_backup(rq->store, part, rq->trouble));
	if (rename(part, path) != 0)
		return cannot(rq, path);
	TRY(sync_folder_of(rq, path));
	world_log("samordna: the schema is brought up to date; the store as it was stands at %s", path);
	return OK;
}

const struct command backup_commands[] = {
	{ "backup create", "FILE [--passphrase FILE]", N_("Write the store and the log's keys of this moment into one file"), COMMAND_LONG,
	  create_in_core, .here = create_here },
	{ "backup verify", "FILE [--passphrase FILE]", N_("Unpack a backup, check its log and lay its tables anew"), COMMAND_PURE, .here = verify_here },
	{ "backup restore", "FILE [--passphrase FILE]", N_("Put a backup into a home without a store"), COMMAND_PURE, .here = restore_here },
	{ 0 }
};
