/* The command table, and what the command line says taken apart.
 *
 * Nearly every command is a row in a table of a point or of the floor and runs in core, which client.c asks; here stand the few that
 * need no server, and the walk over the tables. */
#define LONG_LIVED
#include "core.h"
#include "backup.h"
#include "client.h"
#include "desk.h"
#include "fiction.h"
#include "init.h"
#include "lines.h"
#include "link_command.h"
#include "router.h"
#include "mail_command.h"
#include "serve.h"
#include "usage.h"
#include "floor/account.h"
#include "wall_state.h"
#include "floor/audit_commands.h"
#include "floor/decide.h"
#include "floor/urgent.h"
#include "floor/hook.h"
#include "floor/mandate.h"
#include "floor/people.h"
#include "floor/token_command.h"
#include "floor/setting.h"
#include "base/world.h"
#include <pthread.h>
#include <sys/stat.h>

static int say_init(const struct line *, const char *home), say_serve(const struct line *, const char *home),
	say_wipe(const struct line *, const char *home), say_help(const struct line *, const char *home);

/* Commands that need no core: rows as all others, and what runs each. */
static const struct command own_commands[] = {
	{ "init", "[--org NAME]", N_("Make a new home and the one-time code for its first coordinator"), COMMAND_OWN },
	{ "serve", "[--port N] [--one]", N_("Serve until stopped: pages, RADIUS, the API"), COMMAND_OWN },
	{ "demo wipe", "", N_("Empty the home of a fictional municipality; a real home is left alone"), COMMAND_OWN },
	{ "help", "[COMMAND]", N_("All commands, or what one takes"), COMMAND_OWN },
	{ 0 }
};
static int (*const own_run[])(const struct line *, const char *home) = { say_init, say_serve, say_wipe, say_help };
_Static_assert(LENGTH(own_run) + 1 == LENGTH(own_commands), "each command of main's own has what runs it");

/* One table a line: a new one meets no other's change. */
const struct command *const command_tables[] = {
	own_commands,
	people_commands,
	mandate_commands,
	decide_commands,
	urgent_commands,
	account_commands,
	gate_commands,
	gateway_commands,
	list_commands,
	lines_commands,
	setting_commands,
	token_commands,
	desk_commands,
	link_commands,
	route_commands,
	mail_commands,
	hook_commands,
	audit_commands,
	backup_commands,
	doctor_commands,
	fiction_commands,
	NULL
};

#define PURE_MOST ((size_t)16 << 30)     /* bytes of memory; what is really used is a small part of it */

int complain(const char *text)
{
	fprintf(stderr, "samordna: %s\n", tongue(language_here(), text));
	return 2;
}

/* --- taking the line apart --- */

/* What the row's grammar says of an option: -1 unknown, 0 a flag, 1 takes a value. */
static int option_kind(const char *arguments, struct str name)
{
	struct str rest = str_of(arguments);

	while (rest.at && rest.len) {
		struct str word = str_cut(&rest, ' ');
		while (word.len && (word.at[0] == '[' || word.at[0] == '('))
			word = str_from(word, 1);
		bool is_closed = word.len && word.at[word.len - 1] == ']';
		if (is_closed)
			word.len--;
		if (!str_starts(word, STR("--")) || !str_equal(str_from(word, 2), name))
			continue;
		return !is_closed && rest.len && rest.at[0] != '-' && rest.at[0] != '[';
	}
	return -1;
}

static int take_option(struct line *line, struct str name, int argc, char **argv, int *i)
{
	int kind;

	if (str_equal(name, STR("json"))) {
		line->json = true;
		return 0;
	}
	if (str_equal(name, STR("home")))
		kind = 1;
	else if (line->command && line->command->kind == COMMAND_OWN && str_equal(name, STR("doorless")))
		kind = 0;                    /* said by start_doorless alone: a server for one question */
	else
		kind = option_kind(line->command ? line->command->arguments : "", name);
	if (kind < 0 || line->n_options == LENGTH(line->names)) {
		fprintf(stderr, "samordna: %s: --" STR_FMT "\n", tongue(language_here(), N_("unknown option")), STR_ARG(name));
		return 2;
	}
	if (kind == 1 && *i + 1 >= argc) {
		fprintf(stderr, "samordna: --" STR_FMT ": %s\n", STR_ARG(name), tongue(language_here(), N_("it needs a value")));
		return 2;
	}
	const char *value = kind == 1 ? argv[++*i] : "";
	if (str_equal(name, STR("home"))) {
		line->home = value;
		return 0;
	}
	line->names[line->n_options] = name;
	line->values[line->n_options++] = str_of(value);
	return 0;
}

/* A noun alone shows what there is under it; anything else the nearest. */
static int say_unknown(const struct line *line)
{
	char room[200];
	size_t n = 0;

	for (size_t i = 0; i < line->n_words && n < sizeof room; i++)
		n += (size_t)snprintf(room + n, sizeof room - n, "%s" STR_FMT, n ? " " : "", STR_ARG(line->words[i]));
	struct str typed = { room, MIN(n, sizeof room - 1) };
	if (!usage_print(stderr, language_here(), typed))
		usage_unknown(stderr, language_here(), typed);
	return 2;
}

static int take_apart(struct line *line, int argc, char **argv)
{
	/* The words come first, but for what every command takes: they name the row that says which options there are. */
	for (int i = 1; i < argc && line->n_words < 8; i++)
		if (strcmp(argv[i], "--home") == 0)
			i++;
		else if (argv[i][0] != '-')
			line->words[line->n_words++] = str_of(argv[i]);
		else if (strcmp(argv[i], "--json") != 0)
			break;
	line->command = command_find(line->words, line->n_words, &line->used);
	if (line->n_words && !line->command)
		return say_unknown(line);
	line->n_words = 0;
	for (int i = 1; i < argc; i++) {
		struct str word = str_of(argv[i]);
		if (str_starts(word, STR("--")) && word.len > 2) {
			int failed = take_option(line, str_from(word, 2), argc, argv, &i);
			if (failed)
				return failed;
		} else if (line->n_words < LENGTH(line->words)) {
			line->words[line->n_words++] = word;
		} else {
			return complain(N_("more words than a command may have"));
		}
	}
	return 0;
}

static struct str option(const struct line *line, const char *name)
{
	for (size_t i = 0; i < line->n_options; i++)
		if (str_equal(line->names[i], str_of(name)))
			return line->values[i];
	return STR_NONE;
}

static const char *home_of(const struct line *line)
{
	static char room[256];
	const char *home = line->home ? line->home : getenv("SAMORDNA_HOME");
	struct stat about;

	if (!home || !*home)
		home = stat("./run", &about) == 0 && stat("./var", &about) == 0 ? "./var" : "/var/lib/samordna";
	char *whole = realpath(home, NULL);
	if (!whole || strlen(whole) >= sizeof room) {
		free(whole);
		return home;
	}
	snprintf(room, sizeof room, "%s", whole);
	free(whole);
	return room;
}

/* --- commands without a server --- */

static int ask_for(void *of, struct out *ret, int *ret_file)
{
	struct line *line = of;
	struct collected to = { ret, -1 };
	int status = ask_core(line, home_of(line), &to);

	*ret_file = to.file;
	return status;
}

/* A pure command runs here: no home, no server, no store. What it prints goes out as it comes. One that works on the home itself as
 * its owner does is told which one, and may ask core. */
static int run_pure_in(struct arena *arena, struct line *line)
{
	struct trouble trouble = { 0 };
	struct actor actor = { .person = -1, .name = STR("cli"), .body = -1 };
	struct rq rq = { .arena = arena, .actor = &actor, .language = language_here(), .now = world.now(), .trouble = &trouble };
	struct field *options = NEW_MANY(arena, line->n_options + 1, struct field);
	struct out out = out_to(arena, 1);

	ARENA_GUARD(arena)
		return complain(N_("the input needs more memory than a command may use")) - 1;
	for (size_t i = 0; i < line->n_options; i++)
		options[i] = (struct field){ line->names[i], line->values[i] };
	struct args args = { .words = line->words + line->used, .n_words = line->n_words - line->used, .options = options,
		.n_options = line->n_options, .file = -1, .directory = -1, .json = line->json, .is_terminal = isatty(1) };
	struct here here = { line->command->here ? home_of(line) : NULL, ask_for, line };
	enum err err = line->command->here ? line->command->here(&rq, &args, &out, &here) : line->command->run(&rq, &args, &out);
	if ((err == OK || trouble.exit == 6) && out_drain(&out) != OK)
		err = trouble_owe(&trouble, ERR_IO, N_("standard output: what was printed is not whole"));
	trouble_speak(&trouble, rq.language);
	if (trouble.text[0])
		fprintf(stderr, "samordna: %s\n", trouble.text);
	return trouble.exit ? trouble.exit : err_exit(err);
}

static int run_pure(struct line *line)
{
	struct arena *arena = arena_new(PURE_MOST);
	int status = run_pure_in(arena, line);

	arena_end(arena);
	return status;
}

static void *pure_thread(void *line)
{
	return (void *)(intptr_t)run_pure(line);
}

/* On a thread of its own, with a stack that a search through a large network may go down. */
static int say_pure(struct line *line)
{
	pthread_attr_t attributes;
	pthread_t thread;
	void *status = NULL;

	if (pthread_attr_init(&attributes) != 0 || pthread_attr_setstacksize(&attributes, (size_t)256 << 20) != 0
	    || pthread_create(&thread, &attributes, pure_thread, line) != 0)
		return run_pure(line);
	pthread_attr_destroy(&attributes);
	pthread_join(thread, &status);
	return (int)(intptr_t)status;
}

static int say_trouble(struct trouble *trouble, enum err err)
{
	trouble_speak(trouble, language_here());
	fprintf(stderr, "samordna: %s\n", trouble->text);
	return err_exit(err);
}

static int say_new(const struct line *line, const char *home, bool is_wipe)
{
	struct trouble trouble = { 0 };
	char code[32];
	enum err err = is_wipe ? fiction_wipe(home, code, &trouble) : init_home(home, option(line, "org"), code, &trouble);

	if (err != OK)
		return say_trouble(&trouble, err);
	char *whole = realpath(home, NULL);
	if (line->json) {
		struct arena *arena = arena_new(1 << 20);
		struct out out = out_new(arena);
		out_text(&out, "{\"home\":");
		out_json(&out, str_of(whole));
		out_print(&out, ",\"code\":\"%s\"}", code);
		printf(STR_FMT "\n", STR_ARG(out_str(&out)));
		arena_end(arena);
	} else {
		printf("%s: %s\n%s: %s\n", tongue(language_here(), N_("Home directory")), whole, tongue(language_here(), N_("One-time code")), code);
	}
	free(whole);
	return 0;
}

static int say_init(const struct line *line, const char *home)
{
	return say_new(line, home, false);
}

static int say_wipe(const struct line *line, const char *home)
{
	return say_new(line, home, true);
}

static int say_help(const struct line *line, const char *home)
{
	char room[200];
	size_t n = 0;
	(void)home;

	for (size_t i = line->used; i < line->n_words; i++)
		n += (size_t)snprintf(room + MIN(n, sizeof room - 1), sizeof room - MIN(n, sizeof room - 1), "%s" STR_FMT, n ? " " : "", STR_ARG(line->words[i]));
	struct str under = { room, MIN(n, sizeof room - 1) };
	if (usage_print(stdout, language_here(), under))
		return 0;
	usage_unknown(stderr, language_here(), under);
	return 2;
}

static int say_serve(const struct line *line, const char *home)
{
	static struct boot boot;
	struct trouble trouble = { 0 };
	int64_t port;

	snprintf(boot.home, sizeof boot.home, "%s", home);
	enum err err = boot_read(&boot, &trouble);
	if (err != OK)
		return say_trouble(&trouble, err);
	if (option(line, "port").at) {
		if (str_number(option(line, "port"), 65535, &port) != OK)
			return complain(N_("--port takes a number from 1 to 65535"));
		boot.http.port = (uint16_t)port;
	}
	return serve(&boot, option(line, "doorless").at != NULL, option(line, "one").at != NULL);
}

/* --help after a command, or in its place. */
static bool wants_help(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
			return true;
	return false;
}

/* Help for the words before the first option or, where those go on with arguments, for the command that they name. */
static int help_for(int argc, char **argv)
{
	static struct line line;
	size_t used;

	for (int i = 1; i < argc && argv[i][0] != '-' && line.n_words < 8; i++)
		line.words[line.n_words++] = str_of(argv[i]);
	if (command_find(line.words, line.n_words, &used))
		line.n_words = used;
	if (line.n_words && str_equal(line.words[0], STR("help")))
		line.n_words = 0;
	return say_help(&line, NULL);
}

/* A command says so and has failed; a process of the server falls, and is started again. */
static void end_without_memory(void)
{
	fputs("samordna: there is not enough memory\n", stderr);
	_exit(1);
}

int main(int argc, char **argv)
{
	static struct line line;

	when_start();
	if (argc < 2 || strncmp(argv[1], "--process=", 10) != 0)
		arena_no_memory = end_without_memory;
	if (argc == 2 && strncmp(argv[1], "--process=", 10) == 0)
		return serve_child(argv[1] + 10);
	if (wants_help(argc, argv))
		return help_for(argc, argv);
	if (argc == 2 && strcmp(argv[1], "--version") == 0) {
		printf("samordna %s\n", SAMORDNA_VERSION);
		return 0;
	}
	int failed = take_apart(&line, argc, argv);
	if (failed)
		return failed;
	if (!line.n_words) {
		usage_short(stderr, language_here());
		return 2;
	}
	if (line.command->kind == COMMAND_OWN)
		return own_run[line.command - own_commands](&line, home_of(&line));
	if (line.command->here)
		return run_pure(&line);
	return line.command->kind == COMMAND_PURE ? say_pure(&line) : ask_core(&line, home_of(&line), NULL);
}
