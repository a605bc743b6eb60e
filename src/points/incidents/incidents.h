#ifndef INCIDENTS_H
#define INCIDENTS_H
/* Point 8, incidents: for its own files alone.
 *
 * A report, or a watcher's rule, becomes an event; an event belongs to an incident. What may be done with an incident in a state, and
 * by whom, is one table (incidents_acts): pages draw its rows as their only forms, commands are its rows, and incidents_may checks them.
 * An act reads its own fields by name, so page and command line ask for the same. Nothing on the timeline is ever changed. */
#include "points/incidents/incidents.sql.h"
#include "floor/frame.h"
#include "point.h"

enum incidents_state {
	INCIDENTS_REPORTED, INCIDENTS_ASSESSING,
	INCIDENTS_CONFIRMED, INCIDENTS_CONTAINED, INCIDENTS_ERADICATED, INCIDENTS_RECOVERED, INCIDENTS_REVIEWING,    /* in this order */
	INCIDENTS_CLOSED, INCIDENTS_DISMISSED, INCIDENTS_MERGED, INCIDENTS_REOPENED,
	INCIDENTS_STATES
};
extern const char *const incidents_state_name[INCIDENTS_STATES];     /* command line */
extern const char *const incidents_state_word[INCIDENTS_STATES];     /* N_(): pages */
bool incidents_is_over(int64_t state);                               /* closed, dismissed, merged */
bool incidents_is_running(int64_t state);                            /* not recovered yet: what the final report waits for */

enum incidents_kind { INCIDENTS_LINK = 1, INCIDENTS_CALL, INCIDENTS_CLICKED, INCIDENTS_LOST, INCIDENTS_OTHER, INCIDENTS_KINDS };
extern const struct incidents_kind_row { const char *name, *asked, *title, *advice; } incidents_kinds[INCIDENTS_KINDS];   /* from 1 */
enum incidents_entry { INCIDENTS_DETECTION = 1, INCIDENTS_OBSERVATION, INCIDENTS_MITIGATION, INCIDENTS_STATUS, INCIDENTS_LEGAL, INCIDENTS_CORRECTION,
	INCIDENTS_ENTRIES };
extern const char *const incidents_entry_name[INCIDENTS_ENTRIES], *const incidents_entry_word[INCIDENTS_ENTRIES];    /* from 1 */
enum incidents_work_state { INCIDENTS_OPEN = 1, INCIDENTS_IN_PROGRESS, INCIDENTS_BLOCKED, INCIDENTS_DONE, INCIDENTS_VERIFIED, INCIDENTS_CANCELLED,
	INCIDENTS_WORK_STATES };
extern const char *const incidents_work_name[INCIDENTS_WORK_STATES], *const incidents_work_word[INCIDENTS_WORK_STATES];

/* Lists a coordinator chooses from: the name is what is kept and typed, the word what is read. Ended by .name NULL. */
struct incidents_choice { const char *name, *word; };
extern const struct incidents_choice incidents_rsit[], incidents_cert[], incidents_causes[], incidents_severities[];

/* --- reports and events (report.c) --- */
struct block_seen;      /* block.h */
struct incidents_reported { enum incidents_kind kind; struct str text, what, contact; struct maybe_int reporter; struct str number; const struct block_seen *link;
	bool is_practice; };
/* A leaf with report, event, incident. number: what it is called; the same report a moment ago is not taken twice. A link to a host that is being
 * worked with (link: NULL or what the reader made of it) joins that incident. A practice link (floor/practice_link.h) is counted for its team, and
 * nothing of the report is kept: is_practice says so. */
enum err incidents_report(struct rq *, struct incidents_reported *);
/* Checked before anything is written; ret_field: which field the sentence is about. */
enum err incidents_report_check(struct rq *, struct incidents_reported *, const char **ret_field);
/* What a watcher or the gate has seen. With a key: one attack is one incident - the event joins the open one with the same source, rule
 * and key, reopens one that was closed within the week, or opens a new one. */
struct incidents_raised { struct str source, rule, key, title, text; int64_t severity; struct instant at; bool is_confidential; };
enum err incidents_raise(struct rq *, struct change *, const struct incidents_raised *, int64_t *ret_incident);

/* An incident with the next number and nothing else: for who makes one inside a change of its own. */
enum err incidents_open_one(struct rq *, struct change *, const struct incidents_raised *, int64_t kind, int64_t id, struct str *ret_number);

/* --- acts (act.c, act_follow.c, act_work.c) --- */
struct incidents_deed {
	int64_t             by;
	const struct field *fields; size_t n_fields;
	const char         *prefix;         /* of a page's fields: "task_"; empty on the command line */
	int                 file;           /* evidence, a receipt; or -1 */
	const char         *wrong;          /* out: the field that the refusal is about, without prefix; NULL: none in particular */
};
enum { INCIDENTS_STAYS = -1, INCIDENTS_STEPS_BACK = -2 };
struct incidents_act {
	const char *name, *button;          /* "assess", N_() */
	unsigned    states;                 /* 1 << enum incidents_state */
	int         to;                     /* the state it leads to */
	unsigned    roles;
	bool        is_owners;              /* who answers for it may, whatever her role */
	bool        is_workers;             /* and who has a task in it */
	bool        is_bodys;               /* of a body's own report: only who may decide for that body */
	bool        needs_reason;           /* field "because" */
	enum err  (*check)(struct rq *, const struct incidents_get_row *, struct incidents_deed *);    /* of a move, before anything is written; may be absent */
	enum err  (*make)(struct rq *, const struct incidents_act *, const struct incidents_get_row *, struct incidents_deed *);
};
extern const struct incidents_act incidents_acts[];                 /* ended by .name NULL */
const struct incidents_act *incidents_act_named(struct str);
/* May this person do that with this incident now? OK, or the sentence that says why not. */
enum err incidents_may(struct rq *, const struct incidents_act *, const struct incidents_get_row *, int64_t by);
bool     incidents_may_now(struct rq *, const char *act, const struct incidents_get_row *);       /* the reader: what pages offer */
enum err incidents_do(struct rq *, const struct incidents_act *, int64_t incident, struct incidents_deed *);

/* For the files of acts. A deed's field, trimmed; STR_NONE: it was not said. */
struct str incidents_said(const struct incidents_deed *, const char *name);
enum err   incidents_said_text(struct rq *, struct incidents_deed *, const char *name, size_t most, bool is_needed, struct str *ret);
enum err   incidents_said_moment(struct rq *, struct incidents_deed *, const char *name, bool is_end, struct maybe_int *ret);
enum err   incidents_said_person(struct rq *, struct incidents_deed *, const char *name, struct maybe_int *ret);
enum err   incidents_said_choice(struct rq *, struct incidents_deed *, const char *name, const struct incidents_choice *, int64_t *ret);
#define WRONG(deed, field, ...) ((deed)->wrong = (field), fail(rq, ERR_INVALID, __VA_ARGS__))
enum err   incidents_begin(struct rq *, const char *act, struct str number, struct change **ret);
struct incidents_noted { int64_t incident; enum incidents_entry kind; struct instant at; struct maybe_int by, corrects; struct str text; const char *act; };
enum err   incidents_note(struct rq *, struct change *, const struct incidents_noted *);
enum err   incidents_note_act(struct rq *, struct change *, const struct incidents_get_row *, const struct incidents_act *, int64_t by,
                              enum incidents_entry, struct str text);
#define INCIDENTS_ACTS(X) X(assign) X(classify) X(times) X(note) X(task) X(work) X(evidence) X(told) \
	X(follow) X(track) X(facts) X(handed) X(supplier) X(said) X(share)
#define X(name) enum err incidents_act_##name(struct rq *, const struct incidents_act *, const struct incidents_get_row *, struct incidents_deed *);
INCIDENTS_ACTS(X)
#undef X

struct str incidents_work_name_of(struct rq *, struct str number, int64_t work);                 /* as others refer to it: "2026-118/4" */
enum err   incidents_find_work(struct rq *, struct str name, struct refer_found *ret);

/* --- who (who.c) --- */
enum err   incidents_roles(struct rq *, int64_t person, unsigned *ret);       /* her own and those of whom she stands in for; employed or ERR_DENIED */
enum err   incidents_find(struct rq *, struct str number, int64_t by, struct incidents_get_row *ret);   /* may `by` see it? -1: the server's account */
bool       incidents_may_see(struct rq *, const struct incidents_get_row *, int64_t by);
bool       incidents_hides(struct rq *, struct str subject);                   /* of a leaf: the number of one that the reader may not see */
bool       incidents_sees_confidential(const struct rq *);                    /* all of them: coordinators, and the server's account */
bool       incidents_works_with(struct rq *, const struct incidents_get_row *, int64_t person);
struct str incidents_person(struct rq *, struct maybe_int);                    /* the name as it is shown; empty for nobody */
struct str incidents_code(struct rq *, struct maybe_int);
enum { INCIDENTS_SEE_ALL = ROLE_COORDINATOR | ROLE_MANAGEMENT | ROLE_SUPPORT | ROLE_SYSTEM_OWNER | ROLE_AUDITOR };

/* --- what must be there before it is closed (closing.c); the law stands in law.h, watched logs in log.h --- */
struct incidents_need { const char *what, *name; bool is_met; struct str why; };     /* N_(); for machines; why not */
enum { INCIDENTS_NEEDS = 9 };
enum err   incidents_closing(struct rq *, const struct incidents_get_row *, int64_t closer, struct incidents_need ret[INCIDENTS_NEEDS]);
enum err   incidents_recurring(struct rq *, const struct incidents_get_row *, struct incidents_again_row **ret, size_t *ret_n);

/* --- tick.c, desk.c, pages, commands --- */
enum err incidents_tick(struct rq *);
enum err incidents_figures(struct rq *, struct figures *ret);
enum err incidents_lends(struct rq *, struct figures *ret);      /* of question 7: the watched logs */
enum err incidents_due(struct rq *, struct tasks *ret);
enum err incidents_hear(struct rq *, const struct event *, struct change *);
extern const struct command incidents_commands[];
extern const struct page incidents_pages[];
extern const struct setting incidents_settings[];
enum err incidents_get_report(struct rq *, const struct visit *, struct answer *);
enum err incidents_prepare_report(struct rq *, struct visit *);
enum err incidents_post_report(struct rq *, const struct visit *, struct answer *);
enum err incidents_get_incident(struct rq *, const struct visit *, struct answer *);
enum err incidents_post_incident(struct rq *, const struct visit *, struct answer *);
enum err incidents_post_evidence(struct rq *, const struct visit *, struct answer *);
enum err incidents_get_form(struct rq *, const struct visit *, struct answer *);
enum err incidents_get_evidence(struct rq *, const struct visit *, struct answer *);
struct state_page incidents_shape(int64_t state);
struct str incidents_moment_text(struct rq *, struct maybe_int at);       /* as it is typed: 2026-11-30 14:00; empty: none */
void incidents_json_moment(struct out *, const char *key, struct maybe_int at);
void incidents_json_text(struct out *, const char *key, struct str);
#define INCIDENTS_COMMANDS(X) X(assess) X(dismiss) X(merge) X(confirm) X(contain) X(eradicate) X(recover) X(review) X(close) X(back) X(reopen) \
	X(assign) X(classify) X(times) X(note) X(task) X(weakness) X(work) X(evidence) X(told) X(follow) X(facts) X(track) X(handed) X(supplier) X(said) X(share)
#define X(name) enum err incidents_run_##name(struct rq *, const struct args *, struct out *);
INCIDENTS_COMMANDS(X)
#undef X
enum err incidents_run_report(struct rq *, const struct args *, struct out *);
enum err incidents_run_list(struct rq *, const struct args *, struct out *);
enum err incidents_run_show(struct rq *, const struct args *, struct out *);
#endif
