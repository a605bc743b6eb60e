/* The store, on both engines: values come back as they went in, statements nest, failures say a sentence and lose nothing.
 *
 * Run twice: in memory, and on a PostgreSQL that tests/postgres starts. What only one engine has is skipped on the other. */
#define LONG_LIVED
#include "floor/store_test.h"
#include "floor/people.sql.h"
#include "floor/upgrade.h"
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>

static bool is_postgres(void)
{
	return fixture_place().is_postgres;
}

static void all_statements(void **state)
{
	struct fixture *f = fixture_new();

	if (store_prepare_all(f->rq.store, &f->trouble) != OK)
		assert_string_equal(f->trouble.text, "");
	fixture_end(f);
}

static void values(void **state)
{
	struct fixture *f = fixture_new();
	static const int64_t numbers[] = { 0, 1, -1, INT64_MAX, INT64_MIN, 1234567890123 };
	char bytes[256];
	struct cursor c;

	for (int i = 0; i < 256; i++)
		bytes[i] = (char)i;
	for (size_t i = 0; i < LENGTH(numbers); i++) {
		const struct value args[] = { value_int(numbers[i]), value_text(STR("Åsa; DROP TABLE person")), value_blob((struct str){ bytes, 256 }),
			value_text(STR("")), value_blob(STR("")) };
		assert_int_equal(store_start_text(&f->rq, "SELECT $1, $2, $3, $4, $5, NULL", args, LENGTH(args), &c), OK);
		assert_int_equal(store_step(&c, &f->trouble), OK);
		assert_int_equal(store_int(&c, 0), numbers[i]);
		assert_int_equal(store_kind(&c, 0), VALUE_INT);
		assert_true(str_equal(store_text(&c, 1), STR("Åsa; DROP TABLE person")));
		assert_int_equal(store_kind(&c, 1), VALUE_TEXT);
		assert_true(str_equal(store_text(&c, 2), (struct str){ bytes, 256 }));
		assert_int_equal(store_kind(&c, 2), VALUE_BLOB);
		assert_true(store_text(&c, 3).at && store_text(&c, 3).len == 0 && !store_is_null(&c, 3));
		assert_true(store_text(&c, 4).at && store_text(&c, 4).len == 0 && !store_is_null(&c, 4));
		assert_true(store_is_null(&c, 5) && !store_text(&c, 5).at && store_int(&c, 5) == 0);
		assert_int_equal(store_step(&c, &f->trouble), ERR_NONE);
		store_finish(&c);
	}
	fixture_end(f);
}

static void put_units(struct fixture *f, int n)
{
	struct change *change = fixture_begin(f, "test.units");

	assert_int_equal(people_body_add(change, 1, STR("Kommunstyrelsen")), OK);
	for (int i = 0; i < n; i++)
		assert_int_equal(people_unit_add(change, i, str_print(f->arena, "unit %d", i), 1, 3), OK);
	fixture_commit(f);
}

/* Whole numbers out of sum(), which PostgreSQL counts in NUMERIC. */
static void sums(void **state)
{
	struct fixture *f = fixture_new();
	static const struct { const char *sql; int64_t expected; } cases[] = {
		{ "SELECT sum(id) FROM unit", 4950 }, { "SELECT sum(id * 100000000000) FROM unit", 495000000000000 },
		{ "SELECT sum(0 - id) FROM unit", -4950 }, { "SELECT sum(0 * id) FROM unit", 0 },
		{ "SELECT sum(id * 10000) FROM unit WHERE id < 2", 10000 }, { "SELECT count(*) FROM unit", 100 },
		{ "SELECT coalesce(max(id), -1) FROM unit", 99 },
	};
	struct cursor c;

	put_units(f, 100);
	for (size_t i = 0; i < LENGTH(cases); i++) {
		assert_int_equal(store_start_text(&f->rq, cases[i].sql, NULL, 0, &c), OK);
		assert_int_equal(store_step(&c, &f->trouble), OK);
		assert_int_equal(store_int(&c, 0), cases[i].expected);
		store_finish(&c);
	}
	fixture_end(f);
}

/* --- rows inside rows --- */

static enum err seen_inner(void *of, const struct people_all_row *row)
{
	return OK;
}

static void nesting(void **state)
{
	struct fixture *f = fixture_new();
	struct cursor outer;
	int n = 0;

	put_units(f, 3000);
	assert_int_equal(store_start_text(&f->rq, "SELECT id, name FROM unit ORDER BY id", NULL, 0, &outer), OK);
	while (store_step(&outer, &f->trouble) == OK) {
		struct people_unit_named_row row;
		/* The outer row's text is still there after the inner statement. */
		struct str name = store_text(&outer, 1);
		assert_int_equal(store_int(&outer, 0), n);
		if (n % 1000 == 0) {
			assert_int_equal(people_unit_named(&f->rq, name, &row), OK);
			assert_int_equal(row.id, n);
			assert_int_equal(people_all(&f->rq, seen_inner, NULL), OK);
		}
		assert_true(str_equal(store_text(&outer, 1), str_print(f->arena, "unit %d", n)));
		n++;
	}
	assert_int_equal(n, 3000);
	store_finish(&outer);
	fixture_end(f);
}

/* A request that ended in the middle of its rows leaves nothing running. */
static void leaving(void **state)
{
	struct fixture *f = fixture_new();
	struct people_units_row *rows;
	struct cursor c;
	size_t n;

	put_units(f, 500);
	for (int i = 0; i < 40; i++) {
		assert_int_equal(store_start_text(&f->rq, "SELECT id FROM unit", NULL, 0, &c), OK);
		assert_int_equal(store_step(&c, &f->trouble), OK);
		store_leave(f->rq.store);
		store_finish(&c);        /* late, and harmless */
	}
	assert_int_equal(people_units(&f->rq, &rows, &n), OK);
	assert_int_equal(n, 500);
	fixture_end(f);
}

/* --- transactions --- */

static void rolling_back(void **state)
{
	struct fixture *f = fixture_new();
	struct people_bodies_row *rows;
	struct cursor c;
	size_t n;

	struct change *change = fixture_begin(f, "test.lost");
	assert_int_equal(people_body_add(change, 1, STR("lost")), OK);
	assert_int_equal(store_start_text(&f->rq, "SELECT id FROM body", NULL, 0, &c), OK);
	assert_int_equal(store_step(&c, &f->trouble), OK);
	fixture_rollback(f);
	store_rollback(f->rq.store);
	assert_int_equal(people_bodies(&f->rq, &rows, &n), OK);
	assert_int_equal(n, 0);
	put_units(f, 1);
	assert_int_equal(people_bodies(&f->rq, &rows, &n), OK);
	assert_int_equal(n, 1);
	fixture_end(f);
}

static void refusals(void **state)
{
	struct fixture *f = fixture_new();

	put_units(f, 1);
	struct change *change = fixture_begin(f, "test.twice");
	uint64_t writes = store_writes(f->rq.store);
	assert_int_equal(people_unit_add(change, 0, STR("again"), 1, 3), ERR_CONFLICT);
	assert_non_null(strstr(f->trouble.text, "the store refuses: "));
	trouble_speak(&f->trouble, LANGUAGE_SV);
	assert_non_null(strstr(f->trouble.text, "databasen vägrar: "));
	trouble_speak(&f->trouble, LANGUAGE_EN);
	assert_non_null(strstr(f->trouble.text, "the store refuses: "));
	assert_true(store_writes(f->rq.store) > writes);
	fixture_rollback(f);
	fixture_forgive(f);

	change = fixture_begin(f, "test.nowhere");
	assert_int_equal(people_unit_add(change, 1, STR("of no body"), 77, 3), ERR_CONFLICT);
	fixture_rollback(f);
	fixture_forgive(f);

	change = fixture_begin(f, "test.none");
	assert_int_equal(people_unit_class(change, 1, 4711), ERR_NONE);
	fixture_rollback(f);
	assert_int_equal(f->trouble.err, OK);

	assert_int_equal(store_run_text(&f->rq, "SELECT what FROM nowhere", NULL, 0), ERR_IO);
	assert_non_null(strstr(f->trouble.text, "nowhere"));
	fixture_end(f);
}

/* After a failed statement PostgreSQL answers COMMIT with success and keeps nothing: we say that it failed. */
static void half_a_commit(void **state)
{
	if (!is_postgres())
		skip();
	struct fixture *f = fixture_new();
	struct people_bodies_row *rows;
	size_t n;

	struct change *change = fixture_begin(f, "test.half");
	assert_int_equal(people_body_add(change, 1, STR("kept?")), OK);
	assert_int_equal(people_body_add(change, 1, STR("twice")), ERR_CONFLICT);
	fixture_forgive(f);
	assert_int_equal(store_commit(f->rq.store, &f->trouble), ERR_IO);
	fixture_forgive(f);
	fixture_rollback(f);
	assert_int_equal(people_bodies(&f->rq, &rows, &n), OK);
	assert_int_equal(n, 0);
	fixture_end(f);
}

/* Texts compare by bytes in both engines, whatever the server's language. */
static void order(void **state)
{
	struct fixture *f = fixture_new();
	static const char *const expected[] = { "Aa", "B", "a", "b", "Ö", "ä" };
	struct cursor c;

	struct change *change = fixture_begin(f, "test.order");
	for (size_t i = 0; i < LENGTH(expected); i++)
		assert_int_equal(people_body_add(change, (int64_t)i, str_of(expected[(i * 5) % 6])), OK);
	fixture_commit(f);
	assert_int_equal(store_start_text(&f->rq, "SELECT name FROM body WHERE name >= 'A' ORDER BY name", NULL, 0, &c), OK);
	for (size_t i = 0; i < LENGTH(expected); i++) {
		assert_int_equal(store_step(&c, &f->trouble), OK);
		assert_true(str_equal(store_text(&c, 0), str_of(expected[i])));
	}
	store_finish(&c);
	fixture_end(f);
}

/* --- opening --- */

static void newer(void **state)
{
	struct fixture *f = fixture_new();
	char folder[] = "/tmp/samordna-store-XXXXXX", path[64];
	struct store_place place = fixture_place();
	struct store *store;

	if (!is_postgres()) {
		assert_non_null(mkdtemp(folder));
		snprintf(path, sizeof path, "%s/s.db", folder);
		place.at = path;
		fixture_forgive(f);
		store_close(f->rq.store);
		assert_int_equal(store_create(&place, &f->trouble, &f->rq.store), OK);
		assert_int_equal(upgrade(&f->rq), OK);
	}
	assert_int_equal(store_run_text(&f->rq, "INSERT INTO schema_applied (component, number, at) VALUES ('access', 99, 0)", NULL, 0), OK);
	store_close(f->rq.store);
	f->rq.store = NULL;
	for (int may_write = 0; may_write < 2; may_write++) {
		assert_int_equal(store_open(&place, may_write, &f->trouble, &store), ERR_CONFLICT);
		assert_non_null(strstr(f->trouble.text, "made by a newer Samordna (it has schema access 99"));
		trouble_speak(&f->trouble, LANGUAGE_SV);
		assert_non_null(strstr(f->trouble.text, "är gjord av ett nyare Samordna (schema access 99 är okänt här)"));
		fixture_forgive(f);
	}
	if (!is_postgres()) {
		unlink(path);
		rmdir(folder);
	}
	fixture_end(f);
}

/* What only files have. */

void place_make(struct place *p)
{
	*p = (struct place){ .folder = "/tmp/samordna-store-XXXXXX" };
	assert_non_null(mkdtemp(p->folder));
	snprintf(p->path, sizeof p->path, "%s/s.db", p->folder);
	p->at = (struct store_place){ false, p->path };
}

void place_end(struct place *p)
{
	static const char *const end[] = { "", "-wal", "-shm", ".copy" };
	char path[100];

	for (size_t i = 0; i < LENGTH(end); i++) {
		snprintf(path, sizeof path, "%s%s", p->path, end[i]);
		unlink(path);
	}
	rmdir(p->folder);
}

/* A store with every schema and some rows. */
void place_fill(struct place *p)
{
	struct fixture *f = fixture_new();
	struct store *memory = f->rq.store;

	assert_int_equal(store_create(&p->at, &p->trouble, &f->rq.store), OK);
	assert_int_equal(upgrade(&f->rq), OK);
	assert_int_equal(store_begin(f->rq.store, &p->trouble), OK);
	for (int i = 0; i < 400; i++) {
		const struct value args[] = { value_int(i), value_text(str_print(f->arena, "a body with a name of some length %d", i)) };
		assert_int_equal(store_run_text(&f->rq, "INSERT INTO body (id, name) VALUES ($1, $2)", args, 2), OK);
	}
	assert_int_equal(store_commit(f->rq.store, &p->trouble), OK);
	store_close(f->rq.store);
	f->rq.store = memory;
	fixture_end(f);
}

int64_t count_bodies(struct store *store, struct trouble *trouble, enum err *ret)
{
	struct arena *arena = arena_new(1 << 20);
	struct rq rq = { .arena = arena, .store = store, .trouble = trouble };
	struct cursor c;
	int64_t n = -1;

	*ret = store_start_text(&rq, "SELECT count(*), max(name) FROM body", NULL, 0, &c);
	if (*ret == OK && (*ret = store_step(&c, trouble)) == OK)
		n = store_int(&c, 0);
	if (c.store)
		store_finish(&c);
	arena_end(arena);
	return n;
}

static void files(void **state)
{
	struct place p;
	struct store *store, *reader;
	struct stat about;
	enum err err;
	char copy[100];

	place_make(&p);
	assert_int_equal(store_open(&p.at, false, &p.trouble, &store), ERR_NONE);
	assert_non_null(strstr(p.trouble.text, "there is no store at"));
	trouble_clear(&p.trouble);
	place_fill(&p);
	assert_int_equal(stat(p.path, &about), 0);
	assert_int_equal(about.st_mode & 0777, 0600);
	assert_int_equal(store_create(&p.at, &p.trouble, &store), ERR_CONFLICT);
	assert_non_null(strstr(p.trouble.text, "already"));
	trouble_clear(&p.trouble);

	assert_int_equal(store_open(&p.at, true, &p.trouble, &store), OK);
	assert_int_equal(store_open(&p.at, false, &p.trouble, &reader), OK);
	assert_int_equal(count_bodies(reader, &p.trouble, &err), 400);
	struct rq rq = { .store = reader, .trouble = &p.trouble };
	assert_int_equal(store_run_text(&rq, "DELETE FROM body", NULL, 0), ERR_IO);
	assert_non_null(strstr(p.trouble.text, "the store cannot be written"));
	trouble_clear(&p.trouble);

	snprintf(copy, sizeof copy, "%s.copy", p.path);
	assert_int_equal(store_backup(reader, copy, &p.trouble), OK);
	assert_int_equal(store_backup(reader, copy, &p.trouble), ERR_CONFLICT);
	trouble_clear(&p.trouble);
	assert_int_equal(stat(copy, &about), 0);
	assert_int_equal(about.st_mode & 0777, 0600);
	store_close(reader);
	assert_int_equal(store_checkpoint(store, true), OK);
	store_close(store);
	struct store_place at = { false, copy };
	assert_int_equal(store_open(&at, false, &p.trouble, &store), OK);
	assert_int_equal(count_bodies(store, &p.trouble, &err), 400);
	store_close(store);
	place_end(&p);
}

static void broken(void **state)
{
	struct place p;
	struct store *store;
	enum err err = OK;
	char noise[4096];

	place_make(&p);
	place_fill(&p);
	memset(noise, 0x5a, sizeof noise);
	int fd = open(p.path, O_WRONLY | O_CLOEXEC);
	off_t size = lseek(fd, 0, SEEK_END);
	/* Every page but the first: whatever is read first is broken. */
	for (off_t at = sizeof noise; at < size; at += sizeof noise)
		assert_int_equal(pwrite(fd, noise, sizeof noise, at), sizeof noise);
	err = store_open(&p.at, false, &p.trouble, &store);
	if (err == OK) {
		count_bodies(store, &p.trouble, &err);
		store_close(store);
	}
	assert_int_equal(err, ERR_CORRUPT);
	assert_non_null(strstr(p.trouble.text, "the store is broken"));
	trouble_clear(&p.trouble);
	assert_int_equal(pwrite(fd, noise, sizeof noise, 0), sizeof noise);
	close(fd);
	assert_int_equal(store_open(&p.at, true, &p.trouble, &store), ERR_CORRUPT);
	assert_non_null(strstr(p.trouble.text, "restore a backup"));
	place_end(&p);
}

/* In a child of its own, since it changes who it is. 0 is right, 77 cannot be tried here. */
static int in_child(int (*run)(struct place *), struct place *p)
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(run(p));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

static int try_read_only(struct place *p)
{
	struct store *store;

	if (geteuid() == 0 && (setgid(65534) || setuid(65534)))
		return 77;
	if (store_open(&p->at, true, &p->trouble, &store) != ERR_IO)
		return 1;
	return strstr(p->trouble.text, "look at the rights of its file and folder") ? 0 : 2;
}

static void read_only(void **state)
{
	struct place p;

	place_make(&p);
	place_fill(&p);
	assert_int_equal(chmod(p.folder, 0755), 0);
	assert_int_equal(chmod(p.path, 0444), 0);
	int status = in_child(try_read_only, &p);
	place_end(&p);
	if (status == 77)
		skip();
	assert_int_equal(status, 0);
}

/* A file system of one megabyte, real and full. What was committed before stands. */
static int try_full(struct place *p)
{
	struct store *store;
	char many[20000];
	enum err err = OK;
	struct arena *arena = arena_new(1 << 20);

	memset(many, 'x', sizeof many);
	if (geteuid() != 0 || unshare(CLONE_NEWNS) || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL)
	    || mount("none", p->folder, "tmpfs", 0, "size=3m"))
		return 77;
	place_fill(p);
	if (store_open(&p->at, true, &p->trouble, &store) != OK)
		return 1;
	struct rq rq = { .store = store, .arena = arena, .trouble = &p->trouble };
	for (int i = 0; i < 1000 && err == OK; i++) {
		const struct value args[] = { value_int(1000 + i), value_text((struct str){ many, sizeof many }) };
		err = store_begin(store, &p->trouble);
		if (err == OK)
			err = store_run_text(&rq, "INSERT INTO body (id, name) VALUES ($1, $2)", args, 2);
		if (err == OK)
			err = store_commit(store, &p->trouble);
	}
	if (err != ERR_FULL || !strstr(p->trouble.text, "the disk that holds the store is full; nothing of this request was kept"))
		return fprintf(stderr, "%s: %s\n", err_name(err), p->trouble.text), 2;
	store_rollback(store);
	int64_t n = count_bodies(store, &p->trouble, &err);
	return n > 400 && n < 1400 && err == OK ? 0 : 3;
}

static void full_disk(void **state)
{
	struct place p;

	place_make(&p);
	int status = in_child(try_full, &p);
	place_end(&p);
	if (status == 77)
		skip();
	assert_int_equal(status, 0);
}

/* --- PostgreSQL alone --- */

static void one_writer(void **state)
{
	if (!is_postgres())
		skip();
	struct fixture *f = fixture_new();
	struct store_place place = fixture_place();
	struct store *other;

	assert_int_equal(store_open(&place, true, &f->trouble, &other), ERR_BUSY);
	assert_non_null(strstr(f->trouble.text, "another Samordna writes to this database"));
	fixture_forgive(f);
	assert_int_equal(store_create(&place, &f->trouble, &other), ERR_BUSY);
	fixture_forgive(f);
	assert_int_equal(store_open(&place, false, &f->trouble, &other), OK);
	struct rq rq = { .store = other, .trouble = &f->trouble };
	assert_int_equal(store_run_text(&rq, "DELETE FROM body", NULL, 0), ERR_IO);
	assert_non_null(strstr(f->trouble.text, "the store cannot be written"));
	fixture_forgive(f);
	store_close(other);
	fixture_end(f);
}

static void kill_others(struct fixture *f)
{
	assert_int_equal(store_run_text(&f->rq, "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
	                                "WHERE pid <> pg_backend_pid() AND datname = current_database()", NULL, 0), OK);
}

/* A reader connects anew by itself, prepared statements too; a writer says that it must start again. */
static void lost(void **state)
{
	if (!is_postgres())
		skip();
	struct fixture *f = fixture_new();
	struct store_place place = fixture_place();
	struct store *reader, *writer = f->rq.store;
	struct people_bodies_row *rows;
	size_t n;

	put_units(f, 1);
	assert_int_equal(store_open(&place, false, &f->trouble, &reader), OK);
	f->rq.store = reader;
	assert_int_equal(people_bodies(&f->rq, &rows, &n), OK);
	f->rq.store = writer;
	kill_others(f);
	f->rq.store = reader;
	assert_int_equal(people_bodies(&f->rq, &rows, &n), ERR_IO);
	assert_non_null(strstr(f->trouble.text, "the connection to PostgreSQL is lost"));
	assert_true(store_is_lost(reader));
	fixture_forgive(f);
	assert_int_equal(people_bodies(&f->rq, &rows, &n), OK);
	assert_int_equal(n, 1);
	assert_false(store_is_lost(reader));

	kill_others(f);        /* now the reader ends the writer */
	f->rq.store = writer;
	struct trouble ignored = { 0 };
	assert_int_equal(store_begin(writer, &ignored), ERR_IO);
	assert_true(store_is_lost(writer));
	store_rollback(writer);
	assert_int_equal(store_begin(writer, &f->trouble), ERR_IO);
	assert_non_null(strstr(f->trouble.text, "start again"));
	store_close(reader);
	fixture_end(f);
}

static void unreachable(void **state)
{
	struct trouble trouble = { 0 };
	struct store_place place = { true, "host=/nonexistent dbname=x password=unsaid" };
	struct store *store;

	assert_int_equal(store_open(&place, false, &trouble, &store), ERR_IO);
	assert_non_null(strstr(trouble.text, "PostgreSQL cannot be reached"));
	assert_null(strstr(trouble.text, "unsaid"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_statements), cmocka_unit_test(values), cmocka_unit_test(sums), cmocka_unit_test(nesting),
		cmocka_unit_test(leaving), cmocka_unit_test(rolling_back), cmocka_unit_test(refusals), cmocka_unit_test(half_a_commit),
		cmocka_unit_test(order), cmocka_unit_test(newer), cmocka_unit_test(one_writer), cmocka_unit_test(lost),
		cmocka_unit_test(unreachable),
	};
	const struct CMUnitTest files_only[] = {
		cmocka_unit_test(files), cmocka_unit_test(log_copied_beside), cmocka_unit_test(broken), cmocka_unit_test(read_only), cmocka_unit_test(full_disk),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	return failed + (is_postgres() ? 0 : cmocka_run_group_tests(files_only, NULL, NULL));
}
