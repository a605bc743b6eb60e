/* What keeper last told core of the processes, and the judgement of each: for doctor and for /admin.
 *
 * SECURITY: core believes keeper, who started it. A process of which keeper has said nothing lacks its walls until the kernel
 * says otherwise: silence is never ok. */
#define LONG_LIVED
#include "wall_state.h"
#include "base/world.h"
#include <pthread.h>

static struct { pthread_mutex_t lock; struct walls walls; struct instant at; bool is_known; } told = { .lock = PTHREAD_MUTEX_INITIALIZER };

void walls_are(const struct walls *walls)
{
	pthread_mutex_lock(&told.lock);
	told.walls = *walls;
	told.at = world.now();
	told.is_known = true;
	pthread_mutex_unlock(&told.lock);
}

bool walls_now(struct walls *ret, struct instant *ret_at)
{
	pthread_mutex_lock(&told.lock);
	bool is_known = told.is_known;
	if (is_known) {
		*ret = told.walls;
		*ret_at = told.at;
	}
	pthread_mutex_unlock(&told.lock);
	return is_known;
}

/* Why a process does not run: it need not, or it should. */
static enum check judge_absent(struct rq *rq, const struct walls *walls, enum process process, struct str *ret)
{
	const struct wall_seen *wall = &walls->wall[process];

	if (wall->is_wanted) {
		*ret = str_print(rq->arena, _("Does not run. It has ended %llu times and is started again."), (unsigned long long)wall->deaths);
		return CHECK_FAIL;
	}
	if (walls->home.is_doorless) {
		*ret = str_of(_("Not looked at: no server runs on this home."));
		return CHECK_WARN;
	}
	*ret = str_of(process == PROCESS_GATEWAY ? _("Not needed: samordna.conf names no RADIUS client.") : _("Was never started."));
	return process == PROCESS_GATEWAY ? CHECK_OK : CHECK_FAIL;
}

/* The sentences of sandbox_check, for the translators. */
static const char *const lacks[] __attribute__((unused)) = {
	N_("has no list of system calls"), N_("has only the keeper's list of system calls, none of its own"),
	N_("could gain rights by starting a program"), N_("runs as root"),
	N_("shares its user id with the others: start Samordna as root for one id each"), N_("can name files: this kernel has no Landlock"),
	N_("can name files: Landlock is in this kernel but does not hold"),
};

enum check wall_judge(struct rq *rq, const struct walls *walls, enum process process, struct str *ret)
{
	const struct wall_seen *wall = &walls->wall[process];
	struct sandbox_state seen = { wall->uid, wall->seccomp, wall->no_new_privs, wall->landlock, wall->filters, walls->wall[PROCESS_KEEPER].filters };
	const char *lack;

	if (!wall->pid)
		return judge_absent(rq, walls, process, ret);
	if (!wall->is_walled) {
		*ret = str_print(rq->arena, _("Process %d has not said that its walls are up."), (int)wall->pid);
		return CHECK_FAIL;
	}
	enum check check = sandbox_check(process, &seen, walls->home.keeper_uid, &lack);
	if (wall->landlock == 0 && walls->home.kernel_landlock && check != CHECK_FAIL) {
		check = CHECK_FAIL;
		lack = "can name files: Landlock is in this kernel but does not hold";
	}
	struct out out = out_new(rq->arena);
	out_print(&out, _("Process %d, user id %u, Seccomp %d, NoNewPrivs %d, Landlock %d"), (int)wall->pid, (unsigned)wall->uid, (int)wall->seccomp,
	          (int)wall->no_new_privs, (int)wall->landlock);
	if (lack)
		out_print(&out, "; %s", _(lack));
	if (wall->deaths)
		out_print(&out, "; %s", tongue_n(rq->language, "it has ended once and was started again",
		                                 "it has ended more than once and was started again", (int64_t)wall->deaths));
	if (wall->is_looping) {
		out_print(&out, "; %s", _("it ends again and again"));
		check = MAX(check, CHECK_FAIL);
	}
	*ret = out_str(&out);
	return check;
}
