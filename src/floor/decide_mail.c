/* Who is told of a decision by mail: the decider and whoever stands in for her when it is asked, the asker when it is answered.
 *
 * SECURITY: a mail passes through others' servers, so it says that something waits and until when, and nothing of what it is about. Its link opens the
 * page, which changes nothing by being read; a decision is signed there with the second factor. */
#include "floor/decide.h"
#include "floor/decide_own.h"
#include "floor/mail.h"

static struct str page_of(struct rq *rq, int64_t id)
{
	return str_print(rq->arena, "/decisions/%lld", (long long)id);
}

static enum err say_waits(struct change *change, const struct decide_get_row *d, int64_t person)
{
	struct rq *rq = change_rq(change);
	enum language language = mail_language(rq, person);
	struct out text = out_new(rq->arena), at = out_new(rq->arena);

	tongue_instant(&at, language, d->answer_by);
	out_print(&text, tongue(language, "You are asked to decide on a risk, at level %d of the consequence scale."), (int)d->level);
	out_text(&text, "\n\n");
	out_print(&text, tongue(language, "Answer before %.*s. No answer by then is no."), STR_ARG(out_str(&at)));
	out_text(&text, "\n\n");
	out_text(&text, tongue(language, "What yes and no lead to stands side by side on its page. You answer there, with your second factor."));
	return mail_say(change, &(struct mail){ .kind = "decision.asked", .person = person, .at = page_of(rq, d->id), .text = out_str(&text),
		.title = str_print(rq->arena, tongue(language, "Risk decision %lld waits for you"), (long long)d->id) });
}

enum err decide_mail_asked(struct change *change, const struct decide_get_row *d)
{
	struct rq *rq = change_rq(change);
	struct decide_deputies_row *deputies;
	size_t n = 0;

	if (!mail_is_on())
		return OK;
	TRY(say_waits(change, d, d->decider));
	TRY(decide_deputies(rq, d->decider, rq->now, &deputies, &n));
	for (size_t i = 0; i < n; i++)
		if (deputies[i].deputy != d->asker && deputies[i].deputy != (d->person.is ? d->person.i : -1))
			TRY(say_waits(change, d, deputies[i].deputy));
	return OK;
}

enum err decide_mail_answered(struct change *change, const struct decide_get_row *d, enum decide_answer what)
{
	static const char *const said[] = { [DECIDE_YES] = N_("The answer is yes. From when to when it counts, and on what terms, stands on its page."),
		[DECIDE_NO] = N_("The answer is no. Why stands on its page."), [DECIDE_MORE] = N_("More must be known before it can be answered. What stands on its page.") };
	struct rq *rq = change_rq(change);
	enum language language = mail_language(rq, d->asker);

	if (what != DECIDE_YES && what != DECIDE_NO && what != DECIDE_MORE)
		return OK;
	return mail_say(change, &(struct mail){ .kind = "decision.answered", .person = d->asker, .at = page_of(rq, d->id),
		.title = str_print(rq->arena, tongue(language, "Risk decision %lld has got an answer"), (long long)d->id),
		.text = str_of(tongue(language, said[what])) });
}
