/* Practice links: made, found again, counted. See practice_link.h.
 *
 * What it does not do: it sends nothing. Whoever plays the stranger puts the link into a mail that looks like a stranger's. */
#include "floor/practice_link.h"
#include "floor/setting.h"
#include "base/world.h"

static const char letter[] = "0123456789abcdefghjkmnpqrstvwxyz";

struct str practice_link_make(struct rq *rq)
{
	unsigned char random[PRACTICE_TOKEN];
	struct out out = out_new(rq->arena);

	world.random(random, sizeof random);
	for (size_t i = 0; i < sizeof random; i++)
		out_byte(&out, letter[random[i] & 31]);
	return out_str(&out);
}

static const char path[] = "/access/login/";

struct str practice_link_address(struct rq *rq, struct str token)
{
	struct str host = setting_text(rq, "practice.host");
	return host.len ? str_print(rq->arena, "https://%.*s%s%.*s", STR_ARG(host), path, STR_ARG(token)) : STR("");
}

enum err practice_link_find(struct rq *rq, struct str token, struct practice_link_named_row *ret)
{
	struct practice_link_named_row row;

	if (token.len != PRACTICE_TOKEN)
		return ERR_NONE;
	enum err err = practice_link_named(rq, token, &row);
	if (err != OK)
		return err;
	if (!row.agreed_at.is || row.cancelled_at.is || instant_is_before(rq->now, row.from_at))
		return ERR_NONE;
	*ret = row;
	return OK;
}

enum err practice_link_count(struct rq *rq, const struct practice_link_named_row *link, enum practice_link_what what)
{
	struct practice_link_count_of_row row = { 0, 0 };
	enum err err = practice_link_count_of(rq, link->id, &row);

	if (err != OK && err != ERR_NONE)
		return err;
	if (!instant_is_before(rq->now, link->until))
		return OK;
	return practice_link_count_set(rq, link->id, row.reported + (what == PRACTICE_REPORTED), row.gone + (what == PRACTICE_GONE));
}

enum err practice_link_reported(struct rq *rq, struct str host, struct str typed, bool *ret)
{
	struct str mine = setting_text(rq, "practice.host");
	struct practice_link_named_row link;
	const char *at = typed.len ? memmem(typed.at, typed.len, path, sizeof path - 1) : NULL;

	*ret = false;
	if (!mine.len || !str_equal(host, mine) || !at)
		return OK;
	struct str token = str_from(typed, (size_t)(at - typed.at) + sizeof path - 1);
	enum err err = practice_link_find(rq, str_first(token, PRACTICE_TOKEN), &link);
	if (err != OK)
		return err == ERR_NONE ? OK : err;
	*ret = true;
	return practice_link_count(rq, &link, PRACTICE_REPORTED);
}
