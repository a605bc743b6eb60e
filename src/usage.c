/* The help of the command line, made from the tables of commands.
 *
 * SECURITY: what was typed is shown again, with control characters taken out, so that nothing in it moves the terminal. */
#define LONG_LIVED
#include "usage.h"
#include "core.h"

enum { LONGEST = 64, NEAR = 3 };

const struct command *usage_next(size_t *table, size_t *row)
{
	size_t n_own = 0;

	while (command_tables[n_own])
		n_own++;
	for (;; ++*table, *row = 0) {
		const struct point *const point = *table < n_own ? NULL : points[*table - n_own];
		if (*table >= n_own && !point)
			return NULL;
		const struct command *commands = point ? point->commands : command_tables[*table];
		if (commands && commands[*row].words)
			return &commands[(*row)++];
	}
}

/* "access" and "access grant" hold "access grant"; "acc" holds nothing. */
static bool is_under(const char *words, struct str under)
{
	struct str of = str_of(words);
	return under.len == 0 || (str_starts(of, under) && (of.len == under.len || of.at[under.len] == ' '));
}

static void print_row(FILE *to, enum language language, const struct command *row)
{
	fprintf(to, "  samordna %s%s%s\n      %s\n", row->words, row->arguments[0] ? " " : "", row->arguments, tongue(language, row->sentence));
}

static void print_examples(FILE *to, enum language language)
{
	static const struct { const char *line, *why; } example[] = {
		{ "init --org Exempelkommunen", N_("a new home, and the code for its first coordinator") },
		{ "serve", N_("until it is stopped") },
		{ "people import people.csv --dry-run", N_("what HR's file would change") },
		{ "gate ask anna@exempelkommunen.example", N_("may she connect, and why?") },
		{ "status", N_("how the questions stand") },
		{ "audit verify --replay", N_("is the log whole, and are the tables what it says?") },
	};

	fprintf(to, "%s\n", tongue(language, N_("Examples")));
	for (size_t i = 0; i < LENGTH(example); i++)
		fprintf(to, "  samordna %s\n      %s\n", example[i].line, tongue(language, example[i].why));
}

static void print_usage(FILE *to, enum language language)
{
	fprintf(to, "Samordna " SAMORDNA_VERSION "\n%s: samordna %s [--home DIR] [--json]\n", tongue(language, N_("Usage")),
	        tongue(language, N_("COMMAND [ARGUMENTS]")));
}

/* What holds for every command. */
static void print_common(FILE *to, enum language language)
{
	static const struct { const char *option, *sentence; } option[] = {
		{ "--home DIR", N_("which home; else $SAMORDNA_HOME, ./var beside ./run, /var/lib/samordna") },
		{ "--json", N_("one JSON object a line on standard output") },
		{ "--help", N_("what the command takes") },
		{ "--version", N_("which Samordna this is") },
	};
	static const struct { int status; const char *word; } exits[] = {
		{ 0, N_("done") }, { 1, N_("failed") }, { 2, N_("used wrongly") }, { 3, N_("not found") }, { 4, N_("not allowed") },
		{ 5, N_("in conflict with what is") }, { 6, N_("the check found problems") }, { 7, N_("the server cannot be reached") },
		{ 8, N_("took too long") } };

	fprintf(to, "\n%s\n", tongue(language, N_("Every command also takes")));
	for (size_t i = 0; i < LENGTH(option); i++)
		fprintf(to, "  %-12s%s\n", option[i].option, tongue(language, option[i].sentence));
	fprintf(to, "\n%s\n", tongue(language, N_("Exit codes")));
	for (size_t i = 0; i < LENGTH(exits); i++)
		fprintf(to, "  %d  %s\n", exits[i].status, tongue(language, exits[i].word));
}

bool usage_print(FILE *to, enum language language, struct str under)
{
	const struct command *row;
	bool is_any = false;

	for (size_t table = 0, at = 0; !is_any && (row = usage_next(&table, &at)); )
		is_any = is_under(row->words, under);
	if (!is_any)
		return false;
	print_usage(to, language);
	fputc('\n', to);
	if (under.len == 0) {
		print_examples(to, language);
		fprintf(to, "\n%s\n", tongue(language, N_("Commands")));
	}
	for (size_t table = 0, at = 0; (row = usage_next(&table, &at)); )
		if (is_under(row->words, under))
			print_row(to, language, row);
	print_common(to, language);
	return true;
}

void usage_short(FILE *to, enum language language)
{
	print_usage(to, language);
	fputc('\n', to);
	print_examples(to, language);
	fprintf(to, "\n%s: samordna help\n", tongue(language, N_("All commands")));
}

/* --- the nearest --- */

/* How many letters to put in, take out, change or swap with their neighbour to make b of a. */
static size_t distance(struct str a, struct str b)
{
	size_t row[3][LONGEST + 1];

	a = str_first(a, LONGEST);
	b = str_first(b, LONGEST);
	for (size_t j = 0; j <= b.len; j++)
		row[0][j] = j;
	for (size_t i = 1; i <= a.len; i++) {
		size_t *now = row[i % 3], *last = row[(i + 2) % 3], *before = row[(i + 1) % 3];
		now[0] = i;
		for (size_t j = 1; j <= b.len; j++) {
			size_t changed = last[j - 1] + (a.at[i - 1] != b.at[j - 1]);
			now[j] = MIN(changed, MIN(last[j], now[j - 1]) + 1);
			if (i > 1 && j > 1 && a.at[i - 1] == b.at[j - 2] && a.at[i - 2] == b.at[j - 1])
				now[j] = MIN(now[j], before[j - 2] + 1);
		}
	}
	return row[a.len % 3][b.len];
}

/* The typed words are compared with a command as far as it has words: what follows are arguments. */
static size_t distance_of(struct str typed, const char *words)
{
	struct str of = str_of(words), rest = of;
	size_t n = 0, at = 0;

	while (rest.at && rest.len) {
		(void)str_cut(&rest, ' ');
		n++;
	}
	while (at < typed.len && (typed.at[at] != ' ' || --n > 0))
		at++;
	return distance(str_first(typed, at), of);
}

void usage_unknown(FILE *to, enum language language, struct str typed)
{
	struct { const struct command *row; size_t far; } near[NEAR] = { 0 };
	const struct command *row;
	char shown[81];
	size_t n = MIN(typed.len, sizeof shown - 1);

	memcpy(shown, typed.at, n);
	shown[n] = '\0';
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)shown[i] < 0x20 || shown[i] == 0x7f)
			shown[i] = '?';
	for (size_t table = 0, at = 0; (row = usage_next(&table, &at)); ) {
		size_t far = distance_of(typed, row->words), i = NEAR;
		if (far > 1 + strlen(row->words) / 4)
			continue;
		for (; i > 0 && (!near[i - 1].row || far < near[i - 1].far); i--)
			if (i < NEAR)
				near[i] = near[i - 1];
		if (i < NEAR)
			near[i].row = row, near[i].far = far;
	}
	fprintf(to, "samordna: ");
	fprintf(to, tongue(language, N_("there is no command \"%s\"; samordna help lists them")), shown);
	fputc('\n', to);
	for (size_t i = 0; i < NEAR && near[i].row; i++)
		fprintf(to, "%s samordna %s\n", tongue(language, N_("nearest:")), near[i].row->words);
}
