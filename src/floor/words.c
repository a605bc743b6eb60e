/* Numbers, persons and moments out of a command's words.
 *
 * What it does not do: it judges nothing; whether the person may, and whether the moment makes sense, is for the verb to say. */
#include "floor/words.h"
#include "floor/people.h"

enum err words_usage(struct rq *rq, const char *sentence)
{
	return trouble_exit(rq->trouble, 2, fail(rq, ERR_INVALID, "%s", sentence));
}

enum err words_number(struct rq *rq, const struct args *args, const char *sentence, int64_t *ret)
{
	if (args->n_words == 1 && str_number(args->words[0], INT64_MAX, ret) == OK)
		return OK;
	return words_usage(rq, sentence);
}

enum err words_person(struct rq *rq, struct str name, int64_t *ret)
{
	struct people_get_row person;

	TRY(people_find(rq, name, &person));
	*ret = person.id;
	return OK;
}

enum err words_by(struct rq *rq, const struct args *args, int64_t *ret)
{
	if (!args_option(args, "by").len)
		return words_usage(rq, _("Say who does it: --by PERSON."));
	return words_person(rq, args_option(args, "by"), ret);
}

enum err words_moment(struct rq *rq, const struct args *args, const char *option, bool is_end, struct instant *ret)
{
	struct str text = args_option(args, option);
	struct instant at;

	if (!text.at)
		return OK;
	if (instant_parse_loose(text, &at) != OK)
		return trouble_exit(rq->trouble, 2,
			fail(rq, ERR_INVALID, _("--%s: write the time like this: 2026-11-30 or 2026-11-30T08:00:00+01:00"), option));
	*ret = is_end && text.len <= 10 ? instant_midnight(instant_plus(at, HOURS(36))) : at;
	return OK;
}

void words_put_text(struct out *ret, const char *key, struct str text)
{
	out_print(ret, ",\"%s\":", key);
	out_json(ret, text);
}

void words_put_moment(struct out *ret, const char *key, struct maybe_int at)
{
	out_print(ret, ",\"%s\":", key);
	if (!at.is) {
		out_text(ret, "null");
		return;
	}
	out_byte(ret, '"');
	out_instant(ret, (struct instant){ at.i });
	out_byte(ret, '"');
}

struct str words_code(struct rq *rq, struct maybe_int person)
{
	struct people_get_row row;
	return person.is && people_get(rq, person.i, &row) == OK ? row.code : STR_NONE;
}
