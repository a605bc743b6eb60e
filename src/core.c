/* core: opens the store and the log, and gives each neighbour that keeper names a thread.
 *
 * Start: store and log opened -> schema brought up to date -> leaf core.start -> threads -> READY -> standing read beside the doors
 * (core_standing.c) -> LOADED.
 * Stop: keeper's message or its end; the writer finishes what waits.
 *
 * SECURITY: core reads typed messages only. What it answers with "yes" is committed. When keeper is gone core ends: nobody
 * would restart its neighbours. */
#define LONG_LIVED
#include "wall_state.h"
#include "backup.h"
#include "floor/setting.h"
#include "events.h"
#include "handout.h"
#include "floor/gateway.sql.h"
#include "floor/hook.h"
#include "floor/mail.h"
#include "floor/proof.h"
#include "floor/people_import.h"
#include "floor/seal_door.h"
#include "floor/upgrade.h"
#include "base/world.h"
#include <pthread.h>

struct core core;
struct gateway_counters core_counters;

enum { WORKERS = 48, WORKER_CEILING = 256 << 20 };

/* --- workers --- */

static struct { pthread_mutex_t lock; pthread_cond_t freed; struct worker *free; int made; } pool =
	{ PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, NULL, 0 };

static struct worker *worker_new(void)
{
	struct worker *worker = calloc(1, sizeof *worker);
	struct trouble trouble = { 0 };

	if (!worker)
		abort();
	worker->arena = arena_new(WORKER_CEILING);
	worker->reader = standing_reader(core.standing);
	if (store_open(&core.place, false, &trouble, &worker->store) != OK || worker->reader < 0) {
		world_log("core: a reading connection could not be opened: %s", trouble.text);
		abort();
	}
	store_keeps(worker->store);
	return worker;
}

struct worker *core_worker(void)
{
	pthread_mutex_lock(&pool.lock);
	while (!pool.free && pool.made == WORKERS)
		pthread_cond_wait(&pool.freed, &pool.lock);
	struct worker *worker = pool.free;
	if (worker)
		pool.free = worker->next;
	else
		pool.made++;
	pthread_mutex_unlock(&pool.lock);
	if (!worker)
		worker = worker_new();
	trouble_clear(&worker->trouble);
	return worker;
}

void core_worker_back(struct worker *worker)
{
	/* A request that ended in the middle of its rows (a full arena) must not hold the store's log open. */
	store_leave(worker->store);
	arena_empty(worker->arena);
	pthread_mutex_lock(&pool.lock);
	worker->next = pool.free;
	pool.free = worker;
	pthread_cond_signal(&pool.freed);
	pthread_mutex_unlock(&pool.lock);
}

struct rq core_rq(struct worker *worker, struct actor actor, enum language language)
{
	worker->actor = actor;
	return (struct rq){ .arena = worker->arena, .store = worker->store, .standing = core.standing, .actor = &worker->actor,
	                    .language = language, .now = world.now(), .trouble = &worker->trouble };
}

enum err core_thread(void *(*run)(void *), void *of)
{
	pthread_attr_t attributes;
	pthread_t thread;

	pthread_attr_init(&attributes);
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&attributes, 1 << 20);
	int failed = pthread_create(&thread, &attributes, run, of);
	pthread_attr_destroy(&attributes);
	return failed ? ERR_FULL : OK;
}

/* --- start --- */

static const struct actor nobody = { .person = -1, .name = { "system", 6 }, .body = -1 };

static enum err refresh_standing(struct rq *rq, const int64_t *persons, size_t n, bool is_site, void *of)
{
	(void)of;
	if (is_site && core.places)
		core_places_rule(rq);
	enum err err = core_standing_refresh(rq, persons, n, is_site);
	core_end_wake();       /* who has no right left may stand in the outbox: judged on the standing as it is now */
	return err;
}

/* The start leaf: what was set at start, and gateways that samordna.conf names for the first time. */
static enum err say_started(struct rq *rq, void *of)
{
	struct gateway_all_row *known;
	size_t n_known;
	struct change *change;
	(void)of;

	/* A start without doors answers one command and lets nobody in: no leaf. */
	if (core.boot.is_doorless)
		return OK;
	TRY(gateway_all(rq, &known, &n_known));
	struct out hex = out_new(rq->arena);
	out_hex(&hex, core.boot.settings_hash, 32);
	TRY(audit_begin(rq, "core.start", out_str(&hex), &change));
	/* Numbers are places in the list, also when the file names new ones before old ones. */
	int64_t number = (int64_t)n_known;
	for (uint32_t i = 0; i < core.boot.n_gateways; i++) {
		struct str name = str_of(core.boot.gateway[i].name);
		bool is_known = false;
		for (size_t k = 0; k < n_known; k++)
			is_known |= str_equal(known[k].name, name);
		if (is_known)
			continue;
		TRY(gateway_add(change, number++, name, false, STR("")));
		change_touch_site(change);
	}
	return OK;
}

static enum err open_everything(struct worker *first)
{
	struct store *store;
	struct audit *audit;
	bool is_due;
	struct rq rq = core_rq(first, nobody, LANGUAGE_SV);

	for (size_t i = 0; points[i]; i++) {
		setting_know(points[i]->settings);
		refer_know(points[i]->name, points[i]->find);
	}
	TRY(store_open(&core.place, true, rq.trouble, &store));
	rq.store = store;
	TRY(upgrade_is_due(&rq, &is_due));
	if (is_due)
		TRY(backup_before_upgrade(&rq, core.boot.home));
	TRY(upgrade(&rq));
	TRY(audit_open(&rq, core.boot.origin, &audit));
	TRY(gate_new(&rq, &core.standing));
	TRY(writer_start(store, audit, (struct writer_hooks){ refresh_standing, events_hear, NULL }, &core.writer));
	writer_is_cores(core.writer);
	TRY(store_open(&core.place, false, rq.trouble, &first->store));
	store_keeps(first->store);
	rq.store = first->store;
	rights_tell();
	first->reader = standing_reader(core.standing);
	return writer_do(core.writer, say_started, NULL, &rq);
}

/* An import that a stop cut off goes on beside the doors: it may take a minute. */
static void *finish_import(void *of)
{
	struct worker *worker = core_worker();
	struct rq rq = core_rq(worker, nobody, LANGUAGE_SV);
	bool is_owed = false;
	(void)of;

	enum err err = people_import_owed(&rq, &is_owed);
	/* Not beside the first reading: whom it touches would all be read twice. */
	core_gate_wait();
	if (err == OK && is_owed)
		err = people_import_resume(&rq);
	if (err != OK)
		world_log("core: the import could not be finished: %s", worker->trouble.text);
	trouble_clear(&worker->trouble);
	if (people_words_repair(&rq) != OK)
		world_log("core: people cannot be searched by name: %s", worker->trouble.text);
	core_worker_back(worker);
	return NULL;
}

void core_is_stuck(int process)
{
	struct stuck stuck = { .process = process };
	(void)channel_send(core.keeper_fd, (struct message){ .kind = MESSAGE_STUCK }, &stuck.process, sizeof stuck - sizeof stuck.head, NULL, 0);
}

static void seal_is_stuck(void)
{
	core_is_stuck(PROCESS_SEAL);
}

static enum err take_peer(const struct parcel *parcel)
{
	const struct peer *peer = parcel->at;
	int fd = parcel->files[0];

	if (parcel->n_files != 1)
		return ERR_INVALID;
	switch (peer->kind) {
	case PEER_GATEWAY: core_gate_serve(fd); return OK;
	case PEER_WEB: core_web_serve(fd); return OK;
	case PEER_READER: core_reader_is(fd); return OK;
	case PEER_LOGS: core_logs_serve(fd); return OK;
	case PEER_POST: core_post_is(fd); return OK;
	case PEER_SEAL_SIGN: seal_door_is(core.seal, SEAL_SIGNING, fd); return OK;
	case PEER_SEAL_SECRETS: seal_door_is(core.seal, SEAL_SECRETS, fd); return OK;
	case PEER_CONTROL: core_control_serve(fd); return OK;
	default: close(fd); return ERR_INVALID;
	}
}

const char *people_home(void)
{
	return core.boot.home;
}

int core_run(const struct core_boot *boot, int keeper_fd)
{
	static char room[CHANNEL_MOST];
	struct parcel parcel;
	struct worker *first = calloc(1, sizeof *first);

	if (!first)
		abort();
	core.boot = *boot;
	core.keeper_fd = keeper_fd;
	core.started_at = world.now();
	bool is_postgres = strncmp(core.boot.store, "postgres:", 9) == 0;
	static char path[300];
	snprintf(path, sizeof path, "%s/store/samordna.db", core.boot.home);
	core.place = (struct store_place){ is_postgres, is_postgres ? core.boot.store + 9 : path };
	static char scratch[300];
	snprintf(scratch, sizeof scratch, "%s/store", core.boot.home);
	audit_scratch_is(scratch);
	mail_is_from(str_of(core.boot.mail_from), str_of(core.boot.origin));
	sms_is(core.boot.has_sms);
	proofs_are(core.boot.has_proof, core.boot.is_proof_by_code);
	hooks_are(core.boot.hook_host, core.boot.n_hooks);
	core.seal = seal_door_new();
	seal_is_cores(core.seal);
	seal_door_on_stuck(core.seal, seal_is_stuck);
	first->arena = arena_new(WORKER_CEILING);
	enum err err = open_everything(first);
	if (err != OK) {
		trouble_speak(&first->trouble, language_here());
		world_log("samordna: %s", first->trouble.text[0] ? first->trouble.text : err_name(err));
		return err_exit(err);
	}
	pool.made = 1;
	core_worker_back(first);
	handout_tidy();
	core_standing_start();
	core_clock_start();
	core_end_start();
	core_post_start();
	people_import_wait();
	if (core_thread(finish_import, NULL) != OK)
		abort();
	struct ready ready = { .process = PEER_KINDS };
	(void)channel_send(keeper_fd, (struct message){ .kind = MESSAGE_READY }, &ready.process,
	                   sizeof ready - sizeof ready.head, NULL, 0);
	for (;;) {
		err = channel_receive(keeper_fd, room, &parcel);
		if (err == ERR_NONE || err == ERR_IO)
			break;
		if (err == OK && message_check(&parcel, MESSAGE_PEER))
			(void)take_peer(&parcel);
		else if (err == OK && message_check(&parcel, MESSAGE_WALLS))
			walls_are(parcel.at);
	}
	core_standing_stop();
	writer_stop(core.writer);
	return 0;
}
