/* References between records of different points: who knows a record by its name is a table that is filled at start from the table of points, since floor
 * knows none of them.
 *
 * A record that is gone, or that the reader may not see, is left out when references are read; the reference itself stays in the log.
 *
 * SECURITY: names of people come as they typed them: bounded, and of characters that a code has. */
#include "floor/refer.h"
#include "floor/refer.sql.h"

enum { POINTS_MOST = 32, NAME_MOST = 60 };
static struct { const char *point; enum err (*find)(struct rq *, struct str, struct refer_found *); } known[POINTS_MOST];
static size_t n_known;

void refer_know(const char *point, enum err (*find)(struct rq *, struct str, struct refer_found *))
{
	for (size_t i = 0; i < n_known; i++)
		if (strcmp(known[i].point, point) == 0)
			return;
	if (n_known < POINTS_MOST) {
		known[n_known].point = point;
		known[n_known++].find = find;
	}
}

/* What people call rules and changes: "R-12", "RUT 4.2", "ändring 2026-17". */
static bool is_code(struct str name)
{
	if (!name.len || name.len > NAME_MOST || !str_is_utf8(name))
		return false;
	for (size_t i = 0; i < name.len; i++)
		if ((unsigned char)name.at[i] < 0x20 || name.at[i] == 0x7f || strchr("<>\"\\", name.at[i]))
			return false;
	return true;
}

enum err refer_find(struct rq *rq, struct str point, struct str name, struct refer_found *ret)
{
	struct refer_found found = { .title = name, .at = STR("") };
	size_t i = 0;

	while (i < n_known && !str_equal(point, str_of(known[i].point)))
		i++;
	if (i == n_known)
		return fail(rq, ERR_INVALID, _("There is no question called %.*s."), STR_ARG(str_utf8_first(point, 40)));
	if (!is_code(name))
		return fail(rq, ERR_INVALID, _("Write a name of at most %d characters."), NAME_MOST);
	if (known[i].find) {
		TRY(known[i].find(rq, name, &found));
		found.is_checked = true;
	}
	*ret = found;
	return OK;
}

enum err refer_add(struct rq *rq, struct change *change, const struct refer *refer)
{
	struct refer_most_row most;

	TRY(refer_most(rq, &most));
	return refer_put(change, &(const struct refer_put_args){ .id = most.id + 1, .point = str_of(refer->point), .name = refer->name,
		.to_point = str_of(refer->to_point), .to_name = refer->to_name, .made_at = rq->now });
}

static enum err show(struct rq *rq, struct str point, struct str name, struct refer_shown *rows, size_t *n)
{
	struct trouble trouble = { 0 };
	struct rq asking = *rq;

	asking.trouble = &trouble;
	rows[*n] = (struct refer_shown){ .point = point, .name = name };
	enum err err = refer_find(&asking, point, name, &rows[*n].found);
	if (err == OK)
		++*n;
	else if (err != ERR_NONE && err != ERR_INVALID)
		return fail(rq, err, "%s", trouble.text);
	return OK;
}

enum err refer_from(struct rq *rq, const char *point, struct str name, struct refer_shown **ret, size_t *ret_n)
{
	struct refer_rows_from_row *rows;
	size_t n, shown = 0;

	TRY(refer_rows_from(rq, str_of(point), name, &rows, &n));
	*ret = NEW_MANY(rq->arena, n + 1, struct refer_shown);
	for (size_t i = 0; i < n; i++)
		TRY(show(rq, rows[i].point, rows[i].name, *ret, &shown));
	*ret_n = shown;
	return OK;
}

enum err refer_to(struct rq *rq, const char *point, struct str name, struct refer_shown **ret, size_t *ret_n)
{
	struct refer_rows_to_row *rows;
	size_t n, shown = 0;

	TRY(refer_rows_to(rq, str_of(point), name, &rows, &n));
	*ret = NEW_MANY(rq->arena, n + 1, struct refer_shown);
	for (size_t i = 0; i < n; i++)
		TRY(show(rq, rows[i].point, rows[i].name, *ret, &shown));
	*ret_n = shown;
	return OK;
}
