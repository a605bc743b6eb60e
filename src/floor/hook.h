#ifndef FLOOR_HOOK_H
#define FLOOR_HOOK_H
/* Webhooks: what has happened here, told to other systems (a help desk, a SIEM) as signed JSON, at least once, in the commit that it tells of.
 *
 *     {"type":"decision.signed","timestamp":"2026-11-24T08:00:00Z","data":{"decision":7,"person":"p1"}}
 *
 * Which events are told stands in one table in hook.c; something that is no event of the house is said with hook_say. Signed as Standard Webhooks
 * says (doors/post_hook.c). While samordna.conf names no webhook nothing is kept.
 *
 * SECURITY: a body holds numbers and codes, no names, no texts that people wrote. */
#include "floor/event.h"
#include "floor/hook.sql.h"
#include "floor/page.h"

enum { HOOK_HOURS = 24 };                        /* so long a delivery is tried that the receiver puts off */

/* Set at start by core: the hosts of the webhook lines, in their order. The texts live as long as the program. */
void     hooks_are(const char (*hosts)[256], size_t n);
size_t   hook_count_lines(void);
const char *hook_host(size_t hook);

/* `subject`: what the number is of, "verification"; person -1: none; ticket: of the desk that is told, or STR_NONE. */
struct hook_said { const char *event, *subject; int64_t number, person; struct str ticket; };
enum err hook_say(struct change *, const struct hook_said *);
/* The fold's: an event of the house, if it is one that is told. */
enum err hook_hear(const struct event *, struct change *);

enum err hook_again(struct rq *, int64_t id);    /* its leaf; also of what was delivered */
enum err hook_test(struct rq *);                 /* a test event to each; its leaf */
enum err hook_due_tasks(struct rq *, struct tasks *ret);

extern const struct command hook_commands[];
extern const struct page hook_pages[];
#endif
