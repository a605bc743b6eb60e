/* Draws a paper: lines are broken at blanks and set one below the other, a page at a time, by cairo into a PDF.
 *
 * cairo and FreeType are loaded by core alone and before its walls (as libcurl is by post), so the other processes and the commands need not
 * carry them; the two font files are mapped then too, since behind the walls no file can be opened. Words are measured glyph by glyph: there
 * is no shaping, which Swedish and English do not need. What the font has no glyph for becomes a question mark.
 *
 * cairo 1.16 tags a PDF but does not say its language, nor that a reader shall show the title: the catalogue is written anew behind it, as
 * an incremental update (PDF 1.4, 3.4.5), over a cross-reference table, so the version is held at 1.4. Its ruled lines stand outside the tags: 1.16 knows no artifacts.
 *
 * SECURITY: fonts and libraries are the system's, at fixed names. Texts are whatever people wrote: they reach cairo as glyph numbers and one
 * string of UTF-8 that is cleaned here. One paper at a time (a face is not safe for threads), at most most_pages long: work is bounded.
 *
 * Long-lived: the libraries, the mapped fonts, two faces (see serve.c). */
#include <cairo-ft.h>
#include <cairo-pdf.h>
#define LONG_LIVED
#include "floor/paper.h"
#include "base/world.h"
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define CAIRO(X) X(create) X(destroy) X(status) X(surface_destroy) X(surface_finish) X(surface_status) X(pdf_surface_create_for_stream) \
	X(pdf_surface_restrict_to_version) X(pdf_surface_set_metadata) X(ft_font_face_create_for_ft_face) X(font_face_destroy) \
	X(set_font_face) X(set_font_size) X(set_source_rgb) X(move_to) X(line_to) X(stroke) X(set_line_width) X(show_text_glyphs) X(show_page) \
	X(tag_begin) X(tag_end)
#define FREETYPE(X) X(Init_FreeType) X(New_Memory_Face) X(Get_Char_Index) X(Load_Glyph)

static struct {
#define X(name) __typeof__(&(cairo_##name)) name;
	CAIRO(X)
#undef X
#define X(name) __typeof__(&(FT_##name)) name;
	FREETYPE(X)
#undef X
	FT_Face            face[2];              /* plain, bold */
	cairo_font_face_t *drawn[2];
	bool               is_on;
} lib;
static const char *const fonts[] = { "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf", "/usr/share/fonts/truetype/dejavu/DejaVuSans-Bold.ttf" };

/* --- before the walls --- */

static bool map_font(FT_Library library, const char *path, FT_Face *ret)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat about;
	void *bytes = MAP_FAILED;

	if (fd >= 0 && fstat(fd, &about) == 0 && about.st_size > 0)
		bytes = mmap(NULL, (size_t)about.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (fd >= 0)
		close(fd);
	return bytes != MAP_FAILED && lib.New_Memory_Face(library, bytes, (FT_Long)about.st_size, 0, ret) == 0;
}

void paper_load(void)
{
	void *cairo = dlopen("libcairo.so.2", RTLD_LAZY | RTLD_LOCAL), *freetype = cairo ? dlopen("libfreetype.so.6", RTLD_LAZY | RTLD_LOCAL) : NULL;
	bool is_whole = cairo && freetype;
	FT_Library library;

#define X(name) if (is_whole && !(lib.name = (__typeof__(&(cairo_##name)))(uintptr_t)dlsym(cairo, "cairo_" #name))) is_whole = false;
	CAIRO(X)
#undef X
#define X(name) if (is_whole && !(lib.name = (__typeof__(&(FT_##name)))(uintptr_t)dlsym(freetype, "FT_" #name))) is_whole = false;
	FREETYPE(X)
#undef X
	if (!is_whole || lib.Init_FreeType(&library) != 0) {
		world_log("core: no PDF can be made: %s", !cairo || !freetype ? dlerror() : "cairo or FreeType lacks a function");
		return;
	}
	for (int i = 0; i < 2; i++)
		if (!map_font(library, fonts[i], &lib.face[i])) {
			world_log("core: no PDF can be made: %s cannot be read", fonts[i]);
			return;
		}
	lib.is_on = true;
}

bool paper_is_on(void)
{
	return lib.is_on;
}

/* --- lines --- */

#define A4_WIDTH 595.28
#define A4_HEIGHT 841.89
#define MARGIN 56.0
#define LABEL_WIDTH 170.0
enum weight { PLAIN, BOLD };
struct style { enum weight weight; double size, line, before, grey; const char *tag; };
static const struct style styles[] = {
	[PAPER_TITLE] = { BOLD, 17, 22, 0, 0, "H1" }, [PAPER_HEADING] = { BOLD, 12, 16, 12, 0, "H2" }, [PAPER_TEXT] = { PLAIN, 10, 14, 5, 0, "P" },
	[PAPER_SMALL] = { PLAIN, 8, 11, 5, 0.3, "P" }, [PAPER_ROW] = { PLAIN, 10, 14, 5, 0, "P" }, [PAPER_BOX] = { BOLD, 10, 14, 8, 0, "P" },
};

struct page_writer {
	struct rq          *rq;
	const struct paper *paper;
	cairo_t            *cr;                  /* NULL: only counting pages */
	double              y;
	int                 page, pages;         /* pages: in all, known in the second round */
};

static uint32_t next_character(struct str *rest)
{
	const unsigned char *at = (const unsigned char *)rest->at;
	size_t n = at[0] < 0x80 ? 1 : at[0] < 0xe0 ? 2 : at[0] < 0xf0 ? 3 : 4;
	uint32_t c = n == 1 ? at[0] : at[0] & (0xffu >> (n + 1));

	n = MIN(n, rest->len);
	for (size_t i = 1; i < n; i++)
		c = c << 6 | (at[i] & 0x3f);
	*rest = str_from(*rest, n);
	return c;
}

static uint32_t glyph_of(enum weight weight, uint32_t c)
{
	uint32_t glyph = lib.Get_Char_Index(lib.face[weight], c == '\t' || c == 0xa0 ? ' ' : c);
	return glyph ? glyph : lib.Get_Char_Index(lib.face[weight], '?');
}

static double glyph_width(enum weight weight, uint32_t glyph, double size)
{
	FT_Face face = lib.face[weight];

	if (lib.Load_Glyph(face, glyph, FT_LOAD_NO_SCALE | FT_LOAD_NO_HINTING) != 0)
		return size / 2;
	return (double)face->glyph->metrics.horiAdvance * size / face->units_per_EM;
}

/* How much of the text goes on one line: up to a blank, or, where one word is wider than the line, up to where it is full. */
static struct str fitting(struct str text, const struct style *style, double width)
{
	struct str rest = text;
	size_t blank = 0;
	double used = 0;

	while (rest.len) {
		size_t at = text.len - rest.len;
		uint32_t c = next_character(&rest);
		used += glyph_width(style->weight, glyph_of(style->weight, c), style->size);
		if (used > width && c != ' ')
			return str_first(text, blank ? blank : MAX(at, (size_t)1));
		if (c == ' ' || c == '-' || c == '/')
			blank = text.len - rest.len;
	}
	return text;
}

static void show(struct page_writer *w, const struct style *style, double x, struct str line)
{
	struct str rest = line;
	cairo_glyph_t *glyphs = NEW_MANY(w->rq->arena, line.len + 1, cairo_glyph_t);
	cairo_text_cluster_t *clusters = NEW_MANY(w->rq->arena, line.len + 1, cairo_text_cluster_t);
	int n = 0;

	while (rest.len) {
		size_t before = rest.len;
		uint32_t glyph = glyph_of(style->weight, next_character(&rest));
		glyphs[n] = (cairo_glyph_t){ glyph, x, w->y };
		clusters[n++] = (cairo_text_cluster_t){ (int)(before - rest.len), 1 };
		x += glyph_width(style->weight, glyph, style->size);
	}
	lib.set_font_face(w->cr, lib.drawn[style->weight]);
	lib.set_font_size(w->cr, style->size);
	lib.set_source_rgb(w->cr, style->grey, style->grey, style->grey);
	lib.show_text_glyphs(w->cr, line.at, (int)line.len, glyphs, n, clusters, n, 0);
}

/* --- pages --- */

static void foot(struct page_writer *w)
{
	const struct style *style = &styles[PAPER_SMALL];
	struct rq *rq = w->rq;
	double y = w->y;
	struct str number = str_print(rq->arena, tongue(w->paper->language, "Page %d of %d"), w->page, w->pages);

	if (!w->cr)
		return;
	w->y = A4_HEIGHT - 34;
	lib.tag_begin(w->cr, "P", NULL);
	show(w, style, MARGIN, fitting(w->paper->footer, style, A4_WIDTH - 2 * MARGIN - 80));
	show(w, style, A4_WIDTH - MARGIN - 70, number);
	lib.tag_end(w->cr, "P");
	w->y = y;
}

static void new_page(struct page_writer *w)
{
	if (w->page) {
		foot(w);
		if (w->cr)
			lib.show_page(w->cr);
	}
	w->page++;
	w->y = MARGIN;
}

/* Room for a line of this height, on the next page when there is none here. Tags do not reach over a page: `tag` is closed and begun anew. */
static void make_room(struct page_writer *w, double height, const char *tag)
{
	if (w->y + height <= A4_HEIGHT - MARGIN)
		return;
	if (w->cr && tag)
		lib.tag_end(w->cr, tag);
	new_page(w);
	if (w->cr && tag)
		lib.tag_begin(w->cr, tag, NULL);
}

static struct str clean(struct arena *arena, struct str text)
{
	char *room = NEW_MANY(arena, text.len + 1, char);

	if (!str_is_utf8(text))
		return STR("?");
	for (size_t i = 0; i < text.len; i++)
		room[i] = (unsigned char)text.at[i] < ' ' && text.at[i] != '\n' ? ' ' : text.at[i];
	return (struct str){ room, text.len };
}

static void lines(struct page_writer *w, const struct style *style, double x, double width, struct str text, const char *tag)
{
	for (struct str rest = clean(w->rq->arena, text); rest.at; ) {
		struct str paragraph = str_cut(&rest, '\n');
		do {
			struct str line = fitting(paragraph, style, width);
			paragraph = str_from(paragraph, line.len);
			make_room(w, style->line, tag);
			w->y += style->line;
			if (w->cr && line.len)
				show(w, style, x, line);
		} while (paragraph.len);
	}
}

static void row(struct page_writer *w, const struct paper_block *block)
{
	struct style label = styles[PAPER_ROW];
	double top, bottom, width = A4_WIDTH - 2 * MARGIN;
	int page;

	label.weight = BOLD;
	make_room(w, label.line * 2, NULL);
	top = w->y;
	page = w->page;
	if (w->cr)
		lib.tag_begin(w->cr, "P", NULL);
	lines(w, &label, MARGIN, LABEL_WIDTH - 12, block->text, "P");
	bottom = w->page == page ? w->y : 0;
	if (w->page == page)
		w->y = top;
	lines(w, &styles[PAPER_ROW], MARGIN + LABEL_WIDTH, width - LABEL_WIDTH, block->value, "P");
	if (w->cr)
		lib.tag_end(w->cr, "P");
	if (w->page == page)
		w->y = MAX(w->y, bottom);
}

static void rules(struct page_writer *w, int n)
{
	for (int i = 0; i < n; i++) {
		make_room(w, 22, NULL);
		w->y += 22;
		if (!w->cr)
			continue;
		lib.set_source_rgb(w->cr, 0.5, 0.5, 0.5);
		lib.set_line_width(w->cr, 0.6);
		lib.move_to(w->cr, MARGIN, w->y);
		lib.line_to(w->cr, A4_WIDTH - MARGIN, w->y);
		lib.stroke(w->cr);
	}
}

static void one_block(struct page_writer *w, const struct paper_block *block)
{
	const struct style *style = &styles[block->kind];

	if (w->y > MARGIN)
		w->y += style->before;
	if (block->kind == PAPER_ROW) {
		row(w, block);
		return;
	}
	make_room(w, style->line + (block->kind == PAPER_HEADING ? 30 : 0) + (block->lines ? 22 : 0), NULL);
	if (w->cr)
		lib.tag_begin(w->cr, style->tag, NULL);
	lines(w, style, MARGIN, A4_WIDTH - 2 * MARGIN, block->text, style->tag);
	if (w->cr)
		lib.tag_end(w->cr, style->tag);
	rules(w, block->lines);
}

static int draw(struct rq *rq, const struct paper *paper, cairo_t *cr, int pages)
{
	struct page_writer w = { .rq = rq, .paper = paper, .cr = cr, .pages = pages };

	new_page(&w);
	for (size_t i = 0; i < paper->n; i++)
		one_block(&w, &paper->blocks[i]);
	foot(&w);
	return w.page;
}

/* --- the file --- */

static cairo_status_t take_bytes(void *of, const unsigned char *bytes, unsigned int n)
{
	out_put(of, (struct str){ (const char *)bytes, n });
	return CAIRO_STATUS_SUCCESS;
}

static size_t last_of(struct str text, const char *word)
{
	size_t n = strlen(word);

	for (size_t i = text.len >= n ? text.len - n + 1 : 0; i-- > 0; )
		if (memcmp(text.at + i, word, n) == 0)
			return i;
	return SIZE_MAX;
}

static int64_t number_behind(struct str text, const char *word)
{
	size_t at = last_of(text, word), end = at == SIZE_MAX ? 0 : at + strlen(word), n = 0;
	int64_t number;

	while (end + n < text.len && text.at[end + n] >= '0' && text.at[end + n] <= '9')
		n++;
	return at != SIZE_MAX && str_number((struct str){ text.at + end, n }, 1 << 30, &number) == OK ? number : -1;
}

/* The catalogue once more, with the language and the wish that the title be shown. False: it is not written as this cairo should. */
static bool add_language(struct out *out, enum language language)
{
	struct str pdf = out_str(out);
	int64_t root = number_behind(pdf, "/Root "), info = number_behind(pdf, "/Info "), size = number_behind(pdf, "/Size "), table = number_behind(pdf, "startxref\n");
	char head[40];

	if (root < 0 || info < 0 || size < 0 || table < 0)
		return false;
	snprintf(head, sizeof head, "\n%lld 0 obj\n", (long long)root);
	size_t at = last_of(pdf, head);
	struct str object = at == SIZE_MAX ? STR("") : str_from(pdf, at + 1);
	size_t close = 0;
	while (close + 6 < object.len && memcmp(object.at + close, "endobj", 6) != 0)
		close++;
	size_t end = last_of(str_first(object, close), ">>");
	if (at == SIZE_MAX || end == SIZE_MAX)
		return false;
	size_t place = pdf.len;
	struct str tag = str_of(language_tag[language]);
	out_print(out, "%.*s   /Lang (%.*s)\n   /ViewerPreferences << /DisplayDocTitle true >>\n>>\nendobj\n", (int)end, object.at, STR_ARG(tag));
	size_t xref = out_str(out).len;
	out_print(out, "xref\n%lld 1\n%010zu 00000 n \ntrailer\n<< /Size %lld /Root %lld 0 R /Info %lld 0 R /Prev %lld >>\nstartxref\n%zu\n%%%%EOF\n", (long long)root, place,
	          (long long)size, (long long)root, (long long)info, (long long)table, xref);
	return true;
}

static void say_about(cairo_surface_t *surface, struct rq *rq, const struct paper *paper)
{
	struct out at = out_new(rq->arena);

	out_instant_utc(&at, (struct instant){ paper->made_at.ms / 1000 * 1000 });
	lib.pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_TITLE, str_c(rq->arena, clean(rq->arena, paper->title)));
	lib.pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_AUTHOR, str_c(rq->arena, clean(rq->arena, paper->author)));
	lib.pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATOR, "Samordna");
	lib.pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATE_DATE, str_c(rq->arena, out_str(&at)));
}

static enum err write_locked(struct rq *rq, const struct paper *paper, struct out *pdf, int *ret_pages)
{
	int pages = draw(rq, paper, NULL, 0);

	if (pages > paper->most_pages)
		return fail(rq, ERR_FULL, _("The paper has %d pages where %d are allowed. Shorten its texts."), pages, paper->most_pages);
	for (int i = 0; i < 2; i++)
		if (!lib.drawn[i])
			lib.drawn[i] = lib.ft_font_face_create_for_ft_face(lib.face[i], FT_LOAD_NO_HINTING);
	cairo_surface_t *surface = lib.pdf_surface_create_for_stream(take_bytes, pdf, A4_WIDTH, A4_HEIGHT);
	lib.pdf_surface_restrict_to_version(surface, CAIRO_PDF_VERSION_1_4);
	say_about(surface, rq, paper);
	cairo_t *cr = lib.create(surface);
	lib.tag_begin(cr, "Document", NULL);
	(void)draw(rq, paper, cr, pages);
	lib.tag_end(cr, "Document");
	bool is_good = lib.status(cr) == CAIRO_STATUS_SUCCESS;
	lib.destroy(cr);
	lib.surface_finish(surface);
	is_good = is_good && lib.surface_status(surface) == CAIRO_STATUS_SUCCESS && add_language(pdf, paper->language);
	lib.surface_destroy(surface);
	if (ret_pages)
		*ret_pages = pages;
	return is_good ? OK : fail(rq, ERR_IO, _("The PDF could not be made. Use the text instead."));
}

enum err paper_write(struct rq *rq, const struct paper *paper, struct out *ret, int *ret_pages)
{
	static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;
	struct out pdf = out_new(rq->arena);

	if (!lib.is_on)
		return fail(rq, ERR_NONE, _("No PDF can be made here: cairo or its font is not installed. Use the text instead."));
	pthread_mutex_lock(&one_at_a_time);
	enum err err = write_locked(rq, paper, &pdf, ret_pages);
	pthread_mutex_unlock(&one_at_a_time);
	if (err == OK)
		out_put(ret, out_str(&pdf));
	return err;
}
