/* Which clocks run after an incident, and when does each strike?
 *
 * The rows are data with a date: a new version of a law is a new pack beside the old one, so that an old incident keeps the clocks it was
 * handled by. The clock runs from awareness (kännedom), not from the later moment when the incident is found to be significant.
 * Without a notification the final report has no date: the month counts from the notification. An incident that still ran when that
 * month was over has had a progress report instead; its final report counts from its end.
 *
 * Does not decide whether a duty applies: that is a person's decision, with the facts that significance needs (significance.c). */
#include "deadline.h"

static const char *const names[DEADLINE_PACKS] = { "se-csl-2026", "se-agency-2026", "gdpr" };
static const struct pack_shape shapes[] = {
	{ "duty", "to* how*" },
	{ "step", "word* hours#? months#? starts when asks basis*" },
	{ 0 }
};

static enum err one_of(struct rq *rq, const struct pack *pack, const struct pack_row *row, const char *key, const char *const *words, int *ret)
{
	struct str value = pack_text(row, key, rq->language);

	for (int i = 0; words[i]; i++)
		if (str_equal(value, str_of(words[i]))) {
			*ret = i;
			return OK;
		}
	return fail(rq, ERR_INVALID, "packs/%.*s.txt:%d: %s: \"%.*s\"", STR_ARG(pack->name), row->line, key, STR_ARG(str_utf8_first(value, 60)));
}

static enum err take_step(struct rq *rq, const struct pack *pack, const struct pack_row *row, struct deadline_row *ret)
{
	static const char *const starts[] = { "aware", "notified", NULL }, *const when[] = { "always", "over", "running", NULL };
	int64_t hours = pack_number(row, "hours"), months = pack_number(row, "months");
	int start = 0, which = 0;

	if ((hours > 0) == (months > 0) || hours > 10000 || months > 100)
		return fail(rq, ERR_INVALID, "packs/%.*s.txt:%d: hours or months", STR_ARG(pack->name), row->line);
	TRY(one_of(rq, pack, row, "starts", starts, &start));
	TRY(one_of(rq, pack, row, "when", when, &which));
	*ret = (struct deadline_row){ .step = row->id, .word = pack_text(row, "word", rq->language), .hours = (int)MAX(hours, (int64_t)0),
		.months = (int)MAX(months, (int64_t)0), .starts = (enum deadline_start)start, .basis = pack_text(row, "basis", rq->language),
		.asks = pack_text(row, "asks", rq->language) };
	ret->when = which == 0 ? WHEN_ALWAYS : which == 1 ? WHEN_OVER : WHEN_RUNNING;
	return OK;
}

static enum err read_one(struct rq *rq, const char *name, struct deadline_pack *ret)
{
	struct pack pack;

	TRY(pack_read(rq, name, shapes, &pack));
	*ret = (struct deadline_pack){ .name = pack.name, .track = STR(""), .word = pack_text(&pack.head, "title", rq->language),
		.source = pack_text(&pack.head, "source", rq->language), .checked_on = pack.date, .status = pack.status };
	for (size_t i = 0; i < pack.n; i++) {
		const struct pack_row *row = &pack.rows[i];
		if (str_equal(row->kind, STR("duty"))) {
			ret->track = row->id;
			ret->to = pack_text(row, "to", rq->language);
			ret->how = pack_text(row, "how", rq->language);
		} else if (ret->n < LENGTH(ret->rows)) {
			TRY(take_step(rq, &pack, row, &ret->rows[ret->n++]));
		}
	}
	return ret->track.len && ret->n ? OK : fail(rq, ERR_INVALID, "packs/%s.txt: a duty and its steps are missing", name);
}

enum err deadline_read(struct rq *rq, struct deadline_book *ret)
{
	for (size_t i = 0; i < DEADLINE_PACKS; i++)
		TRY(read_one(rq, names[i], &ret->packs[i]));
	ret->rq = rq;
	return OK;
}

/* --- contracts --- */

static const char contract_mark[] = "contract-";

bool deadline_is_contract(struct str name)
{
	return str_starts(name, str_of(contract_mark));
}

static bool is_letter(unsigned char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c >= 0x80;
}

struct str deadline_contracts(struct arena *arena, struct str setting)
{
	struct out out = out_new(arena);

	for (struct str rest = setting; rest.at; ) {
		struct str one = str_trim(str_cut(&rest, ';'));
		bool is_gap = false;
		if (one.len)
			out_print(&out, " %s", contract_mark);
		for (size_t i = 0; i < one.len; i++) {
			unsigned char c = (unsigned char)one.at[i];
			if (c >= 'A' && c <= 'Z')
				c |= 32;
			if (is_letter(c) && is_gap)
				out_byte(&out, '-');
			if (is_letter(c))
				out_byte(&out, (char)c);
			is_gap = !is_letter(c);
		}
	}
	return out_str(&out);
}

static const struct deadline_pack *contract_named(struct rq *rq, struct str name)
{
	struct str rest = deadline_is_contract(name) ? str_from(name, sizeof contract_mark - 1) : STR("");
	size_t at = rest.len;
	int64_t hours;

	while (at > 0 && rest.at[at - 1] != '-')
		at--;
	if (!rq || at < 2 || str_number(str_from(rest, at), 9999, &hours) != OK || hours < 1)
		return NULL;
	struct str whose = str_first(rest, at - 1);
	struct deadline_pack *pack = NEW(rq->arena, struct deadline_pack);
	*pack = (struct deadline_pack){ .name = name, .track = STR("contract"), .word = str_print(rq->arena, _("Contract: %.*s"), STR_ARG(whose)),
		.source = STR(""), .to = whose, .how = str_of(_("Tell them as the contract says, and keep the receipt.")), .n = 1 };
	pack->rows[0] = (struct deadline_row){ .step = STR("notification"), .word = str_of(_("Word under the contract")), .hours = (int)hours, .starts = START_AWARE,
		.when = WHEN_ALWAYS, .basis = str_print(rq->arena, tongue_n(rq->language, "The contract: within %lld hour of becoming aware",
		"The contract: within %lld hours of becoming aware", hours), (long long)hours), .asks = STR("what times state reach effect cause measures contact") };
	return pack;
}

const struct deadline_pack *deadline_pack_in(const struct deadline_book *book, struct str name)
{
	for (size_t i = 0; i < DEADLINE_PACKS; i++)
		if (str_equal(name, book->packs[i].name))
			return &book->packs[i];
	return contract_named(book->rq, name);
}

bool deadline_due(const struct deadline_row *row, const struct deadline_case *its, struct instant *ret, const char **ret_needs)
{
	if (row->when == WHEN_OVER && its->is_running)
		*ret_needs = N_("the end of the incident: its month begins then");
	else if (row->starts == START_NOTIFIED && !its->is_notified)
		*ret_needs = N_("the moment of the notification: its month begins then");
	else
		*ret_needs = NULL;
	if (*ret_needs)
		return false;
	struct instant start = row->starts == START_AWARE ? its->aware_at : its->notified_at, ended = { its->ended_at.i };
	*ret = row->months ? instant_plus_months(start, row->months) : instant_plus(start, HOURS(row->hours));
	if (row->when == WHEN_OVER && its->ended_at.is && instant_is_before(*ret, ended))
		*ret = instant_plus_months(ended, row->months);
	return true;
}
