/* `samordna route list`: every address there is, who may read and act there, and which acts a form may ask for. Walked, as the router
 * walks it, so that what is printed is what holds: an address that is not here does not exist.
 *
 * Pure: it tells of the program, not of a home. For whoever reviews the rights, and for the test that plays each act. */
#include "router.h"

static const struct { unsigned role; const char *name; } role_names[] = {
	{ ROLE_COORDINATOR, "coordinator" }, { ROLE_MANAGEMENT, "management" }, { ROLE_SUPPORT, "support" }, { ROLE_SYSTEM_OWNER, "system_owner" },
	{ ROLE_EMPLOYEE, "employee" }, { ROLE_AUDITOR, "auditor" }, { ROLE_MANAGER, "manager" },
	{ ROLE_EVERYONE & ~(unsigned)ROLE_STAFF, "visitor" }, { ROLE_MACHINE, "machine" },
};

/* A visitor counts only where the page is among the public ones. */
static unsigned who_may(const struct page *page, unsigned may)
{
	return router_is_public(page->path) ? may : may & (ROLE_STAFF | ROLE_MACHINE);
}

static void put_roles(struct out *out, unsigned roles, const char *quote)
{
	const char *between = "";

	for (size_t i = 0; i < LENGTH(role_names); i++)
		if (roles & role_names[i].role) {
			out_print(out, "%s%s%s%s", between, quote, role_names[i].name, quote);
			between = *quote ? "," : " ";
		}
}

static void put_json(struct out *out, const struct page *page, unsigned may_get, unsigned may_post)
{
	const char *act;

	out_text(out, "{\"path\":");
	out_json(out, str_of(page->path));
	out_text(out, ",\"read\":[");
	put_roles(out, may_get, "\"");
	out_text(out, "],\"act\":[");
	put_roles(out, may_post, "\"");
	out_text(out, "],\"acts\":[");
	if (may_post && !page->act)
		out_text(out, "\"\"");
	for (size_t i = 0; page->act && (act = page->act(i)); i++)
		out_print(out, "%s\"%s\"", i ? "," : "", act);
	out_print(out, "],\"step_up\":%s}\n", page->needs_step_up ? "true" : "false");
}

static void put_line(struct rq *rq, struct out *out, const struct page *page, unsigned may_get, unsigned may_post)
{
	const char *act;

	out_print(out, "%s%s%s\n", page->path, page->needs_step_up ? " – " : "", page->needs_step_up ? _("second factor") : "");
	if (may_get) {
		out_print(out, "    %s: ", _("Read"));
		put_roles(out, may_get, "");
		out_byte(out, '\n');
	}
	if (may_post) {
		out_print(out, "    %s: ", _("Act"));
		put_roles(out, may_post, "");
		for (size_t i = 0; page->act && (act = page->act(i)); i++)
			out_print(out, "%s%s", i ? " " : "\n        ", *act ? act : "-");
		out_byte(out, '\n');
	}
}

static enum err route_list(struct rq *rq, const struct args *args, struct out *ret)
{
	const struct page *page;

	for (size_t table = 0, row = 0; (page = router_next(&table, &row)); ) {
		unsigned may_get = page->get ? who_may(page, page->may_get) : 0;
		unsigned may_post = page->post || page->ask ? who_may(page, page->may_post) : 0;
		if (args->json)
			put_json(ret, page, may_get, may_post);
		else
			put_line(rq, ret, page, may_get, may_post);
	}
	return OK;
}

const struct command route_commands[] = {
	{ "route list", "", N_("Every address, which roles may read and act there, and what can be done"), COMMAND_PURE, route_list },
	{ 0 }
};
