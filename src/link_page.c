/* /lank: somebody pastes a link and is told, in plain words, whether it is one of our login pages.
 *
 * The owned hosts are the setting logins.own_hosts. The link is read in the reader process, off the writer; the writer then counts the try
 * and the page is drawn. Nothing of the link is kept, and no leaf is written.
 *
 * SECURITY: public, so tries are counted per network like tries to log in. What was pasted is never parsed here; what comes back from the
 * reader is checked like a foreign thing. While no hosts are listed, nothing is ever called ours. */
#include "link_page.h"
#include "doors/link.h"
#include "floor/account.h"
#include "floor/frame.h"
#include "floor/link.html.h"
#include "floor/reading.h"
#include "floor/setting.h"

enum { LINK_LONGEST = 8192 };

struct checking { bool is_spent, is_checked; struct link_record record; struct wrongs wrongs; };

static struct str hosts_of(struct rq *rq)
{
	return str_trim(setting_text(rq, "logins.own_hosts"));
}

static enum err prepare(struct rq *rq, struct visit *visit)
{
	struct checking *its = NEW(rq->arena, struct checking);
	struct str link = visit_field(visit, "url");

	visit->prepared = its;
	its->is_spent = account_is_spent(rq, BUDGET_LINK, account_network(rq->arena, visit->address));
	if (its->is_spent)
		wrong_add(&its->wrongs, "url", _("Too many links in a short time. Wait 15 minutes, then try again"));
	else if (!link.len)
		wrong_add(&its->wrongs, "url", _("Paste a link"));
	else if (link.len > LINK_LONGEST)
		wrong_add(&its->wrongs, "url", _("That is longer than a link to one of our pages can be: it is not ours"));
	if (its->wrongs.n || !hosts_of(rq).len)
		return OK;
	its->is_checked = true;
	return reading_link(rq, link, &its->record);
}

static enum err draw(struct rq *rq, const struct visit *visit, const struct checking *its, struct answer *answer)
{
	struct link_page_reasons reasons[LINK_REASON_COUNT];
	struct str phone = setting_text(rq, "organisation.support_phone");
	const struct link_record *record = &its->record;
	size_t n = 0;

	for (int i = 0; i < LINK_REASON_COUNT; i++)
		if (record->reasons & (uint64_t)1 << i)
			reasons[n++] = (struct link_page_reasons){ link_reasons[i].text };
	struct link_page page = { .errors = wrongs_page(&its->wrongs), .url = field_again(visit, &its->wrongs, "url", true),
		.form_token = visit->form_token, .self_at = visit->path, .has_hosts = hosts_of(rq).len > 0, .is_checked = its->is_checked,
		.is_ours = its->is_checked && record->verdict == LINK_OURS, .is_imitation = record->verdict == LINK_IMITATES,
		.host = str_of(record->host), .imitates = str_of(record->imitates), .reasons = reasons, .n_reasons = n,
		.phone = phone, .phone_at = page_dial(rq, phone) };
	link_page(&answer->body, rq->language, &page);
	answer->has_errors = its->wrongs.n > 0;
	return OK;
}

static enum err get(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	return draw(rq, visit, &(struct checking){ .is_checked = false }, answer);
}

static enum err post(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	const struct checking *its = visit->prepared;

	if (its->is_spent)
		answer->status = 429;
	if (its->is_checked)
		TRY(account_spend(rq, BUDGET_LINK, account_network(rq->arena, visit->address), NULL));
	return draw(rq, visit, its, answer);
}

const struct page link_pages[] = {
	{ .path = "/logins/link", .may_get = ROLE_EVERYONE, .may_post = ROLE_EVERYONE, .get = get, .prepare = prepare, .post = post },
	{ .path = "/lank", .may_get = ROLE_EVERYONE, .may_post = ROLE_EVERYONE, .get = get, .prepare = prepare, .post = post },
	{ 0 }
};
