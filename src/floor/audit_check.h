#ifndef FLOOR_AUDIT_CHECK_H
#define FLOOR_AUDIT_CHECK_H
/* Between audit_verify.c, audit_replay.c and audit_compare.c alone: what a check of the log carries along while it reads leaf by leaf. */
#include "floor/audit.h"
#include "floor/leaf.h"
#include "floor/tree.h"

struct replay;
struct audit_schema_known_row;
struct gap { int64_t leaf, write; };
struct named { struct hash hash; int64_t leaf; };              /* a document, and the leaf that names it */
struct gaps { struct gap *at; size_t n, room; };
struct nameds { struct named *at; size_t n, room; };

struct check {
	struct rq            *rq;                  /* the caller's: what stays goes into its arena */
	struct rq             sub;                 /* with an arena that is emptied leaf by leaf */
	struct verdict_of_log *ret;
	struct tree           tree;
	int64_t               epoch, n_seals, unsigned_leaf;
	bool                  has_wrong_root;

	bool                  has_keys;            /* from seal */
	struct str            origin;
	unsigned char         identity[32], epoch_key[32], sealed_root[32];
	int64_t               sealed_size;

	struct cursor         parts;               /* all parts in order, read beside the leaves */
	bool                  has_part;
	struct gap            part;
	struct gaps           gaps, erased;        /* found empty; said to be */
	struct nameds         named;
	struct audit_schema_known_row *schemas;    /* a row that has found its leaf loses its component */
	size_t                n_schemas;
	struct replay        *replay;              /* NULL: not asked for */
};

void     check_fault(struct check *, const char *kind, int64_t leaf, const char *format, ...) CHECKED_FORMAT(4, 5);

/* --- replay --- */
enum err replay_new(struct rq *, struct replay **ret);         /* a scratch store with empty, lenient tables */
void     replay_end(struct replay *);
/* One write of a leaf; `personal`: the JSON object of its personal columns, STR_NONE when erased or none. ERR_NONE: no such table;
 * ERR_INVALID: it does not fit the table. */
enum err replay_write(struct replay *, struct arena *, int64_t leaf, const struct write *, struct str personal);
enum err replay_compare(struct replay *, struct check *);      /* a real one: replay_complete instead */
/* Today's tables beside those that the log makes: `ours` is the scratch store's. */
enum err compare_tables(struct check *, struct rq *ours, struct arena *);
enum { MOST_COLUMNS = 48 };
uint64_t table_key_bits(const struct table *);                  /* a bit for each column of the key */
void     out_columns(struct out *, const struct table *, uint64_t which, const char *form, const char *between);   /* their names */
/* A replay into real tables, which are there and empty; `audit_move.c` has the rest. */
enum err replay_new_real(struct rq *, struct store *, struct replay **ret);
enum err replay_complete(struct rq *old, struct rq *new);
struct known_seal;
enum err audit_verify_replaying(struct rq *, const struct known_seal *, struct replay *, struct verdict_of_log *ret);
#endif
