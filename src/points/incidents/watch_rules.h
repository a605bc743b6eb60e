#ifndef INCIDENTS_WATCH_RULES_H
#define INCIDENTS_WATCH_RULES_H
/* The rules of the watch: what login attempts, one after another, add up to.
 *
 * Pure: attempts in, incidents out, no clock and no store; memory is bounded, the oldest goes first. Attempts come in the order of their
 * file; times may lie out of order, and windows slide over what was said, not over when it was read.
 *
 *   R1 guessing, fast          R2 guessing              R3 guessing, slow         R4 spraying from one source or network
 *   R5 distributed guessing    R6 failures, then success R7 second factor fatigue  R8 impossible travel (needs places)
 *   R9 no grant                R10 disabled or idle     (both need Samordna's own records: off here)
 *
 * One attempt of several lines counts once; a rule has at most one open incident a source, which later attempts extend until 24 hours have
 * passed without any. */
#include "floor/rq.h"
#include "watch_table.h"

enum watch_rule_id { WATCH_R1, WATCH_R2, WATCH_R3, WATCH_R4, WATCH_R5, WATCH_R6, WATCH_R7, WATCH_R8, WATCH_R9, WATCH_R10, WATCH_RULES };
enum watch_severity { WATCH_LOW, WATCH_MEDIUM, WATCH_HIGH, WATCH_CRITICAL };
extern const char *const watch_severity_name[];

/* Every number is a setting: of a rule, 0 where it has no such number. */
struct watch_rule {
	const char         *name, *title;       /* "R1" */
	enum watch_severity severity;
	int64_t             failed, users, addresses;
	struct span         window;
	int64_t             gap_s, km, km_h;
	bool                is_off;
	const char         *lacks;              /* why it is off by itself: "places" */
};
enum { WATCH_MOST_FAILED = 64, WATCH_MOST_WHO = 64 };

struct watch_rules { struct watch_rule rule[WATCH_RULES]; };
struct watch_rules watch_rules_standard(void);
/* A file of lines "R1.failed = 6", "R1.window = 60 s", "R1.severity = high", "R5 = off"; # begins a comment. An unknown rule or key, or
 * a value that cannot be, is ERR_INVALID with its line in the sentence. */
enum err watch_rules_read(struct rq *, struct str text, struct watch_rules *);

enum watch_outcome { WATCH_FAILED, WATCH_SUCCESS };
enum { WATCH_ECHO = 59999 };                 /* a form that is said several times of one attempt */
struct watch_attempt {
	int64_t            line;
	struct instant     at;
	int64_t            count;
	enum watch_outcome outcome;
	struct str         user, address;       /* STR_NONE: not known */
	uint64_t           session;             /* the same for all lines of one connection; 0 not known */
	uint16_t           form;                /* which message: two forms in one session speak of one attempt */
	bool               is_denial;           /* of a second factor */
	bool               is_placed;           /* of a success: where the address is, in degrees; else watch_places is asked */
	float              latitude, longitude;
};

/* Names, each once, at most 100: a table of `mask` + 1 slots for their hashes, behind it as many for their texts, then in which slots they lie, in
 * the order in which they came. A text is one for all lists. */
struct watch_list { uint64_t *hashes; uint8_t n, mask; bool has_more; };
static inline struct str watch_listed(const struct watch_list *list, size_t i)
{
	const struct str *const *texts = (const struct str *const *)(list->hashes + list->mask + 1);
	return *texts[((const uint8_t *)(texts + list->mask + 1))[i]];
}
struct watch_incident {
	struct instant      first_at, last_at;
	int64_t             events, first_line, last_line;
	struct watch_list   users;
	bool                is_touched;          /* something came to it since watch_touched; up to here it is written at each attempt */
	struct watch_list   addresses;
	enum watch_rule_id  rule;
	enum watch_severity severity, told_severity;
	struct str          key;
	uint64_t            hash;
	int64_t             told;                /* for who tells of it: how many events it had then; 0 never */
};

struct watch_places;
struct watch;
struct watch *watch_new(struct arena *, const struct watch_rules *, const struct watch_places *);   /* NULL without memory; places may be NULL */
/* May wait; watch_incidents judges all that has been taken. */
void          watch_take(struct watch *, const struct watch_attempt *);
const struct watch_incident *const *watch_incidents(struct watch *, size_t *ret_n);
/* Those that something has come to since the last call; lives until the next watch_take. */
struct watch_incident **watch_touched(struct watch *, size_t *ret_n);
void          watch_end(struct watch *);
#endif
