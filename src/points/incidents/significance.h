#ifndef INCIDENTS_SIGNIFICANCE_H
#define INCIDENTS_SIGNIFICANCE_H
/* Must this incident be reported? A proposal from facts and criteria (packs/significance-se.txt), never a decision (rule I6).
 *
 *     struct significance s;
 *     TRY(significance_read(rq, &s));                          the pack; then whoever knows fills s.facts[].number and s.sector
 *     significance_propose(rq, &s, STR("csl"), &proposal);     pure
 *
 * Three answers: one criterion that is met says yes; else one fact that is missing says "cannot decide" and names it (rule I5); else no. While
 * the incident runs, a figure that grows and lies below its limit is missing. */
#include "floor/pack.h"
#include "floor/store.h"

enum significance_kind { SIGNIFICANCE_YES_NO, SIGNIFICANCE_NUMBER, SIGNIFICANCE_TEXT };
struct significance_fact {
	struct str             name, asks;       /* "limited"; the question to the person */
	enum significance_kind kind;
	bool                   grows, is_counted, is_asked;   /* is_counted: from the record, nobody types it; is_asked: in this sector */
	struct maybe_int       number;
	struct str             text;
};
struct significance_sector { struct str name, word; };
struct significance {
	struct pack                 pack;
	struct significance_sector *sectors; size_t n_sectors;
	struct significance_fact   *facts; size_t n_facts;
	struct str                  sector;
	bool                        is_running;
};
enum significance_says { SIGNIFICANCE_CANNOT, SIGNIFICANCE_MUST, SIGNIFICANCE_NEED_NOT };
struct proposal {
	enum significance_says says;
	struct str because, needs;              /* ids of criteria, names of facts, with ", " between */
	struct str because_words, needs_words;  /* the same for people */
	int64_t    n_criteria;
};
enum err significance_read(struct rq *, struct significance *ret);
struct significance_fact *significance_fact_named(const struct significance *, struct str name);   /* NULL: none */
/* Which facts are asked for in s->sector: those that a criterion of it needs, and those that no criterion needs. */
enum err significance_choose(struct rq *, struct significance *);
enum err significance_propose(struct rq *, const struct significance *, struct str track, struct proposal *ret);
#endif
