#ifndef FLOOR_PEOPLE_PLAN_H
#define FLOOR_PEOPLE_PLAN_H
/* Between people_hash.c, which walks records and knows them by hashes, people_check.c, which judges, people_plan.c, which writes the plan, and people_import.c, which applies it.
 *
 * The plan's bytes: operations one after the other, each beginning on a multiple of eight; texts behind the struct. Native byte order: a
 * plan never leaves its host. Order: new units, names that go from one person to another (given up first), leavers, persons. */
#include "floor/people_import.h"

enum plan_kind { PLAN_UNIT = 1, PLAN_RELEASE, PLAN_LEAVE, PLAN_ADD, PLAN_CHANGE };
enum { PLAN_NAMES = 32, PLAN_NO = -1, PLAN_OP_MOST = 1 << 20, PLAN_WINDOW = 2 << 20 };
struct plan_name { uint16_t length; uint16_t kind; };
struct plan_op {
	uint32_t length; uint16_t kind; uint16_t n_names;
	int64_t  id, unit, manager, employment_end;                 /* PLAN_NO: none */
	uint32_t roles, kept_roles;                                 /* kept: of an adopted person */
	uint8_t  is_protected, is_adopted, spare[2];
	uint32_t code, name, email, phone, sort;                    /* lengths of the texts, in this order; then those of the names */
	struct plan_name names[];
};
struct plan_head { int64_t n_persons, n_units, n_ops; };        /* as the check found the store: begins the file */

/* --- the check's inside --- */

enum { NOBODY = UINT32_MAX, NO_ROW = UINT32_MAX };
enum what { WHAT_NOTHING, WHAT_ADD, WHAT_CHANGE };
struct row {                        /* of the file */
	uint64_t code, manager;         /* keyed hashes of canonical forms; 0 none */
	uint32_t at;                    /* of the record, in eights */
	uint32_t number;                /* row in the file */
	uint32_t person;                /* NOBODY: new, until it has its number */
	uint8_t  is_bad, what, is_adopted, is_told;
};
struct stored {                     /* a person of the store */
	uint64_t digest, names;         /* names: sum over them */
	uint32_t manager, row;          /* row: of the file, about this person */
	uint8_t  has_left, is_local, is_in_file, kept_roles;
};
/* Open addressing, 0 is free. */
struct lookup { uint64_t *hash; uint32_t *value; uint8_t *kind; size_t room, used; };
struct wanted { struct str text[PLAN_NAMES]; uint64_t hash[PLAN_NAMES]; uint8_t kind[PLAN_NAMES]; int n; bool has_too_many; size_t used;
	char room[PLAN_NAMES * 1024]; };
struct window { int fd; size_t length, from, have; char *at; };
struct units { struct str *name; struct lookup table; size_t n, n_stored; };

struct people_check {
	struct arena   *arena;
	unsigned char   key[16];
	struct window   records;
	struct row     *rows; size_t n_rows;
	uint8_t        *seen; uint32_t *way;      /* for rings */
	struct stored  *stored; size_t n_stored, n_new;
	struct lookup    codes, names;             /* of the store: -> person */
	struct lookup    file_codes, file_names;   /* -> row */
	struct units    units;
	struct str     *releases; size_t n_releases, room_releases;
	size_t          room_bad;
	struct people_outcome outcome;
	struct wanted   wanted;
	bool            skip_bad;
};

struct lookup lookup_new(struct arena *, size_t n);
uint8_t  lookup_kind(const struct lookup *, uint64_t hash);       /* of one that is there */
bool     lookup_get(const struct lookup *, uint64_t hash, uint32_t *ret);
void     lookup_put(struct people_check *, struct lookup *, uint64_t hash, uint32_t value, uint8_t kind);
uint64_t check_hash(const struct people_check *, struct str bytes);
uint64_t check_hash_of_name(const struct people_check *, struct str name);   /* of its canonical form; 0 when it has none */
enum err check_is_broken(struct rq *);                            /* says that the reader's records are */
enum err check_record_at(struct rq *, struct people_check *, size_t at, const struct people_record **ret);
enum err check_record(struct rq *, struct people_check *, const struct row *, const struct people_record **ret);
struct str record_text(const struct people_record *, enum people_column);
/* The names that the row's person is to answer to, each once, in canonical form; in check->wanted until the next call. */
const struct wanted *check_wanted(struct people_check *, const struct people_record *);
/* The number that the row's manager has or will have, PLAN_NO none. */
int64_t  check_manager(const struct people_check *, const struct row *);
uint32_t check_roles(const struct people_check *, const struct row *, const struct people_record *);

bool     check_leaves(const struct stored *);      /* not in the file, and not made by hand */

/* The keyed hash of what HR says of a person, apart from names to log in with. */
struct person_facts { struct str name, email, phone, unit; int64_t manager, employment_end; uint32_t roles; bool is_protected, has_left; };
uint64_t check_digest(const struct people_check *, const struct person_facts *);

/* Writes the plan; ret_hash: 64 hex digits. */
enum err plan_write(struct rq *, struct people_check *, int fd, char ret_hash[65], int64_t *ret_n_ops);
#endif
