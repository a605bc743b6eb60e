#ifndef FLOOR_PAPER_H
#define FLOOR_PAPER_H
/* Papers: A4 pages as PDF, tagged (document, headings, paragraphs, language, title), with the font inside, so that å, ä and ö are right everywhere.
 *
 *     struct paper_block blocks[] = { { PAPER_TITLE, STR("Lägesrapport") }, { PAPER_ROW, STR("Inträffade"), STR("24 november 2026") } };
 *     struct paper paper = { .title = STR("Lägesrapport"), .language = rq->language, .made_at = rq->now, .blocks = blocks, .n = 2, .most_pages = 2 };
 *     TRY(paper_write(rq, &paper, &answer->body, NULL));
 *
 * The same paper gives the same bytes. Drawn by cairo with DejaVu Sans, which core loads before its walls (paper_load); where they are not
 * installed there are no papers, paper_is_on says so, and pages offer text alone. It claims no PDF/UA: no validator has looked. */
#include "floor/rq.h"

enum paper_kind {
	PAPER_TITLE,      /* once, first: H1 */
	PAPER_HEADING,    /* H2 */
	PAPER_TEXT,       /* a paragraph; a newline begins a new line */
	PAPER_SMALL,      /* the same, smaller and grey */
	PAPER_ROW,        /* a label, and its value beside it */
	PAPER_BOX         /* a label, and `lines` empty lines below it to write on by hand */
};
struct paper_block { enum paper_kind kind; struct str text, value; int lines; };
struct paper {
	struct str          title, author, footer;   /* footer: small, on each page, with its number */
	enum language       language;
	struct instant      made_at;
	struct paper_block *blocks; size_t n;
	int                 most_pages;
};
/* Once, in core, before its walls go up. What lacks is said in the log. */
void     paper_load(void);
bool     paper_is_on(void);
/* ERR_FULL: it does not fit on most_pages, and nothing is written; ERR_NONE: there is no cairo here. ret_pages may be NULL. */
enum err paper_write(struct rq *, const struct paper *, struct out *ret, int *ret_pages);
#endif
