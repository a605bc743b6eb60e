/* The packs of verifying a caller: errands with their strength, figures, and the words by which the support proves itself.
 *
 * What it does not do: it decides nothing. A pack that lacks a figure stops every verification with file and name, rather than let one
 * through with a figure of nought. */
#include "points/access/verify.h"
#include "floor/pack.h"

static const struct pack_shape shape[] = { { "errand", "word* class# resets#" }, { "figure", "value#" }, { 0 } };
static const struct pack_shape shape_of_words[] = { { "words", "list" }, { 0 } };

static enum err figure(struct rq *rq, const struct pack *pack, const char *name, int64_t least, int64_t most, int64_t *ret)
{
	for (size_t i = 0; i < pack->n; i++)
		if (str_equal(pack->rows[i].kind, STR("figure")) && str_equal(pack->rows[i].id, str_of(name))) {
			*ret = pack_number(&pack->rows[i], "value");
			return *ret >= least && *ret <= most ? OK
			     : fail(rq, ERR_INVALID, "packs/verification.txt:%d: %s lies between %lld and %lld", pack->rows[i].line, name,
			            (long long)least, (long long)most);
		}
	return fail(rq, ERR_INVALID, "packs/verification.txt: the figure %s is missing", name);
}

static enum err figures(struct rq *rq, const struct pack *pack, struct verify_pack *ret)
{
	struct span minute = MINUTES(1), hour = HOURS(1);
	/* A code lives at most 10 minutes, whatever the pack says. */
	const struct { const char *name; int64_t least, most, unit; int64_t *to; } rows[] = {
		{ "code_minutes", 1, 10, minute.ms, &ret->code.ms }, { "vouch_minutes", 1, 60, minute.ms, &ret->vouch.ms },
		{ "token_minutes", 1, 60, minute.ms, &ret->token.ms }, { "open_minutes", 10, 240, minute.ms, &ret->open.ms },
		{ "number_hours", 1, 2160, hour.ms, &ret->number.ms }, { "number_hours_privileged", 1, 2160, hour.ms, &ret->number_privileged.ms },
		{ "hold_hours", 1, 720, hour.ms, &ret->hold.ms }, { "hold_hours_privileged", 1, 720, hour.ms, &ret->hold_privileged.ms },
		{ "strict_hours", 1, 168, hour.ms, &ret->strict.ms }, { "failed", 2, 100, 1, &ret->failed }, { "persons", 2, 100, 1, &ret->persons } };

	for (size_t i = 0; i < LENGTH(rows); i++) {
		TRY(figure(rq, pack, rows[i].name, rows[i].least, rows[i].most, rows[i].to));
		*rows[i].to *= rows[i].unit;
	}
	return OK;
}

enum err verify_pack(struct rq *rq, struct verify_pack *ret)
{
	struct verify_pack made = { 0 };
	struct pack pack;

	TRY(pack_read(rq, "verification", shape, &pack));
	for (size_t i = 0; i < pack.n; i++) {
		const struct pack_row *row = &pack.rows[i];
		if (!str_equal(row->kind, STR("errand")))
			continue;
		int64_t class = pack_number(row, "class");
		if (class < VERIFY_A || class > VERIFY_C || made.n_errands == VERIFY_ERRANDS)
			return fail(rq, ERR_INVALID, "packs/verification.txt:%d: a class is 1, 2 or 3; at most %d errands", row->line, VERIFY_ERRANDS);
		made.errand[made.n_errands++] = (struct verify_errand){ row->id, pack_text(row, "word", rq->language), (enum verify_class)class,
			pack_number(row, "resets") > 0 };
	}
	TRY(figures(rq, &pack, &made));
	*ret = made;
	return OK;
}

const struct verify_errand *verify_errand(const struct verify_pack *pack, struct str name)
{
	for (size_t i = 0; i < pack->n_errands; i++)
		if (str_equal(pack->errand[i].name, name))
			return &pack->errand[i];
	return NULL;
}

enum err verify_words(struct rq *rq, const unsigned char bytes[4], struct str *ret)
{
	enum { MOST = 512 };
	struct str *words = NEW_MANY(rq->arena, MOST, struct str);
	struct pack pack;
	size_t n = 0;

	TRY(pack_read(rq, "stodord", shape_of_words, &pack));
	for (size_t i = 0; i < pack.n; i++)
		for (struct str rest = pack_text(&pack.rows[i], "list", rq->language), word; rest.at && n < MOST; )
			if ((word = str_cut(&rest, ' ')).len)
				words[n++] = word;
	if (n < 64)
		return fail(rq, ERR_INVALID, "packs/stodord.txt: at least 64 words are needed");
	size_t first = (size_t)(bytes[0] << 8 | bytes[1]) % n, second = (size_t)(bytes[2] << 8 | bytes[3]) % (n - 1);
	second += second >= first;
	*ret = str_print(rq->arena, STR_FMT " " STR_FMT, STR_ARG(words[first]), STR_ARG(words[second]));
	return OK;
}
