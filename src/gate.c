/* The gate's fold. What the leaflet says hardest, "any deviation from the rules only after a conscious risk decision", is
 * written here once, for all points present and future: a reason may be lowered by exactly one signed decision, and only
 * when its row in the point's table says so. What was lowered keeps its place in the explanation, with the decision's number.
 *
 * SECURITY: a person who is not known, and a gate at which every point is silent, are refused. The fold reads facts with
 * their instants and compares them with the ask's moment; nothing needs to run for a right to end. */
#include "gate.h"
#include "floor/decide.h"
#include "floor/gateway.sql.h"

static const struct reason unknown_person = { "gate.unknown_person", false,
	N_("You are not known here. Ask your manager or the support to check your user name.") };
static const struct reason nobody_passes = { "gate.nobody_passes", false,
	N_("Nothing gives you the right to connect. Ask your manager to request access.") };
static const struct reason is_loading = { "gate.loading", false,
	N_("The gate is starting and has not yet read what it must know. Try again in a moment.") };
const struct reason gate_cannot_store = { "gate.cannot_store", true,
	N_("Your log-in could not be written down, so you are not let in. Call the support if it cannot wait."), N_("Try again from") };
static const struct reason not_known_then = { "gate.not_known_then", false,
	N_("Sessions and places at that moment are not known.") };

/* What is common to all: floor's part of the site. The gateways' numbers are their places here. */
enum { GATEWAYS = 256, REASONS = 120, SENTENCE_MOST = 253 /* of a RADIUS attribute */ };
struct gateways { int64_t n; struct { int64_t id; bool is_watch; uint8_t language; char name[48]; } at[GATEWAYS]; };
struct site { struct gateways gateways; struct decide_site decisions; };

static enum err read_gateways(struct rq *rq, struct gateways *gateways)
{
	struct gateway_all_row *rows;
	size_t n;

	TRY(gateway_all(rq, &rows, &n));
	if (n > GATEWAYS)
		return fail(rq, ERR_FULL, _("More than %d gateways cannot be kept."), GATEWAYS);
	for (size_t i = 0; i < n; i++) {
		gateways->at[i].id = rows[i].id;
		gateways->at[i].is_watch = rows[i].is_watch;
		gateways->at[i].language = rows[i].language.at && str_equal(rows[i].language, STR("en")) ? LANGUAGE_EN : LANGUAGE_SV;
		struct str name = str_first(rows[i].name, sizeof gateways->at[i].name - 1);
		memcpy(gateways->at[i].name, name.at, name.len);
	}
	gateways->n = (int64_t)n;
	return OK;
}

static enum err read_site(struct rq *rq, void *of)
{
	struct site *site = of;
	int64_t ids[GATEWAYS];

	TRY(read_gateways(rq, &site->gateways));
	for (int64_t i = 0; i < site->gateways.n; i++)
		ids[i] = site->gateways.at[i].id;
	return decide_stand(rq, ids, (size_t)site->gateways.n, &site->decisions);
}

/* Part 0 is the gate's own; part i is point i - 1. */
static struct standing_part parts[STANDING_PARTS] = { { .site_size = sizeof (struct site), .site = read_site } };
static size_t n_parts = 1;

/* Every reason of the gate and of the points, for those who ask for decisions. */
static enum err tell_reasons(struct rq *rq)
{
	static const struct reason *all[REASONS + 1];
	size_t n = 0;

	all[n++] = &unknown_person;
	all[n++] = &nobody_passes;
	all[n++] = &gate_cannot_store;
	for (size_t i = 0; points[i]; i++)
		for (size_t k = 0; points[i]->reasons && points[i]->reasons[k]; k++) {
			if (n == REASONS)
				return fail(rq, ERR_FULL, "the points have more than %d reasons", REASONS);
			all[n++] = points[i]->reasons[k];
		}
	decide_reasons_are(all);
	return OK;
}

static enum err gather_parts(struct rq *rq)
{
	n_parts = 1;
	TRY(tell_reasons(rq));
	for (size_t i = 0; points[i]; i++) {
		assert(n_parts < STANDING_PARTS);
		parts[n_parts++] = (struct standing_part){ points[i]->slice_size, points[i]->site_size, points[i]->stand, points[i]->site };
	}
	return OK;
}

enum err gate_load(struct rq *rq, struct standing **ret)
{
	TRY(gather_parts(rq));
	return standing_load(rq, parts, n_parts, ret);
}

enum err gate_new(struct rq *rq, struct standing **ret)
{
	TRY(gather_parts(rq));
	return standing_new(rq, parts, n_parts, ret);
}

static const struct gateways *gateways_of(const struct standing *standing)
{
	static const struct gateways none;
	return standing_is_loaded(standing) ? &((const struct site *)standing_site(standing, 0))->gateways : &none;
}

int16_t gate_gateway(const struct standing *standing, struct str name)
{
	const struct gateways *gateways = gateways_of(standing);

	for (int64_t i = 0; i < gateways->n; i++)
		if (str_equal(str_of(gateways->at[i].name), name))
			return (int16_t)i;
	return -1;
}

bool gate_is_watched(const struct standing *standing, int16_t gateway)
{
	const struct gateways *gateways = gateways_of(standing);
	return gateway >= 0 && gateway < gateways->n && gateways->at[gateway].is_watch;
}

enum language gate_language(const struct standing *standing, int16_t gateway)
{
	const struct gateways *gateways = gateways_of(standing);
	return gateway >= 0 && gateway < gateways->n ? (enum language)gateways->at[gateway].language : LANGUAGE_SV;
}

static void fold(struct gate_verdict *verdict, enum verdict what, struct instant until)
{
	if (what > verdict->verdict) {
		verdict->verdict = what;
		verdict->until = until;
	} else if (what == verdict->verdict && what != VERDICT_SILENT) {
		/* Of several waits the latest counts, of several passes the one that ends first. */
		bool is_later = instant_is_before(verdict->until, until);
		if (what == VERDICT_WAIT ? is_later : !is_later)
			verdict->until = until;
	}
}

/* The leaflet's sentence: what refuses stays, unless one signed decision, in force at this moment, says otherwise for just this reason. */
static void add(const struct standing *standing, const struct ask *ask, struct gate_verdict *verdict, const struct point *point,
                struct opinion opinion)
{
	struct gate_reason *reason = &verdict->reason[verdict->n_reasons++];
	struct instant until;

	*reason = (struct gate_reason){ point, opinion, -1 };
	if (opinion.verdict > VERDICT_PASS && opinion.reason && opinion.reason->is_lowerable) {
		const struct site *site = standing_site(standing, 0);
		reason->lowered_by = decide_lowers(&site->decisions, &(struct decide_asked){ ask->person, standing_place(standing, ask->person),
			ask->gateway, ask->at, opinion.reason }, &until);
	}
	verdict->slot = MAX(verdict->slot, opinion.slot);
	if (opinion.class)
		verdict->class = opinion.class;
	verdict->is_of_reserve |= opinion.is_of_reserve;
	verdict->is_strained |= opinion.is_strained;
	if (reason->lowered_by >= 0) {
		fold(verdict, VERDICT_PASS, until);
		return;
	}
	if (opinion.instead && opinion.verdict > VERDICT_PASS) {
		struct str instead = str_utf8_first(str_of(opinion.instead), GATE_INSTEAD - 1);
		memcpy(verdict->instead, instead.at, instead.len);
		verdict->instead[instead.len] = '\0';
	}
	fold(verdict, opinion.verdict, opinion.until);
}

bool gate_may_lease(const struct standing *standing, const struct ask *ask, const struct gate_verdict *verdict)
{
	struct instant until;

	if (ask->person < 0 || verdict->class < 1 || verdict->class > 2 || verdict->verdict != VERDICT_PASS)
		return false;
	const struct site *site = standing_site(standing, 0);
	return decide_lowers(&site->decisions, &(struct decide_asked){ ask->person, standing_place(standing, ask->person), ask->gateway, ask->at,
		&gate_cannot_store }, &until) >= 0;
}

static void add_own(struct gate_verdict *verdict, enum verdict what, const struct reason *reason)
{
	verdict->reason[verdict->n_reasons++] = (struct gate_reason){ NULL, { .verdict = what, .until = INSTANT_NEVER, .reason = reason }, -1 };
	fold(verdict, what, INSTANT_NEVER);
}

static void begin(struct gate_verdict *ret)
{
	ret->verdict = VERDICT_SILENT;
	ret->until = INSTANT_NEVER;
	ret->n_reasons = 0;
	ret->class = 0;
	ret->slot = 0;
	ret->is_watched = ret->is_of_reserve = ret->is_strained = false;
	ret->instead[0] = '\0';
}

void gate_not_yet(struct gate_verdict *ret)
{
	begin(ret);
	add_own(ret, VERDICT_WAIT, &is_loading);
}

void gate_refuse(struct gate_verdict *verdict, const struct reason *reason, struct instant until)
{
	verdict->n_reasons = 0;
	verdict->verdict = VERDICT_SILENT;
	verdict->instead[0] = '\0';
	add_own(verdict, VERDICT_WAIT, reason);
	verdict->until = until;
}

void gate_judge(const struct standing *standing, const struct ask *ask, struct gate_verdict *ret)
{
	/* By half a standing nobody is let in or sent away: the doors wait, and who asks all the same is told so. */
	if (!standing_is_loaded(standing)) {
		gate_not_yet(ret);
		return;
	}
	begin(ret);
	ret->class = standing_class(standing, ask->person);
	ret->is_watched = gate_is_watched(standing, ask->gateway);
	if (ret->class == 0) {
		add_own(ret, VERDICT_DENY, &unknown_person);
		return;
	}
	struct ask its = *ask;
	its.class = (uint8_t)ret->class;
	for (size_t i = 0; points[i]; i++) {
		struct opinion opinion = { .verdict = VERDICT_SILENT, .until = INSTANT_NEVER };
		if (points[i]->opinion)
			points[i]->opinion(&its, standing_slice(standing, ask->person, i + 1), standing_site(standing, i + 1), &opinion);
		add(standing, ask, ret, points[i], opinion);
	}
	if (ask->is_then)
		ret->reason[ret->n_reasons++] = (struct gate_reason){ NULL,
			{ .verdict = VERDICT_SILENT, .until = INSTANT_NEVER, .reason = &not_known_then }, -1 };
	if (ret->verdict == VERDICT_SILENT)
		add_own(ret, VERDICT_DENY, &nobody_passes);
}

const struct reason *gate_because(const struct gate_verdict *verdict)
{
	if (verdict->verdict == VERDICT_PASS)
		return NULL;
	for (size_t i = 0; i < verdict->n_reasons; i++)
		if (verdict->reason[i].opinion.verdict == verdict->verdict && verdict->reason[i].lowered_by < 0)
			return verdict->reason[i].opinion.reason;
	return NULL;
}

bool gate_waits(const struct gate_verdict *verdict)
{
	bool ret = false;

	for (size_t i = 0; i < verdict->n_reasons && verdict->verdict == VERDICT_WAIT; i++) {
		const struct gate_reason *reason = &verdict->reason[i];
		if (reason->opinion.verdict != VERDICT_WAIT || reason->lowered_by >= 0)
			continue;
		if (!reason->opinion.waits)
			return false;
		ret = true;
	}
	return ret;
}

const char *const verdict_name[] = { [VERDICT_SILENT] = "silent", [VERDICT_PASS] = "pass", [VERDICT_WAIT] = "wait",
                                     [VERDICT_DENY] = "deny" };

void gate_sentence(struct out *out, enum language language, const struct gate_verdict *verdict)
{
	const struct reason *because = gate_because(verdict);

	if (!because)
		return;
	out_text(out, tongue(language, because->text));
	if (verdict->verdict == VERDICT_WAIT && verdict->until.ms != INSTANT_NEVER.ms) {
		out_byte(out, ' ');
		out_text(out, tongue(language, because->again ? because->again : N_("You can connect from")));
		out_byte(out, ' ');
		tongue_instant(out, language, verdict->until);
		out_byte(out, '.');
	}
	if (verdict->instead[0]) {
		out_byte(out, ' ');
		out_text(out, verdict->instead);
	}
	if (out->len <= SENTENCE_MOST)
		return;
	/* The rest stands on her own page. */
	struct str whole = out_str(out), cut = str_utf8_first(whole, SENTENCE_MOST - strlen("…"));
	while (cut.len && cut.at[cut.len - 1] != ' ')
		cut.len--;
	out->len = cut.len ? cut.len - 1 : str_utf8_first(whole, SENTENCE_MOST - strlen("…")).len;
	out_text(out, "…");
}

static void reason_json(struct out *out, enum language language, const struct gate_reason *reason)
{
	const char *point = reason->point ? reason->point->name : "gate";
	const char *text = reason->opinion.reason ? tongue(language, reason->opinion.reason->text) : "";

	out_print(out, "{\"point\":\"%s\",\"code\":", point);
	if (reason->opinion.reason)
		out_json(out, str_of(reason->opinion.reason->code));
	else
		out_print(out, "\"%s.%s\"", point, verdict_name[reason->opinion.verdict]);
	out_print(out, ",\"verdict\":\"%s\",\"text\":", verdict_name[reason->opinion.verdict]);
	out_json(out, str_of(text));
	out_text(out, ",\"lowered_by\":");
	if (reason->lowered_by >= 0)
		out_int(out, reason->lowered_by);
	else
		out_text(out, "null");
	out_byte(out, '}');
}

void gate_json(struct out *out, enum language language, const struct gate_verdict *verdict)
{
	out_print(out, "{\"verdict\":\"%s\",\"until\":", verdict_name[verdict->verdict]);
	if (verdict->until.ms == INSTANT_NEVER.ms) {
		out_text(out, "null");
	} else {
		out_byte(out, '"');
		out_instant(out, verdict->until);
		out_byte(out, '"');
	}
	out_text(out, ",\"class\":");
	if (verdict->class)
		out_int(out, verdict->class);
	else
		out_text(out, "null");
	out_text(out, ",\"reasons\":[");
	for (size_t i = 0; i < verdict->n_reasons; i++) {
		if (i)
			out_byte(out, ',');
		reason_json(out, language, &verdict->reason[i]);
	}
	out_text(out, "]}");
}
