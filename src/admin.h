#ifndef ADMIN_H
#define ADMIN_H
/* Administration: what runs, what is set, what was decided about gateways, what the log holds. Pages and commands of the house itself,
 * beside those of the points. (Here and not in the floor, because they read what core holds in memory.) */
#include "point.h"

extern const struct page admin_pages[];             /* /admin and /admin/setting */
extern const struct page admin_gateway_pages[];     /* /admin/gateway */
extern const struct page admin_audit_pages[];       /* /admin/audit */

/* --- between admin*.c --- */
/* number: its place among them, as the gate counts; against: let in while it watched, of 30 days, though they would have been refused. */
struct admin_gateway { int64_t id, against; int16_t number; struct str name, service; bool is_watch, is_authorise_only, is_lenient, is_named; };
/* All gateways of the store with the marks of samordna.conf; is_named: the file names it still. */
enum err   admin_gateways(struct rq *, struct admin_gateway **ret, size_t *ret_n);
enum err   admin_gateway_find(struct rq *, struct str name, struct admin_gateway *ret);         /* ERR_NONE with a sentence */
enum err   admin_gateway_mode(struct rq *, struct str name, bool is_watch);
enum err   admin_gateway_service(struct rq *, struct str name, struct str service);             /* empty: any grant opens it */

/* Where the log stands. */
struct admin_log { int64_t size; struct str root; struct instant sealed_at, verified_at; int64_t faults; };    /* root: base64; faults: of the last verification */
enum err   admin_log_head(struct rq *, struct admin_log *ret);

/* "person:p1" as people say it; other actors (system, gateway, cli:root) in words. */
struct str admin_actor(struct rq *, struct str actor);
#endif
