/* The words of an incident: states, kinds of report, categories, severities, causes. Tables that pages, commands and checks read.
 *
 * Both categories are kept: ENISA's reference taxonomy (RSIT v1003) as "class/type", and CERT-SE's ten. */
#include "incidents.h"

const char *const incidents_state_name[INCIDENTS_STATES] = {
	[INCIDENTS_REPORTED] = "reported", [INCIDENTS_ASSESSING] = "assessing", [INCIDENTS_CONFIRMED] = "confirmed",
	[INCIDENTS_CONTAINED] = "contained", [INCIDENTS_ERADICATED] = "eradicated", [INCIDENTS_RECOVERED] = "recovered",
	[INCIDENTS_REVIEWING] = "reviewing", [INCIDENTS_CLOSED] = "closed", [INCIDENTS_DISMISSED] = "dismissed",
	[INCIDENTS_MERGED] = "merged", [INCIDENTS_REOPENED] = "reopened",
};
const char *const incidents_state_word[INCIDENTS_STATES] = {
	[INCIDENTS_REPORTED] = N_("Reported"), [INCIDENTS_ASSESSING] = N_("Being assessed"), [INCIDENTS_CONFIRMED] = N_("Confirmed"),
	[INCIDENTS_CONTAINED] = N_("Contained"), [INCIDENTS_ERADICATED] = N_("Remedied"), [INCIDENTS_RECOVERED] = N_("Recovered"),
	[INCIDENTS_REVIEWING] = N_("Being evaluated"), [INCIDENTS_CLOSED] = N_("Closed"), [INCIDENTS_DISMISSED] = N_("Dismissed"),
	[INCIDENTS_MERGED] = N_("Merged"), [INCIDENTS_REOPENED] = N_("Reopened"),
};

struct state_page incidents_shape(int64_t state)
{
	const char *kind = incidents_is_over(state) ? "unknown" : state >= INCIDENTS_RECOVERED && state <= INCIDENTS_REVIEWING ? "ok" : "act";
	return (struct state_page){ str_of(kind), incidents_state_word[state] };
}

bool incidents_is_over(int64_t state)
{
	return state == INCIDENTS_CLOSED || state == INCIDENTS_DISMISSED || state == INCIDENTS_MERGED;
}

bool incidents_is_running(int64_t state)
{
	return state < INCIDENTS_RECOVERED || state == INCIDENTS_REOPENED;
}

const struct incidents_kind_row incidents_kinds[INCIDENTS_KINDS] = {
	[INCIDENTS_LINK] = { "link", N_("I got a strange link or e-mail"), N_("Strange link or e-mail"),
		N_("Do not open the link. Keep the message until somebody has called you.") },
	[INCIDENTS_CALL] = { "call", N_("I got a strange call"), N_("Strange call"),
		N_("Hang up. Do not call back. Nobody from support asks for your password.") },
	[INCIDENTS_CLICKED] = { "clicked", N_("I clicked, or gave something away"), N_("Somebody clicked or gave something away"),
		N_("Leave the computer on. Call support now, and do not log in anywhere until they have answered.") },
	[INCIDENTS_LOST] = { "lost", N_("I lost a computer or a telephone"), N_("Lost computer or telephone"),
		N_("Call support, so that they can lock the device. Tell your manager too.") },
	[INCIDENTS_OTHER] = { "other", N_("Something else"), N_("Something else"),
		N_("Leave the computer on. Write down what you saw and when.") },
};

const char *const incidents_entry_name[INCIDENTS_ENTRIES] = {
	[INCIDENTS_DETECTION] = "detection", [INCIDENTS_OBSERVATION] = "observation", [INCIDENTS_MITIGATION] = "mitigation",
	[INCIDENTS_STATUS] = "status", [INCIDENTS_LEGAL] = "legal", [INCIDENTS_CORRECTION] = "correction",
};
const char *const incidents_entry_word[INCIDENTS_ENTRIES] = {
	[INCIDENTS_DETECTION] = N_("Detection"), [INCIDENTS_OBSERVATION] = N_("Observation"), [INCIDENTS_MITIGATION] = N_("Measure"),
	[INCIDENTS_STATUS] = N_("Change"), [INCIDENTS_LEGAL] = N_("Legal duty"), [INCIDENTS_CORRECTION] = N_("Correction"),
};

const char *const incidents_work_name[INCIDENTS_WORK_STATES] = {
	[INCIDENTS_OPEN] = "open", [INCIDENTS_IN_PROGRESS] = "in_progress", [INCIDENTS_BLOCKED] = "blocked", [INCIDENTS_DONE] = "done",
	[INCIDENTS_VERIFIED] = "verified", [INCIDENTS_CANCELLED] = "cancelled",
};
const char *const incidents_work_word[INCIDENTS_WORK_STATES] = {
	[INCIDENTS_OPEN] = N_("Not begun"), [INCIDENTS_IN_PROGRESS] = N_("Under way"), [INCIDENTS_BLOCKED] = N_("Waits"),
	[INCIDENTS_DONE] = N_("Done, to be verified"), [INCIDENTS_VERIFIED] = N_("Verified"), [INCIDENTS_CANCELLED] = N_("Cancelled"),
};

const struct incidents_choice incidents_severities[] = {
	{ "1", N_("1 of 5, severe") }, { "2", N_("2 of 5, significant") }, { "3", N_("3 of 5, moderate") }, { "4", N_("4 of 5, limited") },
	{ "5", N_("5 of 5, negligible") }, { 0 }
};

const struct incidents_choice incidents_rsit[] = {
	{ "abusive-content/spam", N_("Abusive content: spam") },
	{ "malicious-code/infected-system", N_("Malicious code: infected system") },
	{ "malicious-code/malware-distribution", N_("Malicious code: spread from here") },
	{ "information-gathering/scanning", N_("Information gathering: scanning") },
	{ "information-gathering/social-engineering", N_("Information gathering: social engineering") },
	{ "intrusion-attempts/login-attempts", N_("Intrusion attempt: log-in attempts") },
	{ "intrusion-attempts/exploit-known-vulnerability", N_("Intrusion attempt: known vulnerability") },
	{ "intrusions/privileged-account-compromise", N_("Intrusion: privileged account taken over") },
	{ "intrusions/unprivileged-account-compromise", N_("Intrusion: account taken over") },
	{ "intrusions/system-compromise", N_("Intrusion: system taken over") },
	{ "availability/dos", N_("Outage: overload attack") },
	{ "availability/misconfiguration", N_("Outage: wrong configuration") },
	{ "availability/outage", N_("Outage: failure") },
	{ "information-content-security/unauthorised-information-access", N_("Information: unauthorised access") },
	{ "information-content-security/unauthorised-information-modification", N_("Information: unauthorised change") },
	{ "information-content-security/data-loss", N_("Information: loss") },
	{ "fraud/unauthorised-use-of-resources", N_("Fraud: unauthorised use") },
	{ "fraud/masquerade", N_("Fraud: somebody posed as another") },
	{ "fraud/phishing", N_("Fraud: phishing") },
	{ "vulnerable/vulnerable-system", N_("Vulnerable: system with a weakness") },
	{ "other/uncategorised", N_("Other") },
	{ "test/test", N_("Test or exercise") },
	{ 0 }
};

const struct incidents_choice incidents_cert[] = {
	{ "1", N_("Disturbance in software or hardware") }, { "2", N_("Disturbance in the operating environment") },
	{ "3", N_("Information lost or leaked") }, { "4", N_("Information distorted") }, { "5", N_("Access prevented") },
	{ "6", N_("Security weakness in a product") }, { "7", N_("Attack") }, { "8", N_("Handling error") },
	{ "9", N_("Disturbance in critical infrastructure") }, { "10", N_("Another sudden event") }, { 0 }
};

const struct incidents_choice incidents_causes[] = {
	{ "attack", N_("Attack from outside") }, { "insider", N_("Somebody inside, on purpose") }, { "mistake", N_("Mistake in handling") },
	{ "routine", N_("Rule or routine was missing or not followed") }, { "technical", N_("Technical fault") },
	{ "change", N_("A change that went wrong") }, { "supplier", N_("Fault at a supplier") }, { "capacity", N_("Too little capacity") },
	{ "outside", N_("Event outside our control") }, { 0 }
};
