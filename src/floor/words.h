#ifndef FLOOR_WORDS_H
#define FLOOR_WORDS_H
/* What commands read alike out of their words and options - what is not given leaves *ret as it was - and what they print alike. */
#include "floor/page.h"
#include "floor/rq.h"

enum err words_usage(struct rq *, const char *sentence);                     /* exit 2, ERR_INVALID */
/* The one word, which is a number; else `sentence`. */
enum err words_number(struct rq *, const struct args *, const char *sentence, int64_t *ret);
/* By code, mail address or log-in name. */
enum err words_person(struct rq *, struct str name, int64_t *ret);
/* Of the option --by, which must be there. */
enum err words_by(struct rq *, const struct args *, int64_t *ret);
/* Of an option. A day as an end is that whole day. */
enum err words_moment(struct rq *, const struct args *, const char *option, bool is_end, struct instant *ret);

/* And what they print alike, as JSON: `,"key":value`. */
void words_put_text(struct out *, const char *key, struct str);              /* STR_NONE: null */
void words_put_moment(struct out *, const char *key, struct maybe_int);
struct str words_code(struct rq *, struct maybe_int person);                 /* STR_NONE: nobody */
#endif
