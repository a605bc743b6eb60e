/* The frame around every page, and the parts that pages share.
 *
 * Drawing is pagegen's work; here the structs are filled: where the style sheet is, what the other language is
 * called and where it leads, which title the browser shows.
 *
 * SECURITY: main_html and the title taken from it are HTML that pagegen's functions wrote, escaped; every other text is escaped by
 * the frame's page. The link to the other language is a query on our own path. */
#include "floor/frame.h"
#include "floor/embedded.h"
#include "floor/empty.html.h"
#include "floor/frame.html.h"
#include "floor/trouble.html.h"

/* --- the frame --- */

static const char *find(struct str in, const char *what)
{
	return in.len ? memmem(in.at, in.len, what, strlen(what)) : NULL;
}

/* The text of main's first h1, without its tags; it is escaped already. */
static struct str heading_of(struct arena *arena, struct str main_html)
{
	const char *open = find(main_html, "<h1"), *end = main_html.at + main_html.len;
	struct out text = out_new(arena);

	if (!open)
		return STR("");
	struct str rest = { open, (size_t)(end - open) };
	const char *close = find(rest, "</h1>");
	bool is_tag = false;
	for (const char *c = open; close && c < close; c++) {
		if (*c == '<')
			is_tag = true;
		else if (*c == '>')
			is_tag = false;
		else if (!is_tag)
			out_byte(&text, *c);
	}
	return str_trim(out_str(&text));
}

static struct str title_of(struct arena *arena, const struct frame *frame, struct str main_html)
{
	struct out text = out_new(arena);

	if (!frame->title.len)
		return heading_of(arena, main_html);
	out_html(&text, frame->title);
	return out_str(&text);
}

/* The same place in the other language. */
static struct str here_in(struct arena *arena, struct str here, const char *tag)
{
	struct out at = out_new(arena);

	out_put(&at, here.len ? here : STR("/"));
	out_byte(&at, str_find(here, '?') < here.len ? '&' : '?');
	out_print(&at, "lang=%s", tag);
	return out_str(&at);
}

/* What there is no room for stands behind "More", with what is current there marked on it. */
static void fill_menu(struct rq *rq, const struct frame *frame, struct frame_page *page)
{
	size_t n = frame->n_items, shown = n > FRAME_ITEMS ? FRAME_ITEMS - 1 : n;
	struct frame_page_menu *menu = NEW_MANY(rq->arena, n + 1, struct frame_page_menu);
	struct frame_page_more *more = NEW_MANY(rq->arena, n + 1, struct frame_page_more);

	for (size_t i = 0; i < n; i++) {
		const struct frame_item *item = &frame->items[i];
		if (i < shown)
			menu[page->n_menu++] = (struct frame_page_menu){ .word = item->word, .at = item->at, .is_current = item->is_current,
				.has_count = item->count > 0, .count = item->count };
		else
			more[page->n_more++] = (struct frame_page_more){ .word = item->word, .at = item->at, .is_current = item->is_current };
		page->is_in_more |= i >= shown && item->is_current;
	}
	page->menu = menu;
	page->more = more;
}

void frame_draw(struct rq *rq, struct out *whole, const struct frame *frame, struct str main_html)
{
	static const char *const names[LANGUAGES] = { [LANGUAGE_SV] = "Svenska", [LANGUAGE_EN] = "English" };
	enum language other = rq->language == LANGUAGE_SV ? LANGUAGE_EN : LANGUAGE_SV;
	struct frame_page page = {
		.language = str_of(language_tag[rq->language]),
		.other_language = str_of(language_tag[other]),
		.other_name = str_of(names[other]),
		.other_at = here_in(rq->arena, frame->here, language_tag[other]),
		.has_errors = frame->has_errors,
		.title = { title_of(rq->arena, frame, main_html) },
		.style = embedded_named(STR("samordna.css"))->path,
		.icon = embedded_named(STR("samordna.svg"))->path,
		.organisation = frame->organisation,
		.person = frame->person,
		.role = frame->role,
		.person_at = STR("/me"),
		.form_token = frame->form_token,
		.back = frame->back,
		.back_at = frame->back_at,
		.is_exercise = frame->is_exercise,
		.acts_as = frame->acts_as,
		.may_become = frame->may_become,
		.banner = frame->banner,
		.needs_heading = !find(main_html, "<h1"),
		.main = { main_html },
		.version = frame->person.len ? STR(SAMORDNA_VERSION) : STR(""),
		.backup_at = frame->backup_at,
	};

	fill_menu(rq, frame, &page);
	frame_page(whole, rq->language, &page);
}

/* --- errors --- */

void frame_trouble(struct rq *rq, struct out *main, int status, struct str sentence, struct str number)
{
	static const struct { int status; const char *heading, *advice; } known[] = {
		{ 400, N_("We did not understand that"), N_("Go back and try again. If it happens again, tell us what you did.") },
		{ 403, N_("You may not do this"), N_("Ask a coordinator: they can do it, or give you the role that may.") },
		{ 404, N_("Page not found"), N_("Check the address, or begin at the start page.") },
		{ 405, N_("This page cannot do that"), N_("Go back and use the page's own buttons.") },
		{ 409, N_("Somebody was before you"), N_("Load the page again to see how things stand now, then try again.") },
		{ 413, N_("That is too large"), N_("Send a smaller file, or divide it.") },
		{ 421, N_("This is not our address"), N_("Use the address that your organisation has given you.") },
		{ 429, N_("Too many tries"), N_("Wait a few minutes, then try again. Nothing you wrote has been used.") },
		{ 503, N_("Busy just now"), N_("Wait a moment, then load the page again.") },
		{ 500, N_("Something went wrong on our side"), N_("Try again in a moment. Nothing is half done.") },
	};
	size_t i = 0;

	while (i + 1 < LENGTH(known) && known[i].status != status)
		i++;
	trouble_page(main, rq->language, &(struct trouble_page){ .heading = known[i].heading, .lead = sentence,
		.advice = known[i].advice, .number = number });
}

const char *frame_role(unsigned roles)
{
	static const struct { unsigned role; const char *word; } words[] = {
		{ ROLE_COORDINATOR, N_("coordinator") }, { ROLE_MANAGEMENT, N_("management") }, { ROLE_AUDITOR, N_("auditor") },
		{ ROLE_SUPPORT, N_("support") }, { ROLE_SYSTEM_OWNER, N_("system owner") }, { ROLE_MANAGER, N_("manager") },
		{ ROLE_EMPLOYEE, N_("employee") },
	};

	for (size_t i = 0; i < LENGTH(words); i++)
		if (roles & words[i].role)
			return words[i].word;
	return NULL;
}

/* --- parts --- */

struct state_page state_page_of(enum state state)
{
	switch (state) {
	case STATE_IN_ORDER:     return (struct state_page){ STR("ok"), N_("In order") };
	case STATE_NEEDS_ACTION: return (struct state_page){ STR("act"), N_("Needs action") };
	case STATE_FAILING:      return (struct state_page){ STR("fail"), N_("Failing") };
	case STATE_UNKNOWN:      break;
	}
	return (struct state_page){ STR("unknown"), N_("Unknown") };
}

void wrong_add(struct wrongs *wrongs, const char *field, const char *said)
{
	if (wrongs->n == LENGTH(wrongs->at) || (*field && wrong_of(wrongs, field).len))
		return;
	wrongs->at[wrongs->n++] = (struct errors_page_errors){ .field = str_of(field), .text = str_of(said) };
}

struct str wrong_of(const struct wrongs *wrongs, const char *field)
{
	for (size_t i = 0; i < wrongs->n; i++)
		if (str_equal(wrongs->at[i].field, str_of(field)))
			return wrongs->at[i].text;
	return STR("");
}

struct errors_page wrongs_page(const struct wrongs *wrongs)
{
	return (struct errors_page){ .errors = wrongs->at, .n_errors = wrongs->n };
}

struct field_page field_again(const struct visit *visit, const struct wrongs *wrongs, const char *name, bool keeps_value)
{
	return (struct field_page){ .error = wrong_of(wrongs, name), .value = keeps_value ? visit_field(visit, name) : STR("") };
}

void home_columns(struct rq *rq, const enum state *states, size_t n, struct home_page *ret)
{
	/* In order carries the roof; what needs action reaches 60 %, what fails 27 %; unknown is an outline. */
	static const struct { const char *kind; int y, height; } drawn[] = {
		[STATE_IN_ORDER] = { "", 11, 89 }, [STATE_UNKNOWN] = { "unknown", 17, 83 },
		[STATE_NEEDS_ACTION] = { "act", 46, 54 }, [STATE_FAILING] = { "fail", 76, 24 },
	};
	struct home_page_columns *columns = NEW_MANY(rq->arena, n ? n : 1, struct home_page_columns);

	for (size_t i = 0; i < n; i++) {
		double x = n > 1 ? 3.5 + 87.5 * (double)i / (double)(n - 1) : 3.5;
		columns[i] = (struct home_page_columns){ .kind = str_of(drawn[states[i]].kind), .x = str_print(rq->arena, "%.2f", x),
			.middle = str_print(rq->arena, "%.2f", x + 2.75), .y = drawn[states[i]].y, .height = drawn[states[i]].height,
			.number = (int64_t)i + 1 };
	}
	ret->columns = columns;
	ret->n_columns = n;
}
