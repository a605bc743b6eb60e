/* `lines read` and `lines replay`: the line reader (doors/lines.h) and the rules (points/incidents/watch_rules.h) on files, without a home.
 *
 * Both stream: what is read is printed, or counted and forgotten. Times are UTC. The zone of times that tell none is the process' own TZ,
 * which is set before the first line: a pure command is alone in its process.
 *
 * SECURITY: exit 0 whatever the lines hold; only the command line and the files named on it can be wrong. */
#include "lines.h"
#include "base/input.h"
#include "doors/lines.h"
#include "points/incidents/watch_places.h"
#include "points/incidents/watch_rules.h"
#include <fcntl.h>

struct reading { struct rq *rq; const struct args *args; struct out *out; };

static void put_moment(struct out *out, bool is_there, struct instant at)
{
	if (!is_there) {
		out_text(out, "null");
		return;
	}
	out_byte(out, '"');
	out_instant_utc(out, at);
	if (at.ms % 1000) {
		out->len--;                      /* before the Z */
		out_print(out, ".%03dZ", (int)(at.ms % 1000));
	}
	out_byte(out, '"');
}

static void put_event(void *of, const struct line_event *event)
{
	struct out *out = ((struct reading *)of)->out;

	out_text(out, "{\"line\":");
	out_int(out, event->line);
	out_text(out, ",\"time\":");
	put_moment(out, event->has_time, event->at);
	out_text(out, ",\"service\":");
	out_json(out, str_of(event->service));
	out_print(out, ",\"outcome\":\"%s\",\"user\":", line_outcome_name[event->outcome]);
	out_json(out, event->user);
	out_text(out, ",\"address\":");
	out_json(out, event->address);
	out_text(out, ",\"reason\":");
	out_json(out, event->reason);
	out_text(out, ",\"count\":");
	out_int(out, event->count);
	out_text(out, "}\n");
}

/* A zone is a file of the system's tz database; its name may not leave that directory. */
static enum err take_zone(struct rq *rq, struct str zone)
{
	char path[160], magic[4] = "";

	bool is_name = zone.len > 0 && zone.len < 60;
	for (size_t i = 0; i < zone.len && is_name; i++) {
		char c = zone.at[i];
		is_name = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '+' || c == '-' || (c == '/' && i);
	}
	snprintf(path, sizeof path, "/usr/share/zoneinfo/" STR_FMT, is_name ? (int)zone.len : 0, zone.at ? zone.at : "");
	int fd = is_name ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	bool is_zone = fd >= 0 && read(fd, magic, 4) == 4 && memcmp(magic, "TZif", 4) == 0;
	if (fd >= 0)
		close(fd);
	if (!is_zone)
		return fail(rq, ERR_INVALID, _("--zone: there is no time zone %.*s; write it like Europe/Stockholm or UTC"), (int)MIN(zone.len, (size_t)60), zone.at);
	setenv("TZ", str_c(rq->arena, zone), 1);
	tzset();
	return OK;
}

static enum err take_options(struct rq *rq, const struct args *args, struct lines_options *ret)
{
	struct str format = args_option(args, "format"), year = args_option(args, "year"), zone = args_option(args, "zone"), now = args_option(args, "now");
	int64_t n = 0;

	*ret = (struct lines_options){ .now = rq->now };
	if (format.at && !str_equal(format, STR("auto"))) {
		if (!lines_format_is(format))
			return fail(rq, ERR_INVALID, _("--format: there is no format %.*s"), (int)MIN(format.len, (size_t)40), format.at);
		ret->format = str_c(rq->arena, format);
	}
	if (year.at && (str_number(year, 9000, &n) != OK || n < 1970))
		return fail(rq, ERR_INVALID, _("--year takes a year, like 2026"));
	ret->year = (int)n;
	if (now.at && instant_parse(now, &ret->now) != OK)
		return fail(rq, ERR_INVALID, _("--%s: write an existing moment with its zone, like this: 2026-11-30T08:00:00+01:00"), "now");
	return zone.at ? take_zone(rq, zone) : OK;
}

/* `before` counts the lines of the files before; NULL where each file counts for itself. */
static enum err read_files(struct rq *rq, const struct args *args, struct lines *lines, int64_t *before)
{
	for (size_t i = 0; i < args->n_words; i++) {
		int fd = input_open(args->words[i], rq->trouble);
		if (fd < 0)
			return rq->trouble->err;
		enum err err = lines_fd(lines, fd);
		close(fd);
		if (err != OK)
			return fail(rq, ERR_IO, _("%.*s: cannot be read to its end"), STR_ARG(args->words[i]));
		if (before)
			*before += lines_count(lines);
	}
	return OK;
}

static enum err run_read(struct rq *rq, const struct args *args, struct out *ret)
{
	struct reading reading = { rq, args, ret };
	struct lines_options options;

	if (args->n_words != 1)
		return fail(rq, ERR_INVALID, _("Which file? lines read FILE, or - for standard input"));
	TRY(take_options(rq, args, &options));
	options.wants_other = args_option(args, "all").at != NULL;
	options.each = put_event;
	options.of = &reading;
	struct lines *lines = lines_new(&options);
	if (!lines)
		return fail(rq, ERR_FULL, _("the machine has no memory left"));
	enum err err = read_files(rq, args, lines, NULL);
	lines_end(lines);
	return err;
}

/* --- replay --- */

struct replaying { struct watch *watch; int64_t before, timeless; };

static void take_event(void *of, const struct line_event *event)
{
	struct replaying *to = of;

	if (!event->has_time) {
		to->timeless++;
		return;
	}
	watch_take(to->watch, &(struct watch_attempt){ .line = to->before + event->line, .at = event->at, .count = event->count,
		.outcome = event->outcome == LINE_SUCCESS ? WATCH_SUCCESS : WATCH_FAILED, .user = event->user, .address = event->address,
		.session = event->session, .form = event->form, .is_denial = event->is_denial });
}

static void put_list(struct out *out, const char *name, const struct watch_list *list)
{
	out_print(out, ",\"%s\":[", name);
	for (size_t i = 0; i < list->n; i++) {
		if (i)
			out_byte(out, ',');
		out_json(out, watch_listed(list, i));
	}
	out_byte(out, ']');
}

static void put_incident(struct out *out, const struct watch_rules *rules, const struct watch_incident *incident)
{
	const struct watch_rule *rule = &rules->rule[incident->rule];

	out_print(out, "{\"rule\":\"%s\",\"key\":", rule->name);
	out_json(out, incident->key);
	out_print(out, ",\"severity\":\"%s\",\"first\":", watch_severity_name[incident->severity]);
	put_moment(out, true, incident->first_at);
	out_text(out, ",\"last\":");
	put_moment(out, true, incident->last_at);
	out_print(out, ",\"events\":%lld", (long long)incident->events);
	put_list(out, "users", &incident->users);
	put_list(out, "addresses", &incident->addresses);
	out_print(out, ",\"lines\":[%lld,%lld]", (long long)incident->first_line, (long long)incident->last_line);
	if (incident->users.has_more || incident->addresses.has_more)
		out_text(out, ",\"more\":true");
	out_print(out, ",\"title\":\"%s\"}\n", rule->title);
}

/* What watches nothing says so, once. */
static void say_off(const struct watch_rules *rules, bool has_places)
{
	for (int i = 0; i < WATCH_RULES; i++) {
		const struct watch_rule *rule = &rules->rule[i];
		if (rule->is_off)
			fprintf(stderr, "rule %s off: by --rules\n", rule->name);
		else if (rule->lacks && !(i == WATCH_R8 && has_places))
			fprintf(stderr, "rule %s off: no %s\n", rule->name, rule->lacks);
	}
}

enum { RULES_MOST = 1 << 20, PLACES_MOST = 1 << 29 };

static enum err take_rules(struct rq *rq, const struct args *args, struct watch_rules *rules, struct watch_places **places)
{
	struct str file = args_option(args, "rules"), where = args_option(args, "places"), text;

	*rules = watch_rules_standard();
	if (file.at) {
		TRY(input_whole(rq->arena, file, RULES_MOST, &text, rq->trouble));
		TRY(watch_rules_read(rq, text, rules));
	}
	if (where.at) {
		TRY(input_whole(rq->arena, where, PLACES_MOST, &text, rq->trouble));
		TRY(watch_places_read(rq, text, places));
	}
	return OK;
}

static enum err run_replay(struct rq *rq, const struct args *args, struct out *ret)
{
	struct replaying replaying = { 0 };
	struct watch_places *places = NULL;
	struct lines_options options;
	struct watch_rules rules;
	size_t n;

	if (!args->n_words)
		return fail(rq, ERR_INVALID, _("Which files? lines replay FILE..."));
	TRY(take_options(rq, args, &options));
	TRY(take_rules(rq, args, &rules, &places));
	replaying.watch = watch_new(rq->arena, &rules, places);
	options.each = take_event;
	options.of = &replaying;
	struct lines *lines = replaying.watch ? lines_new(&options) : NULL;
	if (!lines)
		return fail(rq, ERR_FULL, _("the machine has no memory left"));
	say_off(&rules, places != NULL);
	enum err err = read_files(rq, args, lines, &replaying.before);
	if (err == OK) {
		const struct watch_incident *const *incidents = watch_incidents(replaying.watch, &n);
		for (size_t i = 0; i < n; i++)
			put_incident(ret, &rules, incidents[i]);
		if (replaying.timeless)
			fprintf(stderr, "%lld lines tell no time: the rules do not count them\n", (long long)replaying.timeless);
	}
	lines_end(lines);
	watch_end(replaying.watch);
	return err;
}

#define LINES_OPTIONS "[--format FORMAT] [--year Y] [--zone ZONE] [--now T]"
const struct command lines_commands[] = {
	{ "lines read", LINES_OPTIONS " [--all] FILE|-", N_("What the lines of a log say of logins"), COMMAND_PURE, run_read },
	{ "lines replay", LINES_OPTIONS " [--rules FILE] [--places FILE.csv] FILE...", N_("What the rules make of the logins in logs"), COMMAND_PURE, run_replay },
	{ 0 }
};
