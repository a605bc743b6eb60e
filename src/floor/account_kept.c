/* What somebody was writing when her session ended: it goes along through the log-in.
 *
 *     a form whose session has ended -> /login, drawn in its place -> the code -> a page that shows what was written -> sent, when she presses
 *
 * Nothing is kept here: the fields travel in the forms, each with "kept." before its name, and come back with the last of them. So nobody
 * fills our store with drafts, and what was written is gone with the window.
 *
 * SECURITY: only a form that carried the token of its session comes in (router.c), so no other site puts words into the mouth of who logs in. What is
 * kept is done by nobody but her: she reads it, and presses. Then it is judged like any form, by her role, with her session's token. Pages
 * that take passwords never come here (they prepare), nor do files. */
#include "floor/account.h"
#include "floor/frame.h"
#include "floor/kept.html.h"

enum { KEPT_BYTES = 20000, KEPT_FIELDS = 60, TEXTS = 8, WRITTEN = 16 };
static const char prefix[] = "kept.", place[] = "kept_at";

bool account_kept_fits(const struct visit *visit)
{
	size_t n = 0;

	for (size_t i = 0; i < visit->n_fields; i++)
		n += visit->fields[i].name.len + visit->fields[i].value.len + 48;
	return n <= KEPT_BYTES && visit->n_fields <= KEPT_FIELDS && account_path(visit->path).len;
}

enum err account_kept_draw(struct rq *rq, const struct visit *visit, struct answer *answer)
{
	struct field *fields = NEW_MANY(rq->arena, visit->n_fields + 1, struct field);
	struct visit login = *visit;

	for (size_t i = 0; i < visit->n_fields; i++)
		fields[i] = (struct field){ str_print(rq->arena, "%s" STR_FMT, prefix, STR_ARG(visit->fields[i].name)), visit->fields[i].value };
	fields[visit->n_fields] = (struct field){ str_of(place), visit->path };
	login.fields = fields;
	login.n_fields = visit->n_fields + 1;
	return account_login_draw(rq, &login, answer);
}

struct account_kept account_kept(struct rq *rq, const struct visit *visit)
{
	struct field *fields = NEW_MANY(rq->arena, visit->n_fields + 1, struct field);
	struct account_kept kept = { .at = account_path(visit_field(visit, place)), .fields = fields };

	if (kept.at.len && account_kept_fits(visit))
		for (size_t i = 0; i < visit->n_fields; i++)
			if (str_starts(visit->fields[i].name, str_of(prefix)) || str_equal(visit->fields[i].name, str_of(place)))
				fields[kept.n++] = visit->fields[i];
	return kept;
}

static bool is_written(struct str value)
{
	return value.len >= WRITTEN || str_find(value, ' ') < value.len;
}

enum err account_kept_done(struct rq *rq, const struct account_kept *kept, struct answer *answer)
{
	struct kept_page_kept *fields = NEW_MANY(rq->arena, kept->n + 1, struct kept_page_kept);
	struct kept_page_texts texts[TEXTS];
	struct kept_page page = { .at = kept->at, .form_token = account_form_token(rq->arena, answer->cookie), .kept = fields, .texts = texts };

	for (size_t i = 0; i < kept->n; i++) {
		if (!str_starts(kept->fields[i].name, str_of(prefix)))
			continue;
		fields[page.n_kept++] = (struct kept_page_kept){ str_from(kept->fields[i].name, sizeof prefix - 1), kept->fields[i].value };
		if (page.n_texts < TEXTS && is_written(kept->fields[i].value))
			texts[page.n_texts++].text = kept->fields[i].value;
	}
	kept_page(&answer->body, rq->language, &page);
	answer->is_bare = true;
	return OK;
}
