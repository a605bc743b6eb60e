#ifndef ADMIN_WORDS_H
#define ADMIN_WORDS_H
/* The log in words: what an action, a table, a column and a value of a leaf are called by people who coordinate. What stands in no table
 * here is shown as it is, so a new point's leaves are readable from the first day and friendly from the second. */
#include "floor/leaf.h"
#include "floor/rq.h"

const char *admin_action_words(struct str action);      /* N_(); NULL: none */
struct str  admin_table_words(struct rq *, struct str table);
const char *admin_column_words(struct str column);      /* N_(); NULL: none */
/* A value as people read it: a moment, a person's name, yes or no, the text itself. `value` as it stands in the leaf. */
struct str  admin_value_words(struct rq *, struct str table, struct str column, struct str value);
#endif
