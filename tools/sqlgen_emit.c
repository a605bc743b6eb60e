/* sqlgen: writes a header with a struct per row and a function per statement, and the C behind it.
 *
 * What is generated is meant to be read: one small function a statement, with the SQL as it stands in the file. Local names
 * end in an underscore, so that no argument collides with them. */
#include "sqlgen.h"

static bool is_text(const struct typed *t)
{
	return strcmp(t->type, "text") == 0 || strcmp(t->type, "blob") == 0;
}

static char letter(const struct typed *t)
{
	return strcmp(t->type, "text") == 0 ? TYPE_TEXT : strcmp(t->type, "blob") == 0 ? TYPE_BLOB : TYPE_INT;
}

static const char *c_type(const struct typed *t)
{
	if (is_text(t))
		return "struct str ";
	if (t->may_be_null)
		return "struct maybe_int ";
	return strcmp(t->type, "instant") == 0 ? "struct instant " : strcmp(t->type, "bool") == 0 ? "bool " : "int64_t ";
}

void emit_c_string(FILE *c, struct str s)
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

static void emit_struct(FILE *h, const struct query *q, const char *what, const struct typed *typed, int n)
{
	fprintf(h, "struct %s_%s {\n", q->name, what);
	for (int i = 0; i < n; i++)
		fprintf(h, "\t%s%s;\n", c_type(&typed[i]), typed[i].name);
	fprintf(h, "};\n");
}

static void emit_prototype(FILE *f, const struct query *q)
{
	fprintf(f, "enum err %s(struct %s", q->name, query_takes_rq(q) ? "rq *rq" : "change *change");
	if (q->n_args > MOST_POSITIONAL)
		fprintf(f, ", const struct %s_args *args", q->name);
	else
		for (int i = 0; i < q->n_args; i++)
			fprintf(f, ", %s%s", c_type(&q->arg[i]), q->arg[i].name);
	if (q->form == FORM_ONE)
		fprintf(f, ", struct %s_row *ret", q->name);
	else if (q->form == FORM_MANY)
		fprintf(f, ", struct %s_row **ret, size_t *ret_n", q->name);
	else if (q->form == FORM_EACH)
		fprintf(f, ", enum err (*each)(void *of, const struct %s_row *row), void *of", q->name);
	fprintf(f, ")");
}

static void emit_prose(FILE *h, struct str prose)
{
	if (!prose.len)
		return;
	fprintf(h, "/* ");
	for (size_t i = 0; i < prose.len; i++)
		fprintf(h, prose.at[i] == '\n' ? "\n * " : "%c", prose.at[i]);
	fprintf(h, " */\n");
}

static void emit_header(FILE *h, const struct query *q)
{
	fprintf(h, "\n");
	emit_prose(h, q->prose);
	if (q->n_args > MOST_POSITIONAL)
		emit_struct(h, q, "args", q->arg, q->n_args);
	if (q->form != FORM_WRITE)
		emit_struct(h, q, "row", q->col, q->n_cols);
	emit_prototype(h, q);
	fprintf(h, ";\n");
}

static void emit_letters(FILE *c, const char *member, const struct typed *typed, int n)
{
	fprintf(c, ", .%s = \"", member);
	for (int i = 0; i < n; i++)
		fputc(letter(&typed[i]), c);
	fputc('"', c);
}

static void emit_statement(FILE *c, const struct query *q)
{
	static const char *const kind[] = { [ACT_READ] = "READ", [ACT_INSERT] = "INSERT", [ACT_UPDATE] = "UPDATE", [ACT_DELETE] = "DELETE" };

	if (q->n_returned) {
		fprintf(c, "static const uint8_t %s_returned[] = {", q->name);
		for (int i = 0; i < q->n_returned; i++)
			fprintf(c, " %d,", q->returned[i]);
		fprintf(c, " };\n");
	}
	if (q->is_plain) {
		fprintf(c, "static const uint8_t %s_given[] = {", q->name);
		for (int i = 0; i < q->n_returned; i++)
			fprintf(c, " %d,", q->given[q->returned[i]]);
		fprintf(c, " };\n");
	}
	if (q->tab)
		fprintf(c, "extern const struct table table_%s;\n", q->tab->name);
	for (int i = 0; i < q->n_reads; i++)
		fprintf(c, "extern const struct table table_%s;\n", q->reads[i]->name);
	if (q->is_kept) {
		fprintf(c, "static const struct table *const %s_reads[] = {", q->name);
		for (int i = 0; i < q->n_reads; i++)
			fprintf(c, " &table_%s,", q->reads[i]->name);
		fprintf(c, " NULL };\n");
	}
	fprintf(c, "static const struct statement %s_statement = {\n\t.name = \"%s\", .kind = STATEMENT_%s, .n_args = %d, .n_results = %d",
	        q->name, q->name, kind[q->act], q->n_args, q->tab ? q->n_returned : q->n_cols);
	emit_letters(c, "args", q->arg, q->n_args);
	fprintf(c, ",\n\t.sql = ");
	emit_c_string(c, q->sent);
	if (q->tab)
		fprintf(c, ",\n\t.table = &table_%s", q->tab->name);
	if (q->n_returned)
		fprintf(c, ", .returned = %s_returned", q->name);
	if (q->is_kept)
		fprintf(c, ",\n\t.reads = %s_reads", q->name);
	if (q->is_plain)
		fprintf(c, ", .given = %s_given", q->name);
	fprintf(c, "\n};\n\n");
}

static void emit_values(FILE *c, const struct query *q)
{
	fprintf(c, "\tconst struct value values_[] = {");
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

/* A NULL where the signature promised none, and the schema could not promise it, is said aloud instead of read as 0. */
static void emit_fetch(FILE *c, const struct query *q, bool is_copied)
{
	fprintf(c, "static inline enum err %s_fetch(struct rq *rq, const struct cursor *c_, struct %s_row *row_)\n{\n", q->name, q->name);
	for (int i = 0; i < q->n_cols; i++)
		if (!q->col[i].may_be_null && !q->col[i].is_sure)
			fprintf(c, "\tif (store_is_null(c_, %d))\n\t\treturn fail(rq, ERR_CORRUPT, \"%s: \\\"%s\\\" is NULL\");\n", i, q->name, q->col[i].name);
	for (int i = 0; i < q->n_cols; i++) {
		const struct typed *t = &q->col[i];
		if (is_text(t))
			fprintf(c, is_copied ? "\trow_->%s = str_copy(rq->arena, store_text(c_, %d));\n" : "\trow_->%s = store_text(c_, %d);\n", t->name, i);
		else if (t->may_be_null)
			fprintf(c, "\trow_->%s = (struct maybe_int){ !store_is_null(c_, %d), store_int(c_, %d) };\n", t->name, i, i);
		else if (strcmp(t->type, "instant") == 0)
			fprintf(c, "\trow_->%s.ms = store_int(c_, %d);\n", t->name, i);
		else
			fprintf(c, "\trow_->%s = store_int(c_, %d)%s;\n", t->name, i, strcmp(t->type, "bool") == 0 ? " != 0" : "");
	}
	fprintf(c, "\treturn OK;\n}\n\n");
}

static void emit_one(FILE *c, const struct query *q)
{
	fprintf(c, "\tif ((err_ = store_step(&c_, rq->trouble)) == OK)\n\t\terr_ = %s_fetch(rq, &c_, &row_);\n\tstore_finish(&c_);\n"
	        "\tif (err_ == OK)\n\t\t*ret = row_;\n\treturn err_;\n}\n\n", q->name);
}

/* What the callback answers is handed up as it is; only the end of the rows is OK. */
static void emit_each(FILE *c, const struct query *q)
{
	fprintf(c, "\twhile ((err_ = store_step(&c_, rq->trouble)) == OK) {\n\t\tif ((err_ = %s_fetch(rq, &c_, &row_)) == OK)\n"
	        "\t\t\terr_ = each(of, &row_);\n\t\tif (err_ != OK) {\n\t\t\tstore_finish(&c_);\n\t\t\treturn err_;\n\t\t}\n\t}\n"
	        "\tstore_finish(&c_);\n\treturn err_ == ERR_NONE ? OK : err_;\n}\n\n", q->name);
}

static void emit_many(FILE *c, const struct query *q)
{
	fprintf(c, "\tsize_t n_ = 0, room_ = 8;\n\tstruct %s_row *rows_ = NEW_MANY(rq->arena, room_, struct %s_row);\n"
	        "\twhile ((err_ = store_step(&c_, rq->trouble)) == OK && (err_ = %s_fetch(rq, &c_, &row_)) == OK) {\n\t\tif (n_ == room_) {\n"
	        "\t\t\tstruct %s_row *more_ = NEW_MANY(rq->arena, room_ * 2, struct %s_row);\n"
	        "\t\t\tmemcpy(more_, rows_, n_ * sizeof rows_[0]);\n\t\t\trows_ = more_;\n\t\t\troom_ *= 2;\n\t\t}\n"
	        "\t\trows_[n_++] = row_;\n\t}\n\tstore_finish(&c_);\n\tif (err_ != ERR_NONE)\n\t\treturn err_;\n"
	        "\t*ret = rows_;\n\t*ret_n = n_;\n\treturn OK;\n}\n\n", q->name, q->name, q->name, q->name, q->name);
}

static void emit_read(FILE *c, const struct query *q)
{
	emit_fetch(c, q, q->form != FORM_EACH);
	emit_prototype(c, q);
	fprintf(c, "\n{\n");
	emit_values(c, q);
	fprintf(c, "\tstruct %s_row row_ = { 0 };\n\tstruct cursor c_;\n\tenum err err_ = store_start(rq, &%s_statement, values_, &c_);\n\n"
	        "\tif (err_ != OK)\n\t\treturn err_;\n", q->name, q->name);
	if (q->form == FORM_ONE)
		emit_one(c, q);
	else if (q->form == FORM_EACH)
		emit_each(c, q);
	else
		emit_many(c, q);
}

static void emit_write(FILE *c, const struct query *q)
{
	emit_prototype(c, q);
	fprintf(c, "\n{\n");
	emit_values(c, q);
	if (query_takes_rq(q))
		fprintf(c, "\tint64_t n_;\n\n\tTRY(store_write_volatile(rq, &%s_statement, values_, &n_));\n\treturn n_ ? OK : ERR_NONE;\n}\n\n", q->name);
	else
		fprintf(c, "\treturn change_write(change, &%s_statement, values_);\n}\n\n", q->name);
}

void emit_queries(FILE *h, FILE *c, const char *h_name, const char *stem, const struct query *q, int n)
{
	fprintf(h, "/* Made by sqlgen from %s.sql. */\n#ifndef SQL_%s_H\n#define SQL_%s_H\n#include \"floor/audit.h\"\n", stem, stem, stem);
	fprintf(c, "/* Made by sqlgen from %s.sql. */\n#include \"%s\"\n\n", stem, h_name);
	for (int i = 0; i < n; i++) {
		emit_header(h, &q[i]);
		emit_statement(c, &q[i]);
		if (q[i].form == FORM_WRITE)
			emit_write(c, &q[i]);
		else
			emit_read(c, &q[i]);
	}
	fprintf(h, "#endif\n");
	fprintf(c, "extern const struct statement *const %s_statements[];\nconst struct statement *const %s_statements[] = {\n", stem, stem);
	for (int i = 0; i < n; i++)
		fprintf(c, "\t&%s_statement,\n", q[i].name);
	fprintf(c, "\tNULL\n};\n");
}
