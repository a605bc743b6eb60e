/* audit verify, audit seal, audit export, audit erase: what the log says of itself, on the command line.
 *
 * SECURITY: faults name tables, keys, columns and leaves, never the values. An export holds no personal values; still it tells who
 * decided what and when: the directory is the caller's own, made 0700. */
#include "floor/audit_commands.h"
#include "floor/audit_erase.h"
#include "floor/audit.sql.h"
#include "floor/seal_door.h"
#include "floor/writer.h"
#include "base/world.h"

static void put_root(struct out *out, const unsigned char root[32])
{
	out_base64(out, root, 32);
}

void audit_say_faults(struct rq *rq, struct out *out, bool is_json, const struct verdict_of_log *verdict)
{
	for (size_t i = 0; i < verdict->faults.n; i++) {
		const struct fault *fault = &verdict->faults.at[i];
		if (!is_json) {
			out_print(out, _("leaf %lld, %s: "), (long long)fault->leaf, fault->kind);
			out_put(out, fault->text);
			out_byte(out, '\n');
			continue;
		}
		out_print(out, "{\"fault\":\"%s\",\"leaf\":", fault->kind);
		if (fault->leaf < 0)
			out_text(out, "null");
		else
			out_int(out, fault->leaf);
		out_text(out, ",\"text\":");
		out_json(out, fault->text);
		out_text(out, "}\n");
	}
}

static void say_verdict(struct rq *rq, const struct args *args, const struct verdict_of_log *verdict, struct out *out)
{
	bool is_ok = verdict->faults.n == 0;

	if (args->json)
		out_print(out, "{\"size\":%lld,\"root\":\"", (long long)verdict->size);
	else
		out_print(out, _("%lld leaves, root "), (long long)verdict->size);
	put_root(out, verdict->root);
	if (args->json)
		out_print(out, "\",\"ok\":%s}\n", is_ok ? "true" : "false");
	else
		out_print(out, "\n%s\n", is_ok ? _("The log is whole.") : _("The log is NOT whole:"));
	audit_say_faults(rq, out, args->json, verdict);
}

/* For /admin: when the log was last verified, and with how many faults. */
static enum err note(struct rq *rq, void *of)
{
	const struct verdict_of_log *verdict = of;
	return audit_verified_set(rq, 0, rq->now, verdict->size, (int64_t)verdict->faults.n);
}

static enum err verify(struct rq *rq, const struct args *args, struct out *out)
{
	struct verdict_of_log verdict;
	struct trouble trouble = { 0 };
	struct rq noting = *rq;

	TRY(audit_verify(rq, seal_of_core(), args_option(args, "replay").at != NULL, &verdict));
	noting.trouble = &trouble;
	if (writer_of_core() && writer_do(writer_of_core(), note, &verdict, &noting) != OK)
		world_log("core: that the log was verified could not be noted: %s", trouble.text);
	say_verdict(rq, args, &verdict, out);
	return verdict.faults.n ? trouble_exit(rq->trouble, 6, ERR_CORRUPT) : OK;
}

static void say_checkpoint(struct rq *rq, const struct args *args, const struct checkpoint *checkpoint, struct out *out)
{
	if (!args->json) {
		out_put(out, checkpoint->note);
		return;
	}
	out_print(out, "{\"size\":%lld,\"root\":\"", (long long)checkpoint->size);
	put_root(out, checkpoint->root);
	out_text(out, "\",\"checkpoint\":");
	out_json(out, checkpoint->note);
	out_text(out, "}\n");
}

static enum err seal(struct rq *rq, const struct args *args, struct out *out)
{
	struct checkpoint checkpoint;

	TRY(audit_seal_now(rq, seal_of_core(), &checkpoint));
	say_checkpoint(rq, args, &checkpoint, out);
	return OK;
}

/* Sealed first, so that the checkpoint covers what has happened until now. */
static enum err export(struct rq *rq, const struct args *args, struct out *out)
{
	struct checkpoint checkpoint;

	if (args->directory < 0)
		return fail(rq, ERR_INVALID, _("Which directory? samordna audit export DIR"));
	TRY(audit_seal_now(rq, seal_of_core(), &checkpoint));
	TRY(audit_export(rq, seal_of_core(), args->directory));
	say_checkpoint(rq, args, &checkpoint, out);
	return OK;
}

static enum err erase(struct rq *rq, const struct args *args, struct out *out)
{
	int64_t n;

	TRY(audit_erase_old(rq, &n));
	if (args->json)
		out_print(out, "{\"erased\":%lld}\n", (long long)n);
	else
		out_print(out, tongue_n(rq->language, "%lld personal part was erased.\n", "%lld personal parts were erased.\n", n), (long long)n);
	return OK;
}

const struct command audit_commands[] = {
	{ "audit verify", "[--replay]", N_("Recompute the whole log; with --replay also every table from it"), COMMAND_LONG, verify },
	{ "audit seal", "", N_("Close the epoch now and sign a checkpoint"), COMMAND_LONG, seal },
	{ "audit export", "DIR", N_("Write the log as files, for samordna-verify"), COMMAND_LONG, export, .takes_directory = true },
	{ "audit erase", "", N_("Erase personal data that no list has held for as long as audit.personal_days says"), COMMAND_LONG, erase },
	{ 0 }
};
