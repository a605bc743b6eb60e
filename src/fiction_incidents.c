/* The incidents of the fictional municipality: what happens in three weeks, as a table of deeds by the minute, each done through the verb that pages
 * use. Most are over with their follow-up; one came in some hours ago, and its legal clocks run.
 *
 * In what is said, @s and @t are two of support, @o a system owner, @c the coordinator (their codes), and @10 is the day ten days later. */
#include "fiction.h"
#include "points/incidents/incidents.h"

enum { S, T, O, C };
const struct fiction_incident fiction_incidents[] = {
	{ 1, 9 * 60 + 12 }, { 3, 7 * 60 + 50 }, { 6, 13 * 60 + 25 }, { 8, 5 * 60 + 4 }, { 12, 10 * 60 + 2 }, { 12, 10 * 60 + 40 }, { 16, 8 * 60 + 5 }, { -1, 5 * 60 } };
const size_t fiction_n_incidents = LENGTH(fiction_incidents);

#define NO_LAW(i, m) { i, m, C, "track", "pack=se-csl-2026|applies=no|because=Ingen verksamhet begränsades i mer än fyra timmar." }
const struct fiction_deed fiction_deeds[] = {
	{ 0, 0, S, "report", "kind=link|text=Ett mejl säger att min brevlåda är full och att jag ska logga in igen.|what=https://inlogg.exempelkommunen.example.net/|contact=maria.ek@exempel.example" },
	{ 0, 9, S, "assess", "" }, { 0, 11, S, "assign", "owner=@s" },
	{ 0, 15, S, "classify", "title=Nätfiske mot brevlådor, ett mejl|severity=4|rsit=fraud/phishing|cert=7|effect=K|personal=no" }, { 0, 16, S, "confirm", "" },
	{ 0, 30, S, "note", "text=Avsändaren är spärrad i e-postfiltret.|kind=mitigation" }, { 0, 31, S, "contain", "" }, { 0, 40, S, "told", "how=Ringde upp och tackade. Ingen hade klickat." },
	{ 0, 1500, S, "eradicate", "" }, { 0, 1505, S, "recover", "" }, NO_LAW(0, 1510), { 0, 1511, C, "track", "pack=gdpr|applies=no|because=Inga personuppgifter har läckt." },
	{ 0, 1520, S, "follow", "cause=Mejlet kom från ett kapat konto hos en förening.|class=attack|changed=no|why=Samma mejl går till alla kommuner.|review=waived|note=Ett enstaka mejl, stoppat inom en timme.|touched=Inga" },
	{ 0, 1525, S, "review", "" }, { 0, 1600, C, "close", "" },

	{ 1, 0, S, "report", "kind=lost|text=Jag glömde min dator på tåget till Exempelstad.|contact=070-174 06 05" }, { 1, 14, T, "assess", "" }, { 1, 15, T, "assign", "owner=@t" },
	{ 1, 20, T, "classify", "title=Bärbar dator glömd på tåg|severity=4|rsit=information-content-security/data-loss|cert=3|effect=K|personal=yes" }, { 1, 21, T, "confirm", "" },
	{ 1, 35, T, "note", "text=Datorn är spärrad och fjärranslutningen avstängd.|kind=mitigation" }, { 1, 36, T, "contain", "" },
	{ 1, 60, T, "facts", "facts=risk=no; persons=0; systems=en bärbar dator med krypterad disk; malicious=no; cross_border=no" }, NO_LAW(1, 90),
	{ 1, 92, C, "track", "pack=gdpr|applies=no|because=Disken är krypterad och datorn spärrad. Risk är osannolik." },
	{ 1, 3000, T, "note", "text=Tågbolaget har hittat datorn. Den är hämtad." }, { 1, 3005, T, "eradicate", "" }, { 1, 3006, T, "recover", "" }, { 1, 3010, T, "told", "how=Datorn är lämnad tillbaka." },
	{ 1, 3020, T, "follow", "cause=Datorn glömdes.|class=mistake|changed=yes|why=Fler reser med datorn sedan arbetet hemifrån började.|review=held|note=Kort möte med support|touched=Regler för distansarbete, stycket om resor|lesson=En lapp på locket gör det lättare att lämna tillbaka." },
	{ 1, 3025, O, "weakness", "text=Datorer saknar märkning med telefonnummer|cause=Fler tar med datorn hem|rule=Regler för distansarbete|owner=@o|due=@14" },
	{ 1, 3030, T, "review", "" }, { 1, 3100, C, "close", "" },

	{ 2, 0, T, "report", "kind=call|text=Någon sa att han ringde från it-support och ville ha min kod.|what=08-465 004 12|contact=070-174 06 12" }, { 2, 6, S, "assess", "" }, { 2, 7, S, "assign", "owner=@s" },
	{ 2, 12, S, "classify", "title=Falsk support ringer och vill ha koder|severity=3|rsit=fraud/masquerade|cert=7|effect=KR|personal=no" }, { 2, 13, S, "confirm", "" },
	{ 2, 25, C, "note", "text=Varning på intranätet: supporten frågar aldrig efter koder.|kind=mitigation" }, { 2, 30, S, "contain", "" }, { 2, 45, S, "told", "how=Ringde upp. Ingen kod hade lämnats ut." },
	{ 2, 60, S, "task", "text=Gå igenom alla nya lösenord den dagen|owner=@t|due=@2" }, { 2, 1300, T, "work", "task=1|move=done" }, { 2, 1310, S, "work", "task=1|move=verify" },
	{ 2, 1400, S, "eradicate", "" }, { 2, 1401, S, "recover", "" }, NO_LAW(2, 1410), { 2, 1411, C, "track", "pack=gdpr|applies=no|because=Inga uppgifter har lämnats ut." },
	{ 2, 1430, S, "follow", "cause=Anställda hemma vet inte hur supporten låter.|class=routine|changed=yes|why=Alla når supporten per telefon i stället för på plats.|review=held|note=Samtal med support och kontaktcenter|touched=Rutin för den som ringer|lesson=Stödord ska användas även vid återuppringning." },
	{ 2, 1440, S, "weakness", "text=Supporten visar inte vem den är när den ringer|cause=Stöd ges per telefon|rule=Rutin för den som ringer|owner=@s|due=@10" },
	{ 2, 1450, S, "review", "" }, { 2, 1500, C, "close", "" },

	{ 3, 0, S, "raise", "source=vpn1|rule=R1|key=198.51.100.77|title=Gissning av lösenord från 198.51.100.77|text=240 misslyckade inloggningar på 10 minuter mot 1 konto." },
	{ 3, 130, S, "assess", "" }, { 3, 131, S, "assign", "owner=@s" }, { 3, 140, S, "dismiss", "because=En telefon hos en anställd hade kvar sitt gamla lösenord." },

	{ 4, 0, T, "report", "kind=clicked|text=Jag skrev mitt lösenord på en sida som såg ut som vår.|what=https://exempelkommun.example.org/login|contact=070-174 06 21" },
	{ 4, 4, T, "assess", "" }, { 4, 5, T, "assign", "owner=@t" }, { 4, 8, T, "classify", "title=Falsk inloggningssida, ett lösenord lämnat|severity=3|rsit=fraud/phishing|cert=7|effect=KR|personal=yes" },
	{ 4, 9, T, "confirm", "" }, { 4, 12, T, "note", "text=Lösenordet är bytt, kontot hölls i två timmar, ingen främmande inloggning.|kind=mitigation" }, { 4, 20, T, "contain", "" },
	{ 4, 30, T, "told", "how=Ringde upp direkt." }, NO_LAW(4, 100), { 4, 110, C, "track", "pack=gdpr|applies=no|because=Ingen har loggat in med lösenordet." },
	{ 4, 1440, T, "eradicate", "" }, { 4, 1441, T, "recover", "" },
	{ 4, 1460, T, "follow", "cause=Sidan liknade vår inloggning.|class=attack|changed=no|why=Sidan fanns före distansarbetet.|review=held|note=Veckomötet|touched=Inga" }, { 4, 1465, T, "review", "" }, { 4, 1500, C, "close", "" },
	{ 5, 0, S, "report", "kind=link|text=Fick länken till samma falska sida i ett sms.|what=https://exempelkommun.example.org/login" }, { 5, 20, T, "assess", "" }, { 5, 22, T, "merge", "into=#4|because=Samma sida" },

	{ 6, 0, O, "report", "kind=other|text=Fjärranslutningen svarade inte mellan 07.40 och 09.10.|contact=070-174 06 33" }, { 6, 3, S, "assess", "" }, { 6, 4, S, "assign", "owner=@o" },
	{ 6, 10, S, "classify", "title=Fjärranslutningen nere en och en halv timme|severity=3|rsit=availability/outage|cert=2|effect=T|personal=no" }, { 6, 11, S, "confirm", "" },
	{ 6, 40, O, "note", "text=Certifikatet på vpn1 hade gått ut. Nytt är installerat.|kind=mitigation" }, { 6, 65, O, "contain", "" }, { 6, 70, O, "eradicate", "" }, { 6, 75, O, "recover", "" },
	{ 6, 80, S, "told", "how=Besked på intranätet och i telefon." }, { 6, 90, O, "facts", "facts=limited=90; reserve=90; protected=no; others_protected=no; persons=0; environment=no; crisis=no; injury=no; malicious=no; cross_border=no" },
	NO_LAW(6, 200), { 6, 201, C, "track", "pack=gdpr|applies=no|because=Inga personuppgifter berörs." },
	{ 6, 300, O, "task", "text=Bevaka certifikat med två månaders varning|owner=@o|due=@12" },
	{ 6, 310, O, "weakness", "text=En enda port bär all fjärranslutning|cause=Tre gånger så många arbetar hemma|capacity=vpn1|owner=@o|due=@30" }, { 6, 320, O, "review", "" },

	{ 7, 0, S, "report", "kind=clicked|text=Det kommer svar på mejl som jag aldrig har skickat. Någon är inne i min brevlåda.|contact=070-174 06 48" }, { 7, 7, S, "assess", "" }, { 7, 8, S, "assign", "owner=@s" },
	{ 7, 15, S, "classify", "title=Brevlåda hos socialtjänsten har använts av någon annan|severity=2|rsit=intrusions/unprivileged-account-compromise|cert=7|effect=KR|personal=yes" },
	{ 7, 16, S, "confirm", "" }, { 7, 20, S, "note", "text=Kontot är spärrat och alla sessioner avslutade.|kind=mitigation" }, { 7, 22, S, "contain", "" },
	{ 7, 40, S, "facts", "facts=malicious=yes; protected=yes; systems=e-posten; activities=Barn och familj" },
	{ 7, 70, C, "track", "pack=se-csl-2026|applies=yes|because=Skyddsvärd information kan ha lästs av någon obehörig." },
	{ 7, 90, S, "task", "text=Ta fram vilka mejl som har lästs|owner=@o|due=@1" },
};
const size_t fiction_n_deeds = LENGTH(fiction_deeds);

struct fiction_said { struct rq *rq; const struct fiction_cast *cast; const int64_t *incident; struct field fields[16]; size_t n; };

static struct str number_of(struct rq *rq, int64_t incident)
{
	struct incidents_get_row row;

	return incidents_get(rq, incident, &row) == OK ? row.number : STR("");
}

/* @s, @10, #4: a code, a day, an incident's number. */
static struct str filled(struct fiction_said *said, struct str value)
{
	struct rq *rq = said->rq;
	int64_t n;

	if (value.len < 2 || (value.at[0] != '@' && value.at[0] != '#'))
		return value;
	if (str_number(str_from(value, 1), 99, &n) != OK)
		return said->cast->code[value.at[1] == 's' ? S : value.at[1] == 't' ? T : value.at[1] == 'o' ? O : C];
	if (value.at[0] == '#')
		return number_of(rq, said->incident[n]);
	struct wall day = instant_wall(instant_plus(rq->now, DAYS(n)));
	return str_print(rq->arena, "%04d-%02d-%02d", day.year, day.month, day.day);
}

static struct str field_of(const struct fiction_said *said, const char *name)
{
	for (size_t i = 0; i < said->n; i++)
		if (str_equal(said->fields[i].name, str_of(name)))
			return said->fields[i].value;
	return STR("");
}

static enum err report(struct fiction_said *said, int64_t *ret)
{
	struct incidents_reported r = { .text = field_of(said, "text"), .what = field_of(said, "what"), .contact = field_of(said, "contact") };
	struct incidents_numbered_row row;

	for (enum incidents_kind kind = INCIDENTS_LINK; kind < INCIDENTS_KINDS; kind++)
		if (str_equal(field_of(said, "kind"), str_of(incidents_kinds[kind].name)))
			r.kind = kind;
	TRY(incidents_report(said->rq, &r));
	TRY(incidents_numbered(said->rq, r.number, &row));
	*ret = row.id;
	return OK;
}

static enum err raise(struct fiction_said *said, int64_t *ret)
{
	struct change *change;

	TRY(audit_begin(said->rq, "incidents.watch", field_of(said, "source"), &change));
	return incidents_raise(said->rq, change, &(const struct incidents_raised){ .source = field_of(said, "source"), .rule = field_of(said, "rule"), .key = field_of(said, "key"),
		.title = field_of(said, "title"), .text = field_of(said, "text"), .severity = 3, .at = said->rq->now }, ret);
}

/* A task of an incident is named by its place among the incident's own. */
static enum err own_task(struct fiction_said *said, int64_t incident)
{
	struct incidents_work_of_row *work;
	int64_t nth;
	size_t n;

	for (size_t i = 0; i < said->n; i++)
		if (str_equal(said->fields[i].name, STR("task")) && str_number(said->fields[i].value, 99, &nth) == OK) {
			TRY(incidents_work_of(said->rq, incident, &work, &n));
			if (nth >= 1 && nth <= (int64_t)n)
				said->fields[i].value = str_print(said->rq->arena, "%lld", (long long)work[nth - 1].id);
		}
	return OK;
}

enum err fiction_deed_do(struct rq *rq, const struct fiction_deed *deed, const struct fiction_cast *cast, int64_t incident[FICTION_INCIDENTS])
{
	struct fiction_said said = { .rq = rq, .cast = cast, .incident = incident };
	struct incidents_deed its = { .by = cast->person[deed->who], .prefix = "", .file = -1 };

	for (struct str rest = str_of(deed->said); rest.len && said.n < LENGTH(said.fields); said.n++) {
		struct str value = str_cut(&rest, '|'), name = str_cut(&value, '=');
		said.fields[said.n] = (struct field){ name, filled(&said, value) };
	}
	if (strcmp(deed->act, "report") == 0)
		return report(&said, &incident[deed->incident]);
	if (strcmp(deed->act, "raise") == 0)
		return raise(&said, &incident[deed->incident]);
	TRY(own_task(&said, incident[deed->incident]));
	its.fields = said.fields;
	its.n_fields = said.n;
	return incidents_do(rq, incidents_act_named(str_of(deed->act)), incident[deed->incident], &its);
}
