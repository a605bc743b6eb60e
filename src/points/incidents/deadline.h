#ifndef INCIDENTS_DEADLINE_H
#define INCIDENTS_DEADLINE_H
/* When an incident must be reported, and to whom: the law's clocks, as versioned packs (packs/se-csl-2026.txt and its neighbours).
 *
 *     struct deadline_book book;
 *     TRY(deadline_read(rq, &book));                        all packs, once a request
 *     const struct deadline_pack *pack = deadline_pack_in(&book, STR("gdpr"));
 *
 * Each pack is one duty as it stood at a date; its rows are read in order. Verify at the authority before relying on it: the packs carry
 * where they come from. Hours are elapsed hours; a month is the same clock time in Stockholm in the next month, clamped to its last
 * day (base/when.h). A new pack is a file in packs/, a word in floor/meson.build and one in deadline.c. */
#include "floor/pack.h"
#include "floor/store.h"

enum deadline_start { START_AWARE, START_NOTIFIED };   /* kännedom; the day the notification was handed in */
struct deadline_row {
	struct str          step, word;    /* "early_warning"; what people call it */
	int                 hours, months; /* one of them is 0 */
	enum deadline_start starts;
	enum { WHEN_ALWAYS, WHEN_OVER, WHEN_RUNNING } when;    /* is the incident over, or does it still run? */
	struct str          basis;         /* the rule, in one sentence with its paragraph */
	struct str          asks;          /* what its text holds: names with blanks between (paper.c) */
};
struct deadline_pack {
	struct str          name, track;   /* "se-csl-2026", "csl" */
	struct str          word, source;  /* the duty as people call it; where the rows come from */
	struct str          to, how;       /* which authority, and how it is handed in */
	struct instant      checked_on;    /* the day somebody looked */
	enum pack_status    status;
	struct deadline_row rows[6]; size_t n;
};
enum { DEADLINE_PACKS = 3 };
struct deadline_book { struct deadline_pack packs[DEADLINE_PACKS]; struct rq *rq; };
/* In the request's language. ERR_INVALID: a pack is broken, with file and line. */
enum err deadline_read(struct rq *, struct deadline_book *ret);
const struct deadline_pack *deadline_pack_in(const struct deadline_book *, struct str name);  /* NULL: there is none */

/* A contract's clock is a pack that its name says all of: "contract-kund-ab-24", the hours from awareness. So an incident keeps what the contract
 * said when it was opened. Names of the setting "Kund AB 24; region 72", with blanks between; what cannot be read stays a name that is no pack. */
struct str deadline_contracts(struct arena *, struct str setting);
bool deadline_is_contract(struct str name);

struct deadline_case {
	struct instant aware_at;
	bool           is_notified, is_running;
	struct instant notified_at;
	/* Its end, when it is known: one that still ran when a month had gone has its final report a month after the end. */
	struct maybe_int ended_at;
};
/* When the row's duty is due. False: it cannot be said yet, and *ret_needs (N_()) says what is missing. */
bool deadline_due(const struct deadline_row *, const struct deadline_case *, struct instant *ret, const char **ret_needs);
#endif
