#ifndef FLOOR_PRACTICE_LINK_H
#define FLOOR_PRACTICE_LINK_H
/* Practice links: does a team report a false log-in link that it is sent? access plans them, incidents knows one when it is reported.
 *
 * The link stands under a name of its own (setting practice.host) that leads here and is none of the organisation's own hosts, so that a check of it
 * says NOT OURS as of any other. It is one for the whole team: there is nothing in it that could tell who followed it. Opening it changes
 * nothing, since programs open links; who presses "log in" there is told, and counted.
 *
 * SECURITY: counted for the team alone, without a leaf, which would hold who was logged in and when. A report is taken for practice only when the host that
 * the reader read is practice.host: a stranger cannot hide a link of his own behind a token of ours. */
#include "floor/practice_link.sql.h"

enum { PRACTICE_TOKEN = 13, PRACTICE_TEAM = 5 };         /* 65 bits; so many people in a team at least */
enum practice_link_what { PRACTICE_REPORTED, PRACTICE_GONE };

struct str practice_link_make(struct rq *);                                  /* a new token */
/* "https://HOST/access/login/TOKEN"; empty while practice.host is not set. */
struct str practice_link_address(struct rq *, struct str token);
/* Agreed to, not cancelled, and its time has begun. ERR_NONE: there is no such link. */
enum err practice_link_find(struct rq *, struct str token, struct practice_link_named_row *ret);
/* Not after its end: what comes later is answered alike, and not counted. */
enum err practice_link_count(struct rq *, const struct practice_link_named_row *, enum practice_link_what);
/* Of a report: the host as the reader read it, and what was typed. Counts it. */
enum err practice_link_reported(struct rq *, struct str host, struct str typed, bool *ret);
#endif
