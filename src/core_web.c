/* core's side of the web door: a few threads a web process, each takes an ask, has it answered and sends the answer.
 *
 * A get runs on the thread's own reading connection. A post runs as a job on the writer, which draws the answer into its own
 * arena; it is copied out before the batch forgets it. What takes long before it can be decided (a password costs a quarter of a
 * second) goes to two threads of its own with a queue of 32, so that a flood of log-ins leaves the other pages alone. What is a verdict waits
 * in a queue of 256 until the gate has read what it must know (core_standing.c).
 *
 * SECURITY: an ask is checked as a message, then by the router; nothing of it reaches a page before that. */
#define LONG_LIVED
#include "core.h"
#include "router.h"
#include "floor/account.h"
#include "floor/frame.h"
#include "base/world.h"
#include <pthread.h>

enum { READERS = 4, SLOW_READERS = 2, SLOW_QUEUE = 32, GATE_QUEUE = 256, BODY_MOST = 64 << 20 };

/* The channel to one web process. */
struct link { int fd; _Atomic int users; };

struct slow { struct slow *next; struct link *link; struct parcel parcel; _Alignas(16) char bytes[]; };

struct queue { pthread_mutex_t lock; pthread_cond_t has_work; struct slow *first, **last; int n, most, threads; };
static struct queue slow_queue = { PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, NULL, &slow_queue.first, 0, SLOW_QUEUE, 0 };
static struct queue gate_queue = { PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, NULL, &gate_queue.first, 0, GATE_QUEUE, 0 };

static void link_leave(struct link *link)
{
	if (--link->users == 0) {
		close(link->fd);
		free(link);
	}
}

/* --- the session's last use: noted without anybody waiting --- */

struct seen { struct job job; char hash[32]; };

static enum err note_seen(struct rq *rq, void *of)
{
	struct seen *seen = of;
	return account_session_seen(rq, rq->now, (struct str){ seen->hash, sizeof seen->hash });
}

static void seen_done(struct job *job, enum err err, const struct trouble *trouble)
{
	(void)err;
	(void)trouble;
	free(job);
}

static void note(const struct routed *routed)
{
	struct seen *seen = routed->is_seen ? calloc(1, sizeof *seen) : NULL;

	if (!seen)
		return;
	memcpy(seen->hash, routed->session_hash, sizeof seen->hash);
	seen->job = (struct job){ .run = note_seen, .done = seen_done, .of = seen, .actor = { .person = -1, .name = STR("system"), .body = -1 } };
	writer_put(core.writer, &seen->job);
}

/* --- running a page --- */

struct posting { const struct page *page; bool is_late; const struct visit *visit; struct arena *arena; struct answer *ret; };

/* The worker waits while the writer's thread uses its arena here; the ceiling is kept far, since passing it would end the wrong one. */
static enum err keep_answer(struct rq *rq, struct posting *posting, struct answer *answer)
{
	struct arena *arena = posting->arena;
	struct out body = out_new(arena);

	if (answer->body.len > BODY_MOST || arena_used(arena) > BODY_MOST)
		return fail(rq, ERR_FULL, _("The answer is larger than it may be."));
	out_put(&body, out_str(&answer->body));
	*posting->ret = *answer;
	posting->ret->body = body;
	posting->ret->title = str_copy(arena, answer->title);
	posting->ret->location = str_copy(arena, answer->location);
	posting->ret->cookie = str_copy(arena, answer->cookie);
	posting->ret->filename = str_copy(arena, answer->filename);
	return OK;
}

static enum err post(struct rq *rq, void *of)
{
	struct posting *posting = of;
	struct answer answer = { .body = out_new(rq->arena) };

	if (posting->is_late)
		TRY(account_step_up_post(rq, posting->page, posting->visit, &answer));
	else
		TRY(posting->page->post(rq, posting->visit, &answer));
	return keep_answer(rq, posting, &answer);
}

static enum err run(struct rq *rq, struct routed *routed)
{
	const struct page *page = routed->page;
	struct str cookie = routed->answer.cookie;

	if (!page)
		return OK;
	if (!routed->is_change)
		return page->get(rq, &routed->visit, &routed->answer);
	if (page->ask)
		return page->ask(rq, &routed->visit, &routed->answer);
	if (routed->is_kept)
		return account_kept_draw(rq, &routed->visit, &routed->answer);
	if (routed->is_late && !visit_field(&routed->visit, "otp").at)
		return account_step_up_draw(rq, &routed->visit, &(struct wrongs){ 0 }, &routed->answer);
	enum err (*prepare)(struct rq *, struct visit *) = routed->is_late ? account_confirm_prepare : page->prepare;
	if (prepare)
		TRY(prepare(rq, &routed->visit));
	struct posting posting = { page, routed->is_late, &routed->visit, rq->arena, &routed->answer };
	enum err err = writer_do(core.writer, post, &posting, rq);
	if (err == OK && !routed->answer.cookie.at)
		routed->answer.cookie = cookie;
	return err;
}

static void send_reply(struct link *link, uint32_t serial, struct router_reply *reply)
{
	static _Thread_local char room[CHANNEL_MOST];
	size_t head = sizeof reply->head - sizeof reply->head.head;

	memcpy(room, &reply->head.status, head);
	if (reply->body.len)
		memcpy(room + head, reply->body.at, reply->body.len);
	/* A full socket empties as soon as web looks; a web process that is gone needs no answer. */
	(void)channel_send(link->fd, (struct message){ .kind = MESSAGE_WEB_ANSWER, .serial = serial }, room, head + reply->body.len,
	                   &reply->file, reply->file >= 0);
	if (reply->file >= 0)
		close(reply->file);
}

/* --- answers that come later --- */

enum { STATUS_LATER = -1 };
static _Thread_local struct core_later current;

struct core_later core_web_later(struct answer *answer)
{
	struct link *link = current.link;

	link->users++;
	answer->status = STATUS_LATER;
	return current;
}

void core_web_say(struct core_later later, int status, const char *type, struct str body)
{
	struct router_reply reply = { .head = { .status = (uint16_t)status, .body_length = (uint32_t)body.len }, .body = body, .file = -1 };

	snprintf(reply.head.type, sizeof reply.head.type, "%s", type);
	send_reply(later.link, later.serial, &reply);
	link_leave(later.link);
}

static void send_status(struct link *link, uint32_t serial, int status)
{
	struct router_reply reply = { .head = { .status = (uint16_t)status }, .file = -1 };
	send_reply(link, serial, &reply);
}

static void put_away(struct queue *queue, struct link *link, const struct parcel *parcel);

/* Answers one ask. `is_slow`: this thread has time for what takes long, or has waited for the gate. True: the parcel was handed on. */
static bool answer(struct worker *worker, struct link *link, const struct parcel *parcel, bool is_slow)
{
	const struct web_ask *ask = parcel->at;
	struct rq rq = core_rq(worker, (struct actor){ .person = -1, .name = STR("visitor"), .body = -1 }, LANGUAGE_SV);
	struct routed routed;
	struct router_reply reply;

	ARENA_GUARD(worker->arena) {
		world_log("core: a page needed more memory than it may have");
		send_status(link, ask->head.serial, 503);
		return false;
	}
	router_open(&rq, parcel, &routed);
	if (ask->is_check && routed.page) {
		send_status(link, ask->head.serial, 100);
		return false;
	}
	if (routed.page && routed.is_change && (routed.page->prepare || routed.is_late) && !is_slow) {
		put_away(&slow_queue, link, parcel);
		return true;
	}
	if (routed.page && routed.page->needs_gate && !is_slow && !core_gate_is_open()) {
		put_away(&gate_queue, link, parcel);
		return true;
	}
	note(&routed);
	current = (struct core_later){ link, ask->head.serial };
	enum err err = run(&rq, &routed);
	if (err == OK && routed.answer.status == STATUS_LATER)
		return false;
	router_close(&rq, &routed, err, &reply);
	send_reply(link, ask->head.serial, &reply);
	return false;
}

/* --- threads --- */

static void close_files(const struct parcel *parcel)
{
	for (int i = 0; i < parcel->n_files; i++)
		close(parcel->files[i]);
}

static void put_away(struct queue *queue, struct link *link, const struct parcel *parcel)
{
	struct slow *slow = malloc(sizeof *slow + parcel->length);
	const struct web_ask *ask = parcel->at;

	pthread_mutex_lock(&queue->lock);
	bool has_room = slow && queue->n < queue->most;
	if (has_room) {
		memcpy(slow->bytes, parcel->at, parcel->length);
		slow->next = NULL;
		slow->link = link;
		slow->parcel = *parcel;
		slow->parcel.at = slow->bytes;
		link->users++;
		*queue->last = slow;
		queue->last = &slow->next;
		queue->n++;
		pthread_cond_signal(&queue->has_work);
	}
	pthread_mutex_unlock(&queue->lock);
	if (has_room)
		return;
	free(slow);
	send_status(link, ask->head.serial, 503);
	close_files(parcel);
}

static void *be_slow(void *of)
{
	struct queue *queue = of;

	if (queue == &gate_queue)
		core_gate_wait();
	for (;;) {
		pthread_mutex_lock(&queue->lock);
		while (!queue->first)
			pthread_cond_wait(&queue->has_work, &queue->lock);
		struct slow *slow = queue->first;
		queue->first = slow->next;
		if (!queue->first)
			queue->last = &queue->first;
		queue->n--;
		pthread_mutex_unlock(&queue->lock);
		struct worker *worker = core_worker();
		(void)answer(worker, slow->link, &slow->parcel, true);
		core_worker_back(worker);
		close_files(&slow->parcel);
		link_leave(slow->link);
		explicit_bzero(slow->bytes, slow->parcel.length);
		free(slow);
	}
	return NULL;
}

static void *live(void *of)
{
	struct link *link = of;
	char *room = malloc(CHANNEL_MOST);
	struct parcel parcel;

	if (!room)
		abort();
	for (;;) {
		enum err err = channel_receive(link->fd, room, &parcel);
		if (err == ERR_NONE || err == ERR_IO)
			break;
		if (err != OK)
			continue;
		bool is_handed_on = false;
		if (message_check(&parcel, MESSAGE_WEB_ASK)) {
			struct worker *worker = core_worker();
			is_handed_on = answer(worker, link, &parcel, false);
			core_worker_back(worker);
		}
		if (!is_handed_on)
			close_files(&parcel);
	}
	free(room);
	link_leave(link);
	return NULL;
}

void core_web_serve(int fd)
{
	struct link *link = malloc(sizeof *link);

	if (!link)
		abort();
	*link = (struct link){ fd, READERS };
	for (int i = 0; i < READERS; i++)
		if (core_thread(live, link) != OK)
			abort();
	for (; slow_queue.threads < SLOW_READERS; slow_queue.threads++)
		if (core_thread(be_slow, &slow_queue) != OK)
			abort();
	for (; gate_queue.threads < 1; gate_queue.threads++)
		if (core_thread(be_slow, &gate_queue) != OK)
			abort();
}
