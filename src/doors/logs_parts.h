#ifndef DOORS_LOGS_PARTS_H
#define DOORS_LOGS_PARTS_H
/* What the files of the reader of logs share. */
#include <poll.h>
#include "doors/lines.h"
#include "doors/logs.h"

enum { LOG_OPEN_FILES = 6, LOG_CREDIT = 8 };
struct log_file {
	int     fd;
	struct log_position at;
	int64_t warm_until;              /* offset: what lies before is told as warm */
	int64_t read_at, cut_at;         /* ticks: something last came; it was seen to be cut off, 0 not */
	bool    is_leaving, is_again;    /* another has its name now; the next lines are the first of it anew */
};
struct log_state {
	const struct log_source *source;
	struct lines   *lines;
	struct log_file file[LOG_OPEN_FILES];
	int             n_files, older;  /* older: open, what a rotation may have copied; -1 none */
	int64_t         older_device, older_inode;
	int64_t         unreadable;      /* that core has been told of */
};
/* logs_journal.c: a stream of entries that are numbered over several files, and one file of it. */
enum { JOURNALS = 64 };
struct journal_stream {
	bool     is_there, is_new, is_cold;      /* cold: the rules remember nothing of it yet */
	uint32_t source;
	int64_t  device, inode;          /* which: the two halves of its seqnum_id */
	int64_t  next, read_until;       /* the number that is read next; the moment of the last one, in milliseconds */
};
struct journal {
	int      fd;
	struct log_state      *state;
	struct journal_stream *stream;
	int64_t  device, inode;          /* of the file */
	bool     is_older, is_archived, is_compact, is_read;     /* older: nothing more is written to it */
	int64_t  stream_device, stream_inode, head, tail, n, began_at;    /* as its header says */
	uint64_t first_array, array, serial;
	int64_t  index, array_from, array_n, warm_until, read_at;  /* index: of the entry that is read next */
};
struct logs {
	const struct log_boot *boot;
	int               channel, keeper;
	struct log_state  state[LOG_SOURCES];
	struct log_from   from;          /* where core says that reading goes on */
	bool              is_told, is_over;
	int               credit;        /* messages that core has not answered yet */
	struct log_lines  batch;         /* being filled */
	struct instant    now;
	int64_t           ticks;
};
extern struct logs logs;

/* logs.c: what the lines of one source say, into the batch; and the batch to core. */
void logs_take(struct log_state *, struct str text, bool is_message);
void logs_send(struct log_state *, const struct log_position *, int64_t from, uint32_t flags);
static inline bool logs_may_send(void) { return logs.is_told && logs.credit < LOG_CREDIT; }
/* logs_file.c */
void logs_file_open(struct log_state *, const struct log_open *, int fd);
bool logs_file_turn(struct log_state *);          /* true: there may be more at once */
/* logs_journal.c */
void logs_journal_open(struct log_state *, const struct log_open *, int fd);
bool logs_journal_turn(struct log_state *);
/* logs_places.c: degrees north and east; false: not known, or it says nothing. */
void logs_places_open(struct log_state *, int fd);
bool logs_places_find(struct str address, float ret[2]);
/* logs_net.c */
void logs_net_start(const int *doors, int n);
int  logs_net_wait(struct pollfd *);              /* fills what to wait for; how many */
void logs_net_turn(const struct pollfd *, int n);
/* logs_frame.c: the frame at `at` of `n` bytes, in a buffer of `room`: how many bytes it takes; 0: not whole yet, -1: none. */
int64_t logs_frame(const char *at, size_t n, size_t room, struct str *ret);
/* logs_tls.c */
struct log_tls;
bool logs_tls_start(int certificate, int key);
struct log_tls *logs_tls_new(int fd);             /* NULL: no certificate, or no memory */
void logs_tls_end(struct log_tls *);
ssize_t logs_tls_take(struct log_tls *, char *room, size_t n);    /* as recv: 0 the end, -1 with errno EAGAIN when there is nothing yet */
bool logs_tls_has_more(const struct log_tls *);   /* taken from the connection already: poll does not see it */
bool logs_tls_writes(const struct log_tls *);     /* waits for room to send */
#endif
