/* What a checked file would change, for whoever looks before it is applied: person by person, column by column, or as lines.
 *
 * SECURITY: shows what HR's file and the store say of people, protected ones too: for the account that owns HOME and for coordinators. */
#include "floor/people_plan.h"

struct differing { struct rq *rq; struct people_check *check; struct people_diff diff; };

static void differ(struct people_diff *diff, enum people_column column, struct str was, struct str becomes)
{
	if (str_equal(was, becomes))
		return;
	diff->column[diff->n].column = column;
	diff->column[diff->n].was = was;
	diff->column[diff->n++].becomes = becomes;
}

static struct str day_of(struct rq *rq, int64_t end)
{
	if (end == PLAN_NO)
		return STR("");
	struct wall last = instant_wall((struct instant){ end - 1 });
	return str_print(rq->arena, "%04d-%02d-%02d", last.year, last.month, last.day);
}

static struct str roles_of(struct rq *rq, int64_t roles)
{
	struct out out = out_new(rq->arena);
	people_roles_out(&out, roles);
	return out_str(&out);
}

static struct str code_of(struct rq *rq, int64_t person)
{
	struct people_get_row row;
	return person != PLAN_NO && people_get(rq, person, &row) == OK ? row.code : STR("");
}

/* A manager who is new with this file has no row yet: then the file's own word. */
static struct str manager_becomes(struct differing *d, int64_t manager, const struct people_record *record)
{
	return manager == PLAN_NO ? STR("") : manager < (int64_t)d->check->n_stored ? code_of(d->rq, manager) : record_text(record, COLUMN_MANAGER);
}

static enum err changed(struct differing *d, const struct row *row, const struct people_record *record)
{
	struct people_diff *diff = &d->diff;
	struct people_get_row was;
	int64_t end = record->employment_end == NO_END ? PLAN_NO : record->employment_end, manager = check_manager(d->check, row);

	TRY(people_get(d->rq, row->person, &was));
	int64_t was_manager = was.manager.is ? was.manager.i : PLAN_NO;
	differ(diff, COLUMN_ID, was.code, record_text(record, COLUMN_ID));
	differ(diff, COLUMN_NAME, was.name, record_text(record, COLUMN_NAME));
	differ(diff, COLUMN_EMAIL, was.email, record_text(record, COLUMN_EMAIL));
	differ(diff, COLUMN_PHONE, was.phone, record_text(record, COLUMN_PHONE));
	differ(diff, COLUMN_UNIT, was.unit_name, record_text(record, COLUMN_UNIT));
	if (was_manager != manager)
		differ(diff, COLUMN_MANAGER, code_of(d->rq, was_manager), manager_becomes(d, manager, record));
	differ(diff, COLUMN_END, day_of(d->rq, was.employment_end.is ? was.employment_end.i : PLAN_NO), day_of(d->rq, end));
	differ(diff, COLUMN_ROLES, roles_of(d->rq, was.roles), roles_of(d->rq, check_roles(d->check, row, record)));
	differ(diff, COLUMN_PROTECTED, was.is_protected ? STR("yes") : STR("no"), record->is_protected ? STR("yes") : STR("no"));
	diff->is_back = was.left_at.is;
	/* Nothing of these: then it is the names to log in with. */
	if (diff->n == 0 && !diff->is_back) {
		diff->column[0].column = COLUMN_LOGIN;
		diff->column[0].was = STR("");
		diff->column[diff->n++].becomes = record_text(record, COLUMN_LOGIN);
	}
	return OK;
}

enum err people_check_each(struct rq *rq, struct people_check *check, enum err (*each)(void *, const struct people_diff *), void *of)
{
	struct differing d = { .rq = rq, .check = check };
	const struct people_record *record;
	struct people_get_row was;

	for (size_t i = 0; i < check->n_rows; i++) {
		const struct row *row = &check->rows[i];
		if (row->is_bad || row->what == WHAT_NOTHING)
			continue;
		TRY(check_record(rq, check, row, &record));
		d.diff = (struct people_diff){ .what = row->what == WHAT_ADD ? '+' : '~', .code = record_text(record, COLUMN_ID),
			.name = record_text(record, COLUMN_NAME) };
		if (row->what == WHAT_CHANGE)
			TRY(changed(&d, row, record));
		TRY(each(of, &d.diff));
	}
	for (size_t i = 0; i < check->n_stored; i++)
		if (check_leaves(&check->stored[i])) {
			TRY(people_get(rq, (int64_t)i, &was));
			TRY(each(of, &(struct people_diff){ .what = '-', .code = was.code, .name = was.name }));
		}
	return OK;
}

/* --- lines --- */

struct lines { struct rq *rq; int64_t n, most; struct out *out; };

static enum err put_line(void *of, const struct people_diff *diff)
{
	struct lines *lines = of;
	struct rq *rq = lines->rq;
	struct out *out = lines->out;

	if (lines->n++ == lines->most)
		return ERR_FULL;
	out_print(out, "%c " STR_FMT " " STR_FMT, diff->what, STR_ARG(diff->code), STR_ARG(diff->name));
	for (size_t i = 0; i < diff->n; i++)
		out_print(out, "%s%s", i ? ", " : ": ", people_column[diff->column[i].column]);
	if (diff->is_back)
		out_print(out, "%s%s", diff->n ? ", " : ": ", _("is back"));
	out_byte(out, '\n');
	return OK;
}

enum err people_check_diff(struct rq *rq, struct people_check *check, int64_t most, struct out *out)
{
	struct lines lines = { rq, 0, most, out };
	enum err err = people_check_each(rq, check, put_line, &lines);

	if (err == ERR_FULL && lines.n == most + 1) {
		out_text(out, "...\n");
		return OK;
	}
	return err;
}
