#ifndef CORE_H
#define CORE_H
/* core: the only process that decides. This header is for its own files (core*.c) alone.
 *
 * Threads: one a neighbour (gateway: the gate), two a web process, one a control connection, the writer, the clock. Each thread
 * that works holds a `struct worker`: an arena, a reading connection, a place among the standing's readers. */
#include "gate.h"
#include "places.h"
#include "doors/message.h"
#include "floor/writer.h"

struct worker {
	struct worker *next;
	struct arena  *arena;
	struct store  *store;
	struct trouble trouble;
	struct actor   actor;
	int            reader;          /* in the standing */
};

struct core {
	struct core_boot   boot;
	int                keeper_fd;
	struct store_place place;
	struct writer     *writer;
	struct standing   *standing;
	struct places     *places;
	struct seal_door  *seal;
	struct instant     started_at;
};
extern struct core core;

/* A worker from the pool, its arena empty; never NULL (opens what lacks, waits at the bound). Give it back. */
struct worker *core_worker(void);
void           core_worker_back(struct worker *);
/* A request of this worker, for this moment. */
struct rq      core_rq(struct worker *, struct actor, enum language);

/* The standing is read beside the doors (core_standing.c). Until the gate is open nobody is judged: whose thread may wait waits. */
void     core_standing_start(void);
void     core_standing_stop(void);       /* before the writer stops */
enum err core_standing_refresh(struct rq *, const int64_t *persons, size_t n, bool is_site);   /* the writer's hook */
bool     core_gate_is_open(void);
void     core_gate_wait(void);

/* Threads: each takes over its descriptor and ends when the neighbour is gone. */
void core_gate_serve(int fd);           /* gateway */
void core_web_serve(int fd);
void core_control_serve(int listener);
void core_clock_start(void);
void core_reader_is(int fd);            /* the reader process's channel, for core_read_file */
void core_logs_serve(int fd);           /* the reader's channel for lines of watched logs (core_logs.c) */
void core_post_is(int fd);              /* the post process's channel */
void core_post_start(void);
void core_is_stuck(int process);        /* enum process of base/sandbox.h: keeper ends it and starts it again */
enum err core_thread(void *(*run)(void *), void *of);   /* detached, small stack */

/* A log-in whose credentials somebody else has checked, by whatever door it came (core_gate.c). */
struct core_login {
	struct str user, session, calling;
	int16_t    gateway;             /* number in the standing's table, -1 none */
	uint8_t    factor;
	int32_t    timeout;             /* at most so many seconds, 0: as long as the right lasts */
};
/* An accept: said only after core_store_accept's commit. */
struct core_accept {
	int64_t              person;    /* -1: unknown, let in by a gateway that watches */
	int16_t              gateway;
	uint8_t              class;
	const struct reason *against;   /* what would have refused; NULL: nothing */
	struct instant       at, until;
	int64_t              leaf;
	int32_t              place;     /* in core.places, PLACE_NONE: at no gateway that is known */
	uint32_t             seconds;
	bool                 may_lease, is_leased;     /* when it cannot be stored; it was not (core_lease.c) */
	char                 session[64], calling[64];
};
enum err gate_read_when(struct rq *, struct str when, struct str factor, struct ask *);    /* as people write them; STR_NONE: now, unknown */
enum { CORE_INTERIM_SECONDS = 300 };
/* Between standing_enter and standing_leave. False: refused, and counted; the verdict says why. True: the accept holds a place, and a job with
 * core_store_accept and, whatever became of it, core_accept_over must follow. */
bool     core_judge(const struct core_login *, struct instant now, struct gate_verdict *, struct core_accept *ret);
enum err core_store_accept(struct rq *, struct core_accept *);     /* inside a job; fills leaf */
/* Before it is answered. True: say yes, for ->seconds; it may be that it could not be stored and is a lease. Else say *ret_refusal. */
bool     core_accept_over(struct core_accept *, enum err, struct gate_verdict *ret_refusal);
void     core_leases_rule(struct rq *);
void     core_leases_store(void);                                  /* each second: what could not be stored then */
/* The same verdict with the places as they are, and nothing taken. Between standing_enter and standing_leave. */
void     core_explain(const struct ask *, struct gate_verdict *ret);
enum err core_places_begin(struct rq *);                           /* before that, beside the doors: how long each has been connected of late */
enum err core_places_load(struct rq *);                            /* when the gate opens, on the writer: the count as the store has it */
void     core_places_rule(struct rq *);                            /* the settings that it counts by */
void     rights_tell(void);                                         /* at start: floor/right.h is answered by the gate's fold (rights.c) */
int64_t  core_find_person(struct str user);                        /* -1: nobody is called that; while in the standing */

/* A page's `ask` may answer later: it takes the answering over as the last thing it does, returns OK, and core_web_say sends the answer,
 * once, from any thread (core_web.c). So many accepts wait for one commit and no thread waits with them. */
struct core_later { void *link; uint32_t serial; };
struct core_later core_web_later(struct answer *);
void core_web_say(struct core_later, int status, const char *type, struct str body);

/* Sessions that are to end (core_end.c), through whichever gateway process there is (core_gate.c). */
void core_end_start(void);
void core_end_wake(void);                               /* something may have come into the outbox: now, not within a second */
void core_put(char *room, size_t size, struct str);      /* as much as there is room for, ended by 0 */
void core_gate_end(struct gate_ends *);                 /* sends and empties it */
void core_session_unknown(struct worker *, int64_t session);
void core_session_changed(struct worker *, const struct gate_ended *);   /* what its gateway said to a new end */
void core_question(struct rq *, struct gate_ends *);     /* core_question.c: of whom a gateway has not told for long it is asked; sends what it puts in */
void core_answered(struct worker *, const struct gate_ended *);
void core_end_names(struct rq *, int64_t session, struct gate_end *);    /* as its gateway named it */
struct core_ending { struct str nas_session, why; };     /* who is to end at a gateway and has no right to stay */
enum err core_endings(struct rq *, int16_t gateway, struct core_ending **ret, size_t *ret_n);

/* The channel to one gateway process; lives until the last job of it has been answered. Between core_gate.c and core_account.c. */
struct gate_link { int fd; _Atomic int users; };
void    core_link_leave(struct gate_link *);
int16_t core_gateway_of(uint16_t client);                /* number in the store's table, by the number among samordna.conf's clients; -1 none */
void    core_accounts_take(struct gate_link *, const struct account_records *);
/* A gateway's own list of who is in, at most `age` seconds old; of a record user, session, calling and framed count. Not on the writer. */
enum err core_list_take(struct rq *, uint16_t client, uint32_t age, const struct account_record *, size_t n);
/* One record that no packet has brought; its place follows. Not on the writer. */
enum err core_account_say(struct rq *, const struct account_record *);
enum { CORE_CAUSE_NOT_LISTED = 1001 };                   /* ours: the gateway itself, asked for its list or for this one, knows it no longer */
enum err core_session_forget(struct rq *, int64_t session);     /* in a job: what its gateway called it */

/* Counters of the gateway, as it last told; for /admin and the figures. */
extern struct gateway_counters core_counters;

/* The process: until keeper says stop or is gone. The exit status. */
int core_run(const struct core_boot *, int keeper_fd);

/* Runs a command (core_control.c), also for pages that do what a command does. */
const struct command *command_find(const struct str *words, size_t n, size_t *ret_used);
extern const struct command *const command_tables[];   /* main.c: of floor and folds; points' own are walked besides */
#endif
