/* The proposal whether an incident must be reported: the pack's criteria over the facts, in three values.
 *
 * A criterion's `when` is parts with commas between, each a fact, = > or >=, and yes, no or a number; all must be true. False wins over
 * missing inside a criterion; met wins over missing among the criteria of a duty. Facts that are counted from the record stand in a
 * table here, with the words in which they are asked for.
 *
 * SECURITY: reads the program's own packs and numbers; decides nothing. A criterion that cannot be read stops all proposals, with its place. */
#include "significance.h"

static const struct pack_shape shapes[] = {
	{ "sector", "word*" },
	{ "fact", "kind grows#? asks*" },
	{ "criterion", "tracks sector? when word*" },
	{ 0 }
};
static const struct { const char *name, *asks; bool grows; } counted[] = {
	{ "personal_data", N_("Does it concern personal data? Say it in the assessment.") },
	{ "recurs", N_("Category and class of cause, so that the same can be found.") },
	{ "cost_permille", N_("The cost, and last year's turnover (setting incidents.turnover)."), true },
	{ "costs_permille", N_("The cost of each of the same kind, and last year's turnover (setting incidents.turnover)."), true },
};

struct significance_fact *significance_fact_named(const struct significance *s, struct str name)
{
	for (size_t i = 0; i < s->n_facts; i++)
		if (str_equal(s->facts[i].name, name))
			return &s->facts[i];
	return NULL;
}

enum err significance_read(struct rq *rq, struct significance *ret)
{
	struct significance s = { .sector = STR("general") };

	TRY(pack_read(rq, "significance-se", shapes, &s.pack));
	s.sectors = NEW_MANY(rq->arena, s.pack.n, struct significance_sector);
	s.facts = NEW_MANY(rq->arena, s.pack.n + LENGTH(counted), struct significance_fact);
	for (size_t i = 0; i < s.pack.n; i++) {
		const struct pack_row *row = &s.pack.rows[i];
		struct str kind = pack_text(row, "kind", rq->language);
		if (str_equal(row->kind, STR("sector")))
			s.sectors[s.n_sectors++] = (struct significance_sector){ row->id, pack_text(row, "word", rq->language) };
		if (!str_equal(row->kind, STR("fact")))
			continue;
		bool is_yes = str_equal(kind, STR("yes")), is_number = str_equal(kind, STR("number"));
		if (!is_yes && !is_number && !str_equal(kind, STR("text")))
			return fail(rq, ERR_INVALID, "packs/significance-se.txt:%d: kind", row->line);
		s.facts[s.n_facts++] = (struct significance_fact){ .name = row->id, .asks = pack_text(row, "asks", rq->language), .text = STR(""),
			.kind = is_yes ? SIGNIFICANCE_YES_NO : is_number ? SIGNIFICANCE_NUMBER : SIGNIFICANCE_TEXT, .grows = pack_number(row, "grows") == 1 };
	}
	for (size_t i = 0; i < LENGTH(counted); i++)
		s.facts[s.n_facts++] = (struct significance_fact){ .name = str_of(counted[i].name), .asks = str_of(_(counted[i].asks)), .text = STR(""),
			.kind = SIGNIFICANCE_NUMBER, .is_counted = true, .grows = counted[i].grows };
	*ret = s;
	return OK;
}

/* --- one criterion --- */

enum truth { FALSE_, MISSING, TRUE_ };
struct part { struct significance_fact *fact; char op; bool or_same; int64_t than; };

/* "limited > 240": the fact, the sign, the figure. */
static enum err part_of(struct rq *rq, const struct significance *s, const struct pack_row *row, struct str text, struct part *ret)
{
	struct str rest = str_trim(text), name = str_cut(&rest, ' ');
	struct str op = rest.at ? str_cut(&rest, ' ') : STR(""), value = rest.at ? str_trim(rest) : STR("");
	bool is_known = str_equal(op, STR("=")) || str_equal(op, STR(">")) || str_equal(op, STR(">="));

	*ret = (struct part){ .fact = significance_fact_named(s, name), .op = op.len ? op.at[0] : 0, .or_same = op.len == 2 };
	if (str_equal(value, STR("yes")) || str_equal(value, STR("no")))
		ret->than = str_equal(value, STR("yes"));
	else if (str_number(value, 1000000000000, &ret->than) != OK)
		is_known = false;
	if (is_known && ret->fact && ret->fact->kind != SIGNIFICANCE_TEXT)
		return OK;
	return fail(rq, ERR_INVALID, "packs/significance-se.txt:%d: when: \"%.*s\"", row->line, STR_ARG(str_utf8_first(text, 60)));
}

static enum truth truth_of(const struct significance *s, const struct part *part)
{
	if (!part->fact->number.is)
		return MISSING;
	int64_t n = part->fact->number.i;
	bool is = part->op == '=' ? n == part->than : n > part->than || (part->or_same && n == part->than);
	return is ? TRUE_ : part->fact->grows && s->is_running ? MISSING : FALSE_;
}

static bool concerns(const struct significance *s, const struct pack_row *row, struct str track)
{
	struct str tracks = pack_text(row, "tracks", LANGUAGE_EN), sector = pack_text(row, "sector", LANGUAGE_EN);
	bool is_its = track.len == 0;

	if (!str_equal(row->kind, STR("criterion")) || (sector.len && !str_equal(sector, s->sector)))
		return false;
	while (tracks.at && !is_its)
		is_its = str_equal(str_cut(&tracks, ' '), track);
	return is_its;
}

/* What one criterion says; its missing facts are marked in `is_missing`, by their place. */
static enum err weigh(struct rq *rq, const struct significance *s, const struct pack_row *row, bool *is_missing, enum truth *ret)
{
	struct str rest = pack_text(row, "when", LANGUAGE_EN);
	size_t places[8], n = 0;
	struct part part;

	*ret = TRUE_;
	while (rest.at) {
		TRY(part_of(rq, s, row, str_cut(&rest, ','), &part));
		enum truth is = truth_of(s, &part);
		*ret = MIN(*ret, is);
		if (is == MISSING && n < LENGTH(places))
			places[n++] = (size_t)(part.fact - s->facts);
	}
	for (size_t i = 0; i < n && *ret == MISSING; i++)
		is_missing[places[i]] = true;
	return OK;
}

/* --- all of them --- */

enum err significance_choose(struct rq *rq, struct significance *s)
{
	struct part part;

	for (size_t i = 0; i < s->n_facts; i++)
		s->facts[i].is_asked = !s->facts[i].is_counted;
	for (int round = 0; round < 2; round++)           /* first all that some criterion needs go, then those of this sector come back */
		for (size_t i = 0; i < s->pack.n; i++) {
			const struct pack_row *row = &s->pack.rows[i];
			if (round == 0 ? !str_equal(row->kind, STR("criterion")) : !concerns(s, row, STR("")))
				continue;
			for (struct str rest = pack_text(row, "when", LANGUAGE_EN); rest.at; ) {
				TRY(part_of(rq, s, row, str_cut(&rest, ','), &part));
				part.fact->is_asked = round == 1 && !part.fact->is_counted;
			}
		}
	struct significance_fact *cost = significance_fact_named(s, STR("cost")), *malicious = significance_fact_named(s, STR("malicious"));
	if (cost)
		cost->is_asked = true;                       /* the shares are counted from it */
	if (malicious)
		malicious->is_asked = true;                  /* every first notice asks for it */
	return OK;
}

static void add_word(struct out *out, struct str word, const char *between)
{
	out_print(out, "%s%.*s", out->len ? between : "", STR_ARG(word));
}

enum err significance_propose(struct rq *rq, const struct significance *s, struct str track, struct proposal *ret)
{
	struct out because = out_new(rq->arena), words = out_new(rq->arena), needs = out_new(rq->arena), asks = out_new(rq->arena);
	bool *is_missing = NEW_MANY(rq->arena, s->n_facts, bool);
	int64_t n = 0;

	memset(is_missing, 0, s->n_facts * sizeof *is_missing);
	for (size_t i = 0; i < s->pack.n; i++) {
		const struct pack_row *row = &s->pack.rows[i];
		enum truth is;
		if (!concerns(s, row, track))
			continue;
		TRY(weigh(rq, s, row, is_missing, &is));
		n++;
		if (is != TRUE_)
			continue;
		add_word(&because, row->id, ", ");
		add_word(&words, pack_text(row, "word", rq->language), "; ");
	}
	for (size_t i = 0; i < s->n_facts; i++) {
		if (!is_missing[i])
			continue;
		add_word(&needs, s->facts[i].name, ", ");
		add_word(&asks, s->facts[i].asks, " ");
	}
	*ret = (struct proposal){ .says = because.len ? SIGNIFICANCE_MUST : needs.len || !n ? SIGNIFICANCE_CANNOT : SIGNIFICANCE_NEED_NOT,
		.because = out_str(&because), .because_words = out_str(&words), .needs = out_str(&needs), .needs_words = out_str(&asks), .n_criteria = n };
	return OK;
}
