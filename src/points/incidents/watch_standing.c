/* R9 and R10 as data: reason of the gate, rule, how far it reaches, how severe, what it means.
 *
 * A reason that stands in no row (a ninth point's) is R9.refused: the gate would have said no. Never a sign: that no place was left, that a log does not tell the
 * second factor, that nobody is called so.
 *
 * SECURITY: R9 counts for remote access alone: a login at the office needs no grant, and a domain's log tells of thousands of those. */
#include "watch_standing.h"

#define OWN N_("Samordna's own register")
const struct watch_standing watch_standing[] = {
	{ "R9.grant", "access.no_grant", SCOPE_REMOTE, 2, N_("A remote login without a grant: %.*s"),
	  N_("A remote login succeeds, and the person has no grant for it, or it was revoked."), OWN },
	{ "R9.ended", "access.expired", SCOPE_REMOTE, 2, N_("A remote login after the grant had ended: %.*s"),
	  N_("A remote login succeeds after the person's last grant has ended."), OWN },
	{ "R9.early", "access.not_yet", SCOPE_REMOTE, 3, N_("A remote login before the grant begins: %.*s"),
	  N_("A remote login succeeds before the person's grant begins."), OWN },
	{ "R9.suspended", "access.suspended", SCOPE_REMOTE, 2, N_("A remote login with a suspended grant: %.*s"),
	  N_("A remote login succeeds while the person's grant is suspended."), OWN },
	{ "R9.quarantine", "access.quarantine", SCOPE_REMOTE, 1, N_("A remote login just after a reset, while the connection is held: %.*s"),
	  N_("A remote login succeeds while the connection is held after a reset, a changed number or a suspected fraud."), OWN },
	{ "R9.slot", NULL, SCOPE_REMOTE, 4, N_("A remote login outside the booked time: %.*s"),
	  N_("A remote login succeeds that the gate has not let in, while the person has booked another time there."), OWN },
	{ "R9.blocked", "incidents.blocked", SCOPE_REMOTE, 1, N_("A remote login from a blocked source: %.*s"),
	  N_("A remote login succeeds from an address that a countermeasure blocks."), OWN },
	{ "R9.refused", "", SCOPE_REMOTE, 3, N_("A remote login that the gate would have refused: %.*s"),
	  N_("A remote login succeeds that the gate would have refused for another reason."), OWN },
	{ "R10.left", "access.left", SCOPE_ALL, 1, N_("The account of somebody who has left is used: %.*s"),
	  N_("Any login succeeds with the account of somebody whose employment has ended."), N_("Sigma and Microsoft Sentinel: disabled accounts; own register") },
	{ "R10.held", "incidents.held", SCOPE_ALL, 1, N_("A held account is used: %.*s"),
	  N_("Any login succeeds with an account that a countermeasure holds."), OWN },
	{ "R10.idle", NULL, SCOPE_ALL, 3, N_("An account that has rested for long is used: %.*s"),
	  N_("A login succeeds with an account that has not been used for many days (setting incidents.idle_days)."), N_("CIS Controls v8, 5.3: 45 days") },
	{ "R10.tried", NULL, SCOPE_ALL, 4, N_("The account of somebody who has left is tried from %.*s"),
	  N_("A login fails with the account of somebody whose employment has ended. Counted for where it came from."),
	  N_("Sigma and Microsoft Sentinel: disabled accounts; own register") },
	{ 0 }
};

static const char *const no_sign[] = { "capacity.full", "capacity.local", "incidents.factor", "gate.unknown_person", "gate.nobody_passes", "gate.not_known_then",
	"gate.no_memory" };

const struct watch_standing *watch_standing_named(const char *rule)
{
	for (const struct watch_standing *row = watch_standing; row->rule; row++)
		if (strcmp(row->rule, rule) == 0)
			return row;
	return NULL;
}

const struct watch_standing *watch_standing_of(const char *code)
{
	for (size_t i = 0; i < LENGTH(no_sign); i++)
		if (strcmp(code, no_sign[i]) == 0)
			return NULL;
	for (const struct watch_standing *row = watch_standing; row->rule; row++)
		if (row->code && strcmp(code, row->code) == 0)
			return row;
	return watch_standing_named("R9.refused");
}

bool watch_is_remote(struct str service)
{
	static const char *const servers[] = { "openvpn", "ocserv", "strongswan", "freeradius", "fortigate", "asa", "paloalto", "sonicwall", "pfsense", "guacamole" };

	for (size_t i = 0; i < LENGTH(servers); i++)
		if (str_equal(service, str_of(servers[i])))
			return true;
	return false;
}

const char *const watch_weight_word[WEIGHTS] = { N_("an account with a role of trust"), N_("a critical unit"), N_("somebody who has left or is leaving"),
	N_("a login that was just reset") };

int watch_weighed(int severity, unsigned weights)
{
	return MAX(severity - MIN(__builtin_popcount(weights), 2), 1);
}
