#ifndef DOORS_WEB_PARTS_H
#define DOORS_WEB_PARTS_H
/* Between the files of the web door alone: web.c (process, deadlines, core), web_request.c (a request becomes an ask),
 * web_answer.c (an answer becomes a response). */
#include <microhttpd.h>
#include "doors/web.h"
#include "doors/web_form.h"
#include "doors/web_guard.h"
#include "doors/web_multipart.h"
#include "base/out.h"

/* A connection's clock: what it is doing since when, and how long it may. */
struct web_link {
	struct web_link *next, *before;
	int              fd;
	int64_t          since, allowed;      /* ticks; allowed 0: no deadline of ours now */
};

struct web_request {
	struct web_request    *next;          /* in the list of free ones */
	struct MHD_Connection *connection;
	struct web_link       *link;
	struct arena          *arena;
	struct str             target;        /* a copy; `raw` is where it lies in the library's buffer, for the guard */
	const char            *raw;
	struct web_head        head;          /* copies */
	struct web_ask         ask;
	struct web_fields      fields;
	struct out             body;
	int                    file;          /* a body that was PUT, or the file of a form; or -1 */
	struct multipart      *multipart;     /* a form with a file is being read */
	uint64_t               received, most;
	int                    slot;          /* among those that wait for core, or -1 */
	bool                   is_begun, is_large, sets_language, is_metrics;
	/* The answer: the head, and its bytes or its file. */
	bool                   has_answer;
	struct web_answer      answer;
	char                  *answer_bytes;
	int                    answer_file;
};

struct web {
	struct web_boot boot;
	const char     *cookie;               /* the session's cookie: __Host-samordna under TLS */
	bool            is_tls;
	int             core_fd;
};
extern struct web web;

/* web.c */
void web_allow(struct web_link *, int64_t milliseconds);     /* a new stage of the request begins now; 0: none of ours */
void web_extend(struct web_link *, int64_t milliseconds);    /* the stage may last that long in all */
enum err web_wait(struct web_request *, uint32_t *ret_serial);   /* a slot among those that wait */
void web_wait_not(struct web_request *);
bool web_large_begin(void);                                  /* few large bodies at once */
void web_large_end(void);
void web_count_refusal(int status);

/* web_request.c */
void *web_request_new(void *of, const char *uri, struct MHD_Connection *);
enum MHD_Result web_request_handle(void *of, struct MHD_Connection *, const char *url, const char *method, const char *version,
                                   const char *data, size_t *n, void **request);
void web_request_end(void *of, struct MHD_Connection *, void **request, enum MHD_RequestTerminationCode);

/* web_send.c */
void web_send_begins(int fd);                                /* a connection of the door; before its first answer */
void web_send_ends(int fd);

/* web_answer.c */
enum MHD_Result web_answer_core(struct web_request *);
/* A refusal of web's own, in plain words; closes the connection. */
enum MHD_Result web_answer_plain(struct web_request *, int status);
/* What is sent instead of a refusal of the library's own, which begins with `its`; in `room`. */
struct str web_refusal(struct str its, char *room, size_t size);
enum MHD_Result web_answer_health(struct web_request *);
enum MHD_Result web_answer_file(struct web_request *, const struct web_file *);
#endif
