/* core's side of the seal process. Several threads may wait on one channel: whoever finds nobody reading reads for all and hands
 * each answer to the thread whose serial it bears.
 *
 * SECURITY: answers are checked like any message. What is secret is wiped from the room it was read into; what goes to the caller
 * lives in the caller's arena. Nothing here blocks for ever: a dead seal closes the channel, and that ends every wait. */
#define LONG_LIVED
#include <sodium.h>
#include "doors/message.h"
#include "floor/seal_door.h"
#include "base/world.h"
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>

/* Seconds: for a new channel; for an answer, by channel. A signature takes milliseconds and the writer may be waiting; before a password may be
 * a queue of them. */
enum { ANSWER = 16 * 1024, PATIENCE = 5 };
static const int patience_ms[SEAL_CHANNELS] = { [SEAL_SIGNING] = 2000, [SEAL_SECRETS] = 30000 };

struct call {
	struct call *next;
	uint32_t     serial;
	uint64_t     generation;
	bool         is_done, is_lost;
	size_t       length;
	char         answer[ANSWER];
};

struct channel {
	pthread_mutex_t lock;
	pthread_cond_t  changed;
	int             fd;              /* -1: seal is being started again */
	uint64_t        generation;      /* of fd */
	uint32_t        serial;
	bool            is_reading;
	int             patience;        /* milliseconds for an answer */
	struct seal_door *door;
	struct call    *calls;
	char           *room;            /* of whoever reads */
};

struct seal_door { struct channel channel[SEAL_CHANNELS]; void (*stuck)(void); };

static struct seal_door *cores;

struct seal_door *seal_of_core(void)
{
	return cores;
}

void seal_is_cores(struct seal_door *door)
{
	cores = door;
}

struct seal_door *seal_door_new(void)
{
	struct seal_door *door = calloc(1, sizeof *door);
	pthread_condattr_t attributes;

	if (!door)
		abort();
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	for (int i = 0; i < SEAL_CHANNELS; i++) {
		struct channel *channel = &door->channel[i];
		pthread_mutex_init(&channel->lock, NULL);
		pthread_cond_init(&channel->changed, &attributes);
		channel->fd = -1;
		channel->patience = patience_ms[i];
		channel->door = door;
		channel->room = malloc(CHANNEL_MOST);
		if (!channel->room)
			abort();
	}
	pthread_condattr_destroy(&attributes);
	return door;
}

/* With the lock held. Whoever waits for an answer of the old channel is told that it will not come. */
static void lose(struct channel *channel, uint64_t generation)
{
	for (struct call *call = channel->calls; call; call = call->next)
		if (call->generation == generation && !call->is_done)
			call->is_done = call->is_lost = true;
	if (channel->generation == generation && channel->fd >= 0) {
		close(channel->fd);
		channel->fd = -1;
	}
	pthread_cond_broadcast(&channel->changed);
}

void seal_door_is(struct seal_door *door, enum seal_channel which, int fd)
{
	struct channel *channel = &door->channel[which];

	pthread_mutex_lock(&channel->lock);
	/* A thread may be reading the old end: it is woken by the shutdown, and closes nothing that is no longer its own. */
	if (channel->fd >= 0)
		shutdown(channel->fd, SHUT_RDWR);
	while (channel->is_reading)
		pthread_cond_wait(&channel->changed, &channel->lock);
	if (channel->fd >= 0)
		lose(channel, channel->generation);
	channel->fd = fd;
	channel->generation++;
	pthread_cond_broadcast(&channel->changed);
	pthread_mutex_unlock(&channel->lock);
}

void seal_door_end(struct seal_door *door)
{
	for (int i = 0; door && i < SEAL_CHANNELS; i++) {
		struct channel *channel = &door->channel[i];
		if (channel->fd >= 0)
			close(channel->fd);
		free(channel->room);
		pthread_cond_destroy(&channel->changed);
		pthread_mutex_destroy(&channel->lock);
	}
	free(door);
}

/* --- one call --- */

static void unlink_call(struct channel *channel, struct call *call)
{
	struct call **at = &channel->calls;

	while (*at != call)
		at = &(*at)->next;
	*at = call->next;
}

static void deliver(struct channel *channel, const struct parcel *parcel)
{
	const struct seal_answer *answer = parcel->at;

	for (struct call *call = channel->calls; call; call = call->next)
		if (call->serial == answer->head.serial && call->generation == channel->generation && parcel->length <= ANSWER) {
			memcpy(call->answer, parcel->at, parcel->length);
			call->length = parcel->length;
			call->is_done = true;
		}
	sodium_memzero(channel->room, parcel->length);
}

void seal_door_on_stuck(struct seal_door *door, void (*stuck)(void))
{
	door->stuck = stuck;
}

/* With the lock held; gives it up while reading. */
static void read_one(struct channel *channel)
{
	struct parcel parcel;
	int fd = channel->fd;
	uint64_t generation = channel->generation;

	channel->is_reading = true;
	pthread_mutex_unlock(&channel->lock);
	struct pollfd wait = { .fd = fd, .events = POLLIN };
	parcel.n_files = 0;
	enum err err = poll(&wait, 1, channel->patience) == 0 ? ERR_BUSY : channel_receive(fd, channel->room, &parcel);
	pthread_mutex_lock(&channel->lock);
	channel->is_reading = false;
	for (int i = 0; i < parcel.n_files; i++)
		close(parcel.files[i]);
	if (err == OK && message_check(&parcel, MESSAGE_SEAL_ANSWER))
		deliver(channel, &parcel);
	else
		lose(channel, generation);        /* a neighbour that sends nonsense, or nothing, is no neighbour */
	if ((err == OK || err == ERR_BUSY || err == ERR_INVALID) && channel->fd < 0 && channel->door->stuck)
		channel->door->stuck();
	pthread_cond_broadcast(&channel->changed);
}

/* With the lock held. */
static bool wait_for_channel(struct channel *channel, bool is_in_job)
{
	struct timespec until;

	/* The writer waits for nobody who is being started. */
	if (is_in_job)
		return channel->fd >= 0;
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += PATIENCE;
	while (channel->fd < 0)
		if (pthread_cond_timedwait(&channel->changed, &channel->lock, &until) != 0)
			break;
	return channel->fd >= 0;
}

static enum err exchange(struct channel *channel, bool is_in_job, const char *body, size_t n, struct call *call)
{
	pthread_mutex_lock(&channel->lock);
	if (!wait_for_channel(channel, is_in_job)) {
		pthread_mutex_unlock(&channel->lock);
		return ERR_BUSY;
	}
	call->serial = ++channel->serial;
	call->generation = channel->generation;
	call->next = channel->calls;
	channel->calls = call;
	if (channel_send(channel->fd, (struct message){ .kind = MESSAGE_SEAL_ASK, .serial = call->serial }, body, n, NULL, 0) != OK) {
		shutdown(channel->fd, SHUT_RDWR);      /* whoever reads learns it */
		if (!channel->is_reading)
			lose(channel, channel->generation);
	}
	while (!call->is_done) {
		if (channel->is_reading)
			pthread_cond_wait(&channel->changed, &channel->lock);
		else
			read_one(channel);
	}
	unlink_call(channel, call);
	pthread_mutex_unlock(&channel->lock);
	return call->is_lost ? ERR_BUSY : OK;
}

struct ask { enum seal_what what; int64_t number; const unsigned char *hashes; uint32_t n_hashes; struct str a, b; };
struct told { int64_t number; struct str a, b; };

static enum err say(struct rq *rq, enum err err)
{
	switch (err) {
	case ERR_BUSY: return fail(rq, err, _("The process that checks passwords and signs the log is busy; try again in a moment."));
	case ERR_DENIED: return err;              /* the caller knows of what */
	case ERR_CONFLICT: return fail(rq, err, _("The seal refuses to sign: the log does not continue what it signed before."));
	case ERR_CORRUPT: return fail(rq, err, _("A sealed value cannot be opened: it is broken, or was sealed with other keys."));
	default: return fail(rq, err, _("The seal could not do it: %s"), err_name(err));
	}
}

static enum err ask_seal(struct seal_door *door, enum seal_channel which, struct rq *rq, const struct ask *ask, struct told *ret)
{
	struct seal_ask head = { .what = ask->what, .n_hashes = ask->n_hashes, .number = ask->number,
		.a = { 0, (uint32_t)ask->a.len }, .b = { (uint32_t)ask->a.len, (uint32_t)ask->b.len } };
	size_t fixed = sizeof head - sizeof head.head, hashes = 32 * (size_t)ask->n_hashes, n = fixed + hashes + ask->a.len + ask->b.len;

	if (!door)
		return say(rq, ERR_BUSY);
	if (n > CHANNEL_MOST - sizeof head.head)
		return say(rq, ERR_FULL);
	char *body = arena_take(rq->arena, n);
	struct call *call = NEW(rq->arena, struct call);
	memcpy(body, &head.what, fixed);
	if (hashes)
		memcpy(body + fixed, ask->hashes, hashes);
	if (ask->a.len)
		memcpy(body + fixed + hashes, ask->a.at, ask->a.len);
	if (ask->b.len)
		memcpy(body + fixed + hashes + ask->a.len, ask->b.at, ask->b.len);
	enum err err = exchange(&door->channel[which], rq->audit != NULL, body, n, call);
	sodium_memzero(body, n);
	if (err != OK)
		return say(rq, err);
	const struct seal_answer *answer = (const void *)call->answer;
	const struct parcel parcel = { .at = call->answer, .length = call->length };
	if (answer->err != OK)
		return say(rq, answer->err <= ERR_CORRUPT ? (enum err)answer->err : ERR_CORRUPT);
	*ret = (struct told){ answer->number, message_text(&parcel, sizeof *answer, answer->a), message_text(&parcel, sizeof *answer, answer->b) };
	return OK;
}

/* --- signing --- */

enum err seal_next_key(struct seal_door *door, struct rq *rq, unsigned char ret[32])
{
	struct told told;

	TRY(ask_seal(door, SEAL_SIGNING, rq, &(struct ask){ .what = SEAL_NEXT_KEY }, &told));
	if (told.a.len != 32)
		return say(rq, ERR_CORRUPT);
	memcpy(ret, told.a.at, 32);
	return OK;
}

enum err seal_keys(struct seal_door *door, struct rq *rq, struct str *ret)
{
	struct told told;

	TRY(ask_seal(door, SEAL_SIGNING, rq, &(struct ask){ .what = SEAL_KEYS }, &told));
	*ret = told.a;
	return OK;
}

enum err seal_size(struct seal_door *door, struct rq *rq, int64_t *ret, unsigned char ret_root[32])
{
	struct told told;

	TRY(ask_seal(door, SEAL_SIGNING, rq, &(struct ask){ .what = SEAL_SIZE }, &told));
	if (told.a.len != 32)
		return say(rq, ERR_CORRUPT);
	memcpy(ret_root, told.a.at, 32);
	*ret = told.number;
	return OK;
}

enum err seal_sign_add(struct seal_door *door, struct rq *rq, int64_t from, const unsigned char *hashes, uint32_t n)
{
	struct told told;
	return ask_seal(door, SEAL_SIGNING, rq, &(struct ask){ .what = SEAL_SIGN, .number = from, .hashes = hashes, .n_hashes = n }, &told);
}

enum err seal_sign(struct seal_door *door, struct rq *rq, int64_t size, struct str leaf, struct str *ret_note)
{
	struct told told;

	TRY(ask_seal(door, SEAL_SIGNING, rq, &(struct ask){ .what = SEAL_SIGN, .number = size, .a = leaf }, &told));
	*ret_note = told.a;
	return OK;
}

/* --- secrets --- */

enum err seal_password_hash(struct seal_door *door, struct rq *rq, struct str password, struct str *ret_box)
{
	struct told told;

	TRY(ask_seal(door, SEAL_SECRETS, rq, &(struct ask){ .what = SEAL_PASSWORD_HASH, .a = password }, &told));
	*ret_box = told.a;
	return OK;
}

enum err seal_password_check(struct seal_door *door, struct rq *rq, struct str password, struct str box, bool *ret_again)
{
	struct told told;

	TRY(ask_seal(door, SEAL_SECRETS, rq, &(struct ask){ .what = SEAL_PASSWORD_CHECK, .a = password, .b = box }, &told));
	*ret_again = told.number == 1;
	return OK;
}

enum err seal_secret_box(struct seal_door *door, struct rq *rq, struct str secret, struct str *ret_box)
{
	struct told told;

	TRY(ask_seal(door, SEAL_SECRETS, rq, &(struct ask){ .what = SEAL_SECRET_BOX, .a = secret }, &told));
	*ret_box = told.a;
	return OK;
}

enum err seal_secret_open(struct seal_door *door, struct rq *rq, struct str box, struct str *ret_secret)
{
	struct told told;

	TRY(ask_seal(door, SEAL_SECRETS, rq, &(struct ask){ .what = SEAL_SECRET_OPEN, .a = box }, &told));
	*ret_secret = told.a;
	return OK;
}

enum err seal_totp_new(struct seal_door *door, struct rq *rq, struct str *ret_box, struct str *ret_base32)
{
	struct told told;

	TRY(ask_seal(door, SEAL_SECRETS, rq, &(struct ask){ .what = SEAL_TOTP_NEW }, &told));
	*ret_box = told.a;
	*ret_base32 = told.b;
	return OK;
}

enum err seal_totp_check(struct seal_door *door, struct rq *rq, struct str code, struct str box, struct instant now, int64_t *ret)
{
	struct told told;

	TRY(ask_seal(door, SEAL_SECRETS, rq, &(struct ask){ .what = SEAL_TOTP_CHECK, .a = code, .b = box, .number = now.ms / 1000 }, &told));
	*ret = told.number;
	return OK;
}
