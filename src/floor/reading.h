#ifndef FLOOR_READING_H
#define FLOOR_READING_H
/* Foreign files become typed records in the reader process; core asks for it here. (Records and their kinds are messages between
 * processes, so this one header of the floor knows doors/message.h; their layout stands in doors/files.h, doors/files_resets.h, doors/files_sessions.h
 * and doors/link.h.) */
#include "floor/rq.h"
#include "doors/files.h"
#include "doors/files_resets.h"
#include "doors/files_sessions.h"
#include "doors/link.h"

struct reading { int records, problems; uint64_t n, n_bad; };     /* two sealed files, the caller's to close */

/* `file` is a sealed memfd. Blocks until the reader has read it: not on the writer. Defined by core (core_read.c). */
enum err reading_ask(struct rq *, enum read_kind, int file, struct reading *ret);
/* All records of a log of resets, wrong rows too, in the arena (reading.c). */
enum err reading_resets(struct rq *, int file, struct reset_record **ret, size_t *ret_n);
/* Is a link ours, by the setting logins.own_hosts? Texts in *ret end inside it. Off the writer, as all of these. */
enum err reading_link(struct rq *, struct str link, struct link_record *ret);
/* A VPN server's own list, whole; else the sentence says where it cannot be read. */
enum err reading_listed(struct rq *, int file, struct listed_record **ret, size_t *ret_n);
#endif
