/* The staff of the fictional municipality: 5,000 persons with managers, roles, mail addresses and log-in names, from one seed.
 *
 * Person 0 directs the municipality; then one director a body; then the units in their order, each with its managers first. Staff in
 * care and cleaning mostly have no mail address and no log-in name of their own. Two coordinators, an auditor, three system owners
 * a body, ten in the support.
 *
 * SECURITY: mail addresses end in .example, telephone numbers lie in 070-174 06 05 to 99, which is set aside for fiction. */
#include "fiction.h"

uint32_t fiction_below(struct fiction_chance *chance, uint32_t n)
{
	uint64_t z = chance->state += 0x9e3779b97f4a7c15u;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return (uint32_t)((z ^ (z >> 31)) >> 33) % n;
}

/* "Åsa Öberg" -> "asa.oberg": what a mail address is made of. Two bytes a letter, Latin-1's half of UTF-8 and a little. */
static void put_plain(struct out *out, const char *word)
{
	static const struct { const char *letter; char plain; } folded[] = { { "å", 'a' }, { "ä", 'a' }, { "ö", 'o' }, { "Å", 'a' },
		{ "Ä", 'a' }, { "Ö", 'o' }, { "é", 'e' }, { "č", 'c' } };

	while (*word) {
		if ((unsigned char)*word < 0x80) {
			out_byte(out, (char)(*word >= 'A' && *word <= 'Z' ? *word + 32 : *word));
			word++;
			continue;
		}
		for (size_t i = 0; i < LENGTH(folded); i++)
			if (strncmp(word, folded[i].letter, 2) == 0)
				out_byte(out, folded[i].plain);
		word += 2;
	}
}

struct making {
	struct arena          *arena;
	struct fiction_chance *chance;
	struct fiction_person *person;
	uint16_t              *taken;            /* how often first x last has been used */
	int32_t                n;
	struct instant         now;
};

static void name_person(struct making *m, struct fiction_person *p, bool has_mail)
{
	bool is_woman = fiction_below(m->chance, 100) < 72;
	uint32_t first = fiction_below(m->chance, (uint32_t)(is_woman ? fiction_n_women : fiction_n_men));
	uint32_t last = fiction_below(m->chance, (uint32_t)fiction_n_last);
	const char *first_name = is_woman ? fiction_women[first] : fiction_men[first], *last_name = fiction_last[last];
	uint16_t *taken = &m->taken[(first + (is_woman ? 0 : fiction_n_women)) * fiction_n_last + last];
	struct out out = out_new(m->arena);

	p->name = str_print(m->arena, "%s %s", first_name, last_name);
	++*taken;
	if (!has_mail)
		return;
	put_plain(&out, first_name);
	out_byte(&out, '.');
	put_plain(&out, last_name);
	if (*taken > 1)
		out_int(&out, *taken);
	p->login = str_copy(m->arena, out_str(&out));
	out_text(&out, "@exempelkommunen.example");
	p->email = out_str(&out);
}

static int32_t add(struct making *m, size_t unit, int32_t manager, unsigned roles)
{
	static const unsigned mail_share[] = { [FICTION_OFFICE] = 100, [FICTION_SCHOOL] = 90, [FICTION_CARE] = 15 };
	struct fiction_person *p = &m->person[m->n];
	const struct fiction_unit *u = &fiction_units[unit];

	*p = (struct fiction_person){ .code = str_print(m->arena, "%d", 10001 + m->n), .unit = (int32_t)unit, .manager = manager,
		.roles = roles | ROLE_EMPLOYEE, .body = u->body, .kind = u->kind, .email = STR(""), .login = STR(""), .phone = STR("") };
	name_person(m, p, roles || fiction_below(m->chance, 100) < mail_share[u->kind]);
	if (p->email.len || fiction_below(m->chance, 3) == 0)
		p->phone = str_print(m->arena, "070-17406%02d", 5 + (int)fiction_below(m->chance, 95));
	p->is_protected = !roles && fiction_below(m->chance, 330) == 0;
	if (!roles && fiction_below(m->chance, 100) < 6)
		p->employment_end = instant_midnight(instant_plus(m->now, DAYS(3 + fiction_below(m->chance, 240))));
	return m->n++;
}

/* A unit's people: its managers, then the rest, each under one of them. */
static void add_unit(struct making *m, size_t unit, int32_t size, int32_t director)
{
	int32_t n_managers = MIN(1 + size / 45, size), first = m->n;

	for (int32_t i = 0; i < n_managers; i++)
		add(m, unit, director, ROLE_MANAGER);
	for (int32_t i = n_managers; i < size; i++)
		add(m, unit, first + i % n_managers, 0);
}

/* The k-th person of the unit who has no role yet. */
static struct fiction_person *plain_one(struct making *m, const char *unit, int k)
{
	for (int32_t i = 0; i < m->n; i++) {
		struct fiction_person *p = &m->person[i];
		if (strcmp(fiction_units[p->unit].name, unit) == 0 && p->roles == ROLE_EMPLOYEE && k-- == 0) {
			p->employment_end = (struct instant){ 0 };
			p->is_protected = false;
			return p;
		}
	}
	assert(!"the unit has nobody left");
	return NULL;
}

static void give_roles(struct making *m)
{
	plain_one(m, "Säkerhet och beredskap", 0)->roles |= ROLE_COORDINATOR;
	plain_one(m, "It-drift", 0)->roles |= ROLE_COORDINATOR;
	plain_one(m, "Kansli", 0)->roles |= ROLE_AUDITOR;
	for (int i = 0; i < 10; i++)
		plain_one(m, "It-support", 0)->roles |= ROLE_SUPPORT;
	for (size_t body = 0; body < fiction_n_bodies; body++) {
		int left = 3;
		for (size_t unit = 0; unit < fiction_n_units && left; unit++)
			if (fiction_units[unit].body == body && fiction_units[unit].kind == FICTION_OFFICE
			    && strcmp(fiction_units[unit].name, "It-support") != 0)
				plain_one(m, fiction_units[unit].name, 0)->roles |= ROLE_SYSTEM_OWNER, left--;
		while (left-- > 0)
			for (size_t unit = 0; unit < fiction_n_units; unit++)
				if (fiction_units[unit].body == body) {
					plain_one(m, fiction_units[unit].name, 1)->roles |= ROLE_SYSTEM_OWNER;
					break;
				}
	}
}

struct fiction_person *fiction_people(struct arena *arena, struct fiction_chance *chance, struct instant now)
{
	struct making m = { .arena = arena, .chance = chance, .now = now };
	int32_t weight = 0, sum = 0, director[16] = { 0 };

	m.person = NEW_MANY(arena, FICTION_STAFF, struct fiction_person);
	m.taken = NEW_MANY(arena, (fiction_n_women + fiction_n_men) * fiction_n_last, uint16_t);
	add(&m, 0, -1, ROLE_MANAGEMENT | ROLE_MANAGER);
	for (size_t unit = 0; unit < fiction_n_units; unit++) {
		weight += fiction_units[unit].weight;
		if (unit && fiction_units[unit].body != fiction_units[unit - 1].body)
			director[fiction_units[unit].body] = add(&m, unit, 0, ROLE_MANAGEMENT | ROLE_MANAGER);
	}
	int32_t rest = FICTION_STAFF - m.n, before = 0;
	for (size_t unit = 0; unit < fiction_n_units; unit++) {
		sum += fiction_units[unit].weight;
		int32_t upto = (int32_t)((int64_t)rest * sum / weight);
		add_unit(&m, unit, upto - before, director[fiction_units[unit].body]);
		before = upto;
	}
	assert(m.n == FICTION_STAFF);
	give_roles(&m);
	return m.person;
}
