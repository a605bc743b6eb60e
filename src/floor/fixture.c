/* A home for tests, in memory: the same store, log and upgrade as the real one, without writer, processes or disk.
 *
 * SECURITY: linked into test programs only. */
#define LONG_LIVED
#include <libpq-fe.h>
#include "floor/fixture.h"
#include "floor/people.h"
#include "floor/reading.h"
#include "floor/upgrade.h"
#include "base/world.h"

static void must(struct fixture *f, enum err err, const char *what)
{
	if (err == OK)
		return;
	fprintf(stderr, "fixture: %s: %s: %s\n", what, err_name(err), f->trouble.text);
	abort();
}

/* The database of the last test becomes an empty one. */
static void wipe(const char *conninfo)
{
	PGconn *pg = PQconnectdb(conninfo);
	PGresult *result = PQexec(pg, "SET client_min_messages = error; DROP SCHEMA IF EXISTS public CASCADE; CREATE SCHEMA public");

	if (PQresultStatus(result) != PGRES_COMMAND_OK) {
		fprintf(stderr, "fixture: %s", PQerrorMessage(pg));
		abort();
	}
	PQclear(result);
	PQfinish(pg);
}

/* No reader process runs beside a unit test. */
enum err reading_ask(struct rq *rq, enum read_kind what, int file, struct reading *ret)
{
	(void)what;
	(void)file;
	(void)ret;
	return fail(rq, ERR_BUSY, "no reader");
}

struct store_place fixture_place(void)
{
	const char *postgres = getenv("SAMORDNA_TEST_POSTGRES"), *file = getenv("SAMORDNA_TEST_FILE");

	return (struct store_place){ postgres != NULL, postgres ? postgres : file ? file : ":memory:" };
}

struct fixture *fixture_new(void)
{
	struct fixture *f = calloc(1, sizeof *f);
	struct store_place place = fixture_place();

	assert(f);
	if (place.is_postgres)
		wipe(place.at);
	when_start();
	f->arena = arena_new(256 << 20);
	f->actor = (struct actor){ .person = -1, .name = STR("test:coordinator"), .roles = ROLE_STAFF | ROLE_EVERYONE | ROLE_HOST,
		.body = 0 };
	f->rq = (struct rq){ .arena = f->arena, .actor = &f->actor, .language = LANGUAGE_EN, .trouble = &f->trouble };
	must(f, instant_parse(STR("2026-11-24T08:00:00Z"), &f->rq.now), "clock");
	f->actor.stepped_up_at = f->rq.now;
	must(f, store_create(&place, &f->trouble, &f->rq.store), "create");
	must(f, upgrade(&f->rq), "upgrade");
	must(f, audit_open(&f->rq, "test.example", &f->audit), "log");
	f->rq.audit = f->audit;
	return f;
}

void fixture_end(struct fixture *f)
{
	if (!f)
		return;
	audit_end(f->audit);
	store_close(f->rq.store);
	arena_end(f->arena);
	free(f);
}

struct change *fixture_begin(struct fixture *f, const char *action)
{
	struct change *change;

	must(f, store_begin(f->rq.store, &f->trouble), "begin");
	must(f, audit_begin(&f->rq, action, STR("test"), &change), "change");
	return change;
}

void fixture_commit(struct fixture *f)
{
	must(f, audit_close(f->audit, &f->rq), "close");
	must(f, audit_settle(f->audit, &f->rq), "settle");
	must(f, store_commit(f->rq.store, &f->trouble), "commit");
	audit_committed(f->audit);
}

void fixture_rollback(struct fixture *f)
{
	store_rollback(f->rq.store);
	audit_forget(f->audit);
}

void fixture_forgive(struct fixture *f)
{
	trouble_clear(&f->trouble);
}

/* Tests speak English; a program that links the real translation has that one instead. */
__attribute__((weak)) const char *tongue(enum language language, const char *english)
{
	return english;
}

enum err fixture_job_begin(struct fixture *f)
{
	fixture_forgive(f);
	return store_begin(f->rq.store, &f->trouble);
}

enum err fixture_job_end(struct fixture *f, enum err err, enum err (*hear)(struct rq *, const struct event *, struct change *))
{
	if (err == OK)
		err = audit_hear(f->audit, &f->rq, hear);
	if (err == OK)
		fixture_commit(f);
	else
		fixture_rollback(f);
	return err;
}

enum err fixture_people(struct fixture *f, const struct fixture_house *house, size_t n_houses, const struct fixture_person *p, size_t n)
{
	struct change *change;

	TRY(audit_begin(&f->rq, "test.people", STR("people"), &change));
	for (size_t i = 0; i < n_houses; i++) {
		TRY(people_body_add(change, (int64_t)i + 1, str_of(house[i].body)));
		TRY(people_unit_add(change, (int64_t)i + 1, str_of(house[i].unit), (int64_t)i + 1, 3));
	}
	for (size_t i = 0; i < n; i++) {
		TRY(people_add(change, &(const struct people_add_args){ .id = (int64_t)i, .code = str_of(p[i].code), .name = str_of(p[i].code),
			.email = STR(""), .phone = STR(""), .sort = STR(""), .unit = p[i].unit, .roles = p[i].roles,
			.left_at = { p[i].left_at.ms != 0, p[i].left_at.ms } }));
		TRY(people_login_add(change, (int64_t)i, 0, str_of(p[i].code), LOGIN_CODE));
	}
	return OK;
}
