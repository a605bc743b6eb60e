/* A new home. The store is made beside its final name and renamed when it is whole, so that an interrupted init leaves nothing
 * that looks like a home. With `store = postgres:CONNINFO` in a samordna.conf that is there before, it is made in
 * that database, which must be empty.
 *
 * SECURITY: the one-time code is 80 bits from the kernel; only its hash is kept, and it is shown once. All is mode 0700 and 0600. */
#define LONG_LIVED
#include <sodium.h>
#include "init.h"
#include "seal.h"
#include "floor/account.sql.h"
#include "floor/people.sql.h"
#include "floor/setting.sql.h"
#include "floor/upgrade.h"
#include "base/world.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

enum { CODE_LETTERS = 16 };

/* Crockford's base 32: no I, L, O, U to mistake when it is read aloud or typed. */
static void make_code(char *ret)
{
	static const char letter[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
	unsigned char random[CODE_LETTERS];
	size_t at = 0;

	world.random(random, sizeof random);
	for (size_t i = 0; i < CODE_LETTERS; i++) {
		if (i && i % 4 == 0)
			ret[at++] = '-';
		ret[at++] = letter[random[i] & 31];
	}
	ret[at] = '\0';
}

struct first { const char *home; struct str organisation; const char *code; };

static enum err first_rows(struct rq *rq, const struct first *first)
{
	unsigned char hash[32];
	struct change *change;

	crypto_hash_sha256(hash, (const unsigned char *)first->code, strlen(first->code));
	TRY(audit_begin(rq, "init", first->organisation, &change));
	TRY(setting_put(change, STR("organisation.name"), first->organisation));
	TRY(people_body_add(change, 0, first->organisation));
	return account_code_add(change, &(struct account_code_add_args){ .id = 0, .kind = 1, .hash = { (char *)hash, sizeof hash },
		.made_at = rq->now, .until = INSTANT_NEVER });
}

static enum err fill(struct rq *rq, const struct first *first)
{
	struct audit *audit = NULL;

	TRY(upgrade(rq));
	TRY(audit_open(rq, "", &audit));
	rq->audit = audit;
	enum err err = store_begin(rq->store, rq->trouble);
	if (err == OK)
		err = first_rows(rq, first);
	if (err == OK)
		err = audit_close(audit, rq);
	if (err == OK)
		err = audit_settle(audit, rq);
	if (err == OK)
		err = store_commit(rq->store, rq->trouble);
	audit_end(audit);
	return err;
}

static enum err make_directory(const char *path, struct trouble *trouble)
{
	if (mkdir(path, 0700) == 0 || errno == EEXIST)
		return OK;
	return trouble_owe(trouble, ERR_IO, N_("%s cannot be made: %s"), path, strerror(errno));
}

enum err init_settings(const char *home, struct trouble *trouble)
{
	char path[400];

	snprintf(path, sizeof path, "%s/samordna.conf", home);
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	size_t length = strlen(boot_standard_file);

	if (fd < 0 && errno == EEXIST)
		return OK;
	bool is_written = fd >= 0 && write(fd, boot_standard_file, length) == (ssize_t)length;
	if (fd >= 0)
		close(fd);
	return is_written ? OK : trouble_owe(trouble, ERR_IO, N_("%s cannot be written: %s"), path, strerror(errno));
}

/* The log's name: unique, so that two homes' logs can never be taken for one another. */
static enum err make_seal(const char *home, struct trouble *trouble)
{
	char path[400], origin[64];
	uint32_t chance;

	snprintf(path, sizeof path, "%s/seal", home);
	TRY(make_directory(path, trouble));
	snprintf(path, sizeof path, "%s/seal/state", home);
	unlink(path);
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return trouble_owe(trouble, ERR_IO, N_("%s cannot be made: %s"), path, strerror(errno));
	world.random(&chance, sizeof chance);
	snprintf(origin, sizeof origin, "samordna-%08x/log", chance);
	enum err err = seal_state_new(fd, origin, SEAL_COST, trouble);
	close(fd);
	return err;
}

static enum err make_store(const struct store_place *place, const struct first *first, struct trouble *trouble)
{
	struct actor actor = { .person = -1, .name = STR("cli"), .roles = ROLE_HOST, .body = -1 };
	struct arena *arena = arena_new(64 << 20);
	struct rq rq = { .arena = arena, .actor = &actor, .now = world.now(), .trouble = trouble };

	enum err err = store_create(place, trouble, &rq.store);
	if (err == OK) {
		err = make_seal(first->home, trouble);
		if (err == OK)
			err = fill(&rq, first);
		(void)store_checkpoint(rq.store, true);
		store_close(rq.store);
	}
	arena_end(arena);
	return err;
}

static enum err make_sqlite(const char *home, const struct first *first, struct trouble *trouble)
{
	char path[400], making[420];

	snprintf(path, sizeof path, "%s/store/samordna.db", home);
	snprintf(making, sizeof making, "%s.new", path);
	unlink(making);
	TRY(make_store(&(struct store_place){ .at = making }, first, trouble));
	if (rename(making, path) != 0)
		return trouble_owe(trouble, ERR_IO, N_("%s cannot be put in place: %s"), path, strerror(errno));
	snprintf(making, sizeof making, "%s.new-wal", path);
	unlink(making);
	snprintf(making, sizeof making, "%s.new-shm", path);
	unlink(making);
	return OK;
}

enum err init_home(const char *home, struct str organisation, char *ret_code, struct trouble *trouble)
{
	static struct boot boot;
	char path[400];
	struct first first = { home, organisation.len ? organisation : STR("Organisationen"), ret_code };

	TRY(make_directory(home, trouble));
	boot = (struct boot){ 0 };
	snprintf(boot.home, sizeof boot.home, "%s", home);
	TRY(boot_read(&boot, trouble));
	snprintf(path, sizeof path, "%s/store", home);
	TRY(make_directory(path, trouble));
	snprintf(path, sizeof path, "%s/store/samordna.db", home);
	if (access(path, F_OK) == 0)
		return trouble_owe(trouble, ERR_CONFLICT, N_("there is a store at %s already; nothing was changed"), path);
	/* Also a folder that was there before: nobody else has business in it. */
	if (chmod(home, 0700) != 0)
		return trouble_owe(trouble, ERR_IO, N_("%s cannot be closed to other accounts: %s"), home, strerror(errno));
	make_code(ret_code);
	if (strncmp(boot.store, "postgres:", 9) == 0)
		TRY(make_store(&(struct store_place){ true, boot.store + 9 }, &first, trouble));
	else
		TRY(make_sqlite(home, &first, trouble));
	return init_settings(home, trouble);
}
