#ifndef BLOCK_H
#define BLOCK_H
/* Reported links and the block list: for incidents' own files.
 *
 * The reader process reads the link of a report; what it makes of it is kept beside the report, so siblings stand together by what somebody has
 * registered (evil.se). The same host again joins the open incident that it was reported in. A person decides about a host or a whole domain:
 * to block it, or to leave it alone, until an end. Only what a person decided to block is exported, and never what is ours. */
#include "incidents.h"
#include "points/incidents/block.sql.h"

/* What the reader made of a link. host is empty when there is none; its characters are those of a host name or a number. */
struct block_seen { struct str host, domain, imitates; int64_t verdict, reasons; bool is_name, is_ours; };

/* Off the writer, both. The first of what somebody reports: trouble with the reader leaves host empty, the report is taken all the same. The
 * second of a host that somebody will decide about; is_ours then says whether it is one of ours however it is written. */
void     block_look(struct rq *, struct str text, struct block_seen *ret);
enum err block_look_at_host(struct rq *, struct str typed, struct block_seen *ret);

/* In the leaf of the report. */
enum err block_link(struct rq *, struct change *, int64_t report, const struct block_seen *);
/* The incident in which this host is being worked with. ERR_NONE: none. */
enum err block_incident(struct rq *, const struct block_seen *, struct incidents_get_row *ret);

/* One leaf: the decision, and a line on the timeline of every incident of the group. Left alone: what nobody has begun to look at is dismissed.
 * ret_field: what the refusal is about. */
enum { BLOCK_DAYS_MOST = 365, BLOCK_DAYS = 90, BLOCK_ROLES = ROLE_SUPPORT | ROLE_COORDINATOR };
struct block_wish { struct block_seen seen; bool is_left, is_below; struct str because; int64_t days, by; const char *field; };
enum err block_decide(struct rq *, struct block_wish *);
struct block_over { struct str host, because; int64_t by; const char *field; };
enum err block_undo(struct rq *, struct block_over *);

/* Is this host, or something below it, one of ours by the setting as it is now? Off the writer: with an ä in the list the reader is asked. */
bool     block_is_ours(struct rq *, struct str host, bool is_below);
/* From the first report to the block, the median of 90 days in milliseconds; ret_n: of how many. */
enum err block_median(struct rq *, int64_t *ret, size_t *ret_n);
struct str block_span(struct rq *, int64_t ms);                      /* "42 minutes", "3 hours", "5 days" */
enum err block_due(struct rq *, struct tasks *ret);

/* --- block_export.c: ret_kept, how many were kept back because they are ours now --- */
enum block_format { BLOCK_HOSTS, BLOCK_STIX, BLOCK_CSV, BLOCK_FORMATS };
extern const struct block_format_row { const char *name, *type, *file; } block_formats[BLOCK_FORMATS];
enum err block_export(struct rq *, enum block_format, struct out *ret, int64_t *ret_kept);

/* --- block_page.c, block_command.c --- */
enum err incidents_get_links(struct rq *, const struct visit *, struct answer *);
enum err incidents_get_link(struct rq *, const struct visit *, struct answer *);
enum err incidents_prepare_link(struct rq *, struct visit *);
enum err incidents_post_link(struct rq *, const struct visit *, struct answer *);
enum err incidents_get_blocks(struct rq *, const struct visit *, struct answer *);
enum err incidents_get_export(struct rq *, const struct visit *, struct answer *);
enum err incidents_run_links(struct rq *, const struct args *, struct out *);
enum err incidents_run_block(struct rq *, const struct args *, struct out *);
enum err incidents_run_leave(struct rq *, const struct args *, struct out *);
enum err incidents_run_unblock(struct rq *, const struct args *, struct out *);
enum err incidents_run_blocks(struct rq *, const struct args *, struct out *);
#endif
