/* Does the support follow the rules? Resets that the directory's or the gateway's own log has seen, compared with the verifications here.
 *
 *     access reset import FILE     columns time, person, kind, by; read by the reader process
 *     access reset list            the latest, and who had none
 *     access sample                25 drawn for the auditor
 *
 * A watched log's lines come here too, as they are read (core_logs.c).
 *
 * A reset is covered when the token of a verification of that person, for an errand that resets, was good just then or was used at most AROUND before or
 * after it; one verification covers one reset of a kind. Any other is told as a suspicion, in the same commit, and opens an incident: the log outside is the only
 * proof that nobody has gone past the desk. The same row twice is one.
 *
 * SECURITY: a file can only accuse, never acquit: nothing in it makes a verification. The same person's second reset of a day needs its own.
 * What it does not do: say that an uncovered reset was wrong. Somebody looks. */
#include "points/access/reset.h"
#include "points/access/verify.h"
#include "floor/event.h"
#include "floor/people.h"
#include "floor/reading.h"
#include "floor/writer.h"

enum { STEP = 200, BAD_SHOWN = 100 };
static const struct span around = { (int64_t)30 * 60 * 1000 }, near = { 60 * 1000 };

static const char *const problem_text[RESET_PROBLEM_KINDS] = { "",
#define X(name, text) text,
	RESET_PROBLEMS(X)
#undef X
};

struct step { const struct reset_record *at; size_t n; struct reset_counts counts; };

/* -1: none. */
static enum err find_verification(struct rq *rq, int64_t person, const struct reset_record *record, int64_t *ret)
{
	struct reset_verified_row *rows;
	struct verify_pack pack;
	struct instant at = { record->at };
	size_t n;

	*ret = -1;
	TRY(verify_pack(rq, &pack));
	TRY(reset_verified(rq, &(const struct reset_verified_args){ person, instant_plus(at, (struct span){ -around.ms }), instant_plus(at, around), at,
		str_of(record->kind) }, &rows, &n));
	for (size_t i = 0; i < n && *ret < 0; i++) {
		const struct verify_errand *errand = verify_errand(&pack, rows[i].errand);
		if (errand && errand->is_reset)
			*ret = rows[i].id;
	}
	return OK;
}

static enum err suspect(struct rq *rq, struct change *change, int64_t id, int64_t person, const struct reset_record *record)
{
	struct suspicion *what = NEW(rq->arena, struct suspicion);
	struct out when = out_new(rq->arena);

	tongue_instant(&when, rq->language, (struct instant){ record->at });
	*what = (struct suspicion){ .source = "access", .rule = "reset.unverified", .key = str_print(rq->arena, "reset %lld", (long long)id), .severity = 2,
		.title = str_of(_("A login was reset without any verification here")),
		.text = str_print(rq->arena, _("Reset %lld: %s of %s, %.*s, by %s. No verification of that person was used about then."), (long long)id, record->kind,
			record->person, STR_ARG(out_str(&when)), record->by[0] ? record->by : "-") };
	event_say(change, (struct event){ EVENT_suspected, person, id, change_leaf(change), what });
	return OK;
}

static enum err is_known(struct rq *rq, const struct reset_record *record, int64_t who, bool is_seen)
{
	struct instant at = { record->at };
	struct reset_same_row same;
	struct reset_near_row other;

	if (!is_seen)
		return reset_same(rq, at, str_of(record->person), str_of(record->kind), &same);
	return reset_near(rq, &(const struct reset_near_args){ str_of(record->person), { who >= 0, who }, str_of(record->kind), instant_plus(at, (struct span){ -near.ms }),
		instant_plus(at, near) }, &other);
}

static enum err take(struct rq *rq, struct change **change, const struct reset_record *record, bool is_seen, struct reset_counts *counts)
{
	struct trouble trouble = { 0 };
	struct rq asking = *rq;
	struct people_get_row person;
	struct reset_most_row most;
	int64_t verification = -1, who = -1;

	asking.trouble = &trouble;
	if (people_find(&asking, str_of(record->person), &person) == OK)
		who = person.id;
	enum err err = is_known(rq, record, who, is_seen);
	if (err == OK) {
		counts->known++;
		return OK;
	}
	if (err != ERR_NONE)
		return err;
	if (who >= 0)
		TRY(find_verification(rq, who, record, &verification));
	if (!*change)
		TRY(audit_begin(rq, is_seen ? "access.reset.seen" : "access.reset.import", STR(""), change));
	TRY(reset_most(rq, &most));
	TRY(reset_add(*change, &(struct reset_add_args){ most.n + 1, { record->at }, { who >= 0, who }, str_of(record->person), str_of(record->kind),
		str_of(record->by), { verification >= 0, verification }, rq->now }));
	counts->fresh++;
	*(verification >= 0 ? &counts->verified : &counts->unverified) += 1;
	return verification >= 0 ? OK : suspect(rq, *change, most.n + 1, who, record);
}

enum err reset_take(struct rq *rq, const struct reset_record *records, size_t n, struct reset_counts *ret)
{
	struct change *change = NULL;

	*ret = (struct reset_counts){ 0 };
	for (size_t i = 0; i < n; i++)
		TRY(take(rq, &change, &records[i], false, ret));
	return OK;
}

enum err reset_see(struct rq *rq, const struct reset_record *records, size_t n)
{
	struct reset_counts counts = { 0 };
	struct change *change = NULL;

	for (size_t i = 0; i < n; i++)
		TRY(take(rq, &change, &records[i], true, &counts));
	return OK;
}

static enum err take_step(struct rq *rq, void *of)
{
	struct step *step = of;
	return reset_take(rq, step->at, step->n, &step->counts);
}

static void put_bad(struct rq *rq, const struct args *args, const struct reset_record *records, size_t n, struct out *ret)
{
	size_t shown = 0;

	for (size_t i = 0; i < n && shown < BAD_SHOWN; i++) {
		if (!records[i].problem)
			continue;
		shown++;
		if (args->json) {
			out_print(ret, "{\"row\":%u,\"problem\":", records[i].row);
			out_json(ret, str_of(_(problem_text[records[i].problem])));
			out_text(ret, "}\n");
		} else {
			out_print(ret, _("row %u"), records[i].row);
			out_print(ret, ": %s\n", _(problem_text[records[i].problem]));
		}
	}
}

enum err reset_run_import(struct rq *rq, const struct args *args, struct out *ret)
{
	struct reset_counts all = { 0 };
	struct reset_record *records = NULL;
	size_t n = 0, good = 0, bad = 0;

	if (args->file < 0)
		return trouble_exit(rq->trouble, 2, fail(rq, ERR_INVALID, _("Write: access reset import FILE.")));
	TRY(reading_resets(rq, args->file, &records, &n));
	/* Good rows together, so that a step holds only those. */
	struct reset_record *sorted = NEW_MANY(rq->arena, n + 1, struct reset_record);
	for (size_t i = 0; i < n; i++)
		if (!records[i].problem)
			sorted[good++] = records[i];
	bad = n - good;
	for (size_t i = 0; i < good; i += STEP) {
		struct step step = { .at = sorted + i, .n = MIN((size_t)STEP, good - i) };
		TRY(writer_do(writer_of_core(), take_step, &step, rq));
		all.fresh += step.counts.fresh;
		all.known += step.counts.known;
		all.verified += step.counts.verified;
		all.unverified += step.counts.unverified;
	}
	out_print(ret, args->json ? "{\"new\":%lld,\"known\":%lld,\"verified\":%lld,\"unverified\":%lld,\"bad\":%zu}\n"
		: _("%lld new, %lld known before, %lld with a verification here, %lld without: each opens an incident. %zu bad rows.\n"), (long long)all.fresh,
		(long long)all.known, (long long)all.verified, (long long)all.unverified, bad);
	put_bad(rq, args, records, n, ret);
	return bad && !good ? fail(rq, ERR_INVALID, _("No row of the file could be read.")) : OK;
}

enum err reset_run_list(struct rq *rq, const struct args *args, struct out *ret)
{
	struct reset_latest_row *rows;
	size_t n;

	TRY(reset_latest(rq, &rows, &n));
	for (size_t i = 0; i < n; i++) {
		if (!args->json) {
			out_print(ret, "%lld\t", (long long)rows[i].id);
			out_instant(ret, rows[i].at);
			out_print(ret, "\t" STR_FMT "\t" STR_FMT "\t" STR_FMT "\t%s\n", STR_ARG(rows[i].name), STR_ARG(rows[i].kind), STR_ARG(rows[i].by_name),
			          rows[i].verification.is ? _("verified") : _("without verification"));
			continue;
		}
		out_print(ret, "{\"reset\":%lld,\"at\":\"", (long long)rows[i].id);
		out_instant(ret, rows[i].at);
		out_text(ret, "\",\"person\":");
		out_json(ret, rows[i].name);
		out_text(ret, ",\"kind\":");
		out_json(ret, rows[i].kind);
		out_text(ret, ",\"by\":");
		out_json(ret, rows[i].by_name);
		if (rows[i].verification.is)
			out_print(ret, ",\"verification\":%lld}\n", (long long)rows[i].verification.i);
		else
			out_text(ret, ",\"verification\":null}\n");
	}
	return OK;
}
