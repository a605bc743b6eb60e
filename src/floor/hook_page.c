/* /admin/webhooks: which systems are told what happens here, and what became of each delivery; sent again by hand.
 *
 * SECURITY: read by coordinators and system owners; changed by coordinators. The address of a webhook may hold a secret: its host alone is shown. */
#include "floor/admin_webhooks.html.h"
#include "floor/frame.h"
#include "floor/hook.h"
#include "floor/mail.h"

static struct state_page shape_of(const struct hook_latest_row *row)
{
	if (row->sent_at.is)
		return (struct state_page){ STR("ok"), N_("Delivered") };
	return row->failed_at.is ? (struct state_page){ STR("fail"), N_("Failed") } : (struct state_page){ STR("act"), N_("Waits") };
}

static enum err fill_hooks(struct rq *rq, struct admin_webhooks_page *page)
{
	struct admin_webhooks_page_hooks *hooks = NEW_MANY(rq->arena, hook_count_lines() + 1, struct admin_webhooks_page_hooks);

	for (size_t i = 0; i < hook_count_lines(); i++) {
		struct mail_peer_get_row peer;
		enum err err = mail_peer_get(rq, (int64_t)i + 1, &peer);
		if (err != OK && err != ERR_NONE)
			return err;
		hooks[i] = (struct admin_webhooks_page_hooks){ .host = str_of(hook_host(i)), .cause = err == OK ? peer.cause : STR(""),
			.since = err == OK ? peer.since : (struct instant){ 0 } };
	}
	page->hooks = hooks;
	page->n_hooks = hook_count_lines();
	return OK;
}

static enum err get_hooks(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	struct hook_latest_row *rows;
	size_t n;
	struct admin_webhooks_page page = { .done = STR(""), .form_token = visit->form_token, .may_change = (rq->actor->roles & ROLE_COORDINATOR) != 0 };

	if (visit_field(visit, "done").len)
		page.done = str_of(str_equal(visit_field(visit, "done"), STR("test")) ? _("A test event is on its way.") : _("It is sent again now."));
	TRY(fill_hooks(rq, &page));
	TRY(hook_latest(rq, &rows, &n));
	struct admin_webhooks_page_deliveries *deliveries = NEW_MANY(rq->arena, n + 1, struct admin_webhooks_page_deliveries);
	for (size_t i = 0; i < n; i++)
		deliveries[i] = (struct admin_webhooks_page_deliveries){ .number = str_print(rq->arena, "%lld", (long long)rows[i].id), .event = rows[i].event,
			.host = rows[i].host, .made_at = rows[i].made_at, .state = shape_of(&rows[i]), .cause = rows[i].cause.len ? rows[i].cause : rows[i].last,
			.tries = rows[i].tries, .next_at = rows[i].sent_at.is || rows[i].failed_at.is ? (struct instant){ 0 } : rows[i].next_at };
	page.deliveries = deliveries;
	page.n_deliveries = n;
	admin_webhooks_page(&answer->body, rq->language, &page);
	return OK;
}

static enum err post_hooks(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	bool is_test = str_equal(visit_field(visit, "act"), STR("test"));
	int64_t id = 0;

	if (!is_test && str_number(visit_field(visit, "delivery"), INT64_MAX, &id) != OK)
		return fail(rq, ERR_INVALID, _("Name one delivery by its number: webhook list shows them."));
	answer->status = 303;
	answer->location = is_test ? STR("/admin/webhooks?done=test") : STR("/admin/webhooks?done=again");
	return is_test ? hook_test(rq) : hook_again(rq, id);
}

PAGE_ACTS(hook_acts, "again", "test")

const struct page hook_pages[] = {
	{ .path = "/admin/webhooks", .may_get = ROLE_COORDINATOR | ROLE_SYSTEM_OWNER, .may_post = ROLE_COORDINATOR, .get = get_hooks, .post = post_hooks,
	  .act = hook_acts },
	{ 0 }
};
