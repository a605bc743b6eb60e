/* /incidents/report, known by heart as /rapportera: anyone reports something suspicious, without an account and without script.
 *
 * One choice and one button; everything else may be left out. What was typed is kept when something is wrong. After it is stored the page says
 * its number and what to do now: an answer that tells nothing but what it was told.
 *
 * SECURITY: public. A network gets 30 reports in a quarter of an hour and all together 600 an hour; then the page says whom to call instead.
 * Only what is stored is counted, so wrong forms lock nobody out. The number after sending is drawn from the address and checked for its form
 * alone: nothing is looked up, so numbers cannot be tried. */
#include "block.h"
#include "floor/account.h"
#include "floor/setting.h"
#include "points/incidents/incidents_report.html.h"

static enum incidents_kind kind_named(struct str name)
{
	for (enum incidents_kind k = INCIDENTS_LINK; k < INCIDENTS_KINDS; k++)
		if (str_equal(name, str_of(incidents_kinds[k].name)))
			return k;
	return 0;
}

/* 2026-118, and nothing else. */
static bool is_number(struct str text)
{
	struct str rest = text, year = str_cut(&rest, '-');
	int64_t n;

	return year.len == 4 && str_number(year, 9999, &n) == OK && rest.len && rest.len < 10 && str_number(rest, INT32_MAX, &n) == OK;
}

static struct str phone_link(struct rq *rq, struct str phone)
{
	struct out out = out_new(rq->arena);

	out_text(&out, "tel:");
	for (size_t i = 0; i < phone.len; i++)
		if ((phone.at[i] >= '0' && phone.at[i] <= '9') || phone.at[i] == '+')
			out_byte(&out, phone.at[i]);
	return out.len > 4 ? out_str(&out) : STR("");
}

static void draw(struct rq *rq, const struct visit *visit, const struct wrongs *wrongs, struct str number, struct answer *answer)
{
	struct incidents_report_page_kinds kinds[INCIDENTS_KINDS];
	enum incidents_kind chosen = kind_named(visit_field(visit, "kind"));
	struct str text = visit_field(visit, "text");
	struct incidents_report_page page = { .errors = wrongs_page(wrongs), .form_token = visit->form_token, .number = number,
		.is_practice = str_equal(visit_field(visit, "sent"), STR("practice")) && !wrongs->n,
		.advice = chosen ? incidents_kinds[chosen].advice : "", .minutes = setting_number(rq, "incidents.first_look_minutes"),
		.phone = setting_text(rq, "incidents.phone"), .kind_error = wrong_of(wrongs, "kind-link"), .kinds = kinds,
		.about = { .error = wrong_of(wrongs, "text"), .value = text.at ? text : STR(""), .rows = 4 },
		.what = field_again(visit, wrongs, "what", true), .contact = field_again(visit, wrongs, "contact", true) };

	if (!page.phone.len)
		page.phone = setting_text(rq, "organisation.support_phone");
	page.phone_at = phone_link(rq, page.phone);
	for (enum incidents_kind k = INCIDENTS_LINK; k < INCIDENTS_KINDS; k++)
		kinds[page.n_kinds++] = (struct incidents_report_page_kinds){ .name = str_of(incidents_kinds[k].name), .word = incidents_kinds[k].asked,
			.is_chosen = k == chosen };
	answer->has_errors = wrongs->n != 0;
	incidents_report_page(&answer->body, rq->language, &page);
}

enum err incidents_get_report(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	struct str sent = visit_field(visit, "sent");

	draw(rq, visit, &(struct wrongs){ 0 }, is_number(sent) && kind_named(visit_field(visit, "kind")) ? sent : STR(""), answer);
	return OK;
}

/* The link in it is read off the writer, by the reader process. What cannot be read is reported all the same. */
enum err incidents_prepare_report(struct rq *rq, struct visit *visit)
{
	enum incidents_kind kind = kind_named(visit_field(visit, "kind"));
	struct block_seen *seen = NEW(rq->arena, struct block_seen);
	struct str what = visit_field(visit, "what"), text = visit_field(visit, "text");

	visit->prepared = seen;
	if ((kind == INCIDENTS_LINK || kind == INCIDENTS_CLICKED) && !account_is_spent(rq, BUDGET_REPORT, account_network(rq->arena, visit->address)))
		block_look(rq, what.len ? what : text, seen);
	return OK;
}

enum err incidents_post_report(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	struct incidents_reported r = { .kind = kind_named(visit_field(visit, "kind")), .text = visit_field(visit, "text"),
		.what = visit_field(visit, "what"), .contact = visit_field(visit, "contact"), .reporter = { rq->actor->person >= 0, rq->actor->person },
		.link = visit->prepared };
	struct str network = account_network(rq->arena, visit->address);
	struct wrongs wrongs = { 0 };
	struct rq asking = *rq;
	const char *field;

	for (bool is_wrong = true; is_wrong; ) {
		struct trouble trouble = { 0 };
		struct incidents_reported one = r;
		asking.trouble = &trouble;
		/* Each field's own sentence, all at once: what has been complained of is passed over. */
		if (wrong_of(&wrongs, "kind-link").len)
			one.kind = INCIDENTS_OTHER;
		one.text = wrong_of(&wrongs, "text").len ? STR("") : one.text;
		one.what = wrong_of(&wrongs, "what").len ? STR("") : one.what;
		one.contact = wrong_of(&wrongs, "contact").len ? STR("") : one.contact;
		is_wrong = incidents_report_check(&asking, &one, &field) != OK;
		if (is_wrong)
			wrong_add(&wrongs, field, str_c(rq->arena, str_of(trouble.text)));
	}
	if (!wrongs.n && (account_is_spent(rq, BUDGET_REPORT, network) || account_is_spent(rq, BUDGET_REPORTS, STR("all")))) {
		wrong_add(&wrongs, "", _("Many reports came from your network just now. Call support instead, or try again in 15 minutes."));
		answer->status = 429;
	}
	if (wrongs.n) {
		draw(rq, visit, &wrongs, STR(""), answer);
		return OK;
	}
	TRY(incidents_report(rq, &r));
	TRY(account_spend(rq, BUDGET_REPORT, network, NULL));
	TRY(account_spend(rq, BUDGET_REPORTS, STR("all"), NULL));
	answer->status = 303;
	answer->location = r.is_practice ? STR("/incidents/report?sent=practice")
		: str_print(rq->arena, "/incidents/report?sent=%.*s&kind=%s", STR_ARG(r.number), incidents_kinds[r.kind].name);
	return OK;
}
