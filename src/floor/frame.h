#ifndef FLOOR_FRAME_H
#define FLOOR_FRAME_H
/* The frame around every page: skip link, header, menu, one banner, main, footer. And the parts that all pages share.
 *
 * A page draws its own main part with its h1; the router hands it here. When main has no h1 the title becomes it; when the
 * title is empty, the text of main's h1 becomes the title. */
#include "floor/page.h"
#include "floor/errors.html.h"
#include "floor/field.html.h"
#include "floor/home.html.h"
#include "floor/state.html.h"

struct frame_item { const char *word; struct str at; bool is_current; int64_t count; };   /* count 0: none shown */
enum { FRAME_ITEMS = 6 };                         /* side by side; when there are more, five and the rest behind "More" */

struct frame {
	struct str               title;           /* plain text */
	bool                     has_errors;
	struct str               organisation;
	struct str               person;          /* empty: not logged in */
	const char              *role;            /* N_(); see frame_role() */
	struct str               here;            /* path and query of this place, without lang= : the other language keeps it */
	struct str               form_token;      /* for log out; each form of a page has it too, as hidden field "token" */
	const struct frame_item *items; size_t n_items;
	struct str               back, back_at;   /* the words and place of the link back; empty: none */
	struct str               banner;          /* one sentence on the whole service; empty: none */
	bool                     is_exercise;     /* Övning */
	struct str               acts_as;         /* there: whom the reader has become; empty: herself */
	bool                     may_become;
	struct instant           backup_at;       /* for those who administer; ms 0: not shown */
};

/* Draw the whole document around main_html, which must come from pagegen's functions. */
void frame_draw(struct rq *, struct out *whole, const struct frame *, struct str main_html);
/* The main part of an error page: 403, 404, 413, 429, 500 ... `sentence` is what trouble says, `number` the error's own. */
void frame_trouble(struct rq *, struct out *main, int status, struct str sentence, struct str number);
const char *frame_role(unsigned roles);           /* the word for the strongest role: "coordinator" */

/* --- parts --- */
struct state_page state_page_of(enum state);      /* the word with its shape */

/* What is wrong with a form, gathered while it is read: the summary and the sentence beside each field are the same words. */
struct wrongs { struct errors_page_errors at[24]; size_t n; };
void              wrong_add(struct wrongs *, const char *field, const char *said);   /* said: translated; the first of a field counts */
struct str        wrong_of(const struct wrongs *, const char *field);
struct errors_page wrongs_page(const struct wrongs *);
/* A field as the form is drawn again: what was typed, and what is wrong with it. */
struct field_page field_again(const struct visit *, const struct wrongs *, const char *name, bool keeps_value);

/* The drawing on the start page: one column a question. */
void home_columns(struct rq *, const enum state *, size_t n, struct home_page *ret);
/* A telephone number as a link, tel:+46..., of digits and a leading plus; empty when there is nothing to dial. */
struct str page_dial(struct rq *, struct str phone);
#endif
