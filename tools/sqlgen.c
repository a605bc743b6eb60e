/* sqlgen: real SQL in its own file, typed by the database itself.
 *
 *   sqlgen --sql X.sql --own COMPONENT --schema COMPONENT=NUMBER=FILE ... OUT.h OUT.c     typed functions for X.sql's statements
 *   sqlgen --tables --statements STEM,STEM --schema COMPONENT=NUMBER=FILE ... OUT.c       the tables as data, the schemas' text,
 *                                                                                        the list of all statements
 *   Schemas stand in the order in which they are applied.
 *
 * The problem it solves: a misspelt column, another point's table, a write that leaves no trace, a NULL that nobody thought of,
 * a statement that one engine understands and the other does not. Every statement is prepared on SQLite against the schemas at
 * build time; the authorizer tells which tables, columns and functions it touches; a logged write gets a RETURNING clause, so
 * that the log says what was done and not what was asked. PostgreSQL prepares the same statements at start and in the tests.
 *
 * SECURITY: the checks are against our own mistakes, not against a hostile author of SQL files.
 *
 * What it does not do: it does not parse SQL. It reads its own signature lines, the words that it refuses, the column
 * list of an INSERT, what stands behind LEFT JOIN, and the marks in a schema; the rest it asks the database. */
#include "sqlgen.h"
#include <ctype.h>
#include <stdarg.h>

struct arena *arena;

struct schema_file { char component[NAME]; int number; const char *path; struct str text; };
static struct schema_file schemas[MOST_SCHEMAS];
static int n_schemas;
static struct tab tabs[MOST_TABLES];
static int n_tabs;

_Noreturn void stop_at(const char *path, int line, const char *format, ...)
{
	va_list list;

	va_start(list, format);
	fprintf(stderr, "%s:%d: ", path, line);
	vfprintf(stderr, format, list);
	fputc('\n', stderr);
	va_end(list);
	exit(1);
}

void name_copy(char *room, size_t size, struct str s, const char *path, int line)
{
	if (s.len >= size)
		stop_at(path, line, "\"" STR_FMT "\" is too long a name", STR_ARG(s));
	memcpy(room, s.at, s.len);
	room[s.len] = '\0';
}

/* --- pieces of SQL --- */

static bool is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

static struct str pass_over(struct str s, int *line)
{
	for (;;) {
		if (str_starts(s, STR("--"))) {
			s = str_from(s, str_find(s, '\n'));
		} else if (s.len && isspace((unsigned char)s.at[0])) {
			*line += s.at[0] == '\n';
			s = str_from(s, 1);
		} else {
			return s;
		}
	}
}

struct token token_next(struct str *rest, int *line)
{
	struct str s = pass_over(*rest, line);
	struct token ret = { 0 };
	size_t n = 1;

	if (s.len) {
		ret.kind = s.at[0];
		if (s.at[0] == '\'' || s.at[0] == '"') {
			while (n < s.len && s.at[n] != s.at[0])
				*line += s.at[n++] == '\n';
			n = MIN(n + 1, s.len);
		} else if (s.at[0] == '$' || is_word(s.at[0])) {
			ret.kind = s.at[0] == '$' ? '$' : isdigit((unsigned char)s.at[0]) ? '0' : 'w';
			while (n < s.len && is_word(s.at[n]))
				n++;
		}
		ret.text = str_first(s, n);
	}
	*rest = str_from(s, ret.text.len);
	return ret;
}

bool token_is(const struct token *token, const char *word)
{
	return token->kind == 'w' && token->text.len == strlen(word) && strncasecmp(token->text.at, word, token->text.len) == 0;
}

/* --- schemas --- */

struct tab *tab_named(struct str name)
{
	for (int i = 0; i < n_tabs; i++)
		if (str_equal(str_of(tabs[i].name), name))
			return &tabs[i];
	return NULL;
}

struct col *col_named(struct tab *tab, struct str name)
{
	for (int i = 0; i < tab->n; i++)
		if (str_equal(str_of(tab->col[i].name), name))
			return &tab->col[i];
	return NULL;
}

static struct str slurp(const char *path)
{
	FILE *f = fopen(path, "rb");
	struct out out = out_new(arena);
	char room[4096];
	size_t n;

	if (!f) {
		perror(path);
		exit(1);
	}
	while ((n = fread(room, 1, sizeof room, f)) > 0)
		out_put(&out, (struct str){ room, n });
	fclose(f);
	return out_str(&out);
}

static char *expand(struct str ddl)
{
	static const char *const token[][2] = { { "{id}", "INTEGER PRIMARY KEY" }, { "{i64}", "INTEGER" }, { "{blob}", "BLOB" },
		{ "{json}", "TEXT" }, { "{strict}", "STRICT" }, { "{keyed}", "STRICT, WITHOUT ROWID" } };
	struct out out = out_new(arena);

	while (ddl.len) {
		size_t i = 0;
		while (i < LENGTH(token) && !str_starts(ddl, str_of(token[i][0])))
			i++;
		if (i < LENGTH(token)) {
			out_text(&out, token[i][1]);
			ddl = str_from(ddl, strlen(token[i][0]));
		} else {
			out_byte(&out, ddl.at[0]);
			ddl = str_from(ddl, 1);
		}
	}
	out_byte(&out, '\0');
	return out.at;
}

/* What a table would do by itself would stand in no leaf, and the replay would not know of it. */
static void refuse_words(const struct schema_file *s)
{
	static const struct { const char *word, *why; } refused[] = {
		{ "TRIGGER", "a trigger writes what no leaf tells" }, { "CASCADE", "what a cascade removes stands in no leaf" },
		{ "AUTOINCREMENT", "ids come from the application" }, { "CURRENT_TIMESTAMP", "moments come from the request" },
		{ "INTEGER", "write {i64}: PostgreSQL's INTEGER has 32 bits" }, { "VIEW", "a view hides which table is read" },
		{ "INSERT", "data comes as a change, with its leaf" }, { "UPDATE", "data comes as a change, with its leaf" },
	};
	struct str rest = s->text;
	int line = 1;

	for (struct token t; (t = token_next(&rest, &line)).kind; )
		for (size_t i = 0; i < LENGTH(refused); i++)
			if (token_is(&t, refused[i].word))
				stop_at(s->path, line, "%s is not for a schema: %s", refused[i].word, refused[i].why);
}

static struct tab *table_begin(const struct schema_file *s, struct str line, int no)
{
	struct token name = token_next(&(struct str){ line.at + 12, line.len - 12 }, &(int){ 0 });
	struct str prefix = str_of(s->component);

	if (n_tabs == MOST_TABLES || name.kind != 'w')
		stop_at(s->path, no, "CREATE TABLE name (, each column on a line of its own");
	if (!str_equal(prefix, STR("floor"))
	    && !(str_starts(name.text, prefix) && (name.text.len == prefix.len || name.text.at[prefix.len] == '_')))
		stop_at(s->path, no, "table \"" STR_FMT "\" of \"%s\" must be named %s_...", STR_ARG(name.text), s->component, s->component);
	struct tab *tab = &tabs[n_tabs++];
	name_copy(tab->name, sizeof tab->name, name.text, s->path, no);
	name_copy(tab->component, sizeof tab->component, prefix, s->path, no);
	return tab;
}

static void column_add(const struct schema_file *s, struct tab *tab, struct str line, int no)
{
	static const char *const other[] = { "PRIMARY", "UNIQUE", "FOREIGN", "CHECK", "CONSTRAINT" };
	struct str rest = line, comment = STR_NONE;
	struct token name = token_next(&rest, &(int){ 0 });

	for (size_t i = 0; i < LENGTH(other); i++)
		if (token_is(&name, other[i]))
			return;
	if (name.kind != 'w')
		return;
	if (tab->n == MOST_COLUMNS)
		stop_at(s->path, no, "more than %d columns", MOST_COLUMNS);
	struct col *col = &tab->col[tab->n++];
	name_copy(col->name, sizeof col->name, name.text, s->path, no);
	for (size_t i = 0; i + 3 <= line.len && !comment.at; i++)
		if (memcmp(line.at + i, "-- ", 3) == 0)
			comment = str_from(line, i + 3);
	struct token mark = comment.at ? token_next(&comment, &(int){ 0 }) : (struct token){ 0 };
	col->mark = token_is(&mark, "personal") ? PERSONAL : token_is(&mark, "secret") ? SECRET : PLAIN;
}

/* The marks: "-- volatile" and "-- log" above a table, "-- personal" and "-- secret" behind a column. */
static void read_marks(const struct schema_file *s)
{
	struct str text = s->text;
	struct tab *tab = NULL;
	bool is_volatile = false, is_log = false;

	for (int no = 1; text.at; no++) {
		struct str line = str_trim(str_cut(&text, '\n'));
		if (str_equal(line, STR("-- volatile"))) {
			is_volatile = true;
		} else if (str_equal(line, STR("-- log"))) {
			is_log = true;
		} else if (str_starts(line, STR("CREATE TABLE"))) {
			tab = table_begin(s, line, no);
			tab->is_volatile = is_volatile;
			tab->is_log = is_log;
			is_volatile = is_log = false;
		} else if (tab && str_starts(line, STR(")"))) {
			tab = NULL;
		} else if (tab && line.len && line.at[0] != '-') {
			column_add(s, tab, line, no);
		}
		if ((is_volatile || is_log) && line.len && line.at[0] != '-')
			stop_at(s->path, no, "the mark above must stand above a CREATE TABLE");
	}
}

static void ask_columns(sqlite3 *db, const struct schema_file *s, struct tab *tab)
{
	char *sql = sqlite3_mprintf("PRAGMA table_info(%Q)", tab->name);
	sqlite3_stmt *st;
	int n = 0;

	sqlite3_prepare_v2(db, sql, -1, &st, NULL);
	while (sqlite3_step(st) == SQLITE_ROW) {
		struct col *col = col_named(tab, str_of((const char *)sqlite3_column_text(st, 1)));
		const char *type = (const char *)sqlite3_column_text(st, 2);
		if (!col)
			stop_at(s->path, 1, "column %s.%s must begin a line of its own", tab->name, sqlite3_column_text(st, 1));
		col->type = strcmp(type, "TEXT") == 0 ? TYPE_TEXT : strcmp(type, "BLOB") == 0 ? TYPE_BLOB : TYPE_INT;
		col->is_key = sqlite3_column_int(st, 5) > 0;
		col->may_be_null = !sqlite3_column_int(st, 3) && !col->is_key;
		col->has_default = sqlite3_column_type(st, 4) != SQLITE_NULL;
		tab->n_keys += col->is_key;
		n++;
	}
	sqlite3_finalize(st);
	sqlite3_free(sql);
	if (n != tab->n)
		stop_at(s->path, 1, "table %s: %d columns written one a line, the database sees %d", tab->name, tab->n, n);
	if (tab->n_keys == 0)
		stop_at(s->path, 1, "table %s has no primary key", tab->name);
	for (int i = 0; i < tab->n; i++)
		if (tab->col[i].is_key && tab->col[i].mark != PLAIN)
			stop_at(s->path, 1, "%s.%s: a key stands in the leaf as it is and cannot be personal or secret", tab->name, tab->col[i].name);
}

/* A point refers to the floor's tables and its own. */
static void ask_references(sqlite3 *db, const struct schema_file *s, const struct tab *tab)
{
	char *sql = sqlite3_mprintf("PRAGMA foreign_key_list(%Q)", tab->name);
	sqlite3_stmt *st;

	sqlite3_prepare_v2(db, sql, -1, &st, NULL);
	while (sqlite3_step(st) == SQLITE_ROW) {
		struct str name = str_of((const char *)sqlite3_column_text(st, 2));
		struct tab *other = tab_named(name);
		if (!other)
			stop_at(s->path, 1, "table %s refers to \"" STR_FMT "\", which is none", tab->name, STR_ARG(name));
		if (strcmp(other->component, "floor") != 0 && strcmp(other->component, tab->component) != 0)
			stop_at(s->path, 1, "table %s refers to \"%s\", which belongs to \"%s\": a noun that two points need moves down to the floor",
			        tab->name, other->name, other->component);
	}
	sqlite3_finalize(st);
	sqlite3_free(sql);
}

static void schema_apply(sqlite3 *db, const char *wish)
{
	struct schema_file *s = &schemas[n_schemas++];
	struct str rest = str_of(wish), component = str_cut(&rest, '='), number = str_cut(&rest, '=');
	int64_t no;
	char *error = NULL;
	int first = n_tabs;

	if (!rest.at || str_number(number, 9999, &no) != OK)
		stop_at(wish, 0, "write --schema COMPONENT=NUMBER=FILE");
	s->path = str_c(arena, rest);
	name_copy(s->component, sizeof s->component, component, s->path, 0);
	s->number = (int)no;
	s->text = slurp(s->path);
	refuse_words(s);
	read_marks(s);
	if (sqlite3_exec(db, expand(s->text), NULL, NULL, &error) != SQLITE_OK)
		stop_at(s->path, 1, "%s", error);
	for (int t = first; t < n_tabs; t++) {
		ask_columns(db, s, &tabs[t]);
		ask_references(db, s, &tabs[t]);
	}
}

/* --- the two things it makes --- */

struct wish { bool is_tables; const char *sql, *own, *statements, *schemas[MOST_SCHEMAS], *out[2]; int n_schemas, n_out; };

static FILE *out_file(const char *path)
{
	FILE *f = fopen(path, "w");

	if (!f) {
		perror(path);
		exit(1);
	}
	return f;
}

/* "src/floor/people.sql" is "people". */
static const char *stem_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	struct str name = str_of(slash ? slash + 1 : path);
	return str_c(arena, str_first(name, str_find(name, '.')));
}

static int statements(sqlite3 *db, const struct wish *wish)
{
	static struct query query[MOST_QUERIES];
	const char *stem = stem_of(wish->sql), *slash = strrchr(wish->out[0], '/');

	int n = queries_read(slurp(wish->sql), wish->sql, wish->own, stem, db, query);
	FILE *h = out_file(wish->out[0]), *c = out_file(wish->out[1]);
	emit_queries(h, c, slash ? slash + 1 : wish->out[0], stem, query, n);
	return fclose(h) || fclose(c);
}

static void emit_table(FILE *c, const struct tab *tab)
{
	static const char *const mark[] = { "PLAIN", "PERSONAL", "SECRET" };

	fprintf(c, "static const struct column columns_%s[] = {\n", tab->name);
	for (int i = 0; i < tab->n; i++)
		fprintf(c, "\t{ \"%s\", VALUE_%s, MARK_%s, %d, %d },\n", tab->col[i].name,
		        tab->col[i].type == TYPE_INT ? "INT" : tab->col[i].type == TYPE_TEXT ? "TEXT" : "BLOB", mark[tab->col[i].mark],
		        tab->col[i].is_key, tab->col[i].may_be_null);
	fprintf(c, "};\nstatic _Atomic uint64_t touched_%s;\nextern const struct table table_%s;\n"
	        "const struct table table_%s = { \"%s\", %d, columns_%s, %d, %d, &touched_%s };\n\n", tab->name,
	        tab->name, tab->name, tab->name, tab->is_volatile || tab->is_log, tab->name, tab->n, tab->n_keys, tab->name);
}

static int tables(const struct wish *wish)
{
	FILE *c = out_file(wish->out[0]);
	struct str stems = str_of(wish->statements), rest = stems;

	fprintf(c, "/* Made by sqlgen from the schemas. */\n#include \"floor/store.h\"\n\n");
	for (int i = 0; i < n_tabs; i++)
		emit_table(c, &tabs[i]);
	fprintf(c, "const struct table *const store_tables[] = {\n");
	for (int i = 0; i < n_tabs; i++)
		if (!tabs[i].is_log)
			fprintf(c, "\t&table_%s,\n", tabs[i].name);
	fprintf(c, "\tNULL\n};\n\nconst struct schema store_schemas[] = {\n");
	for (int i = 0; i < n_schemas; i++) {
		fprintf(c, "\t{ \"%s\", %d,\n\t", schemas[i].component, schemas[i].number);
		emit_c_string(c, schemas[i].text);
		fprintf(c, " },\n");
	}
	fprintf(c, "\t{ NULL, 0, NULL }\n};\n\n");
	for (struct str stem; rest.at && (stem = str_cut(&rest, ',')).len; )
		fprintf(c, "extern const struct statement *const " STR_FMT "_statements[];\n", STR_ARG(stem));
	fprintf(c, "const struct statement *const *const store_statements[] = {\n");
	for (struct str stem; stems.at && (stem = str_cut(&stems, ',')).len; )
		fprintf(c, "\t" STR_FMT "_statements,\n", STR_ARG(stem));
	fprintf(c, "\tNULL\n};\n");
	return fclose(c);
}

static int usage(void)
{
	fprintf(stderr, "usage: sqlgen --sql X.sql --own COMPONENT --schema COMPONENT=NUMBER=FILE ... OUT.h OUT.c\n"
	                "       sqlgen --tables [--statements STEM,STEM] --schema COMPONENT=NUMBER=FILE ... OUT.c\n");
	return 2;
}

static bool read_wish(int argc, char **argv, struct wish *ret)
{
	for (int i = 1; i < argc; i++) {
		const char *word = argv[i];
		if (strcmp(word, "--tables") == 0)
			ret->is_tables = true;
		else if (word[0] == '-' && i + 1 == argc)
			return false;
		else if (strcmp(word, "--sql") == 0)
			ret->sql = argv[++i];
		else if (strcmp(word, "--own") == 0)
			ret->own = argv[++i];
		else if (strcmp(word, "--statements") == 0)
			ret->statements = argv[++i];
		else if (strcmp(word, "--schema") == 0 && ret->n_schemas < MOST_SCHEMAS)
			ret->schemas[ret->n_schemas++] = argv[++i];
		else if (word[0] != '-' && ret->n_out < 2)
			ret->out[ret->n_out++] = word;
		else
			return false;
	}
	return ret->n_schemas && (ret->is_tables ? ret->n_out == 1 : ret->sql && ret->own && ret->n_out == 2);
}

int main(int argc, char **argv)
{
	struct wish wish = { 0 };
	sqlite3 *db;

	if (!read_wish(argc, argv, &wish))
		return usage();
	arena = arena_new(256 << 20);
	sqlite3_open(":memory:", &db);
	for (int i = 0; i < wish.n_schemas; i++)
		schema_apply(db, wish.schemas[i]);
	int ret = wish.is_tables ? tables(&wish) : statements(db, &wish);
	sqlite3_close(db);
	arena_end(arena);
	return ret;
}
