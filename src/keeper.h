#ifndef KEEPER_H
#define KEEPER_H
/* keeper's own: what its files (serve.c the table of processes, serve_start.c how each is started, serve_doors.c the ports, serve_walls.c what it sees of the walls) share. */
#include "boot.h"
#include "base/sandbox.h"
#include "base/when.h"
#include "floor/rq.h"

/* What keeper says to whoever starts the server, in the language of that account (main.c). What goes to the log while it runs is English. */
static inline const char *keeper_says(const char *) __attribute__((format_arg(1)));
static inline const char *keeper_says(const char *english) { return tongue(language_here(), english); }

enum { KEEPER_FD = 3, UPSTREAM_SOCKETS = 4 };

/* In the order in which they start: core first, doors last. */
enum row { ROW_CORE, ROW_SEAL, ROW_READER, ROW_POST, ROW_GATEWAY, ROW_WEB, ROWS };

struct files { int fd[CHANNEL_FILES]; int n; };

struct child {
	pid_t          pid;            /* 0: does not run */
	int            channel;        /* keeper's end, -1 none */
	int            landlock;       /* what it said of itself when its walls were up */
	int64_t        started, quick; /* ticks of its start; deaths in a row, each within seconds of the start */
	struct instant started_at;
	uint64_t       deaths;         /* ever */
	bool           is_wanted, is_walled, is_ready;
	bool           is_loaded;      /* core: has once said that its gate is open */
	int64_t        due;            /* ticks: it died and is started again then; 0: nothing waits */
	int            last_status;    /* of its last death, as waitpid gave it */
};

struct keeper {
	struct boot       *boot;
	bool               is_doorless, is_one;
	int                lock, seal_state, control, http, metrics, radius, accounting, signals, landlock;
	struct files       upstream, log_doors;
	struct { int64_t device, inode; } log_file[LOG_SOURCES][2];    /* what the reader has been handed: the file, and the one beside it */
	int64_t            looked;     /* ticks: watched files were last looked at */
	struct core_boot   core_boot;
	struct web_boot    web_boot;
	struct child       child[ROWS];
	int64_t            told;       /* ticks: core was last told how things stand */
};

/* serve_doors.c: the lock, the log's keys, the control socket and the ports. What fails says so. */
enum err keeper_open(struct keeper *, struct trouble *);
/* A connection to an OpenVPN server for the gateway process, which has asked for one. */
void     keeper_connect(struct keeper *, uint32_t server);
void     keeper_fill_core_boot(struct keeper *);
int      keeper_signals(void);                                         /* as a descriptor: SIGTERM, SIGINT, SIGCHLD */

/* serve_logs.c: watched logs. Ports at start; then the reader is handed each file that takes a watched name. */
enum { LOGS_LOOK_MS = 250 };
enum err keeper_open_logs(struct keeper *, struct trouble *);
void     keeper_look_at_logs(struct keeper *, int64_t now);
void     keeper_forget_logs(struct keeper *);      /* a new reader has none */
void     keeper_look_at_journal(struct keeper *, uint32_t source, int64_t now);    /* serve_journal.c */
void     keeper_forget_journals(void);
int      keeper_bind(const struct listen_at *, int type, struct trouble *);    /* serve_doors.c */

/* tests/hostile/hostile.c, in samordna-hostile alone: a process that has been taken over. */
#ifndef HOSTILE
#define HOSTILE 0
#endif
void hostile_turn(enum process, const int *files, int n);

/* serve_start.c: one row of the table as a process, with whatever it lives on; core is told of its new neighbour. */
enum err    keeper_start_row(struct keeper *, enum row);
const char *keeper_row_name(enum row);
void        keeper_tell_core(struct keeper *, enum peer_kind, int fd);

/* serve_one.c: a row of the table as a thread, which takes over `channel`; and the orderly end of core, after which keeper may end. */
enum err one_start(enum row, int channel, int (*be)(enum row, int channel));
void     one_stop(struct keeper *, int milliseconds);

/* serve_walls.c */
enum err keeper_hand_over_store(struct keeper *, struct trouble *);    /* as root: HOME/store becomes core's */
enum err keeper_enter(struct keeper *, struct trouble *);              /* keeper's own walls */
void     keeper_tell(struct keeper *);                                 /* core: how each process and HOME stand now */
extern const enum process row_process[ROWS];
#endif
