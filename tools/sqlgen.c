/* sqlgen: real SQL in its own file, typed by the database itself.
 *
 *   sqlgen --sql X.sql --own COMPONENT --schema COMPONENT=NUMBER=FILE ... OUT.h OUT.c     typed functions for X.sql's statements
 *   sqlgen --tables --statements STEM,STEM --schema COMPONENT=NUMBER=FILE ... OUT.c       the tables as data, the schemas' text,
 *                                                                                        the list of all statements
 *   Schemas stand in the order in which they are applied.
 *
 * Problem it solves: a misspelt column, another point's table, a write that leaves no trace, a NULL that nobody thought of.
 * Every statement is prepared on SQLite against the schemas at build time; the authorizer tells which tables and columns it
 * touches; a logged write gets a RETURNING clause, so that the log says what was done and not what was asked.
 * PostgreSQL prepares the same statements at start.
 *
 * What it does not do: it does not parse SQL. It reads its own signature lines, the column list of an INSERT, and
 * the marks in a schema; the rest it asks the database. */
#define LONG_LIVED
#include "base/out.h"
#include <ctype.h>
#include <sqlite3.h>
#include <stdarg.h>

enum { MOST_COLUMNS = 48, MOST_TABLES = 128 };

struct col { char name[64]; char type; bool is_key, may_be_null; int mark; };     /* type: i, t, b */
struct tab { char name[64], component[32]; bool is_volatile, is_log; struct col col[MOST_COLUMNS]; int n, n_keys; };
struct typed { char name[64]; char type[12]; bool may_be_null; };

static struct tab tabs[MOST_TABLES];
static int n_tabs;
static const char *file = "?";
static int line_now;
static struct arena *arena;

_Noreturn static void CHECKED_FORMAT(1, 2) stop(const char *format, ...)
{
	va_list list;
	va_start(list, format);
	fprintf(stderr, "%s:%d: ", file, line_now);
	vfprintf(stderr, format, list);
	fputc('\n', stderr);
	va_end(list);
	exit(1);
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

static void copy(char *room, size_t size, struct str s)
{
	if (s.len >= size)
		stop("\"" STR_FMT "\" is too long a name", STR_ARG(s));
	memcpy(room, s.at, s.len);
	room[s.len] = '\0';
}

static bool is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

static struct str word_at(struct str s)
{
	size_t n = 0;
	while (n < s.len && is_word(s.at[n]))
		n++;
	return str_first(s, n);
}

static bool begins(struct str s, const char *word)      /* the word, in any case, whole */
{
	size_t n = strlen(word);
	return s.len >= n && strncasecmp(s.at, word, n) == 0 && (s.len == n || !is_word(s.at[n]));
}

/* --- schemas --- */

static struct tab *tab_named(const char *name)
{
	for (int i = 0; i < n_tabs; i++)
		if (strcmp(tabs[i].name, name) == 0)
			return &tabs[i];
	return NULL;
}

static struct col *col_named(struct tab *tab, struct str name)
{
	for (int i = 0; i < tab->n; i++)
		if (str_equal(str_of(tab->col[i].name), name))
			return &tab->col[i];
	return NULL;
}

static char *expand(struct str ddl)
{
	static const char *const token[][2] = { { "{id}", "INTEGER PRIMARY KEY" }, { "{i64}", "INTEGER" }, { "{blob}", "BLOB" },
		{ "{json}", "TEXT" }, { "{strict}", "STRICT" } };
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

/* The marks: "-- volatile" and "-- log" above a table, "-- personal" and "-- secret" behind a column. */
static void read_marks(struct str text, const char *component)
{
	struct tab *tab = NULL;
	bool is_volatile = false, is_log = false;

	for (line_now = 1; text.at; line_now++) {
		struct str line = str_trim(str_cut(&text, '\n'));
		if (str_equal(line, STR("-- volatile")))
			is_volatile = true;
		else if (str_equal(line, STR("-- log")))
			is_log = true;
		else if (begins(line, "CREATE TABLE")) {
			struct str name = word_at(str_trim(str_from(line, 12)));
			assert(n_tabs < MOST_TABLES);
			tab = &tabs[n_tabs++];
			copy(tab->name, sizeof tab->name, name);
			copy(tab->component, sizeof tab->component, str_of(component));
			tab->is_volatile = is_volatile;
			tab->is_log = is_log;
			is_volatile = is_log = false;
			struct str prefix = str_of(component);
			if (strcmp(component, "floor") != 0 && !(str_starts(name, prefix) && (name.len == prefix.len || name.at[prefix.len] == '_')))
				stop("table \"%s\" of \"%s\" must be named %s_...", tab->name, component, component);
		} else if (tab && line.len && line.at[0] == ')') {
			tab = NULL;
		} else if (tab && line.len && line.at[0] != '-') {
			struct str name = word_at(line), comment = STR_NONE;
			for (size_t i = 0; i + 3 <= line.len; i++)
				if (memcmp(line.at + i, "-- ", 3) == 0) {
					comment = str_from(line, i + 3);
					break;
				}
			if (begins(name, "PRIMARY") || begins(name, "UNIQUE") || begins(name, "FOREIGN") || begins(name, "CHECK"))
				continue;
			assert(tab->n < MOST_COLUMNS);
			struct col *col = &tab->col[tab->n++];
			copy(col->name, sizeof col->name, name);
			col->mark = begins(comment, "personal") ? 1 : begins(comment, "secret") ? 2 : 0;
		}
	}
}

static void ask_columns(sqlite3 *db, struct tab *tab)
{
	char *sql = sqlite3_mprintf("PRAGMA table_info(%Q)", tab->name);
	sqlite3_stmt *st;
	int n = 0;

	sqlite3_prepare_v2(db, sql, -1, &st, NULL);
	while (sqlite3_step(st) == SQLITE_ROW) {
		struct col *col = col_named(tab, str_of((const char *)sqlite3_column_text(st, 1)));
		const char *type = (const char *)sqlite3_column_text(st, 2);
		if (!col)
			stop("column %s.%s must begin a line of its own", tab->name, sqlite3_column_text(st, 1));
		col->type = strcmp(type, "TEXT") == 0 ? 't' : strcmp(type, "BLOB") == 0 ? 'b' : 'i';
		col->is_key = sqlite3_column_int(st, 5) > 0;
		col->may_be_null = !sqlite3_column_int(st, 3) && !col->is_key;
		tab->n_keys += col->is_key;
		n++;
	}
	sqlite3_finalize(st);
	sqlite3_free(sql);
	if (n != tab->n)
		stop("table %s: %d columns written one a line, the database sees %d", tab->name, tab->n, n);
	if (tab->n_keys == 0)
		stop("table %s has no primary key", tab->name);
}

struct schema_file { char component[32]; int number; const char *path; struct str text; };

enum { MOST_SCHEMAS = 64 };
struct wish { bool is_tables; const char *sql, *own, *statements, *schemas[MOST_SCHEMAS], *out[2]; int n_schemas, n_out; };

static int usage(void)
{
	fprintf(stderr, "usage: sqlgen --sql X.sql --own COMPONENT --schema COMPONENT=NUMBER=FILE ... OUT.h OUT.c\n"
	                "       sqlgen --tables [--statements STEM,STEM] --schema COMPONENT=NUMBER=FILE ... OUT.c\n");
	return 2;
}

/* "src/floor/people.sql" is "people". */
static const char *stem_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	struct str name = str_of(slash ? slash + 1 : path);
	return str_c(arena, str_first(name, str_find(name, '.')));
}

static struct schema_file schemas[MOST_SCHEMAS];
static int n_schemas;

static sqlite3 *open_schemas(const char *const *argv, int n)
{
	sqlite3 *db;
	char *error = NULL;

	sqlite3_open(":memory:", &db);
	for (int i = 0; i < n; i++) {
		struct schema_file *s = &schemas[n_schemas++];
		struct str rest = str_of(argv[i]), component = str_cut(&rest, '='), number = str_cut(&rest, '=');
		int64_t no;
		copy(s->component, sizeof s->component, component);
		if (str_number(number, 9999, &no) != OK)
			stop("bad schema argument %s", argv[i]);
		s->number = (int)no;
		s->path = file = str_c(arena, rest);
		s->text = slurp(s->path);
		int first = n_tabs;
		read_marks(s->text, s->component);
		if (sqlite3_exec(db, expand(s->text), NULL, NULL, &error) != SQLITE_OK)
			stop("%s", error);
		for (int t = first; t < n_tabs; t++)
			ask_columns(db, &tabs[t]);
	}
	return db;
}

/* --- statements --- */

static struct { const char *own; struct tab *written; char action; bool set[MOST_COLUMNS]; char refused[160]; } seen;

static bool is_ours(const struct tab *tab)
{
	return strcmp(tab->component, "floor") == 0 || strcmp(tab->component, seen.own) == 0;
}

static int authorize(void *of, int action, const char *a, const char *b, const char *c, const char *d)
{
	(void)of; (void)c; (void)d;
	if (action == SQLITE_FUNCTION && b && (!strcmp(b, "random") || !strcmp(b, "randomblob") || !strcmp(b, "datetime")
	    || !strcmp(b, "date") || !strcmp(b, "time") || !strcmp(b, "strftime") || !strcmp(b, "julianday") || !strcmp(b, "unixepoch"))) {
		snprintf(seen.refused, sizeof seen.refused, "%s(): no clock and no chance in a statement; hand it in", b);
		return SQLITE_DENY;
	}
	if (action != SQLITE_READ && action != SQLITE_INSERT && action != SQLITE_UPDATE && action != SQLITE_DELETE)
		return SQLITE_OK;
	struct tab *tab = tab_named(a);
	if (!tab) {
		if (strncmp(a, "sqlite_", 7) != 0)
			return SQLITE_OK;      /* a common table expression */
		snprintf(seen.refused, sizeof seen.refused, "table \"%s\" is not ours to touch", a);
		return SQLITE_DENY;
	}
	bool is_write = action != SQLITE_READ;
	if (!is_ours(tab)) {
		snprintf(seen.refused, sizeof seen.refused, "table \"%s\" belongs to \"%s\"", a, tab->component);
		return SQLITE_DENY;
	}
	if (!is_write)
		return SQLITE_OK;
	if (seen.written && seen.written != tab) {
		snprintf(seen.refused, sizeof seen.refused, "a statement writes one table, this one \"%s\" and \"%s\"", seen.written->name, a);
		return SQLITE_DENY;
	}
	seen.written = tab;
	if (action == SQLITE_INSERT)
		seen.action = 'I';
	else if (action == SQLITE_DELETE)
		seen.action = 'D';
	else if (seen.action != 'I')
		seen.action = 'U';
	if (action == SQLITE_UPDATE && b && col_named(tab, str_of(b)))
		seen.set[col_named(tab, str_of(b)) - tab->col] = true;
	return SQLITE_OK;
}

/* "a int, b text?" into typed columns. */
static int read_typed(struct str list, struct typed *ret)
{
	static const char *const known[] = { "int", "instant", "bool", "text", "blob" };
	int n = 0;

	list = str_trim(list);
	while (list.len) {
		struct str one = str_trim(str_cut(&list, ',')), name = word_at(one), type = str_trim(str_from(one, name.len));
		bool may_be_null = type.len && type.at[type.len - 1] == '?', is_known = false;
		type = str_first(type, type.len - may_be_null);
		for (size_t i = 0; i < LENGTH(known); i++)
			is_known |= str_equal(type, str_of(known[i]));
		if (!is_known || !name.len || n == MOST_COLUMNS)
			stop("write NAME TYPE, TYPE one of int instant bool text blob: \"" STR_FMT "\"", STR_ARG(one));
		copy(ret[n].name, sizeof ret[n].name, name);
		copy(ret[n].type, sizeof ret[n].type, type);
		ret[n++].may_be_null = may_be_null;
		if (!list.at)
			break;
	}
	return n;
}

struct query {
	char name[96], form;                       /* form: 1 one, m many, e each, w write */
	struct typed arg[MOST_COLUMNS], col[MOST_COLUMNS];
	int n_args, n_cols;
	struct str prose, sql, sent;
	struct tab *tab;
	char action;
	int returned[MOST_COLUMNS], n_returned;
};

static struct str between(struct str *rest)
{
	size_t n = str_find(*rest, ')');
	if (!rest->len || rest->at[0] != '(' || n == rest->len)
		stop("a signature is NAME(arguments) or NAME(arguments) -> one|many|each (columns)");
	struct str inside = str_from(str_first(*rest, n), 1);
	*rest = str_trim(str_from(*rest, n + 1));
	return inside;
}

static void read_signature(struct str line, const char *stem, struct query *q)
{
	struct str rest = str_trim(line), name = word_at(rest);
	size_t n = strlen(stem);

	copy(q->name, sizeof q->name, name);
	if (strncmp(q->name, stem, n) != 0 || q->name[n] != '_')
		stop("\"%s\": statements of this file are named %s_...", q->name, stem);
	rest = str_from(rest, name.len);
	q->n_args = read_typed(between(&rest), q->arg);
	q->form = 'w';
	if (!rest.len)
		return;
	if (!str_starts(rest, STR("->")))
		stop("after the arguments comes -> or nothing");
	rest = str_trim(str_from(rest, 2));
	struct str form = word_at(rest);
	q->form = str_equal(form, STR("one")) ? '1' : str_equal(form, STR("many")) ? 'm' : str_equal(form, STR("each")) ? 'e' : 0;
	if (!q->form)
		stop("-> one, many or each");
	rest = str_trim(str_from(rest, form.len));
	q->n_cols = read_typed(between(&rest), q->col);
}

/* First appearances of $1, $2 ... must ascend: SQLite numbers them by first appearance. */
static void check_placeholders(const struct query *q)
{
	int most = 0;
	bool is_quoted = false;

	for (size_t i = 0; i + 1 < q->sql.len; i++) {
		is_quoted ^= q->sql.at[i] == '\'';
		if (is_quoted || q->sql.at[i] != '$')
			continue;
		int n = 0;
		for (size_t k = i + 1; k < q->sql.len && isdigit((unsigned char)q->sql.at[k]); k++)
			n = n * 10 + q->sql.at[k] - '0';
		if (n > most + 1 || n == 0)
			stop("%s: $%d appears before $%d", q->name, n, most + 1);
		most = MAX(most, n);
	}
	if (most != q->n_args)
		stop("%s: %d arguments declared, $1 to $%d used", q->name, q->n_args, most);
}

static void note_inserted(struct query *q)
{
	struct str rest = q->sql;
	size_t open = str_find(rest, '(');
	struct str list = str_from(rest, open + 1);

	list = str_first(list, str_find(list, ')'));
	while (list.at && list.len) {
		struct str name = str_trim(str_cut(&list, ','));
		struct col *col = col_named(q->tab, name);
		if (!col)
			stop("%s: name the columns of the INSERT; \"" STR_FMT "\" is none", q->name, STR_ARG(name));
		seen.set[col - q->tab->col] = true;
	}
}

static void finish_write(struct query *q)
{
	struct out out = out_new(arena);

	if (q->action == 'I')
		note_inserted(q);
	for (int k = 0; k < 2; k++)          /* keys first */
		for (int i = 0; i < q->tab->n; i++) {
			bool is_key = q->tab->col[i].is_key;
			if (k == 0 && is_key && q->action == 'I' && !seen.set[i])
				stop("%s: the key %s must be set: ids come from the application", q->name, q->tab->col[i].name);
			if (k == 0 ? is_key : !is_key && q->action != 'D' && seen.set[i])
				q->returned[q->n_returned++] = i;
		}
	out_put(&out, str_first(q->sql, q->sql.len));
	if (!q->tab->is_volatile && !q->tab->is_log) {
		for (int i = 0; i < q->n_returned; i++)
			out_print(&out, "%s%s", i ? ", " : " RETURNING ", q->tab->col[q->returned[i]].name);
	} else {
		q->n_returned = 0;
	}
	q->sent = out_str(&out);
}

static void check_columns(struct query *q, sqlite3_stmt *st)
{
	if (sqlite3_column_count(st) != q->n_cols)
		stop("%s: %d columns declared, the statement gives %d", q->name, q->n_cols, sqlite3_column_count(st));
	for (int i = 0; i < q->n_cols; i++) {
		const char *name = sqlite3_column_name(st, i), *type = sqlite3_column_decltype(st, i);
		const char *of_table = sqlite3_column_table_name(st, i), *of_column = sqlite3_column_origin_name(st, i);
		const char *want = q->col[i].type;
		bool is_number = strcmp(want, "text") != 0 && strcmp(want, "blob") != 0;
		if (strcmp(name, q->col[i].name) != 0)
			stop("%s: column %d is declared \"%s\" and comes as \"%s\"", q->name, i + 1, q->col[i].name, name);
		if (type && (is_number ? strcmp(type, "INTEGER") != 0 : strcasecmp(type, want) != 0))
			stop("%s: column \"%s\" is declared %s and stored as %s", q->name, name, want, type);
		struct tab *tab = of_table ? tab_named(of_table) : NULL;
		struct col *col = tab && of_column ? col_named(tab, str_of(of_column)) : NULL;
		if (col && col->may_be_null && !q->col[i].may_be_null)
			stop("%s: column \"%s\" may be NULL: write %s?", q->name, name, want);
	}
}

static void check(sqlite3 *db, struct query *q)
{
	sqlite3_stmt *st = NULL;

	memset(seen.set, 0, sizeof seen.set);
	seen.written = NULL;
	seen.action = 0;
	seen.refused[0] = '\0';
	check_placeholders(q);
	q->sql = str_trim(q->sql);
	q->sql = str_first(q->sql, q->sql.len - 1);      /* the semicolon */
	int rc = sqlite3_prepare_v2(db, q->sql.at, (int)q->sql.len, &st, NULL);
	if (rc != SQLITE_OK)
		stop("%s: %s", q->name, seen.refused[0] ? seen.refused : sqlite3_errmsg(db));
	q->tab = seen.written;
	q->action = seen.action;
	q->sent = q->sql;
	if (q->tab && q->form != 'w')
		stop("%s: a write gives nothing back", q->name);
	if (!q->tab && q->form == 'w')
		stop("%s: a read needs -> one, many or each", q->name);
	if (q->tab && q->tab->is_log && strcmp(seen.own, "floor") != 0)
		stop("%s: the log is written by the floor alone", q->name);
	if (q->tab)
		finish_write(q);
	else
		check_columns(q, st);
	sqlite3_finalize(st);
}

/* --- emission --- */

static bool is_text(const struct typed *t)
{
	return strcmp(t->type, "text") == 0 || strcmp(t->type, "blob") == 0;
}

static const char *c_type(const struct typed *t)
{
	if (is_text(t))
		return "struct str ";
	if (t->may_be_null)
		return "struct maybe_int ";
	return strcmp(t->type, "instant") == 0 ? "struct instant " : strcmp(t->type, "bool") == 0 ? "bool " : "int64_t ";
}

static bool takes_rq(const struct query *q)
{
	return q->form != 'w' || q->tab->is_volatile || q->tab->is_log;
}

enum { MOST_POSITIONAL = 4 };

static void emit_structs(FILE *h, const struct query *q)
{
	if (q->n_args > MOST_POSITIONAL) {
		fprintf(h, "struct %s_args {", q->name);
		for (int i = 0; i < q->n_args; i++)
			fprintf(h, " %s%s;", c_type(&q->arg[i]), q->arg[i].name);
		fprintf(h, " };\n");
	}
	if (q->form == 'w')
		return;
	fprintf(h, "struct %s_row {", q->name);
	for (int i = 0; i < q->n_cols; i++)
		fprintf(h, " %s%s;", c_type(&q->col[i]), q->col[i].name);
	fprintf(h, " };\n");
}

static void emit_head(FILE *f, const struct query *q)
{
	fprintf(f, "enum err %s(struct %s", q->name, takes_rq(q) ? "rq *rq" : "change *change");
	if (q->n_args > MOST_POSITIONAL)
		fprintf(f, ", const struct %s_args *args", q->name);
	else
		for (int i = 0; i < q->n_args; i++)
			fprintf(f, ", %s%s", c_type(&q->arg[i]), q->arg[i].name);
	if (q->form == '1')
		fprintf(f, ", struct %s_row *ret", q->name);
	else if (q->form == 'm')
		fprintf(f, ", struct %s_row **ret, size_t *ret_n", q->name);
	else if (q->form == 'e')
		fprintf(f, ", enum err (*each)(void *of, const struct %s_row *row), void *of", q->name);
	fprintf(f, ")");
}

static void emit_values(FILE *c, const struct query *q)
{
	fprintf(c, "\tconst struct value values[] = {");
	for (int i = 0; i < q->n_args; i++) {
		const struct typed *t = &q->arg[i];
		const char *of = q->n_args > MOST_POSITIONAL ? "args->" : "";
		if (is_text(t))
			fprintf(c, " value_%s(%s%s),", t->type, of, t->name);
		else if (t->may_be_null)
			fprintf(c, " value_maybe(%s%s),", of, t->name);
		else
			fprintf(c, " value_int(%s%s%s),", of, t->name, strcmp(t->type, "instant") == 0 ? ".ms" : "");
	}
	fprintf(c, "%s };\n", q->n_args ? "" : " { 0 }");
}

static void emit_fetch(FILE *c, const struct query *q, bool is_copied)
{
	fprintf(c, "static inline void %s_fetch(struct rq *rq, const struct cursor *c, struct %s_row *row)\n{\n\t(void)rq;\n", q->name, q->name);
	for (int i = 0; i < q->n_cols; i++) {
		const struct typed *t = &q->col[i];
		if (is_text(t))
			fprintf(c, is_copied ? "\trow->%s = str_copy(rq->arena, store_text(c, %d));\n" : "\trow->%s = store_text(c, %d);\n", t->name, i);
		else if (t->may_be_null)
			fprintf(c, "\trow->%s = (struct maybe_int){ !store_is_null(c, %d), store_int(c, %d) };\n", t->name, i, i);
		else if (strcmp(t->type, "instant") == 0)
			fprintf(c, "\trow->%s.ms = store_int(c, %d);\n", t->name, i);
		else
			fprintf(c, "\trow->%s = store_int(c, %d)%s;\n", t->name, i, strcmp(t->type, "bool") == 0 ? " != 0" : "");
	}
	fprintf(c, "}\n\n");
}

static void emit_c_string(FILE *c, struct str s)
{
	fputc('"', c);
	for (size_t i = 0; i < s.len; i++) {
		if (s.at[i] == '"' || s.at[i] == '\\')
			fputc('\\', c);
		if (s.at[i] == '\n')
			fputs("\\n\"\n\t\"", c);
		else if (s.at[i] == '\t')
			fputs("\\t", c);
		else
			fputc(s.at[i], c);
	}
	fputc('"', c);
}

static void emit_statement(FILE *c, const struct query *q)
{
	static const char *const kind[] = { ['I'] = "INSERT", ['U'] = "UPDATE", ['D'] = "DELETE" };

	if (q->n_returned) {
		fprintf(c, "static const uint8_t %s_returned[] = {", q->name);
		for (int i = 0; i < q->n_returned; i++)
			fprintf(c, " %d,", q->returned[i]);
		fprintf(c, " };\n");
	}
	if (q->tab)
		fprintf(c, "extern const struct table table_%s;\n", q->tab->name);
	fprintf(c, "static const struct statement %s_statement = {\n\t.name = \"%s\", .kind = STATEMENT_%s, .n_args = %d, .n_results = %d,\n\t.sql = ",
	        q->name, q->name, q->tab ? kind[(int)q->action] : "READ", q->n_args, q->tab ? q->n_returned : q->n_cols);
	emit_c_string(c, q->sent);
	if (q->tab)
		fprintf(c, ",\n\t.table = &table_%s", q->tab->name);
	if (q->n_returned)
		fprintf(c, ", .returned = %s_returned", q->name);
	fprintf(c, "\n};\n\n");
}

static void emit_read(FILE *c, const struct query *q)
{
	emit_fetch(c, q, q->form != 'e');
	emit_head(c, q);
	fprintf(c, "\n{\n");
	emit_values(c, q);
	fprintf(c, "\tstruct cursor c;\n\tenum err err = store_start(rq, &%s_statement, values, &c);\n\n\tif (err != OK)\n\t\treturn err;\n", q->name);
	if (q->form == '1') {
		fprintf(c, "\tif ((err = store_step(&c, rq->trouble)) == OK)\n\t\t%s_fetch(rq, &c, ret);\n\tstore_finish(&c);\n\treturn err;\n}\n\n", q->name);
	} else if (q->form == 'e') {
		fprintf(c, "\twhile ((err = store_step(&c, rq->trouble)) == OK) {\n\t\tstruct %s_row row;\n\t\t%s_fetch(rq, &c, &row);\n"
		        "\t\tif ((err = each(of, &row)) != OK)\n\t\t\tbreak;\n\t}\n\tstore_finish(&c);\n\treturn err == ERR_NONE ? OK : err;\n}\n\n", q->name, q->name);
	} else {
		fprintf(c, "\tsize_t n = 0, room = 8;\n\tstruct %s_row *rows = NEW_MANY(rq->arena, room, struct %s_row);\n"
		        "\twhile ((err = store_step(&c, rq->trouble)) == OK) {\n\t\tif (n == room) {\n"
		        "\t\t\tstruct %s_row *more = NEW_MANY(rq->arena, room * 2, struct %s_row);\n\t\t\tmemcpy(more, rows, n * sizeof rows[0]);\n"
		        "\t\t\trows = more;\n\t\t\troom *= 2;\n\t\t}\n\t\t%s_fetch(rq, &c, &rows[n++]);\n\t}\n\tstore_finish(&c);\n"
		        "\tif (err != ERR_NONE)\n\t\treturn err;\n\t*ret = rows;\n\t*ret_n = n;\n\treturn OK;\n}\n\n",
		        q->name, q->name, q->name, q->name, q->name);
	}
}

static void emit_write(FILE *c, const struct query *q)
{
	emit_head(c, q);
	fprintf(c, "\n{\n");
	emit_values(c, q);
	if (takes_rq(q))
		fprintf(c, "\tint64_t n;\n\n\tTRY(store_write_volatile(rq, &%s_statement, values, &n));\n\treturn n ? OK : ERR_NONE;\n}\n\n", q->name);
	else
		fprintf(c, "\treturn change_write(change, &%s_statement, values);\n}\n\n", q->name);
}

static void emit(FILE *h, FILE *c, const struct query *q)
{
	struct str prose = q->prose;

	fprintf(h, "\n");
	if (prose.len)
		fprintf(h, "/* " STR_FMT " */\n", STR_ARG(prose));
	emit_structs(h, q);
	emit_head(h, q);
	fprintf(h, ";\n");
	emit_statement(c, q);
	if (q->form == 'w')
		emit_write(c, q);
	else
		emit_read(c, q);
}

static void emit_list(FILE *c, const char *stem, const struct query *q, int n)
{
	fprintf(c, "extern const struct statement *const %s_statements[];\nconst struct statement *const %s_statements[] = {\n", stem, stem);
	for (int i = 0; i < n; i++)
		fprintf(c, "\t&%s_statement,\n", q[i].name);
	fprintf(c, "\tNULL\n};\n");
}

static int read_queries(struct str text, const char *stem, struct query *ret, int most, sqlite3 *db)
{
	struct out prose = out_new(arena);
	int n = 0;

	for (line_now = 1; text.at; line_now++) {
		struct str whole = text, line = str_trim(str_cut(&text, '\n'));
		if (str_starts(line, STR("--:"))) {
			struct query *q = &ret[n++];
			assert(n <= most);
			*q = (struct query){ .prose = out_str(&prose) };
			read_signature(str_from(line, 3), stem, q);
			const char *from = text.at;
			do {
				if (!text.at)
					stop("%s: the statement does not end with ;", q->name);
				whole = str_trim(str_cut(&text, '\n'));
				line_now++;
			} while (!str_ends(whole, STR(";")));
			q->sql = (struct str){ from, (size_t)(whole.at + whole.len - from) };
			check(db, q);
			prose = out_new(arena);
		} else if (str_starts(line, STR("-- "))) {
			if (prose.len)
				out_byte(&prose, ' ');
			out_put(&prose, str_from(line, 3));
		} else if (line.len) {
			stop("a statement needs a signature line \"--: name(...)\" above it");
		} else {
			prose = out_new(arena);
		}
	}
	return n;
}

static int statements(const struct wish *wish)
{
	static struct query query[256];
	const char *stem = stem_of(wish->sql);
	sqlite3 *db = open_schemas(wish->schemas, wish->n_schemas);

	seen.own = wish->own;
	file = wish->sql;
	sqlite3_set_authorizer(db, authorize, NULL);
	int n = read_queries(slurp(wish->sql), stem, query, (int)LENGTH(query), db);
	FILE *h = fopen(wish->out[0], "w"), *c = fopen(wish->out[1], "w");
	if (!h || !c)
		stop("cannot write %s", wish->out[0]);
	fprintf(h, "/* Made by sqlgen from %s.sql. */\n#ifndef SQL_%s_H\n#define SQL_%s_H\n#include \"floor/audit.h\"\n", stem, stem, stem);
	const char *base = strrchr(wish->out[0], '/');
	fprintf(c, "/* Made by sqlgen from %s.sql. */\n#include \"%s\"\n\n", stem, base ? base + 1 : wish->out[0]);
	for (int i = 0; i < n; i++)
		emit(h, c, &query[i]);
	fprintf(h, "#endif\n");
	emit_list(c, stem, query, n);
	sqlite3_close(db);
	return fclose(h) || fclose(c);
}

static void emit_table(FILE *c, const struct tab *tab)
{
	static const char *const mark[] = { "PLAIN", "PERSONAL", "SECRET" };

	fprintf(c, "static const struct column columns_%s[] = {\n", tab->name);
	for (int i = 0; i < tab->n; i++)
		fprintf(c, "\t{ \"%s\", VALUE_%s, MARK_%s, %d, %d },\n", tab->col[i].name,
		        tab->col[i].type == 'i' ? "INT" : tab->col[i].type == 't' ? "TEXT" : "BLOB", mark[tab->col[i].mark],
		        tab->col[i].is_key, tab->col[i].may_be_null);
	fprintf(c, "};\nextern const struct table table_%s;\nconst struct table table_%s = { \"%s\", %d, columns_%s, %d, %d };\n\n",
	        tab->name, tab->name, tab->name, tab->is_volatile || tab->is_log, tab->name, tab->n, tab->n_keys);
}

static int tables(const struct wish *wish)
{
	sqlite3_close(open_schemas(wish->schemas, wish->n_schemas));
	FILE *c = fopen(wish->out[0], "w");
	struct str stems = str_of(wish->statements), rest = stems;

	if (!c)
		stop("cannot write %s", wish->out[0]);
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

int main(int argc, char **argv)
{
	struct wish wish = { 0 };

	arena = arena_new(256 << 20);
	for (int i = 1; i < argc; i++) {
		const char *word = argv[i];
		if (strcmp(word, "--tables") == 0)
			wish.is_tables = true;
		else if (word[0] == '-' && i + 1 == argc)
			return usage();
		else if (strcmp(word, "--sql") == 0)
			wish.sql = argv[++i];
		else if (strcmp(word, "--own") == 0)
			wish.own = argv[++i];
		else if (strcmp(word, "--statements") == 0)
			wish.statements = argv[++i];
		else if (strcmp(word, "--schema") == 0 && wish.n_schemas < MOST_SCHEMAS)
			wish.schemas[wish.n_schemas++] = argv[++i];
		else if (word[0] != '-' && wish.n_out < 2)
			wish.out[wish.n_out++] = word;
		else
			return usage();
	}
	if (wish.is_tables && wish.n_out == 1 && wish.n_schemas)
		return tables(&wish);
	if (wish.sql && wish.own && wish.n_out == 2 && wish.n_schemas)
		return statements(&wish);
	return usage();
}
