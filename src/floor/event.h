#ifndef FLOOR_EVENT_H
#define FLOOR_EVENT_H
/* Events: what a verb has decided, told to every point in the same commit.
 *
 * A closed table: a new event is a new row here. hear() writes only its own point's tables; what it says is
 * walked too, at most 4 deep. /help prints who hears what. */
#include "floor/audit.h"

#define EVENTS(X) \
	X(person_left,      N_("a person has left")) \
	X(person_moved,     N_("a person has changed unit or manager")) \
	X(class_set,        N_("a unit's class was set")) \
	X(phone_changed,    N_("a person's telephone number has changed")) \
	X(connection_held,  N_("a person's remote connection is held")) \
	X(access_reset,     N_("a login was reset")) \
	X(grant_ended,      N_("an access grant has ended")) \
	X(rule_adopted,     N_("a rule was adopted")) \
	X(decision_signed,  N_("a risk decision was signed")) \
	X(decision_ended,   N_("a risk decision has ended")) \
	X(session_refused,  N_("a connection was refused")) \
	X(incident_opened,  N_("an incident was opened")) \
	X(incident_closed,  N_("an incident was closed")) \
	X(source_silent,    N_("a source has fallen silent")) \
	X(proof_answered,   N_("somebody has answered in an app of her own")) \
	X(suspected,        N_("somebody may be trying to get in"))

enum event_kind {
#define X(name, text) EVENT_##name,
	EVENTS(X)
#undef X
	EVENT_KINDS
};
/* Of `suspected`: what was seen, for whoever opens incidents. With a key: the same again belongs to the same. Texts live as long as the job. */
struct suspicion { const char *source, *rule; struct str key, title, text; int severity; };      /* severity 1 (severe) to 5 */
struct event { enum event_kind kind; int64_t person; int64_t subject; int64_t leaf; const struct suspicion *what; };

extern const char *const event_name[EVENT_KINDS], *const event_text[EVENT_KINDS];
/* Keeps the event with the change; the fold walks every point's hear before the commit. */
void event_say(struct change *, struct event);
#endif
