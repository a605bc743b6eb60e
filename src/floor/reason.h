#ifndef FLOOR_REASON_H
#define FLOOR_REASON_H
/* Why the gate says no or not yet: a row in a point's table. What is_lowerable may be lowered by one signed decision (decide.h). */
#include "base/base.h"

struct reason {
	const char *code;              /* "access.no_grant" */
	bool        is_lowerable;      /* may a signed risk decision lower it? */
	const char *text;              /* N_(): to the person: what, and what to do instead */
	const char *again;             /* N_(): the words before WAIT's moment; NULL: "You can connect from" */
};
#endif
