/* sqlgen: reads the statements of an x.sql and lets the database judge each against the schemas.
 *
 * The authorizer is asked by SQLite while it prepares: it names every table, column and function that a statement touches, also
 * inside subqueries, so nothing is guessed from the text. The text itself is asked for four things alone: the order of the
 * placeholders (SQLite numbers them by first appearance), words that mean different things in the two engines, the column list
 * of an INSERT, and which tables an outer join may leave empty (SQLite says they are NOT NULL, and is wrong there). */
#include "sqlgen.h"
#include <ctype.h>
#include <stdarg.h>

static const char *path, *own;
static struct {
	struct tab *written;
	enum act    act;
	bool        set[MOST_COLUMNS], is_updated[MOST_COLUMNS];
	struct tab *read[MOST_READ];
	int         n_read;
	char        refused[256];
} seen;

_Noreturn static void CHECKED_FORMAT(2, 3) stop(const struct query *q, const char *format, ...)
{
	char text[600];
	va_list list;

	va_start(list, format);
	vsnprintf(text, sizeof text, format, list);
	va_end(list);
	stop_at(path, q->line, "%s: %s", q->name, text);
}

/* --- what the database tells --- */

static int CHECKED_FORMAT(1, 2) deny(const char *format, ...)
{
	va_list list;

	if (!seen.refused[0]) {
		va_start(list, format);
		vsnprintf(seen.refused, sizeof seen.refused, format, list);
		va_end(list);
	}
	return SQLITE_DENY;
}

/* Functions that both engines have and that answer the same in both. */
static int function_seen(const char *name)
{
	static const char *const same[] = { "count", "sum", "min", "max", "coalesce", "nullif", "length", "abs", "substr", "replace",
		"row_number", "rank", "dense_rank", "lag", "lead", "first_value", "last_value", "->>" };
	static const struct { const char *name, *why; } differ[] = {
		{ "like", "LIKE knows case in one engine and not in the other: search by prefix range" },
		{ "lower", "lower() is ASCII in SQLite: fold in C" }, { "upper", "upper() is ASCII in SQLite: fold in C" },
		{ "random", "no chance in a statement: hand it in" }, { "randomblob", "no chance in a statement: hand it in" },
		{ "ifnull", "write coalesce" }, { "group_concat", "PostgreSQL has string_agg: put texts together in C" },
		{ "last_insert_rowid", "ids come from the application" }, { "round", "the engines round differently: whole numbers only" },
	};
	static const char *const clocks[] = { "date", "time", "datetime", "julianday", "unixepoch", "strftime", "current_timestamp",
		"current_date", "current_time", "now" };

	for (size_t i = 0; i < LENGTH(same); i++)
		if (strcasecmp(name, same[i]) == 0)
			return SQLITE_OK;
	for (size_t i = 0; i < LENGTH(differ); i++)
		if (strcasecmp(name, differ[i].name) == 0)
			return deny("%s", differ[i].why);
	for (size_t i = 0; i < LENGTH(clocks); i++)
		if (strcasecmp(name, clocks[i]) == 0)
			return deny("%s: no clock in a statement: hand the moment in", name);
	return deny("%s() is not among the functions known to answer the same in both engines (sqlgen_check.c)", name);
}

/* More tables than there is room for: n_read passes MOST_READ. */
static int read_seen(struct tab *tab)
{
	for (int i = 0; i < MIN(seen.n_read, MOST_READ); i++)
		if (seen.read[i] == tab)
			return SQLITE_OK;
	if (seen.n_read < MOST_READ)
		seen.read[seen.n_read] = tab;
	seen.n_read = MIN(seen.n_read + 1, MOST_READ + 1);
	return SQLITE_OK;
}

static int table_seen(int action, const char *name, const char *column)
{
	struct tab *tab = tab_named(str_of(name));

	/* A common table expression of which no column is read comes without a column's name. */
	if (!tab && action == SQLITE_READ && column && !column[0])
		return SQLITE_OK;
	if (!tab)
		return deny("table \"%s\" is not ours to touch", name);
	if (strcmp(tab->component, "floor") != 0 && strcmp(tab->component, own) != 0)
		return deny("table \"%s\" belongs to \"%s\"; \"%s\" sees the floor's tables and its own", name, tab->component, own);
	if (action == SQLITE_READ)
		return read_seen(tab);
	if (strcmp(tab->component, own) != 0)
		return deny("table \"%s\" belongs to the floor; \"%s\" may read it, and writes through the floor's functions", name, own);
	if (seen.written && seen.written != tab)
		return deny("a statement writes one table, this one \"%s\" and \"%s\"", seen.written->name, name);
	seen.written = tab;
	if (action == SQLITE_INSERT)
		seen.act = ACT_INSERT;
	else if (action == SQLITE_DELETE)
		seen.act = ACT_DELETE;
	else if (seen.act != ACT_INSERT)
		seen.act = ACT_UPDATE;
	struct col *col = action == SQLITE_UPDATE && column ? col_named(tab, str_of(column)) : NULL;
	if (col)
		seen.set[col - tab->col] = seen.is_updated[col - tab->col] = true;
	return SQLITE_OK;
}

static int authorize(void *of, int action, const char *a, const char *b, const char *c, const char *d)
{
	(void)of; (void)c; (void)d;
	switch (action) {
	case SQLITE_SELECT: case SQLITE_RECURSIVE:
		return SQLITE_OK;
	case SQLITE_FUNCTION:
		return function_seen(b);
	case SQLITE_READ: case SQLITE_INSERT: case SQLITE_UPDATE: case SQLITE_DELETE:
		return table_seen(action, a, b);
	default:
		return deny("only SELECT, INSERT, UPDATE and DELETE stand in an x.sql");
	}
}

/* --- signatures --- */

static struct str word_of(struct str s)
{
	size_t n = 0;
	while (n < s.len && (isalnum((unsigned char)s.at[n]) || s.at[n] == '_'))
		n++;
	return str_first(s, n);
}

static void check_name(const struct query *q, const struct typed *t)
{
	static const char *const ours[] = { "rq", "change", "ret", "ret_n", "each", "of", "args", "default", "register", "int", "bool",
		"long", "short", "char", "double", "float", "signed", "unsigned", "void", "const", "static", "return", "if", "else", "for",
		"while", "do", "switch", "case", "break", "continue", "goto", "enum", "struct", "union", "auto", "extern", "inline" };

	for (size_t i = 0; i < LENGTH(ours); i++)
		if (strcmp(t->name, ours[i]) == 0)
			stop(q, "\"%s\" cannot be a name in C here: choose another", t->name);
}

/* "a int, b text?" into typed columns. */
static int read_typed(const struct query *q, struct str list, struct typed *ret)
{
	static const char *const known[] = { "int", "instant", "bool", "text", "blob" };
	int n = 0;

	for (list = str_trim(list); list.at && list.len; n++) {
		struct str one = str_trim(str_cut(&list, ',')), name = word_of(one), type = str_trim(str_from(one, name.len));
		bool may_be_null = str_ends(type, STR("?")), is_known = false;
		type = str_first(type, type.len - may_be_null);
		for (size_t i = 0; i < LENGTH(known); i++)
			is_known |= str_equal(type, str_of(known[i]));
		if (!is_known || !name.len || n == MOST_COLUMNS)
			stop(q, "write NAME TYPE, where TYPE is int, instant, bool, text or blob, with ? when it may be NULL: \"" STR_FMT "\"",
			     STR_ARG(one));
		ret[n] = (struct typed){ .may_be_null = may_be_null };
		name_copy(ret[n].name, sizeof ret[n].name, name, path, q->line);
		name_copy(ret[n].type, sizeof ret[n].type, type, path, q->line);
		check_name(q, &ret[n]);
		for (int i = 0; i < n; i++)
			if (strcmp(ret[i].name, ret[n].name) == 0)
				stop(q, "\"%s\" stands twice", ret[n].name);
	}
	return n;
}

static struct str between(const struct query *q, struct str *rest)
{
	size_t n = str_find(*rest, ')');
	if (!rest->len || rest->at[0] != '(' || n == rest->len)
		stop(q, "a signature is NAME(arguments) or NAME(arguments) -> one|many|each (columns)");
	struct str inside = str_from(str_first(*rest, n), 1);
	*rest = str_trim(str_from(*rest, n + 1));
	return inside;
}

static void read_signature(struct str line, const char *stem, struct query *q)
{
	static const char *const word[] = { [FORM_ONE] = "one", [FORM_MANY] = "many", [FORM_EACH] = "each" };
	struct str rest = str_trim(line), name = word_of(rest);
	size_t n = strlen(stem);

	name_copy(q->name, sizeof q->name, name, path, q->line);
	if (strncmp(q->name, stem, n) != 0 || q->name[n] != '_')
		stop(q, "statements of this file are named %s_...", stem);
	rest = str_trim(str_from(rest, name.len));
	q->n_args = read_typed(q, between(q, &rest), q->arg);
	q->form = FORM_WRITE;
	if (!rest.len)
		return;
	struct str form = str_starts(rest, STR("->")) ? word_of(str_trim(str_from(rest, 2))) : STR_NONE;
	for (enum form f = FORM_ONE; f <= FORM_EACH; f++)
		if (form.at && str_equal(form, str_of(word[f])))
			q->form = f;
	if (q->form == FORM_WRITE)
		stop(q, "behind the arguments comes -> one, many or each, or nothing");
	rest = str_trim((struct str){ form.at + form.len, (size_t)(rest.at + rest.len - form.at) - form.len });
	q->n_cols = read_typed(q, between(q, &rest), q->col);
	if (rest.len || !q->n_cols)
		stop(q, "a signature ends behind the columns it gives");
}

/* --- what the text tells --- */

/* First appearances of $1, $2 ... must ascend: SQLite numbers them by first appearance, PostgreSQL by what stands there. */
static void check_placeholder(const struct query *q, struct str text, int64_t *most)
{
	int64_t n;

	if (str_number(str_from(text, 1), MOST_COLUMNS, &n) != OK || n == 0)
		stop(q, "a placeholder is $1, $2 ...: \"" STR_FMT "\"", STR_ARG(text));
	if (n > *most + 1)
		stop(q, "$%lld appears before $%lld: placeholders first appear in ascending order", (long long)n, (long long)*most + 1);
	*most = MAX(*most, n);
}

static void check_words(const struct query *q)
{
	static const struct { const char *word, *why; } refused[] = {
		{ "rowid", "name the key" }, { "oid", "name the key" }, { "_rowid_", "name the key" },
		{ "returning", "sqlgen writes that clause itself" }, { "right", "write LEFT JOIN" }, { "full", "write LEFT JOIN" },
		{ "glob", "search by prefix range" }, { "regexp", "search by prefix range" }, { "collate", "sort by a sort key column" },
		{ "indexed", "the engines choose the index" }, { "rollback", "what fails fails the statement" },
		{ "cast", "the engines write values differently: convert in C" },
	};
	struct str rest = q->sql;
	struct token before = { 0 };
	int64_t most = 0;

	for (struct token t; (t = token_next(&rest, &(int){ 0 })).kind; before = t) {
		if (!before.kind && !token_is(&t, "select") && !token_is(&t, "with") && !token_is(&t, "insert") && !token_is(&t, "update")
		    && !token_is(&t, "delete"))
			stop(q, "only SELECT, INSERT, UPDATE and DELETE stand in an x.sql");
		for (size_t i = 0; i < LENGTH(refused); i++)
			if (token_is(&t, refused[i].word))
				stop(q, "no %s in a statement: %s", refused[i].word, refused[i].why);
		if (token_is(&t, "or") && (token_is(&before, "insert") || token_is(&before, "update")))
			stop(q, "no " STR_FMT " OR: write ON CONFLICT, which both engines have", STR_ARG(before.text));
		if (token_is(&t, "into") && token_is(&before, "replace"))
			stop(q, "no REPLACE: it removes a row that no leaf tells of; write ON CONFLICT");
		if (t.kind == '?' || t.kind == '"' || t.kind == '`' || t.kind == '[')
			stop(q, "no %c in a statement: placeholders are $1, names are plain words", t.kind);
		if (t.kind == '$')
			check_placeholder(q, t.text, &most);
	}
	if (most != q->n_args)
		stop(q, "%d arguments declared, $1 to $%lld used", q->n_args, (long long)most);
}

/* Tables that a LEFT JOIN may leave empty; a join to a subquery or a named one makes any column unsure. */
struct outer { struct str name[16]; int n; bool is_unsure; };

static struct outer outer_joins(const struct query *q)
{
	struct outer ret = { 0 };
	struct str rest = q->sql;
	bool is_left = false;

	for (struct token t; (t = token_next(&rest, &(int){ 0 })).kind; ) {
		if (token_is(&t, "left")) {
			is_left = true;
		} else if (is_left && !token_is(&t, "outer") && !token_is(&t, "join")) {
			is_left = false;
			if (t.kind == 'w' && tab_named(t.text) && ret.n < (int)LENGTH(ret.name))
				ret.name[ret.n++] = t.text;
			else
				ret.is_unsure = true;
		}
	}
	return ret;
}

static bool is_outer(const struct outer *outer, const char *table)
{
	for (int i = 0; i < outer->n; i++)
		if (str_equal(outer->name[i], str_of(table)))
			return true;
	return false;
}

static void note_inserted(struct query *q)
{
	struct str rest = q->sql;
	struct token t;

	while ((t = token_next(&rest, &(int){ 0 })).kind && !token_is(&t, "into"))
		;
	token_next(&rest, &(int){ 0 });
	if (token_next(&rest, &(int){ 0 }).kind != '(')
		stop(q, "name the columns: INSERT INTO %s (...)", q->tab->name);
	while ((t = token_next(&rest, &(int){ 0 })).kind && t.kind != ')') {
		struct col *col = t.kind == 'w' ? col_named(q->tab, t.text) : NULL;
		if (col)
			seen.set[col - q->tab->col] = true;
	}
	for (int i = 0; i < q->tab->n; i++) {
		const struct col *col = &q->tab->col[i];
		if (col->is_key && !seen.set[i])
			stop(q, "the key %s.%s must be set: ids come from the application", q->tab->name, col->name);
		if (!col->may_be_null && !col->has_default && !seen.set[i])
			stop(q, "%s.%s must be set: it cannot be NULL and has no default", q->tab->name, col->name);
	}
}

/* --- one statement --- */

static bool is_of_type(const struct typed *arg, const struct col *col)
{
	return col->type == (strcmp(arg->type, "text") == 0 ? TYPE_TEXT : strcmp(arg->type, "blob") == 0 ? TYPE_BLOB : TYPE_INT);
}

/* INSERT INTO t (a, b) VALUES ($1, $2) and no word more: the row is the arguments, column by column, each of its column's own type, so
 * that no engine can have changed it. To ask an engine to give it back costs more than the insert. */
static bool find_given(struct query *q)
{
	struct str rest = q->sql;
	struct token t;
	const struct col *named[MOST_COLUMNS];
	int n = 0, line = 0;

	for (int i = 0; i < 3; i++)
		t = token_next(&rest, &line);                /* INSERT INTO t */
	for (t = token_next(&rest, &line); t.kind == '(' || t.kind == ','; t = token_next(&rest, &line)) {
		struct token name = token_next(&rest, &line);
		struct col *col = name.kind == 'w' && n < MOST_COLUMNS ? col_named(q->tab, name.text) : NULL;
		if (!col)
			return false;
		named[n++] = col;
	}
	t = token_next(&rest, &line);
	if (!token_is(&t, "values") || n != q->n_args)
		return false;
	for (int i = 0; i < n; i++) {
		struct token mark = token_next(&rest, &line), value = token_next(&rest, &line);
		int64_t number;
		if (mark.kind != (i ? ',' : '(') || value.kind != '$' || str_number(str_from(value.text, 1), n, &number) != OK || number != i + 1
		    || !is_of_type(&q->arg[i], named[i]))
			return false;
		q->given[named[i] - q->tab->col] = i;
	}
	t = token_next(&rest, &line);
	struct token end = token_next(&rest, &line);
	return t.kind == ')' && (!end.kind || (end.kind == ';' && !token_next(&rest, &line).kind));
}

/* What it did, not what it was asked: the keys, then the columns that were set, as the database has them now. */
static void finish_write(struct query *q)
{
	struct out out = out_new(arena);
	const struct tab *tab = q->tab;

	if (q->act == ACT_INSERT)
		note_inserted(q);
	for (int i = 0; i < tab->n; i++)
		if (tab->col[i].is_key && seen.is_updated[i])
			stop(q, "the key %s.%s never changes: the log tells a row by it", tab->name, tab->col[i].name);
	if (tab->is_volatile || tab->is_log)
		return;
	for (int i = 0; i < tab->n; i++)
		if (tab->col[i].is_key)
			q->returned[q->n_returned++] = i;
	for (int i = 0; i < tab->n; i++)
		if (!tab->col[i].is_key && q->act != ACT_DELETE && seen.set[i])
			q->returned[q->n_returned++] = i;
	q->is_plain = q->act == ACT_INSERT && find_given(q);
	if (q->is_plain)
		return;
	out_put(&out, q->sql);
	/* With UPDATE ... FROM a bare name could mean the other table's. */
	for (int i = 0; i < q->n_returned; i++)
		out_print(&out, "%s%s%s%s", i ? ", " : "\nRETURNING ", q->act == ACT_UPDATE ? tab->name : "",
		          q->act == ACT_UPDATE ? "." : "", tab->col[q->returned[i]].name);
	q->sent = out_str(&out);
}

static void check_column(struct query *q, sqlite3_stmt *st, int i, const struct outer *outer)
{
	const char *name = sqlite3_column_name(st, i), *type = sqlite3_column_decltype(st, i);
	const char *of_table = sqlite3_column_table_name(st, i), *of_column = sqlite3_column_origin_name(st, i);
	const char *want = q->col[i].type;
	bool is_number = strcmp(want, "text") != 0 && strcmp(want, "blob") != 0;

	if (strcmp(name, q->col[i].name) != 0)
		stop(q, "column %d is declared \"%s\" and comes as \"%s\"", i + 1, q->col[i].name, name);
	if (type && (is_number ? strcmp(type, "INTEGER") != 0 : strcasecmp(type, want) != 0))
		stop(q, "column \"%s\" is declared %s and stored as %s", name, want, type);
	struct tab *tab = of_table ? tab_named(str_of(of_table)) : NULL;
	struct col *col = tab && of_column ? col_named(tab, str_of(of_column)) : NULL;
	if (col && (col->may_be_null || is_outer(outer, of_table)) && !q->col[i].may_be_null)
		stop(q, "column \"%s\" may be NULL%s: write \"%s %s?\"", name, col->may_be_null ? "" : " (outer join)", name, want);
	q->col[i].is_sure = col && !outer->is_unsure;
}

static void check_columns(struct query *q, sqlite3_stmt *st)
{
	struct outer outer = outer_joins(q);

	if (sqlite3_column_count(st) != q->n_cols)
		stop(q, "%d columns declared, the statement gives %d", q->n_cols, sqlite3_column_count(st));
	for (int i = 0; i < q->n_cols; i++)
		check_column(q, st, i, &outer);
}

static int line_of_offset(const struct query *q, int first_line, int offset)
{
	for (int i = 0; i < offset && (size_t)i < q->sql.len; i++)
		first_line += q->sql.at[i] == '\n';
	return first_line;
}

/* The rows of FORM_EACH live for the call only, and what is called may ask again: there they come from the database. */
static void note_kept(struct query *q)
{
	if (q->tab || q->form == FORM_EACH)
		stop(q, "\"-- kept\" is for reads -> one and -> many");
	if (seen.n_read > MOST_READ)
		stop(q, "\"-- kept\": it reads more than %d tables", MOST_READ);
	memcpy(q->reads, seen.read, sizeof q->reads);
	q->n_reads = seen.n_read;
}

static void check(sqlite3 *db, struct query *q, int first_line)
{
	sqlite3_stmt *st = NULL;
	const char *tail;

	memset(&seen, 0, sizeof seen);
	check_words(q);
	int rc = sqlite3_prepare_v2(db, q->sql.at, (int)q->sql.len, &st, &tail);
	if (rc != SQLITE_OK)
		stop_at(path, line_of_offset(q, first_line, sqlite3_error_offset(db)), "%s: %s", q->name,
		        seen.refused[0] ? seen.refused : sqlite3_errmsg(db));
	if (!st)
		stop(q, "no statement stands below the signature");
	q->tab = seen.written;
	q->act = seen.act;
	q->sent = q->sql;
	if (q->is_kept)
		note_kept(q);
	if (q->tab && q->form != FORM_WRITE)
		stop(q, "a write gives nothing back: its signature has no ->");
	if (!q->tab && q->form == FORM_WRITE)
		stop(q, "a read needs -> one, many or each (columns)");
	if (q->tab && q->tab->is_log && strcmp(own, "floor") != 0)
		stop(q, "the log is written by the floor alone");
	if (q->tab)
		finish_write(q);
	else
		check_columns(q, st);
	sqlite3_finalize(st);
	/* With its RETURNING it must still be a statement. */
	bool returns = q->n_returned && !q->is_plain;
	if (returns && sqlite3_prepare_v2(db, q->sent.at, (int)q->sent.len, &st, NULL) != SQLITE_OK)
		stop(q, "with RETURNING: %s (an alias for the written table is not understood)", sqlite3_errmsg(db));
	sqlite3_finalize(returns ? st : NULL);
}

bool query_takes_rq(const struct query *q)
{
	return q->form != FORM_WRITE || q->tab->is_volatile || q->tab->is_log;
}

/* From behind the signature to the semicolon, which ends it wherever it stands outside a text. */
static struct str statement_text(const struct query *q, struct str *text, int *line)
{
	struct str rest = *text;
	struct token t;

	while ((t = token_next(&rest, line)).kind && t.kind != ';')
		;
	if (!t.kind)
		stop(q, "the statement does not end with ;");
	struct str ret = { text->at, (size_t)(t.text.at - text->at) };
	*text = rest;
	return ret;
}

static void prose_add(struct out *prose, struct str line)
{
	for (size_t i = 0; i + 1 < line.len; i++)
		if (memcmp(line.at + i, "*/", 2) == 0)
			return;
	if (prose->len)
		out_byte(prose, '\n');
	out_put(prose, line);
}

int queries_read(struct str text, const char *from, const char *component, const char *stem, sqlite3 *db, struct query *ret)
{
	struct out prose = out_new(arena);
	bool is_kept = false;
	int n = 0, line = 1;

	path = from;
	own = component;
	sqlite3_set_authorizer(db, authorize, NULL);
	while (text.at && text.len) {
		struct str now = str_trim(str_cut(&text, '\n'));
		if (str_starts(now, STR("--:"))) {
			struct query *q = &ret[n++];
			if (n > MOST_QUERIES)
				stop_at(path, line, "more than %d statements: cut the file", MOST_QUERIES);
			*q = (struct query){ .prose = out_str(&prose), .line = line, .is_kept = is_kept };
			is_kept = false;
			read_signature(str_from(now, 3), stem, q);
			int first_line = ++line;
			q->sql = statement_text(q, &text, &line);
			check(db, q, first_line);
			prose = out_new(arena);
			struct str behind = text.at ? str_trim(str_cut(&text, '\n')) : STR_NONE;
			if (behind.len && !str_starts(behind, STR("--")))
				stop_at(path, line, "behind ; a new line begins");
		} else if (str_equal(now, STR("-- kept"))) {
			is_kept = true;
		} else if (str_starts(now, STR("--"))) {
			prose_add(&prose, str_trim(str_from(now, 2)));
		} else if (now.len) {
			stop_at(path, line, "a statement needs a signature line \"--: name(...)\" above it");
		} else {
			prose = out_new(arena);
		}
		line++;
	}
	for (int i = 0; i < n; i++)
		for (int k = 0; k < i; k++)
			if (strcmp(ret[i].name, ret[k].name) == 0)
				stop(&ret[i], "this name stands twice");
	sqlite3_set_authorizer(db, NULL, NULL);
	return n;
}
