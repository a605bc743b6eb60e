#ifndef INCIDENTS_PARTIES_H
#define INCIDENTS_PARTIES_H
/* Others in an incident: the supplier at which it is, and the legal bodies that share it.
 *
 * A shared incident is one, with a timeline, tasks and a follow-up. Each legal body that must report it gets an incident of its own below it (act
 * "share"): the same times, assessment and packs, its own clocks, decisions and receipts. Facts that are stated of the shared one count in
 * each body's own until that body states another, and its texts are filled with both timelines, so that one work fills all reports. Nobody
 * decides for another's body: that takes a coordinator of it, or who holds a mandate there. */
#include "points/incidents/law.h"
#include "points/incidents/parties.sql.h"
#include "floor/paper.h"

/* The body whose own report this is; ERR_NONE: it is nobody's own. */
enum err incidents_body_of(struct rq *, int64_t incident, struct parties_of_row *ret);
/* The shared incident that it belongs to, or itself: two of one root are one incident. */
enum err incidents_root(struct rq *, int64_t incident, int64_t *ret);
/* May `by` decide for the body whose own report this is? ERR_NONE: it is no body's own, and whoever may otherwise may. */
enum err incidents_may_for_body(struct rq *, const struct incidents_get_row *, int64_t by, bool has_role);
bool     incidents_has_mandate(struct rq *, int64_t incident, int64_t by);
/* The names of bodies' own incidents in which a duty is not decided, put behind *out. */
enum err incidents_bodies_undecided(struct rq *, const struct incidents_get_row *, struct out *out);
/* Each body's own becomes as confidential as the shared one. */
enum err incidents_bodies_hide(struct rq *, struct change *, const struct incidents_get_row *, bool is_confidential);

/* Until when the supplier's word stands: what it promised, or what its contract says while it has told nothing. False: there is no such moment. */
bool     incidents_supplier_clock(const struct parties_waiting_row *, struct instant *ret);
enum err incidents_parties_due(struct rq *, struct tasks *ret);
enum err incidents_parties_json(struct rq *, const struct incidents_get_row *, struct out *ret);

enum err incidents_get_parties(struct rq *, const struct visit *, struct answer *);
enum err incidents_draw_parties(struct rq *, const struct visit *, const struct incidents_get_row *, const struct wrongs *, struct answer *);

/* --- form.c, paper_command.c --- */
struct incidents_sheet { struct paper_block *at; size_t n; };
enum err incidents_form_sheet(struct rq *, struct incidents_sheet *ret);
void     incidents_form_text(const struct incidents_sheet *, struct out *ret);
enum err incidents_form_pdf(struct rq *, const struct incidents_sheet *, struct out *ret);
enum err incidents_run_paper(struct rq *, const struct args *, struct out *);
#endif
