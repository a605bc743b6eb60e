/* /admin/outbox: mail that waits or has failed, with its cause; tried again or given up. /me/mail: in which language, and whether reminders come.
 *
 * SECURITY: read by coordinators and system owners; changed by coordinators. No text of a mail is shown, only its title and to whom; names
 * of protected persons are not shown. What a mail server said is foreign text and stands as such. */
#include "floor/mail.h"
#include "floor/admin_outbox.html.h"
#include "floor/frame.h"
#include "floor/mail_wish.html.h"
#include "floor/people.h"
#include "floor/setting.h"

enum { SHOWN = 30 };     /* each row has its own form: more would be a heavy page on a slow line */

static struct str shown_to(struct rq *rq, const struct mail_unsent_row *row)
{
	struct people_get_row person;

	if (!row->person.is || people_get(rq, row->person.i, &person) != OK)
		return row->address;
	return people_shown_name(rq, person.name, person.is_protected);
}

static struct admin_outbox_page_mails mail_row(struct rq *rq, const struct mail_unsent_row *row)
{
	struct str cause = row->failed_at.is ? row->cause : row->last;

	return (struct admin_outbox_page_mails){ .number = str_print(rq->arena, "%lld", (long long)row->id), .title = row->title,
		.to = shown_to(rq, row), .made_at = row->made_at, .cause = cause.len ? str_of(_(str_c(rq->arena, cause))) : STR(""), .tries = row->tries,
		.next_at = row->failed_at.is ? (struct instant){ 0 } : row->next_at, .may_again = mail_is_sms(row->address) ? sms_is_on() : mail_address_is_good(row->address), .is_sms = mail_is_sms(row->address),
		.state = row->failed_at.is ? (struct state_page){ STR("fail"), N_("Failed") } : (struct state_page){ STR("act"), N_("Waits") } };
}

static const char *done_sentence(struct rq *rq, struct str done)
{
	if (str_equal(done, STR("again")))
		return _("It is tried again now.");
	return str_equal(done, STR("give_up")) ? _("It is given up, and its text is forgotten.") : "";
}

static enum err get_outbox(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	struct mail_sent_since_row sent;
	struct mail_unsent_row *rows;
	struct mail_stand stand;
	size_t n;

	TRY(mail_stand(rq, &stand));
	TRY(mail_unsent(rq, &rows, &n));
	bool is_more = n > SHOWN;
	n = MIN(n, (size_t)SHOWN);
	TRY(mail_sent_since(rq, instant_midnight(rq->now), &sent));
	struct admin_outbox_page_mails *mails = NEW_MANY(rq->arena, n + 1, struct admin_outbox_page_mails);
	for (size_t i = 0; i < n; i++)
		mails[i] = mail_row(rq, &rows[i]);
	admin_outbox_page(&answer->body, rq->language, &(struct admin_outbox_page){ .done = str_of(done_sentence(rq, visit_field(visit, "done"))),
		.form_token = visit->form_token, .is_on = mail_is_on(), .has_sms = sms_is_on(), .sms = stand.sms_cause, .sms_since = stand.sms_since, .server = stand.cause, .since = stand.since, .waiting = stand.waiting,
		.failed = stand.failed, .sent = sent.n, .may_change = (rq->actor->roles & ROLE_COORDINATOR) != 0, .mails = mails, .n_mails = n,
		.has_more = is_more });
	return OK;
}

static enum err post_outbox(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	struct str act = visit_field(visit, "act");
	int64_t id = -1;

	if (!str_equal(act, STR("again_all")) && str_number(visit_field(visit, "mail"), INT64_MAX, &id) != OK)
		return fail(rq, ERR_INVALID, _("Name one mail by its number: mail outbox shows them."));
	answer->status = 303;
	answer->location = str_equal(act, STR("give_up")) ? STR("/admin/outbox?done=give_up") : STR("/admin/outbox?done=again");
	return str_equal(act, STR("give_up")) ? mail_give_up(rq, id) : mail_again(rq, id);
}

/* --- one's own wish --- */

static enum err get_wish(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	struct people_get_row person;
	struct mail_wish_of_row wish = { .language = STR("sv") };

	TRY(people_get(rq, rq->actor->person, &person));
	enum err err = mail_wish_of(rq, rq->actor->person, &wish);
	if (err != OK && err != ERR_NONE)
		return err;
	mail_wish_page(&answer->body, rq->language, &(struct mail_wish_page){ .form_token = visit->form_token, .is_on = mail_is_on(),
		.done = visit_field(visit, "done").len ? str_of(_("It is saved.")) : STR(""), .address = person.email,
		.is_english = str_equal(wish.language, STR("en")), .no_digest = wish.no_digest });
	return OK;
}

static enum err post_wish(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	bool is_english = str_equal(visit_field(visit, "language"), STR("en"));

	answer->status = 303;
	answer->location = STR("/me/mail?done=saved");
	return mail_wish(rq, rq->actor->person, is_english ? LANGUAGE_EN : LANGUAGE_SV, !visit_field(visit, "digest").len);
}

PAGE_ACTS(outbox_acts, "again", "again_all", "give_up")

const struct page mail_pages[] = {
	{ .path = "/admin/outbox", .may_get = ROLE_COORDINATOR | ROLE_SYSTEM_OWNER, .may_post = ROLE_COORDINATOR, .get = get_outbox, .post = post_outbox,
	  .act = outbox_acts },
	{ .path = "/me/mail", .may_get = ROLE_STAFF, .may_post = ROLE_STAFF, .get = get_wish, .post = post_wish },
	{ 0 }
};
