/* core's side of post: what waits in the outbox is handed over - mail, SMS, events, questions to the OpenID provider - and what became of it is stored. At least once: what was handed over and not answered,
 * since post or core died, is handed over again, the same message with the same Message-ID.
 *
 * Three things can go wrong and each is kept apart. The server puts a mail off: that mail waits, twice as long each time, for `mail.days` at most.
 * It refuses it for good: it has failed, is shown with the server's words and is tried again only when somebody says so. The server cannot be spoken
 * to at all: nothing waiting is charged for it; one mail is tried now and then, and the rest follow when it gets through.
 *
 * SECURITY: post is believed in nothing but what became of what it was handed. It gets an address and a text; no names of files, no host. */
#define LONG_LIVED
#include "core.h"
#include "floor/hook.h"
#include "floor/mail.h"
#include "floor/proof.h"
#include "floor/setting.h"
#include "base/sandbox.h"
#include "base/world.h"
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>

enum { LOOK_MS = 500, IDLE_MS = 60000, FLYING = 24, FLYING_EACH = 4, FLYING_PROOFS = 8, HOOK = 1 /* post_try.kind */, STUCK_MS = 300000, PROOF_MS = 1200000, WAIT_MOST_S = 4 * 3600, PEER_MOST_S = 600 };

static struct { pthread_mutex_t lock; int next; } channel = { PTHREAD_MUTEX_INITIALIZER, -1 };

/* The thread's own. */
static struct { int64_t id, at; uint32_t hook; bool is; } flying[FLYING];      /* hook: POST_MAIL ... */
static int post_fd = -1;
static bool is_failing[POST_ROUTES];

void core_post_is(int fd)
{
	pthread_mutex_lock(&channel.lock);
	if (channel.next >= 0)
		close(channel.next);
	channel.next = fd;
	pthread_mutex_unlock(&channel.lock);
}

/* A new post knows nothing of what the one before was handed. */
static void take_channel(void)
{
	pthread_mutex_lock(&channel.lock);
	if (channel.next >= 0) {
		if (post_fd >= 0)
			close(post_fd);
		post_fd = channel.next;
		channel.next = -1;
		(void)fcntl(post_fd, F_SETFL, O_NONBLOCK);
		memset(flying, 0, sizeof flying);
	}
	pthread_mutex_unlock(&channel.lock);
}

/* --- what became of it --- */

static int64_t wait_seconds(struct rq *rq, int64_t tries, int64_t most)
{
	int64_t first = setting_number(rq, "mail.wait_seconds");
	return MIN(first << MIN(tries, (int64_t)20), most);
}

static enum err or_none(enum err err)
{
	return err == ERR_NONE ? OK : err;
}

/* The whole server: when to knock again. */
static enum err put_off_all(struct rq *rq, int64_t id, struct str cause)
{
	struct mail_peer_get_row peer;
	enum err err = mail_peer_get(rq, id, &peer);

	if (err != OK && err != ERR_NONE)
		return err;
	int64_t tries = err == OK ? peer.tries : 0;
	return mail_peer_set(rq, &(struct mail_peer_set_args){ id, err == OK ? peer.since : rq->now, tries + 1,
		instant_plus(rq->now, SECONDS(wait_seconds(rq, tries, PEER_MOST_S))), cause });
}

/* One of them; not for ever. ERR_BUSY: put off; OK: its time is over, and it has failed. */
static enum err put_off(struct rq *rq, int64_t kind, int64_t id, struct instant last, struct str cause)
{
	struct mail_try_get_row before;
	enum err err = mail_try_get(rq, kind, id, &before);

	if (err != OK && err != ERR_NONE)
		return err;
	if (instant_is_before(last, rq->now))
		return OK;
	int64_t tries = err == OK ? before.tries : 0;
	TRY(mail_try_set(rq, &(struct mail_try_set_args){ kind, id, tries + 1,
		instant_plus(rq->now, SECONDS(wait_seconds(rq, tries, WAIT_MOST_S))), cause }));
	return ERR_BUSY;
}

static enum err settle_mail(struct rq *rq, const struct post_done *done)
{
	struct str cause = str_of(done->cause), subject = str_print(rq->arena, "%lld", (long long)done->id);
	struct mail_get_row mail;
	struct change *change;

	TRY(mail_get(rq, done->id, &mail));
	/* Given up meanwhile: what became of it does not matter. */
	if (mail.sent_at.is)
		return OK;
	if (done->outcome == POST_LATER) {
		enum err err = put_off(rq, 0, done->id, instant_plus(mail.made_at, DAYS(setting_number(rq, "mail.days"))), cause);
		if (err != OK)
			return err == ERR_BUSY ? OK : err;
	}
	TRY(audit_begin(rq, done->outcome == POST_SENT ? "mail.sent" : "mail.failed", subject, &change));
	TRY(or_none(mail_try_drop(rq, 0, done->id)));
	return done->outcome == POST_SENT ? mail_sent(change, STR_NONE, rq->now, done->id) : mail_failed(change, rq->now, cause, done->id);
}

static enum err settle_hook(struct rq *rq, const struct post_done *done)
{
	struct str cause = str_of(done->cause), subject = str_print(rq->arena, "%lld", (long long)done->id);
	struct hook_get_row row;
	struct change *change;

	TRY(hook_get(rq, done->id, &row));
	if (row.sent_at.is)
		return OK;
	if (done->outcome == POST_LATER) {
		enum err err = put_off(rq, HOOK, done->id, instant_plus(row.made_at, HOURS(HOOK_HOURS)), cause);
		if (err != OK)
			return err == ERR_BUSY ? OK : err;
	}
	TRY(audit_begin(rq, done->outcome == POST_SENT ? "webhook.sent" : "webhook.failed", subject, &change));
	TRY(or_none(mail_try_drop(rq, HOOK, done->id)));
	return done->outcome == POST_SENT ? hook_sent(change, rq->now, done->id) : hook_failed(change, rq->now, cause, done->id);
}

static enum err settle_proof(struct rq *rq, const struct post_done *done)
{
	static const enum proof_answer answer[] = { [POST_SENT] = PROOF_YES, [POST_NEVER] = PROOF_NO, [POST_LATER] = PROOF_LATE, [POST_PEER] = PROOF_FAILED };

	return proof_settle(rq, done->id, answer[done->outcome], done->outcome == POST_PEER ? str_of(done->cause) : STR(""));
}

static enum err settle(struct rq *rq, void *of)
{
	const struct post_done *done = of;

	if (done->hook == POST_PROOF)
		return settle_proof(rq, done);
	if (done->outcome == POST_PEER)
		return put_off_all(rq, done->hook, str_of(done->cause));
	TRY(or_none(mail_peer_drop(rq, done->hook)));
	return done->hook == POST_MAIL || done->hook == POST_SMS ? settle_mail(rq, done) : settle_hook(rq, done);
}

static void say_of_peer(const struct post_done *done)
{
	const char *who = done->hook == POST_MAIL ? "the mail server" : done->hook == POST_SMS ? "the SMS gateway" : done->hook == POST_PROOF ? "the OpenID provider"
	                : hook_host(done->hook - 1);
	bool *failing = &is_failing[done->hook];

	if (done->outcome == POST_PEER && !*failing)
		world_log("core: %s takes nothing: %s", who, done->cause);
	if (done->outcome != POST_PEER && *failing)
		world_log("core: %s takes what is sent again", who);
	*failing = done->outcome == POST_PEER;
}

static void take_done(struct rq *rq, const struct post_done *done)
{
	bool is_known = false;

	for (size_t i = 0; i < FLYING; i++)
		if (flying[i].is && flying[i].id == done->id && flying[i].hook == done->hook) {
			flying[i].is = false;
			is_known = true;
		}
	if (!is_known || done->hook >= POST_ROUTES)
		return;
	say_of_peer(done);
	if (writer_do(core.writer, settle, (void *)(uintptr_t)done, rq) != OK) {
		world_log("core: what became of %lld could not be stored: %s", (long long)done->id, rq->trouble->text);
		trouble_clear(rq->trouble);
	}
}

static void receive_all(struct rq *rq)
{
	static _Alignas(16) char room[CHANNEL_MOST];
	struct parcel parcel;
	enum err err = OK;

	while (post_fd >= 0 && (err = channel_receive(post_fd, room, &parcel)) != ERR_BUSY) {
		bool is_right = err == OK && message_check(&parcel, MESSAGE_POST_DONE);
		for (int i = 0; err == OK && i < parcel.n_files; i++)
			close(parcel.files[i]);
		if (is_right) {
			take_done(rq, parcel.at);
			continue;
		}
		close(post_fd);
		post_fd = -1;
		if (err == OK || err == ERR_INVALID)
			core_is_stuck(PROCESS_POST);
	}
}

/* --- what goes out --- */

static bool hand_over_event(uint32_t number, const struct hook_due_row *row)
{
	static char room[CHANNEL_MOST];
	struct post_hook hook = { .id = row->id, .hook = number, .event = { 0, (uint32_t)row->event.len }, .body = { (uint32_t)row->event.len, (uint32_t)row->body.len } };
	size_t head = sizeof hook - sizeof hook.head, length = head + row->event.len + row->body.len;

	if (length > sizeof room - sizeof hook.head)
		return false;
	memcpy(room, &hook.id, head);
	memcpy(room + head, row->event.at, row->event.len);
	memcpy(room + head + row->event.len, row->body.at, row->body.len);
	return channel_send(post_fd, (struct message){ .kind = MESSAGE_POST_HOOK }, room, length, NULL, 0) == OK;
}

/* Two texts behind a head that holds a number and their places, as the three messages to post that are not events have it. */
static bool hand_over_two(enum message_kind kind, const void *head, size_t size, struct str a, struct str b)
{
	static char room[CHANNEL_MOST];
	size_t length = size + a.len + b.len;

	if (length > sizeof room)
		return false;
	memcpy(room, head, size);
	if (a.len)
		memcpy(room + size, a.at, a.len);
	if (b.len)
		memcpy(room + size + a.len, b.at, b.len);
	return channel_send(post_fd, (struct message){ .kind = kind }, room + sizeof (struct message), length - sizeof (struct message), NULL, 0) == OK;
}

static bool hand_over(const struct mail_due_row *row)
{
	struct post_mail mail = { .id = row->id, .to = { 0, (uint32_t)row->address.len }, .message = { (uint32_t)row->address.len, (uint32_t)row->message.len } };

	return row->address.len <= MAIL_ADDRESS && row->message.len <= POST_MAIL_MOST && hand_over_two(MESSAGE_POST_MAIL, &mail, sizeof mail, row->address, row->message);
}

static bool hand_over_sms(const struct mail_sms_due_row *row)
{
	struct str to = str_from(row->address, 4);
	struct post_sms sms = { .id = row->id, .to = { 0, (uint32_t)to.len }, .text = { (uint32_t)to.len, (uint32_t)row->message.len } };

	return row->message.len <= POST_SMS_MOST && hand_over_two(MESSAGE_POST_SMS, &sms, sizeof sms, to, row->message);
}

static bool hand_over_proof(struct rq *rq, const struct proof_due_row *row)
{
	struct people_get_row person;

	if (people_get(rq, row->person, &person) != OK)
		return false;
	struct str hint = proof_hint(&person);
	struct post_proof proof = { .id = row->id, .seconds = (uint32_t)MAX((row->until.ms - rq->now.ms) / 1000, (int64_t)1), .hint = { 0, (uint32_t)hint.len },
		.words = { (uint32_t)hint.len, (uint32_t)row->words.len } };
	return hand_over_two(MESSAGE_POST_PROOF, &proof, sizeof proof, hint, row->words);
}

static bool is_flying(int64_t id, uint32_t hook)
{
	for (size_t i = 0; i < FLYING; i++)
		if (flying[i].is && flying[i].id == id && flying[i].hook == hook)
			return true;
	return false;
}

static size_t n_flying(uint32_t first, uint32_t last)
{
	size_t n = 0;

	for (size_t i = 0; i < FLYING; i++)
		n += flying[i].is && flying[i].hook >= first && flying[i].hook <= last;
	return n;
}

static void has_flown(int64_t id, uint32_t hook)
{
	for (size_t i = 0; i < FLYING; i++)
		if (!flying[i].is) {
			flying[i].is = true;
			flying[i].id = id;
			flying[i].hook = hook;
			flying[i].at = world.ticks();
			return;
		}
}

/* While the server is known not to answer one mail is enough to see whether it does now. */
static size_t may_fly(struct rq *rq, int64_t id)
{
	struct mail_peer_get_row peer;

	if (mail_peer_get(rq, id, &peer) != OK)
		return FLYING_EACH;
	return instant_is_before(rq->now, peer.next_at) ? 0 : 1;
}

static void send_mail(struct rq *rq)
{
	struct mail_due_row *rows;
	size_t n = 0, most = may_fly(rq, 0);

	if (post_fd < 0 || n_flying(POST_MAIL, POST_MAIL) >= most)
		return;
	if (mail_due(rq, rq->now, &rows, &n) != OK) {
		world_log("core: the outbox could not be read: %s", rq->trouble->text);
		return;
	}
	for (size_t i = 0; i < n && n_flying(POST_MAIL, POST_MAIL) < most; i++)
		if (!is_flying(rows[i].id, 0) && hand_over(&rows[i]))
			has_flown(rows[i].id, 0);
}

static void send_sms(struct rq *rq)
{
	struct mail_sms_due_row *rows;
	size_t n = 0, most = may_fly(rq, POST_SMS);

	if (post_fd < 0 || n_flying(POST_SMS, POST_SMS) >= most || mail_sms_due(rq, rq->now, &rows, &n) != OK)
		return;
	for (size_t i = 0; i < n && n_flying(POST_SMS, POST_SMS) < most; i++)
		if (!is_flying(rows[i].id, POST_SMS) && hand_over_sms(&rows[i]))
			has_flown(rows[i].id, POST_SMS);
}

/* Somebody is on the telephone: no waiting for a provider that did not answer a while ago. */
static void ask_proofs(struct rq *rq)
{
	struct proof_due_row *rows;
	size_t n = 0;

	if (post_fd < 0 || proof_due(rq, rq->now, &rows, &n) != OK)
		return;
	for (size_t i = 0; i < n && n_flying(POST_PROOF, POST_PROOF) < FLYING_PROOFS; i++)
		if (!is_flying(rows[i].id, POST_PROOF) && hand_over_proof(rq, &rows[i]))
			has_flown(rows[i].id, POST_PROOF);
}

/* One after the other to each webhook, in the order in which it happened; what waits for another than the line now names stays where it is. */
static void send_events(struct rq *rq, uint32_t number)
{
	struct hook_due_row *rows;
	size_t n = 0;

	for (size_t i = 0; i < FLYING; i++)
		if (flying[i].is && flying[i].hook == number + 1)
			return;
	if (post_fd < 0 || n_flying(1, POST_HOOKS) >= FLYING_EACH || !may_fly(rq, number + 1))
		return;
	if (hook_due(rq, number, str_of(hook_host(number)), rq->now, &rows, &n) != OK) {
		world_log("core: the events that wait could not be read: %s", rq->trouble->text);
		return;
	}
	for (size_t i = 0; i < n; i++)
		if (hand_over_event(number, &rows[i])) {
			has_flown(rows[i].id, number + 1);
			return;
		}
}

static bool is_needed(void)
{
	return sms_is_on() || proof_is_on() || mail_is_on() || hook_count_lines() > 0;
}

static void look_for_silence(void)
{
	for (size_t i = 0; i < FLYING; i++)
		if (flying[i].is && world.ticks() - flying[i].at > (flying[i].hook == POST_PROOF ? PROOF_MS : STUCK_MS)) {
			core_is_stuck(PROCESS_POST);
			memset(flying, 0, sizeof flying);
		}
}

static void *live(void *of)
{
	(void)of;
	for (;;) {
		take_channel();
		struct pollfd wait = { .fd = post_fd, .events = POLLIN };
		(void)poll(&wait, 1, is_needed() ? LOOK_MS : IDLE_MS);
		if (!is_needed())
			continue;
		struct worker *worker = core_worker();
		struct rq rq = core_rq(worker, (struct actor){ .person = -1, .name = STR("system"), .body = -1 }, LANGUAGE_SV);
		receive_all(&rq);
		look_for_silence();
		rq.now = world.now();
		if (mail_is_on())
			send_mail(&rq);
		if (sms_is_on())
			send_sms(&rq);
		if (proof_is_on())
			ask_proofs(&rq);
		for (uint32_t i = 0; i < hook_count_lines(); i++)
			send_events(&rq, i);
		core_worker_back(worker);
	}
	return NULL;
}

void core_post_start(void)
{
	if (!core.boot.is_doorless && core_thread(live, NULL) != OK)
		abort();
}
