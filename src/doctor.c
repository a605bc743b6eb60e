/* samordna doctor: looks at everything that must hold for this installation to be trusted, one row each.
 *
 * A row of the table below is one check; it adds one line or more. States are computed at each reading, never kept.
 *
 * SECURITY: reads only. It names no secret and no person. What it cannot see it says so, as a warning: unknown is never ok. */
#define LONG_LIVED
#include "wall_state.h"
#include "backup_note.h"
#include "floor/audit.sql.h"
#include "floor/leaf.h"
#include "floor/mail.h"
#include "floor/people.sql.h"
#include "floor/store.h"
#include "points/incidents/log.h"
#include "base/world.h"
#include <sys/statvfs.h>

const char *const check_word[] = { [CHECK_OK] = "ok", [CHECK_WARN] = "warn", [CHECK_FAIL] = "fail" };

struct look { struct rq *rq; struct checks *checks; const struct walls *walls; struct instant told_at; bool is_thorough, is_told; };

static void add(struct look *look, const char *name, enum check state, struct str text)
{
	struct checks *checks = look->checks;

	if (checks->n == checks->room) {
		size_t room = MAX(checks->room * 2, (size_t)32);
		struct checked *more = NEW_MANY(look->rq->arena, room, struct checked);
		if (checks->n)
			memcpy(more, checks->at, checks->n * sizeof more[0]);
		checks->at = more;
		checks->room = room;
	}
	checks->at[checks->n++] = (struct checked){ name, state, text };
}

/* --- processes --- */

static void look_at_processes(struct look *look)
{
	struct rq *rq = look->rq;

	if (!look->is_told) {
		add(look, "processes", CHECK_FAIL, str_of(_("The keeper has told nothing of the processes.")));
		return;
	}
	if (rq->now.ms - look->told_at.ms > WALLS_STALE_MS)
		add(look, "processes", CHECK_FAIL, str_print(rq->arena, _("The keeper has told nothing for %lld seconds."),
		                                             (long long)(rq->now.ms - look->told_at.ms) / 1000));
	for (enum process process = 0; process < PROCESSES; process++) {
		struct str text;
		enum check state = wall_judge(rq, look->walls, process, &text);
		add(look, str_print(rq->arena, "process.%s", process_name[process]).at, state, text);
	}
}

/* --- home --- */

static void look_at_mode(struct look *look, const char *name, const char *what, uint32_t mode, uint32_t most)
{
	struct rq *rq = look->rq;

	if (!mode)
		add(look, name, CHECK_FAIL, str_print(rq->arena, _("%s is not there or cannot be seen."), what));
	else if (mode & 07777 & ~most)
		add(look, name, CHECK_FAIL, str_print(rq->arena, _("%s is open to more accounts than its own: mode %04o, at most %04o is right."), what,
		                                      mode & 07777, most));
	else
		add(look, name, CHECK_OK, str_print(rq->arena, _("%s: mode %04o"), what, mode & 07777));
}

static void look_at_home(struct look *look)
{
	const struct home_seen *seen = &look->walls->home;

	if (!look->is_told)
		return;
	/* As root core's group may pass through HOME, which it cannot list. */
	look_at_mode(look, "home", "HOME", seen->home, seen->keeper_uid == 0 ? 0710 : 0700);
	look_at_mode(look, "home.settings", "samordna.conf", seen->settings, 0600);
	look_at_mode(look, "home.seal", "seal/state", seen->seal_state, 0600);
	look_at_mode(look, "home.store", "store", seen->store, 0700);
	if (seen->secrets)
		look_at_mode(look, "home.secrets", "file:PATH", seen->secrets, 0100640);
	if (look->rq && core.boot.has_tls)
		look_at_mode(look, "tls.key", "http.tls.key", seen->certificate_key, 0640);
}

static void look_at_disk(struct look *look)
{
	struct rq *rq = look->rq;
	struct statvfs room;
	char path[300];

	snprintf(path, sizeof path, "%s/store", core.boot.home);
	if (statvfs(path, &room) != 0 || room.f_blocks == 0) {
		add(look, "disk", CHECK_WARN, str_of(_("The free space could not be read.")));
		return;
	}
	uint64_t free_bytes = (uint64_t)room.f_bavail * room.f_frsize, percent = (uint64_t)room.f_bavail * 100 / room.f_blocks;
	enum check state = free_bytes < 64 << 20 ? CHECK_FAIL : free_bytes < (uint64_t)1 << 30 || percent < 5 ? CHECK_WARN : CHECK_OK;
	add(look, "disk", state, str_print(rq->arena, _("%llu MiB free, %llu %%"), (unsigned long long)(free_bytes >> 20), (unsigned long long)percent));
}

/* --- the clock --- */

static void look_at_clock(struct look *look)
{
	struct rq *rq = look->rq;
	struct clock_doubt doubt = clock_doubt_now();

	if (doubt.is_in_doubt)
		add(look, "clock", CHECK_FAIL, str_print(rq->arena, _("The clock jumped by %lld seconds and is in doubt; nothing that time brings is told. Is it right? "
		                                                      "Then: samordna clock confirm"), (long long)doubt.step / 1000));
	else if (!world.is_synchronised())
		add(look, "clock", CHECK_WARN, str_of(_("The system does not say that its clock is synchronised.")));
	else
		add(look, "clock", CHECK_OK, str_of(_("The system says that its clock is synchronised.")));
}

/* --- store and log --- */

static struct str why(struct rq *rq, enum err err)
{
	struct str told = trouble_told(rq, err);

	trouble_clear(rq->trouble);
	return told;
}

static void look_at_store(struct look *look)
{
	struct rq *rq = look->rq;
	struct str version = STR(""), found = STR("");

	if (store_version(rq, &version) != OK) {
		add(look, "store", CHECK_FAIL, str_print(rq->arena, _("The store does not answer: %s"), str_c(rq->arena, why(rq, ERR_IO))));
		return;
	}
	add(look, "store", CHECK_OK, version);
	if (!look->is_thorough)
		return;
	enum err err = store_self_check(rq, &found);
	if (err != OK)
		found = why(rq, err);
	add(look, "store.integrity", found.len ? CHECK_FAIL : CHECK_OK,
	    found.len ? str_print(rq->arena, _("The store contradicts itself: %.*s"), STR_ARG(found)) : str_of(_("The store's own check finds nothing.")));
}

static struct instant leaf_at(struct rq *rq, int64_t index)
{
	struct audit_leaf_get_row row;
	struct leaf leaf;
	struct instant at = { 0 };

	if (audit_leaf_get(rq, index, &row) == OK && leaf_parse(row.leaf, &leaf) == OK)
		(void)instant_parse_loose(leaf.at, &at);
	return at;
}

static void look_at_log(struct look *look)
{
	enum { SEAL_LATE_MINUTES = 15 };
	struct rq *rq = look->rq;
	struct audit_frontier_get_row frontier;
	struct audit_checkpoint_last_row last;

	if (audit_frontier_get(rq, &frontier) != OK) {
		add(look, "log", CHECK_FAIL, str_of(_("The log's head cannot be read.")));
		return;
	}
	add(look, "log", CHECK_OK, str_print(rq->arena, _("%lld leaves, epoch %lld"), (long long)frontier.size, (long long)frontier.epoch));
	if (audit_checkpoint_last(rq, &last) != OK) {
		add(look, "log.checkpoint", CHECK_WARN, str_of(_("Nothing is sealed yet.")));
		return;
	}
	struct instant sealed = leaf_at(rq, last.id - 1);
	int64_t minutes = (rq->now.ms - sealed.ms) / 60000;
	bool is_late = sealed.ms == 0 || minutes > SEAL_LATE_MINUTES;
	add(look, "log.checkpoint", is_late ? CHECK_WARN : CHECK_OK,
	    str_print(rq->arena, _("Sealed as far as leaf %lld, %lld minutes ago"), (long long)last.id - 1, (long long)minutes));
}

/* --- doors --- */

static void look_at_gateways(struct look *look)
{
	struct rq *rq = look->rq;

	for (uint32_t i = 0; i < core.boot.n_gateways; i++) {
		const char *name = str_print(rq->arena, "radius.%s", core.boot.gateway[i].name).at;
		if (core.boot.gateway[i].is_authorise_only)
			add(look, name, CHECK_WARN, str_of(_("authorise-only: this gateway must check the credentials itself.")));
		if (core.boot.gateway[i].no_message_authenticator)
			add(look, name, CHECK_WARN, str_of(_("no-message-authenticator: its requests may be unsigned.")));
		if (!core.boot.gateway[i].is_authorise_only && !core.boot.gateway[i].no_message_authenticator)
			add(look, name, CHECK_OK, str_of(_("Signed requests; the upstream checks the credentials.")));
	}
	if (core.boot.n_upstreams_unsigned)
		add(look, "radius.upstream", CHECK_WARN, str_of(_("no-message-authenticator: an upstream's answers may be unsigned.")));
	else if (core.boot.n_upstreams)
		add(look, "radius.upstream", CHECK_OK, str_of(_("Upstreams sign their answers.")));
}

static void look_at_gate(struct look *look)
{
	struct rq *rq = look->rq;

	if (core_gate_is_open())
		add(look, "gate", CHECK_OK, str_print(rq->arena, _("Open: %lld people are read"), (long long)standing_count(core.standing)));
	else
		add(look, "gate", CHECK_WARN, str_print(rq->arena, _("Loading: %lld people are read so far, and nobody is let in or refused yet"),
		    (long long)standing_read(core.standing)));
}

static void look_at_web(struct look *look)
{
	struct rq *rq = look->rq;

	if (core.boot.has_tls)
		add(look, "web", CHECK_OK, str_of(_("TLS")));
	else if (core.boot.is_http_loopback)
		add(look, "web", CHECK_OK, str_of(_("Plain HTTP on a loopback address: this machine alone.")));
	else if (core.boot.is_doorless)
		add(look, "web", CHECK_WARN, str_of(_("Not looked at: no server runs on this home.")));
	else
		add(look, "web", CHECK_FAIL, str_of(_("Plain HTTP on an address that others reach.")));
}

/* --- mail --- */

static void look_at_mail(struct look *look)
{
	struct rq *rq = look->rq;
	struct mail_stand stand;

	if (!mail_is_on()) {
		add(look, "mail", CHECK_WARN, str_of(_("No mail server is named in samordna.conf: nobody is told anything by mail.")));
		return;
	}
	if (mail_stand(rq, &stand) != OK) {
		add(look, "mail", CHECK_FAIL, why(rq, ERR_IO));
	} else if (stand.since.ms) {
		bool is_late = instant_is_before(stand.since, instant_plus(rq->now, MINUTES(-MAIL_LATE_MINUTES)));
		add(look, "mail", is_late ? CHECK_FAIL : CHECK_WARN, str_print(rq->arena, _("The mail server takes no mail: %.*s"), STR_ARG(stand.cause)));
	} else if (stand.failed || (stand.waiting && instant_is_before(stand.oldest, instant_plus(rq->now, MINUTES(-MAIL_LATE_MINUTES))))) {
		add(look, "mail", CHECK_WARN, str_print(rq->arena, _("%lld mails could not be delivered and %lld wait: samordna mail outbox"),
		    (long long)stand.failed, (long long)stand.waiting));
	} else {
		add(look, "mail", CHECK_OK, str_print(rq->arena, _("Mail goes out by %s"), core.boot.mail_server));
	}
}

/* --- watched logs --- */

static void look_at_logs(struct look *look)
{
	struct incidents_log_seen *seen;
	struct rq *rq = look->rq;
	size_t n;

	if (incidents_logs_seen(rq, &seen, &n) != OK) {
		add(look, "watch", CHECK_FAIL, str_of(rq->trouble->text));
		trouble_clear(rq->trouble);
		return;
	}
	for (size_t i = 0; i < n; i++)
		add(look, str_c(rq->arena, str_print(rq->arena, "watch.%.*s", STR_ARG(seen[i].name))), seen[i].is_wrong ? CHECK_WARN : CHECK_OK, seen[i].why);
}

/* --- people --- */

static void look_at_staffing(struct look *look)
{
	struct rq *rq = look->rq;
	struct people_with_role_row coordinators;
	struct people_deciders_row deciders;

	if (people_with_role(rq, ROLE_COORDINATOR, &coordinators) != OK || people_deciders(rq, ROLE_MANAGEMENT, ROLE_COORDINATOR, &deciders) != OK) {
		add(look, "people", CHECK_FAIL, why(rq, ERR_IO));
		return;
	}
	add(look, "people.coordinators", coordinators.n >= 2 ? CHECK_OK : CHECK_WARN, str_print(rq->arena,
	    _("%lld coordinators; two at least keep four eyes on things"), (long long)coordinators.n));
	add(look, "people.deciders", deciders.n >= 1 ? CHECK_OK : CHECK_WARN, str_print(rq->arena,
	    _("%lld in management who do not coordinate; one at least must decide"), (long long)deciders.n));
}

/* --- backups --- */

static void look_at_backup(struct look *look)
{
	enum { OLD_DAYS = 2 };
	struct rq *rq = look->rq;
	struct backup_note note;

	if (!backup_note_read(core.boot.home, &note)) {
		add(look, "backup", CHECK_WARN, str_of(_("No backup has been made: samordna backup create FILE")));
		return;
	}
	int64_t days = (rq->now.ms - note.at.ms) / 86400000;
	add(look, "backup", days >= OLD_DAYS ? CHECK_WARN : CHECK_OK, days >= OLD_DAYS
	    ? str_print(rq->arena, _("The last backup is %lld days old."), (long long)days) : str_of(_("The last backup is less than two days old.")));
}

/* --- all --- */

static void (*const looks[])(struct look *) = {
	look_at_processes, look_at_home, look_at_disk, look_at_clock, look_at_store, look_at_log, look_at_backup, look_at_gate, look_at_gateways, look_at_web, look_at_mail,
	look_at_logs, look_at_staffing,
};

enum err doctor_look(struct rq *rq, bool is_thorough, struct checks *ret)
{
	struct walls walls = { 0 };
	struct look look = { .rq = rq, .checks = ret, .walls = &walls, .is_thorough = is_thorough };

	*ret = (struct checks){ 0 };
	look.is_told = walls_now(&walls, &look.told_at);
	for (size_t i = 0; i < LENGTH(looks); i++)
		looks[i](&look);
	return OK;
}

/* Just started: each process that should run gets a moment to say that its walls are up. */
static void wait_for_walls(void)
{
	struct walls walls;
	struct instant at;

	for (int i = 0; i < 60; i++) {
		bool is_whole = walls_now(&walls, &at);
		for (enum process process = 0; is_whole && process < PROCESSES; process++)
			is_whole = !walls.wall[process].is_wanted || (walls.wall[process].is_walled && walls.wall[process].seccomp == 2);
		if (is_whole)
			return;
		usleep(50000);
	}
}

static enum err doctor(struct rq *rq, const struct args *args, struct out *out)
{
	struct checks checks;
	int failed = 0;

	wait_for_walls();
	core_gate_wait();
	rq->now = world.now();
	TRY(doctor_look(rq, true, &checks));
	for (size_t i = 0; i < checks.n; i++) {
		const struct checked *checked = &checks.at[i];
		failed += checked->state == CHECK_FAIL;
		if (args->json) {
			out_print(out, "{\"check\":\"%s\",\"state\":\"%s\",\"text\":", checked->name, check_word[checked->state]);
			out_json(out, checked->text);
			out_text(out, "}\n");
			continue;
		}
		const char *const word[] = { [CHECK_OK] = _("in order"), [CHECK_WARN] = _("warning"), [CHECK_FAIL] = _("FAILS") };
		out_print(out, "%-24s %-10s " STR_FMT "\n", checked->name, word[checked->state], STR_ARG(checked->text));
	}
	if (!failed)
		return OK;
	(void)fail(rq, ERR_CONFLICT, tongue_n(rq->language, "%d check fails", "%d checks fail", failed), failed);
	return trouble_exit(rq->trouble, 6, ERR_CONFLICT);
}

static enum err say_confirmed(struct rq *rq, void *of)
{
	struct change *change;
	(void)of;
	return audit_begin(rq, "clock.confirm", STR(""), &change);
}

static enum err confirm(struct rq *rq, const struct args *args, struct out *out)
{
	(void)args;
	(void)out;
	TRY(writer_do(core.writer, say_confirmed, NULL, rq));
	clock_confirm();
	return OK;
}

const struct command doctor_commands[] = {
	{ "doctor", "", N_("Look at processes, home, clock, store, log and doors; exit 6 when a check fails"), COMMAND_LONG, doctor },
	{ "clock confirm", "", N_("Say that the clock is right after a jump"), COMMAND_LONG, confirm },
	{ 0 }
};
