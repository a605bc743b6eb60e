#ifndef CORE_LOGS_H
#define CORE_LOGS_H
/* Between core_logs.c (lines, places, what the counting rules find) and core_logs_judge.c (what the gate knows of the people in them). */
#include "core.h"
#include "floor/event.h"

enum { FOUND_MOST = 64 };
/* One log line's login, judged on the standing. `source` is the watched log's name. Keeps what it finds until core_logs_say. */
void     core_logs_judge(struct worker *, struct rq *, const struct log_record *, struct str source);
bool     core_logs_has_found(void);
/* In the job that keeps how far was read: a leaf with what was found. */
enum err core_logs_say(struct rq *);
void     core_logs_said(void);                 /* the job is committed */
/* Who stands among these names weighs: the severity, and a sentence for the text; empty when nothing does. */
int      core_logs_weigh(struct rq *, const struct str *names, size_t n, int severity, struct str *ret_why);
#endif
