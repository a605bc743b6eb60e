#ifndef DOORS_FILES_SESSIONS_H
#define DOORS_FILES_SESSIONS_H
/* A VPN server's own list of who is in: what `occtl -j show users` of ocserv prints.
 *
 * It is taken whole or not at all: who does not stand in it is no longer in, so half a list would shut people out of the count. With a problem there is one record,
 * which says where and what. Who has not got in yet (another state than connected, no name) is passed over. */
#include "doors/files.h"

#define LISTED_PROBLEMS(X) \
	X(JSON,   N_("this is not the list that \"occtl -j show users\" prints: an array of objects in UTF-8")) \
	X(FIELDS, N_("somebody is connected without a name, a number or a session, or they are too long")) \
	X(MANY,   N_("the list names more sessions than are read at once"))
enum listed_problem {
	LISTED_FINE,
#define X(name, text) LISTED_##name,
	LISTED_PROBLEMS(X)
#undef X
	LISTED_PROBLEM_KINDS
};

enum { LISTED_MOST = 50000 };
/* number: what the server disconnects it by. session: Acct-Session-Id. calling: where from. framed: the address inside. */
struct listed_record { int64_t number; uint32_t row, problem; char user[256], session[64], calling[64], framed[48]; };

enum err listed_read(struct str text, struct bytes *ret, uint64_t *ret_n, uint64_t *ret_bad);
#endif
