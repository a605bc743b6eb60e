/* The home under people_import_test.c: see people_import_home_test.h. The reader's function is called here instead of the process. */
#include "floor/people_import_home_test.h"
#include "floor/upgrade.h"
#include "floor/writer.h"
#include "base/world.h"
#include <setjmp.h>
#include <stdarg.h>
#include <ftw.h>
#undef fail
#include <cmocka.h>
#undef fail

char home[64];
struct arena *arena;
struct trouble trouble;
static struct actor actor = { .person = -1, .name = { "test", 4 }, .roles = ROLE_HOST, .body = -1 };
struct rq rq;
struct writer *writer;
static struct store *writing;
struct audit *audit;
int64_t heard[EVENT_KINDS];
size_t n_touched;

const char *people_home(void)
{
	return home;
}

enum err reading_ask(struct rq *ask, enum read_kind what, int file, struct reading *ret)
{
	struct bytes records = { 0 }, problems = { 0 };
	struct str text;
	struct arena *own = arena_new(600 << 20);
	(void)what;
	(void)ask;

	TRY(channel_file_read(own, file, 512 << 20, &text));
	assert_int_equal(files_people(text, &records, &problems, &ret->n, &ret->n_bad), OK);
	ret->records = channel_file(records.at, records.len);
	ret->problems = channel_file(problems.at, problems.len);
	free(records.at);
	free(problems.at);
	arena_end(own);
	return OK;
}

__attribute__((weak)) const char *tongue(enum language language, const char *english)
{
	(void)language;
	return english;
}

static enum err refresh(struct rq *of_writer, const int64_t *persons, size_t n, bool is_site, void *of)
{
	(void)of_writer; (void)persons; (void)is_site; (void)of;
	n_touched += n;
	return OK;
}

static enum err hear(struct rq *of_writer, const struct event *event, struct change *change)
{
	(void)of_writer; (void)change;
	heard[event->kind]++;
	return OK;
}

void must(enum err err)
{
	if (err != OK)
		fprintf(stderr, "%s: %s\n", err_name(err), trouble.text);
	assert_int_equal(err, OK);
}

void open_home(void)
{
	char path[200];
	snprintf(path, sizeof path, "%s/store/samordna.db", home);
	struct store_place place = { .at = path };
	bool is_new = access(path, F_OK) != 0;

	arena = arena_new(1 << 30);
	rq = (struct rq){ .arena = arena, .actor = &actor, .language = LANGUAGE_EN, .now = world.now(), .trouble = &trouble };
	must(is_new ? store_create(&place, &trouble, &writing) : store_open(&place, true, &trouble, &writing));
	rq.store = writing;
	must(upgrade(&rq));
	must(audit_open(&rq, "test", &audit));
	must(writer_start(writing, audit, (struct writer_hooks){ refresh, hear, NULL }, &writer));
	writer_is_cores(writer);
	must(store_open(&place, false, &trouble, &rq.store));
}

void close_home(void)
{
	writer_stop(writer);
	store_close(rq.store);
	arena_end(arena);
}

static enum err make_body(struct rq *of_writer, void *of)
{
	struct change *change;
	(void)of;

	TRY(audit_begin(of_writer, "test", STR(""), &change));
	return people_body_add(change, 0, STR("Testkommun"));
}

int begin(void **state)
{
	(void)state;
	char path[100];
	snprintf(home, sizeof home, "/tmp/samordna-people-XXXXXX");
	assert_non_null(mkdtemp(home));
	snprintf(path, sizeof path, "%s/store", home);
	assert_int_equal(mkdir(path, 0700), 0);
	memset(heard, 0, sizeof heard);
	trouble_clear(&trouble);
	open_home();
	must(writer_do(writer, make_body, NULL, &rq));
	return 0;
}

static int unlink_one(const char *path, const struct stat *about, int kind, struct FTW *ftw)
{
	(void)about; (void)kind; (void)ftw;
	return remove(path);
}

int end(void **state)
{
	(void)state;
	close_home();
	nftw(home, unlink_one, 8, FTW_DEPTH | FTW_PHYS);
	return 0;
}
