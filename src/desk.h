#ifndef DESK_H
#define DESK_H
/* The desk: how each question stands and what waits, as folds over the table of points. The start page is drawn from it. */
#include "point.h"

enum { DESK_QUESTIONS = 15 };
struct desk_question { const struct point *point; struct figures figures; };

/* Every point's figures, in the leaflet's order. A point without figures, or whose figures could not be computed, is unknown and
 * says what would bring it to life. While there are not two coordinators and a decider who is neither, question 1 needs action. */
enum err desk_questions(struct rq *, struct desk_question *ret, size_t *ret_n);
/* What waits: all of it when `is_all`, else what waits for this actor (by person or role). Earliest due first. */
enum err desk_tasks(struct rq *, bool is_all, struct tasks *ret);

extern const struct page desk_pages[];
extern const struct command desk_commands[];
#endif
