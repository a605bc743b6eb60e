#ifndef ROUTER_H
#define ROUTER_H
/* From a web ask to a page and back: who asks, what for, may they, and the frame around the answer.
 *
 *     router_open(&rq, &parcel, &routed);          // session, actor, route, rights, form token
 *     if (routed.page) err = its get, or prepare and then, as a job on the writer, its post
 *     router_close(&rq, &routed, err, &reply);     // the message that web sends on
 *
 * Deny is the default: a page that stands in no table does not exist, a page without roles is for nobody, and one for
 * everybody counts only when its path stands in the short list of public ones. */
#include "point.h"
#include "doors/message.h"

struct routed {
	const struct web_ask *ask;
	const struct page    *page;          /* NULL: `answer` holds the refusal */
	bool                  is_change;     /* POST or PUT: prepare, then post on the writer */
	bool                  is_late;       /* a post that needs the second factor again: asked for in its place, and what was typed is kept */
	bool                is_kept;          /* a form whose session has ended: the log-in is drawn in its place */
	bool                  is_seen;       /* the session's last use is a while ago: to be noted */
	bool                  is_exercise, is_acting, may_become;
	struct visit          visit;
	struct actor          actor;
	struct answer         answer;
	struct str            person_name, here;
	unsigned char         session_hash[32];
};
struct router_reply { struct web_answer head; struct str body; int file; };   /* file: -1, or the body, sealed */

/* `rq` is a reader's; its actor and language are set here. Texts of the visit lie in the parcel, which must outlive it. */
void router_open(struct rq *, const struct parcel *, struct routed *ret);
/* `err`: what the page returned. */
void router_close(struct rq *, struct routed *, enum err, struct router_reply *ret);
/* A refusal in words, with the frame around it. */
void router_refuse(struct rq *, struct routed *, int status, struct str sentence);

/* Fills the frame's menu (router_menu.c). */
struct frame;
void router_menu(struct rq *, const struct routed *, struct frame *);
extern const struct page router_menu_pages[];

/* `samordna route list` (router_list.c). */
extern const struct command route_commands[];

/* Every page of every table: start with both 0; NULL at the end. */
const struct page *router_next(size_t *table, size_t *row);
const struct page *router_find(struct str path, struct str *ret_rest);
bool               router_is_public(const char *path);
/* Whether the actor may open that address (a query or a #place behind the path does not count): who draws links asks first. */
bool               router_may_open(const struct rq *, struct str at);

extern const struct page *const page_tables[];      /* router_tables.c: of floor and folds; points' own are walked besides */
#endif
