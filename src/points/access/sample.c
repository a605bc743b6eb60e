/* The auditor's sample: some of the verifications, or of the resets, chosen by the log's own root and so by nobody.
 *
 *     access sample [--of verifications|resets] [--from T] [--until T] [--size N] [--checkpoint SIZE]
 *
 * Before a checkpoint is signed nobody knows its root; afterwards it cannot be changed without the signature failing. So who works at the desk cannot know
 * which will be looked at, and the auditor can draw the same again from the checkpoint she holds. Drawn from is what the log knew at that checkpoint. */
#include <sodium.h>
#include "points/access/reset.h"
#include "floor/audit.sql.h"
#include "floor/leaf.h"
#include "floor/note.h"

struct ranked { unsigned char hash[32]; int64_t id; };

static int by_hash(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;
	int order = memcmp(x->hash, y->hash, sizeof x->hash);
	return order ? order : (x->id > y->id) - (x->id < y->id);
}

static enum err find_checkpoint(struct rq *rq, int64_t size, struct note *ret, struct instant *ret_at)
{
	struct audit_checkpoint_last_row last;
	struct audit_checkpoint_get_row one;
	struct audit_leaf_get_row leaf;
	struct leaf parts;
	struct str text;
	enum err err = size < 0 ? audit_checkpoint_last(rq, &last) : audit_checkpoint_get(rq, size, &one);

	if (err == ERR_NONE)
		return size < 0 ? fail(rq, ERR_CONFLICT, _("Nothing is sealed yet: a sample is drawn by a sealed root. Wait five minutes."))
		                : fail(rq, ERR_NONE, _("There is no checkpoint of size %lld."), (long long)size);
	TRY(err);
	text = size < 0 ? last.note : one.note;
	if (note_parse(text, ret) != OK)
		return fail(rq, ERR_CORRUPT, _("The checkpoint cannot be read."));
	TRY(audit_leaf_get(rq, ret->size - 1, &leaf));
	return leaf_parse(leaf.leaf, &parts) == OK && instant_parse(parts.at, ret_at) == OK ? OK : fail(rq, ERR_CORRUPT, _("The checkpoint cannot be read."));
}

static const char *const of_word[] = { "verifications", "resets" };

static void seed_of(struct rq *rq, const struct note *note, enum sample_of of, struct instant from, struct instant until, unsigned char ret[32])
{
	struct out text = out_new(rq->arena);

	out_text(&text, "samordna-sample/1\n");
	out_base64(&text, note->root, sizeof note->root);
	out_print(&text, "\n%s\n", of_word[of]);
	out_instant_utc(&text, from);
	out_byte(&text, '\n');
	out_instant_utc(&text, until);
	out_byte(&text, '\n');
	crypto_hash_sha256(ret, (const unsigned char *)out_str(&text).at, out_str(&text).len);
}

enum err sample_draw(struct rq *rq, enum sample_of of, struct instant from, struct instant until, int64_t size, size_t most, struct sample *ret)
{
	struct reset_verifications_row *verifications = NULL;
	struct reset_sampled_row *resets = NULL;
	struct out root = out_new(rq->arena);
	unsigned char seed[32];
	struct note note;
	size_t n;

	*ret = (struct sample){ 0 };
	TRY(find_checkpoint(rq, size, &note, &ret->known_at));
	if (of == SAMPLE_RESETS)
		TRY(reset_sampled(rq, from, until, ret->known_at, &resets, &n));
	else
		TRY(reset_verifications(rq, from, until, ret->known_at, &verifications, &n));
	seed_of(rq, &note, of, from, until, seed);
	struct ranked *ranked = NEW_MANY(rq->arena, n + 1, struct ranked);
	for (size_t i = 0; i < n; i++) {
		char text[24];
		crypto_hash_sha256_state state;
		ranked[i].id = resets ? resets[i].id : verifications[i].id;
		int length = snprintf(text, sizeof text, "%lld", (long long)ranked[i].id);
		crypto_hash_sha256_init(&state);
		crypto_hash_sha256_update(&state, seed, sizeof seed);
		crypto_hash_sha256_update(&state, (const unsigned char *)text, (size_t)length);
		crypto_hash_sha256_final(&state, ranked[i].hash);
	}
	qsort(ranked, n, sizeof *ranked, by_hash);
	ret->n = MIN(n, MIN(most, (size_t)SAMPLE_MOST));
	for (size_t i = 0; i < ret->n; i++)
		ret->at[i] = ranked[i].id;
	ret->all = (int64_t)n;
	ret->size = note.size;
	out_base64(&root, note.root, sizeof note.root);
	ret->root = out_str(&root);
	return OK;
}

static enum err moment_of(struct rq *rq, const struct args *args, const char *name, struct instant standard, struct instant *ret)
{
	struct str text = args_option(args, name);

	*ret = standard;
	if (!text.at || instant_parse_loose(text, ret) == OK)
		return OK;
	return trouble_exit(rq->trouble, 2, fail(rq, ERR_INVALID, _("--%s: write the time like this: 2026-11-30 or 2026-11-30T08:00:00+01:00"), name));
}

static enum err number_of(struct rq *rq, const struct args *args, const char *name, int64_t most, int64_t standard, int64_t *ret)
{
	struct str text = args_option(args, name);

	*ret = standard;
	if (!text.at || str_number(text, most, ret) == OK)
		return OK;
	return trouble_exit(rq->trouble, 2, fail(rq, ERR_INVALID, _("--%s: write a whole number of at most %lld"), name, (long long)most));
}

enum err sample_run(struct rq *rq, const struct args *args, struct out *ret)
{
	struct str of = args_option(args, "of");
	struct sample *sample = NEW(rq->arena, struct sample);
	struct instant from, until;
	int64_t most, size;
	bool is_resets = str_equal(of, STR("resets"));

	if (of.at && !is_resets && !str_equal(of, STR("verifications")))
		return trouble_exit(rq->trouble, 2, fail(rq, ERR_INVALID, _("--of takes verifications or resets.")));
	/* Whole days, so that the same words draw the same sample a minute later. */
	TRY(moment_of(rq, args, "from", instant_plus_months(instant_midnight(rq->now), -12), &from));
	TRY(moment_of(rq, args, "until", instant_midnight(instant_plus(rq->now, HOURS(24))), &until));
	TRY(number_of(rq, args, "size", SAMPLE_MOST, SAMPLE_STANDARD, &most));
	TRY(number_of(rq, args, "checkpoint", INT64_MAX, -1, &size));
	TRY(sample_draw(rq, is_resets ? SAMPLE_RESETS : SAMPLE_VERIFICATIONS, from, until, size, (size_t)most, sample));
	if (args->json) {
		out_print(ret, "{\"of\":\"%s\",\"checkpoint\":%lld,\"root\":\"" STR_FMT "\",\"from\":\"", of_word[is_resets], (long long)sample->size, STR_ARG(sample->root));
		out_instant_utc(ret, from);
		out_text(ret, "\",\"until\":\"");
		out_instant_utc(ret, until);
		out_print(ret, "\",\"all\":%lld,\"drawn\":[", (long long)sample->all);
		for (size_t i = 0; i < sample->n; i++)
			out_print(ret, "%s%lld", i ? "," : "", (long long)sample->at[i]);
		out_text(ret, "]}\n");
		return OK;
	}
	out_print(ret, _("Drawn by the root of checkpoint %lld, %.*s, from %lld:\n"), (long long)sample->size, STR_ARG(sample->root), (long long)sample->all);
	for (size_t i = 0; i < sample->n; i++)
		out_print(ret, "%lld\n", (long long)sample->at[i]);
	return OK;
}
