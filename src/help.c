/* /help: whom to call, what each role does here, and how the house hangs together; /accessibility: the statement that the law demands.
 *
 * All of it is walked: questions and who hears which event from the table of points, commands from the tables of commands, the contact
 * book and the consequence scale from their packs. A ninth point, a new command or event stands here by existing.
 *
 * SECURITY: public pages. A visitor sees whom to call and the questions; commands, events and the scale are for those who have logged in. */
#include "help.h"
#include "core.h"
#include "floor/accessibility.html.h"
#include "floor/consequence.h"
#include "floor/frame.h"
#include "floor/help.html.h"
#include "floor/setting.h"

static const struct pack_shape contacts[] = { { "authority", "name* why* phone? web?" }, { 0 } };

/* A number that is not broken over two lines. */
static struct str unbroken(struct rq *rq, struct str phone)
{
	struct out out = out_new(rq->arena);

	for (size_t i = 0; i < phone.len; i++)
		out_put(&out, phone.at[i] == ' ' ? STR("\u00a0") : phone.at[i] == '-' ? STR("\u2011") : (struct str){ phone.at + i, 1 });
	return out_str(&out);
}

static void fill_contacts(struct rq *rq, struct help_page *page)
{
	struct pack pack;

	page->pack_broken = page->pack_source = STR("");
	if (pack_read(rq, "contacts-se", contacts, &pack) != OK) {
		page->pack_broken = str_copy(rq->arena, str_of(rq->trouble->text));
		trouble_clear(rq->trouble);
		return;
	}
	struct help_page_authorities *rows = NEW_MANY(rq->arena, pack.n + 1, struct help_page_authorities);
	for (size_t i = 0; i < pack.n; i++) {
		struct str phone = pack_text(&pack.rows[i], "phone", rq->language), web = pack_text(&pack.rows[i], "web", rq->language), host = web;
		if (str_starts(host, STR("https://")))
			host = str_from(host, 8);
		host = str_ends(host, STR("/")) ? str_first(host, host.len - 1) : host;
		rows[i] = (struct help_page_authorities){ .name = pack_text(&pack.rows[i], "name", rq->language),
			.why = pack_text(&pack.rows[i], "why", rq->language), .phone = unbroken(rq, phone), .phone_at = page_dial(rq, phone), .web_at = web, .web = host };
	}
	page->authorities = rows;
	page->n_authorities = pack.n;
	page->pack_at = pack.date;
	page->pack_status = pack_status_text[pack.status];
	page->pack_source = pack_text(&pack.head, "source", rq->language);
}

static void fill_roles(struct rq *rq, struct help_page *page)
{
	static const struct { enum role role; const char *word, *does; } known[] = {
		{ ROLE_COORDINATOR, N_("Coordinator"), N_("Sees how the questions stand, gives roles, changes settings, reads the log. Decides on no risk.") },
		{ ROLE_MANAGEMENT, N_("Management"), N_("Decides on risks within its mandate, gives mandates, reads the briefing.") },
		{ ROLE_SYSTEM_OWNER, N_("System owner"), N_("Approves access to the systems owned, and sets what the gateways do.") },
		{ ROLE_MANAGER, N_("Manager"), N_("Requests access for the own people, and answers for it in the yearly review.") },
		{ ROLE_SUPPORT, N_("Support"), N_("Executes what has been approved, and makes start codes.") },
		{ ROLE_AUDITOR, N_("Auditor"), N_("Reads all, changes nothing, verifies the log.") },
		{ ROLE_EMPLOYEE, N_("Employee"), N_("Sees the own access, and why a connection is refused.") },
	};
	struct help_page_roles *rows = NEW_MANY(rq->arena, LENGTH(known), struct help_page_roles);

	for (size_t i = 0; i < LENGTH(known); i++)
		rows[i] = (struct help_page_roles){ known[i].word, known[i].does,
			(rq->actor->roles & ROLE_STAFF) != 0 && rq->actor->person >= 0 && (rq->actor->roles & known[i].role) != 0 };
	page->roles = rows;
	page->n_roles = LENGTH(known);
}

static void fill_points(struct rq *rq, struct help_page *page)
{
	size_t n = 0;

	while (points[n])
		n++;
	struct help_page_points *rows = NEW_MANY(rq->arena, n + 1, struct help_page_points);
	for (size_t i = 0; i < n; i++) {
		bool has_page = points[i]->pages && points[i]->pages[0].path;
		rows[i] = (struct help_page_points){ points[i]->question, has_page ? str_print(rq->arena, "/%s", points[i]->name) : STR(""),
			points[i]->figures ? NULL : points[i]->wakes };
	}
	page->points = rows;
	page->n_points = n;
}

static void fill_events(struct rq *rq, struct help_page *page)
{
	struct help_page_events *rows = NEW_MANY(rq->arena, EVENT_KINDS, struct help_page_events);

	for (size_t kind = 0; kind < EVENT_KINDS; kind++) {
		struct help_page_events_hearers *hearers = NEW_MANY(rq->arena, GATE_POINTS + 1, struct help_page_events_hearers);
		size_t n = 0;
		for (size_t i = 0; points[i]; i++)
			if (points[i]->hear && points[i]->hears & 1u << kind)
				hearers[n++].point = points[i]->question;
		rows[kind] = (struct help_page_events){ .what = event_text[kind], .hearers = hearers, .n_hearers = n };
	}
	page->events = rows;
	page->n_events = EVENT_KINDS;
}

static size_t add_commands(const struct command *table, struct help_page_commands *rows, size_t n)
{
	for (size_t i = 0; table && table[i].words; i++, n++)
		if (rows)
			rows[n] = (struct help_page_commands){ str_of(table[i].words), str_of(table[i].arguments), table[i].sentence };
	return n;
}

static size_t all_commands(struct help_page_commands *rows)
{
	size_t n = 0;

	for (size_t i = 0; command_tables[i]; i++)
		n = add_commands(command_tables[i], rows, n);
	for (size_t i = 0; points[i]; i++)
		n = add_commands(points[i]->commands, rows, n);
	return n;
}

static enum err fill_scale(struct rq *rq, struct help_page *page)
{
	struct consequences scale;

	TRY(consequence_scale(rq, &scale));
	struct help_page_levels *rows = NEW_MANY(rq->arena, CONSEQUENCE_MOST, struct help_page_levels);
	for (int i = 1; i <= scale.n; i++) {
		const struct consequence *level = &scale.level[i];
		rows[i - 1] = (struct help_page_levels){ i, level->word, level->meaning, level->alone, level->informed, level->accept_days, level->treat_days };
	}
	page->levels = rows;
	page->n_levels = (size_t)scale.n;
	page->scale_status = pack_status_text[scale.pack.status];
	return OK;
}

static enum err get_help(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	struct str phone = setting_text(rq, "organisation.support_phone");
	struct help_page page = { .own_phone = phone, .own_phone_at = page_dial(rq, phone), .is_staff = (rq->actor->roles & ROLE_STAFF) != 0 };
	(void)visit;

	fill_contacts(rq, &page);
	fill_roles(rq, &page);
	fill_points(rq, &page);
	if (page.is_staff) {
		TRY(fill_scale(rq, &page));
		fill_events(rq, &page);
		size_t n = all_commands(NULL);
		struct help_page_commands *rows = NEW_MANY(rq->arena, n + 1, struct help_page_commands);
		page.n_commands = all_commands(rows);
		page.commands = rows;
	}
	help_page(&answer->body, rq->language, &page);
	return OK;
}

static enum err get_accessibility(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	struct str contact = setting_text(rq, "accessibility.contact");
	struct accessibility_page page = { .organisation = setting_text(rq, "organisation.name"), .contact = contact, .contact_at = page_dial(rq, contact) };
	(void)visit;

	if (str_find(contact, '@') < contact.len)
		page.contact_at = str_print(rq->arena, "mailto:" STR_FMT, STR_ARG(contact));
	if (instant_parse_loose(setting_text(rq, "accessibility.assessed_on"), &page.assessed_on) != OK)
		page.assessed_on = (struct instant){ 0 };
	accessibility_page(&answer->body, rq->language, &page);
	return OK;
}

const struct page help_pages[] = {
	{ .path = "/help", .may_get = ROLE_EVERYONE, .get = get_help },
	{ .path = "/accessibility", .may_get = ROLE_EVERYONE, .get = get_accessibility },
	{ 0 },
};
