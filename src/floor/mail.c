/* The outbox of mail: a row in the commit of what it tells of. Carried out by core_post.c through the process post; shown on /admin/outbox.
 *
 * The whole message is made here, with its date and its Message-ID, so that a second delivery after a crash is the same message and the
 * recipient's server can tell. Who has no address, or one that cannot be one, gets a row that has failed: nothing is lost in silence.
 *
 * SECURITY: where mail comes from and where links lead is samordna.conf's to say, not the browser's Host. Messages stand in a secret column: the log
 * holds their hash alone, which the random Message-ID keeps from being guessed; once delivered they are gone. */
#include "floor/mail.h"
#include "floor/people.h"
#include "floor/setting.h"
#include "base/world.h"
#include "doors/message.h"

enum { TOKEN = 12, ROOM = 512, SMS_MOST = 480 };      /* three parts of 160 at the most */

static bool has_sms;
static char from_room[MAIL_ADDRESS + 1], origin_room[ROOM];

void mail_is_from(struct str from, struct str origin)
{
	struct str rest = origin, first = str_cut(&rest, ' ');

	memset(from_room, 0, sizeof from_room);
	memset(origin_room, 0, sizeof origin_room);
	if (mail_address_is_good(from))
		memcpy(from_room, from.at, from.len);
	if (first.at)
		memcpy(origin_room, first.at, MIN(first.len, sizeof origin_room - 1));
}

struct str mail_origin(void)
{
	return str_of(origin_room);
}

bool mail_is_on(void)
{
	return from_room[0] != '\0';
}

void sms_is(bool is_on)
{
	has_sms = is_on;
}

bool sms_is_on(void)
{
	return has_sms;
}

bool mail_is_sms(struct str address)
{
	return str_starts(address, STR("tel:"));
}

/* A row that could get out if it were tried: a mail address, or a number where there is a gateway. */
static bool can_go(struct str address)
{
	return mail_is_sms(address) ? has_sms : mail_address_is_good(address);
}

enum language mail_language(struct rq *rq, int64_t person)
{
	struct mail_wish_of_row wish;
	return person >= 0 && mail_wish_of(rq, person, &wish) == OK && str_equal(wish.language, STR("en")) ? LANGUAGE_EN : LANGUAGE_SV;
}

bool mail_reaches(struct rq *rq, int64_t person)
{
	struct people_get_row row;
	return mail_is_on() && person >= 0 && people_get(rq, person, &row) == OK && mail_address_is_good(row.email);
}

static struct str whole_text(struct rq *rq, const struct mail *mail, enum language language)
{
	struct out text = out_new(rq->arena);

	out_put(&text, mail->text.len > MAIL_TEXT ? str_utf8_first(mail->text, MAIL_TEXT) : mail->text);
	if (mail->at.len)
		out_print(&text, "\n\n%s" STR_FMT, origin_room, STR_ARG(mail->at));
	out_text(&text, "\n\n-- \n");
	out_text(&text, tongue(language, "This mail was sent by Samordna. Opening a link in it changes nothing."));
	out_byte(&text, '\n');
	out_print(&text, tongue(language, "Are you in doubt? Do not follow the link: go to %s yourself."), origin_room);
	out_byte(&text, '\n');
	return out_str(&text);
}

static struct str message_of(struct rq *rq, const struct mail *mail, struct str to)
{
	enum language language = mail->person >= 0 ? mail_language(rq, mail->person) : mail->language;
	struct out message = out_new(rq->arena), token = out_new(rq->arena);
	unsigned char random[TOKEN];
	struct str name = setting_text(rq, "organisation.name");

	world.random(random, sizeof random);
	out_hex(&token, random, sizeof random);
	out_byte(&token, '\0');
	mail_write(&message, &(struct mail_parts){ .from = str_of(from_room), .to = to, .title = str_utf8_first(mail->title, MAIL_TITLE),
		.from_name = name.len ? str_print(rq->arena, "Samordna, " STR_FMT, STR_ARG(name)) : STR("Samordna"), .language = language,
		.text = whole_text(rq, mail, language), .at = rq->now, .token = out_str(&token).at });
	return out_str(&message);
}

/* 070-174 06 05 -> tel:0701740605; empty: no number. */
static struct str tel_of(struct rq *rq, struct str phone)
{
	struct out out = out_new(rq->arena);

	out_text(&out, "tel:");
	for (size_t i = 0; i < phone.len && out.len < 40; i++)
		if ((phone.at[i] >= '0' && phone.at[i] <= '9') || (phone.at[i] == '+' && out.len == 4))
			out_byte(&out, phone.at[i]);
	return out.len > 8 ? out_str(&out) : STR("");
}

static enum err say_sms(struct change *change, const struct mail *mail)
{
	struct rq *rq = change_rq(change);
	struct people_get_row person;
	struct mail_most_row most;

	if (!has_sms || mail->person < 0)
		return OK;
	TRY(people_get(rq, mail->person, &person));
	struct str to = tel_of(rq, person.phone), at = mail->at.len ? str_print(rq->arena, " %s" STR_FMT, origin_room, STR_ARG(mail->at)) : STR("");
	if (!to.len)
		return OK;
	TRY(mail_most(rq, &most));
	struct str text = str_print(rq->arena, "Samordna: " STR_FMT STR_FMT, STR_ARG(str_utf8_first(mail->text, SMS_MOST)), STR_ARG(at));
	return mail_add(change, &(struct mail_add_args){ .id = most.n + 1, .kind = str_of(mail->kind), .person = { true, mail->person }, .address = to,
		.title = str_utf8_first(mail->title, MAIL_TITLE), .message = text, .made_at = rq->now, .cause = STR("") });
}

enum err mail_say(struct change *change, const struct mail *mail)
{
	struct rq *rq = change_rq(change);
	struct people_get_row person;
	struct mail_most_row most;
	struct str to = mail->address;

	if (mail->by_sms)
		TRY(say_sms(change, mail));
	if (!mail_is_on())
		return OK;
	if (!to.at && mail->person >= 0) {
		TRY(people_get(rq, mail->person, &person));
		to = person.email;
	}
	bool is_good = to.at && mail_address_is_good(to);
	const char *cause = is_good ? "" : to.len ? N_("The address cannot be a mail address.") : N_("There is no mail address.");
	TRY(mail_most(rq, &most));
	return mail_add(change, &(struct mail_add_args){ .id = most.n + 1, .kind = str_of(mail->kind),
		.person = { mail->person >= 0, mail->person }, .address = to.at ? to : STR(""), .title = str_utf8_first(mail->title, MAIL_TITLE),
		.message = is_good ? message_of(rq, mail, to) : STR_NONE, .made_at = rq->now, .failed_at = { !is_good, rq->now.ms }, .cause = str_of(cause) });
}

enum err mail_say_roles(struct change *change, unsigned roles, enum err (*text_of)(struct rq *, enum language, void *of, struct mail *), void *of)
{
	struct rq *rq = change_rq(change);
	struct mail_role_row *rows;
	size_t n = 0;

	if (!mail_is_on())
		return OK;
	TRY(mail_role(rq, (int64_t)roles, &rows, &n));
	for (size_t i = 0; i < n; i++) {
		struct mail mail = { .person = rows[i].id };
		TRY(text_of(rq, mail_language(rq, rows[i].id), of, &mail));
		mail.person = rows[i].id;
		TRY(mail_say(change, &mail));
	}
	return OK;
}

/* --- how it stands --- */

enum err mail_stand(struct rq *rq, struct mail_stand *ret)
{
	struct mail_count_row count;
	struct mail_peer_get_row peer, sms;

	TRY(mail_count(rq, &count));
	enum err err = mail_peer_get(rq, 0, &peer), of_sms = mail_peer_get(rq, POST_SMS, &sms);
	if ((err != OK && err != ERR_NONE) || (of_sms != OK && of_sms != ERR_NONE))
		return err != OK && err != ERR_NONE ? err : of_sms;
	*ret = (struct mail_stand){ .sms_since = { of_sms == OK ? sms.since.ms : 0 }, .sms_cause = of_sms == OK ? sms.cause : STR(""),
		 .waiting = count.waiting, .failed = count.failed, .oldest = { count.oldest.is ? count.oldest.i : 0 },
		.since = { err == OK ? peer.since.ms : 0 }, .cause = err == OK ? peer.cause : STR("") };
	return OK;
}

enum err mail_due_tasks(struct rq *rq, struct tasks *ret)
{
	struct mail_stand stand;

	TRY(mail_stand(rq, &stand));
	if (stand.failed)
		tasks_add(rq, ret, &(struct task){ .title = str_print(rq->arena, tongue_n(rq->language, "%lld mail could not be delivered",
			"%lld mails could not be delivered", stand.failed), (long long)stand.failed), .where = STR("/admin/outbox"), .person = -1,
			.roles = ROLE_COORDINATOR });
	if (stand.waiting && instant_is_before(stand.oldest, instant_plus(rq->now, MINUTES(-MAIL_LATE_MINUTES))))
		tasks_add(rq, ret, &(struct task){ .title = str_of(_("Mail is not getting out")), .where = STR("/admin/outbox"), .person = -1,
			.roles = ROLE_COORDINATOR });
	return OK;
}

/* --- verbs --- */

static enum err revive(struct change *change, int64_t id)
{
	TRY(mail_revive(change, id));
	enum err err = mail_try_drop(change_rq(change), 0, id);
	return err == ERR_NONE ? OK : err;
}

/* One that waits is only hurried: nothing of it changes, so its leaf says who pressed. */
enum err mail_again(struct rq *rq, int64_t id)
{
	struct mail_unsent_row *rows;
	struct change *change;
	size_t n, done = 0;

	TRY(mail_unsent(rq, &rows, &n));
	for (size_t i = 0; i < n; i++)
		done += id < 0 ? rows[i].failed_at.is && can_go(rows[i].address) : rows[i].id == id;
	if (!done)
		return id < 0 ? OK : fail(rq, ERR_NONE, _("Mail %lld is not in the outbox."), (long long)id);
	for (size_t i = 0; i < n; i++)
		if (rows[i].id == id && !can_go(rows[i].address))
			return fail(rq, ERR_CONFLICT, _("It has no address that could work. Have the address corrected, and give this mail up."));
	TRY(audit_begin(rq, "mail.again", id < 0 ? STR("all") : str_print(rq->arena, "%lld", (long long)id), &change));
	for (size_t i = 0; i < n; i++)
		if (id < 0 ? rows[i].failed_at.is && can_go(rows[i].address) : rows[i].id == id)
			TRY(revive(change, rows[i].id));
	enum err err = mail_peer_drop(rq, 0), of_sms = mail_peer_drop(rq, POST_SMS);
	return err != OK && err != ERR_NONE ? err : of_sms == ERR_NONE ? OK : of_sms;
}

enum err mail_give_up(struct rq *rq, int64_t id)
{
	struct mail_get_row row;
	struct change *change;

	enum err err = mail_get(rq, id, &row);
	if (err == ERR_NONE || (err == OK && row.sent_at.is))
		return fail(rq, ERR_NONE, _("Mail %lld is not in the outbox."), (long long)id);
	TRY(err);
	TRY(audit_begin(rq, "mail.give_up", str_print(rq->arena, "%lld", (long long)id), &change));
	TRY(mail_drop(change, STR_NONE, rq->now, STR("given up"), id));
	err = mail_try_drop(rq, 0, id);
	return err == ERR_NONE ? OK : err;
}

enum err mail_wish(struct rq *rq, int64_t person, enum language language, bool no_digest)
{
	struct mail_wish_of_row before;
	struct change *change;
	struct str tag = str_of(language_tag[language]);

	enum err err = mail_wish_of(rq, person, &before);
	if (err != OK && err != ERR_NONE)
		return err;
	if (err == OK && str_equal(before.language, tag) && before.no_digest == no_digest)
		return OK;
	TRY(audit_begin(rq, "mail.wish", str_print(rq->arena, "%lld", (long long)person), &change));
	return err == OK ? mail_wish_set(change, tag, no_digest, person) : mail_wish_add(change, person, tag, no_digest);
}
