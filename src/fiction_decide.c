/* The fictional municipality's risk decision: a mandate that is stated, and a deviation that is asked for and waits. It is not signed: nothing
 * but a person with the second factor signs, in an exercise too. */
#include "fiction.h"
#include "floor/decide.h"
#include "floor/mandate.h"

enum { LEVEL = 3, DAYS_ASKED = 10 };

enum err fiction_decision(struct rq *rq, const struct fiction_person *person, int32_t asker)
{
	struct people_unit_named_row unit;
	int64_t mandate, id;
	int32_t decider = -1;

	for (int32_t i = 0; i < FICTION_STAFF && decider < 0; i++)
		if (person[i].roles & ROLE_MANAGEMENT && !(person[i].roles & ROLE_COORDINATOR) && person[i].body == person[asker].body
		    && !person[i].left_at.ms)
			decider = i;
	if (decider < 0 || people_unit_named(rq, STR("Ekonomi"), &unit) != OK)
		return OK;
	TRY(mandate_give(rq, &(struct mandate_wish){ decider, person[decider].body, LEVEL, rq->now, { 0 } }, -1, &mandate));
	TRY(decide_draft(rq, &(struct decide_wish){ .asker = asker, .decider = decider, .level = LEVEL, .reason = STR("capacity.local"),
		.unit = { true, unit.id }, .until = instant_midnight(instant_plus(rq->now, DAYS(DAYS_ASKED))), .title = STR("Får Ekonomi ansluta fast platserna är få?"),
		.why = STR("Bokslutet ska vara klart om tio dagar. Nya licenser är beställda."),
		.measures = STR("Högst tio samtidigt, och inte kl. 8–10."), .proposal = STR("Ja, tills licenserna har kommit."),
		.choice = { { STR("yes"), STR("Upp till tio andra får vänta på en plats."), STR("Troligt på förmiddagarna."), STR("Svar dröjer någon timme."), STR("Ingen.") },
			{ STR("do nothing"), STR("Bokslutet blir två veckor sent."), STR("Säkert."), STR("Nämnderna får sina budgetar senare."), STR("Cirka 60 000 kronor.") } },
		.n_choices = 2 }, &id));
	return decide_ask(rq, id, asker, STR(""));
}
