/* The seal process, through its door: what it signs and what it refuses, that it survives a kill anywhere, passwords, TOTP, boxes. */
#include "floor/fixture.h"
#include "floor/audit.sql.h"
#include "floor/note.h"
#include "floor/people.sql.h"
#include "floor/seal_door.h"
#include "floor/tree.h"
#include "base/channel.h"
#include "seal_state.h"
#include <liboath/oath.h>
#include <pthread.h>
#include <signal.h>
#include <sodium.h>
#include <sys/mman.h>
#include <sys/wait.h>

struct process { pid_t pid; int state_fd; struct seal_door *door; };

static void start(struct process *process)
{
	int pair[SEAL_CHANNELS][2];

	for (int i = 0; i < SEAL_CHANNELS; i++)
		assert_int_equal(channel_pair(pair[i]), OK);
	process->pid = fork();
	if (process->pid == 0) {
		close(pair[0][1]);
		close(pair[1][1]);
		_exit(seal_run(process->state_fd, pair[SEAL_SIGNING][0], pair[SEAL_SECRETS][0]));
	}
	for (int i = 0; i < SEAL_CHANNELS; i++) {
		close(pair[i][0]);
		seal_door_is(process->door, (enum seal_channel)i, pair[i][1]);
	}
}

static void stop(struct process *process, int how)
{
	if (how)
		kill(process->pid, how);
	waitpid(process->pid, NULL, 0);
}

static void begin(struct process *process)
{
	struct trouble trouble = { 0 };

	*process = (struct process){ .state_fd = memfd_create("state", MFD_CLOEXEC), .door = seal_door_new() };
	assert_int_equal(seal_state_new(process->state_fd, "test.example/log", SEAL_COST_OF_TESTS, &trouble), OK);
	assert_int_equal(seal_state_new(process->state_fd, "test.example/log", SEAL_COST_OF_TESTS, &trouble), ERR_CONFLICT);
	start(process);
}

static void end(struct process *process)
{
	seal_door_end(process->door);
	waitpid(process->pid, NULL, 0);
	close(process->state_fd);
}

/* A leaf and its commit, then the seal leaf and its commit. */
static void act(struct fixture *f, int id)
{
	struct change *change = fixture_begin(f, "test.act");
	assert_int_equal(people_body_add(change, id, STR("Kommunen")), OK);
	fixture_commit(f);
}

static enum err write_seal(struct fixture *f, struct seal_door *door)
{
	assert_int_equal(store_begin(f->rq.store, &f->trouble), OK);
	enum err err = audit_seal(&f->rq, door);
	if (err == OK)
		fixture_commit(f);
	else
		fixture_rollback(f);
	return err;
}

static enum err sign(struct fixture *f, struct seal_door *door)
{
	assert_int_equal(store_begin(f->rq.store, &f->trouble), OK);
	enum err err = audit_sign(&f->rq, door);
	assert_int_equal(store_commit(f->rq.store, &f->trouble), OK);
	return err;
}

static void expect_whole(struct fixture *f, struct seal_door *door)
{
	struct verdict_of_log verdict;

	assert_int_equal(audit_verify(&f->rq, door, true, &verdict), OK);
	for (size_t i = 0; i < verdict.faults.n; i++)
		print_message("leaf %lld %s: " STR_FMT "\n", (long long)verdict.faults.at[i].leaf, verdict.faults.at[i].kind, STR_ARG(verdict.faults.at[i].text));
	assert_int_equal(verdict.faults.n, 0);
}

static bool has_fault(struct fixture *f, struct seal_door *door, const char *word)
{
	struct verdict_of_log verdict;
	bool has = false;

	assert_int_equal(audit_verify(&f->rq, door, true, &verdict), OK);
	for (size_t i = 0; i < verdict.faults.n; i++)
		has |= memmem(verdict.faults.at[i].text.at, verdict.faults.at[i].text.len, word, strlen(word)) != NULL;
	return has;
}

static void epochs_are_sealed(void **state)
{
	struct fixture *f = fixture_new();
	struct process seal;
	struct audit_checkpoint_last_row last;
	struct note note;
	unsigned char root[32];
	(void)state;

	begin(&seal);
	for (int i = 0; i < 12; i++) {
		if (i % 3)
			act(f, i);                    /* every third epoch is empty, and sealed */
		assert_int_equal(audit_epoch(f->audit), i);
		assert_int_equal(write_seal(f, seal.door), OK);
		assert_int_equal(write_seal(f, seal.door), ERR_BUSY);
		fixture_forgive(f);
		assert_int_equal(sign(f, seal.door), OK);
		assert_int_equal(sign(f, seal.door), OK);
		assert_int_equal(audit_checkpoint_last(&f->rq, &last), OK);
		assert_int_equal(note_parse(last.note, &note), OK);
		assert_int_equal(note.size, audit_size(f->audit));
		audit_root(f->audit, root);
		assert_memory_equal(note.root, root, 32);
		expect_whole(f, seal.door);
	}
	/* Leaves after the seal leaf in the same commit belong to the next epoch and are not covered. */
	assert_int_equal(store_begin(f->rq.store, &f->trouble), OK);
	assert_int_equal(audit_seal(&f->rq, seal.door), OK);
	assert_int_equal(audit_close(f->audit, &f->rq), OK);
	struct change *change;
	assert_int_equal(audit_begin(&f->rq, "test.after", STR(""), &change), OK);
	fixture_commit(f);
	assert_int_equal(sign(f, seal.door), OK);
	assert_int_equal(audit_checkpoint_last(&f->rq, &last), OK);
	assert_int_equal(last.id, audit_size(f->audit) - 1);
	expect_whole(f, seal.door);
	end(&seal);
	fixture_end(f);
}

/* Killed at each step, and started again: the epoch is sealed once, and the same note comes. */
static void a_kill_loses_nothing(void **state)
{
	struct fixture *f = fixture_new();
	struct process seal;
	unsigned char key[32], same[32], root[32];
	struct str note, again;
	struct audit_leaf_get_row leaf;
	int64_t size;
	(void)state;

	begin(&seal);
	assert_int_equal(seal_next_key(seal.door, &f->rq, key), OK);
	stop(&seal, SIGKILL);
	start(&seal);
	assert_int_equal(seal_next_key(seal.door, &f->rq, same), OK);
	assert_memory_equal(key, same, 32);
	act(f, 1);
	assert_int_equal(write_seal(f, seal.door), OK);
	stop(&seal, SIGKILL);                              /* between commit and signature */
	start(&seal);
	expect_whole(f, seal.door);                        /* owed, but no fault */
	assert_int_equal(audit_leaf_get(&f->rq, audit_size(f->audit) - 1, &leaf), OK);
	/* seal signs and core is killed before it kept the note: seal gives it again. */
	unsigned char hashes[64][32];                      /* a leaf for each file of a schema, and those of here */
	assert_in_range(audit_size(f->audit), 1, LENGTH(hashes));
	for (int64_t i = 0; i < audit_size(f->audit); i++) {
		struct audit_leaf_get_row one;
		assert_int_equal(audit_leaf_get(&f->rq, i, &one), OK);
		struct hash hash = tree_leaf(one.leaf);
		memcpy(hashes[i], hash.byte, 32);
	}
	size = audit_size(f->audit);
	assert_int_equal(seal_sign_add(seal.door, &f->rq, 0, hashes[0], (uint32_t)size), OK);
	assert_int_equal(seal_sign(seal.door, &f->rq, size, leaf.leaf, &note), OK);
	stop(&seal, SIGKILL);
	start(&seal);
	assert_int_equal(seal_size(seal.door, &f->rq, &size, root), OK);
	assert_int_equal(size, audit_size(f->audit));
	assert_int_equal(sign(f, seal.door), OK);
	assert_int_equal(seal_sign(seal.door, &f->rq, size, STR(""), &again), OK);
	assert_true(str_equal(note, again));
	expect_whole(f, seal.door);
	/* A core that is gone and an old end that still lies about do not matter. */
	act(f, 2);
	assert_int_equal(write_seal(f, seal.door), OK);
	assert_int_equal(sign(f, seal.door), OK);
	expect_whole(f, seal.door);
	end(&seal);
	fixture_end(f);
}

static void what_does_not_continue_is_refused(void **state)
{
	struct fixture *f = fixture_new();
	struct process seal;
	unsigned char key[32], other[32] = { 1 }, root[32], hashes[3][32];
	struct str note;
	int64_t size;
	(void)state;

	begin(&seal);
	act(f, 1);
	assert_int_equal(write_seal(f, seal.door), OK);
	assert_int_equal(sign(f, seal.door), OK);
	assert_int_equal(seal_size(seal.door, &f->rq, &size, root), OK);
	struct { int64_t from, size; } wrong[] = { { 0, size + 1 }, { size - 1, size }, { size + 1, size + 2 } };
	for (size_t i = 0; i < LENGTH(wrong); i++) {
		assert_int_equal(seal_sign_add(seal.door, &f->rq, wrong[i].from, other, 1), ERR_CONFLICT);
		fixture_forgive(f);
		assert_int_equal(seal_sign(seal.door, &f->rq, wrong[i].size + 5, STR("x"), &note), ERR_CONFLICT);
		fixture_forgive(f);
	}
	/* The last leaf must be the seal of this epoch and name the next key. */
	assert_int_equal(seal_next_key(seal.door, &f->rq, key), OK);
	char right[64];
	sodium_bin2base64(right, sizeof right, key, 32, sodium_base64_VARIANT_ORIGINAL);
	static const char *const form = "{\"index\":%lld,\"epoch\":%d,\"at\":\"\",\"actor\":\"\",\"action\":\"%s\",\"subject\":\"\",\"writes\":[],\"documents\":[],\"next\":\"%s\"}";
	struct { int off, epoch; const char *action, *key; enum err want; } leaf[] = {
		{ 1, 1, "audit.seal", right, ERR_CONFLICT }, { 0, 0, "audit.seal", right, ERR_CONFLICT }, { 0, 1, "audit.sea", right, ERR_CONFLICT },
		{ 0, 1, "audit.seal", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", ERR_CONFLICT }, { 0, 1, "audit.seal", right, OK } };
	for (size_t i = 0; i < LENGTH(leaf); i++) {
		struct str text = str_print(f->arena, form, (long long)size + leaf[i].off, leaf[i].epoch, leaf[i].action, leaf[i].key);
		struct hash hash = tree_leaf(text);
		memcpy(hashes[0], hash.byte, 32);
		assert_int_equal(seal_sign_add(seal.door, &f->rq, size, hashes[0], 1), OK);
		if (leaf[i].want == OK)               /* another text than the one that was hashed */
			assert_int_equal(seal_sign(seal.door, &f->rq, size + 1, str_print(f->arena, STR_FMT " ", STR_ARG(text)), &note), ERR_CONFLICT);
		fixture_forgive(f);
		if (leaf[i].want == OK)
			assert_int_equal(seal_sign_add(seal.door, &f->rq, size, hashes[0], 1), OK);
		assert_int_equal(seal_sign(seal.door, &f->rq, size + 1, text, &note), leaf[i].want);
		fixture_forgive(f);
	}
	/* What seal has signed and the store does not have, the check says; and nothing older is signed after it. */
	assert_true(has_fault(f, seal.door, "the seal has signed"));
	end(&seal);
	fixture_end(f);
}

/* A torn writing leaves the other slot; the old epoch's key is in neither. */
static void a_torn_state_is_survived(void **state)
{
	struct fixture *f = fixture_new();
	struct process seal;
	struct seal_state before, after;
	struct trouble trouble = { 0 };
	char bytes[2 * SEAL_SLOT];
	(void)state;

	begin(&seal);
	assert_int_equal(seal_state_read(seal.state_fd, &before, &trouble), OK);
	act(f, 1);
	assert_int_equal(write_seal(f, seal.door), OK);
	assert_int_equal(sign(f, seal.door), OK);
	seal_door_end(seal.door);
	waitpid(seal.pid, NULL, 0);
	assert_int_equal(pread(seal.state_fd, bytes, sizeof bytes, 0), sizeof bytes);
	assert_null(memmem(bytes, sizeof bytes, before.key, 32));
	for (int slot = 0; slot < 2; slot++)
		for (size_t at = 0; at < sizeof before; at += 97) {
			assert_int_equal(pwrite(seal.state_fd, bytes, sizeof bytes, 0), sizeof bytes);
			assert_int_equal(pwrite(seal.state_fd, "torn and torn and torn", 22, (off_t)slot * SEAL_SLOT + (off_t)MIN(at, sizeof before - 22)), 22);
			assert_int_equal(seal_state_read(seal.state_fd, &after, &trouble), OK);
			assert_int_equal(after.epoch, 1);
		}
	memset(bytes, 0, sizeof bytes);
	assert_int_equal(pwrite(seal.state_fd, bytes, sizeof bytes, 0), sizeof bytes);
	assert_int_equal(seal_state_read(seal.state_fd, &after, &trouble), ERR_CORRUPT);
	close(seal.state_fd);
	fixture_end(f);
}

static void passwords(void **state)
{
	struct fixture *f = fixture_new();
	struct process seal;
	struct str box, other, opened;
	bool again = true;
	(void)state;

	begin(&seal);
	assert_int_equal(seal_password_hash(seal.door, &f->rq, STR("korrekt h\303\244st batteri"), &box), OK);
	assert_int_equal(seal_password_hash(seal.door, &f->rq, STR("korrekt h\303\244st batteri"), &other), OK);
	assert_false(str_equal(box, other));
	assert_int_equal(seal_password_check(seal.door, &f->rq, STR("korrekt h\303\244st batteri"), box, &again), OK);
	assert_false(again);
	assert_int_equal(seal_password_check(seal.door, &f->rq, STR("korrekt h\303\244st batterj"), box, &again), ERR_DENIED);
	assert_int_equal(seal_password_check(seal.door, &f->rq, STR("korrekt h\303\244st batteri"), STR_NONE, &again), ERR_DENIED);
	assert_int_equal(seal_password_check(seal.door, &f->rq, STR(""), box, &again), ERR_INVALID);
	fixture_forgive(f);
	/* A box of one kind is none of another. */
	assert_int_equal(seal_secret_open(seal.door, &f->rq, box, &opened), ERR_CORRUPT);
	fixture_forgive(f);
	char *broken = str_c(f->arena, box);
	broken[box.len - 1] ^= 1;
	assert_int_equal(seal_password_check(seal.door, &f->rq, STR("x"), (struct str){ broken, box.len }, &again), ERR_CORRUPT);
	fixture_forgive(f);
	/* The cost rises: right, and to be hashed again. */
	struct seal_state state_now;
	stop(&seal, SIGKILL);
	assert_int_equal(seal_state_read(seal.state_fd, &state_now, &f->trouble), OK);
	state_now.cost.passes++;
	assert_int_equal(seal_state_write(seal.state_fd, &state_now, &f->trouble), OK);
	start(&seal);
	assert_int_equal(seal_password_check(seal.door, &f->rq, STR("korrekt h\303\244st batteri"), box, &again), OK);
	assert_true(again);
	end(&seal);
	fixture_end(f);
}

static void secrets_and_codes(void **state)
{
	struct fixture *f = fixture_new();
	struct process seal;
	struct str box, opened, base32;
	int64_t counter;
	char *seed, code[8];
	size_t n;
	(void)state;

	begin(&seal);
	assert_int_equal(seal_secret_box(seal.door, &f->rq, STR("radius hemlighet"), &box), OK);
	assert_null(memmem(box.at, box.len, "hemlig", 6));
	assert_int_equal(seal_secret_open(seal.door, &f->rq, box, &opened), OK);
	assert_true(str_equal(opened, STR("radius hemlighet")));
	struct str large = { arena_take(f->arena, 4096), 4096 }, larger = { arena_take(f->arena, 4097), 4097 };
	assert_int_equal(seal_secret_box(seal.door, &f->rq, large, &box), OK);
	assert_int_equal(seal_secret_open(seal.door, &f->rq, box, &opened), OK);
	assert_int_equal(opened.len, 4096);
	assert_int_equal(seal_secret_box(seal.door, &f->rq, larger, &box), ERR_FULL);
	fixture_forgive(f);

	assert_int_equal(seal_totp_new(seal.door, &f->rq, &box, &base32), OK);
	assert_int_equal(seal_secret_open(seal.door, &f->rq, box, &opened), ERR_CORRUPT);
	fixture_forgive(f);
	assert_int_equal(oath_base32_decode(base32.at, base32.len, &seed, &n), OATH_OK);
	assert_int_equal(n, 20);
	int64_t now = f->rq.now.ms / 1000;
	for (int off = -3; off <= 3; off++) {
		oath_hotp_generate(seed, n, (uint64_t)(now / 30 + off), 6, false, OATH_HOTP_DYNAMIC_TRUNCATION, code);
		enum err err = seal_totp_check(seal.door, &f->rq, str_of(code), box, f->rq.now, &counter);
		assert_int_equal(err, off >= -1 && off <= 1 ? OK : ERR_DENIED);
		if (err == OK)
			assert_int_equal(counter, now / 30 + off);
	}
	assert_int_equal(seal_totp_check(seal.door, &f->rq, STR("12345"), box, f->rq.now, &counter), ERR_DENIED);
	free(seed);
	end(&seal);
	fixture_end(f);
}

/* Many threads on one door, while seal is killed under them: each call ends with a right answer or with "busy". */
struct asker { pthread_t thread; struct seal_door *door; int right, busy, other; };

static void *ask_often(void *of)
{
	struct asker *asker = of;
	struct arena *arena = arena_new(16 << 20);
	struct trouble trouble = { 0 };
	struct rq rq = { .arena = arena, .trouble = &trouble, .language = LANGUAGE_EN };

	for (int i = 0; i < 60; i++) {
		struct str box, back, text = str_print(arena, "%p %d", (void *)asker, i);
		enum err err = seal_secret_box(asker->door, &rq, text, &box);
		if (err == OK)
			err = seal_secret_open(asker->door, &rq, box, &back);
		asker->right += err == OK && str_equal(back, text);
		asker->busy += err == ERR_BUSY;
		asker->other += err != OK && err != ERR_BUSY;
		trouble_clear(&trouble);
		arena_empty(arena);
	}
	arena_end(arena);
	return NULL;
}

static void a_door_for_many(void **state)
{
	struct asker asker[8] = { 0 };
	struct process seal;
	(void)state;

	begin(&seal);
	for (size_t i = 0; i < LENGTH(asker); i++) {
		asker[i].door = seal.door;
		assert_int_equal(pthread_create(&asker[i].thread, NULL, ask_often, &asker[i]), 0);
	}
	for (int i = 0; i < 4; i++) {
		usleep(3000);
		stop(&seal, SIGKILL);
		start(&seal);
	}
	int right = 0, busy = 0;
	for (size_t i = 0; i < LENGTH(asker); i++) {
		pthread_join(asker[i].thread, NULL);
		assert_int_equal(asker[i].other, 0);
		assert_int_equal(asker[i].right + asker[i].busy, 60);
		right += asker[i].right;
		busy += asker[i].busy;
	}
	print_message("%d right, %d busy\n", right, busy);
	assert_true(right > 200);
	end(&seal);
}

/* 2 at work, 32 waiting: the rest is told to come again, and nothing is lost. */
static void *check_once(void *of)
{
	struct asker *asker = of;
	struct arena *arena = arena_new(1 << 20);
	struct trouble trouble = { 0 };
	struct rq rq = { .arena = arena, .trouble = &trouble, .language = LANGUAGE_EN };
	bool again;

	enum err err = seal_password_check(asker->door, &rq, STR("gissning"), STR_NONE, &again);
	asker->right += err == ERR_DENIED;
	asker->busy += err == ERR_BUSY;
	asker->other += err != ERR_DENIED && err != ERR_BUSY;
	arena_end(arena);
	return NULL;
}

static void monday_morning(void **state)
{
	enum { ALL = 60 };
	static struct asker asker[ALL];
	struct seal_state now;
	struct trouble trouble = { 0 };
	struct process seal;
	int right = 0, busy = 0, other = 0;
	(void)state;

	begin(&seal);
	stop(&seal, SIGKILL);
	assert_int_equal(seal_state_read(seal.state_fd, &now, &trouble), OK);
	now.cost = (struct seal_cost){ 1, 16 << 20 };
	assert_int_equal(seal_state_write(seal.state_fd, &now, &trouble), OK);
	start(&seal);
	for (int i = 0; i < ALL; i++) {
		asker[i] = (struct asker){ .door = seal.door };
		assert_int_equal(pthread_create(&asker[i].thread, NULL, check_once, &asker[i]), 0);
	}
	for (int i = 0; i < ALL; i++) {
		pthread_join(asker[i].thread, NULL);
		right += asker[i].right;
		busy += asker[i].busy;
		other += asker[i].other;
	}
	print_message("%d checked, %d told to come again\n", right, busy);
	assert_int_equal(other, 0);
	assert_true(right >= 32 && right + busy == ALL);
	end(&seal);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(epochs_are_sealed),
		cmocka_unit_test(a_kill_loses_nothing),
		cmocka_unit_test(what_does_not_continue_is_refused),
		cmocka_unit_test(a_torn_state_is_survived),
		cmocka_unit_test(passwords),
		cmocka_unit_test(secrets_and_codes),
		cmocka_unit_test(a_door_for_many),
		cmocka_unit_test(monday_morning),
	};
	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
