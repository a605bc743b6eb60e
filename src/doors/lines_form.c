/* The machine behind the tables of forms: patterns are compiled once into short programs and matched without memory.
 *
 * A service's forms hang in 256 lists by the first byte that a message can have, so that most lines meet two or three patterns. %u takes
 * as much as it can (the rightmost place where the rest of the pattern still fits), because a user name is whatever the
 * stranger typed and may hold the rest of a message; %* and %r take as little as they can.
 *
 * SECURITY: the depth of the recursion is bounded by the length of the pattern, the work by the pattern's wildcards times the
 * line's length, which lines.c bounds; a pattern has one %u or %l at most, and STEPS stops what is left of hostile repetition. */
#include "doors/lines_parts.h"

enum op_kind { OP_END, OP_LITERAL, OP_USER, OP_USER_SHORT, OP_ADDRESS, OP_ADDRESS_PORT, OP_WORD, OP_DIGITS, OP_COUNT, OP_SESSION,
	OP_REASON, OP_ANY, OP_CHOICE, OP_JUMP, OP_LAST };
/* Of a literal: `rare` is the offset of its least usual byte, which is looked for first; `word` and `mask` are its first eight bytes. */
struct op { uint8_t kind, rare; uint16_t len, to; const char *at; uint64_t word, mask; };
enum { MOST_OPS = 12000, MOST_FORMS = 700, MOST_SERVICES = LINE_SERVICES, MOST_LINKS = 4000, STEPS = 200000 };

static struct op ops[MOST_OPS];
static size_t n_ops;
static struct { const struct line_form *form; uint16_t op; } forms[MOST_FORMS];
static size_t n_forms;
static struct { uint16_t form, next; } links[MOST_LINKS];
static size_t n_links;
static uint16_t first_link[MOST_SERVICES][256];
static bool is_started;

struct caps {
	struct str user, address, reason, session;
	int64_t    count;
	bool       has_port;
};
struct run { const char *end; int steps; struct caps caps; };

/* --- compiling --- */

/* Bytes of messages, the most usual first; what is not here is rarer still. */
static size_t usual(char c)
{
	static const char order[] = " 0123456789.:eatoinsrldcbfhupmgywvk'/[]xjqz";
	const char *hit = c ? strchr(order, c) : NULL;

	return hit ? (size_t)(hit - order) : sizeof order;
}

static size_t put_op(enum op_kind kind, const char *at, size_t len)
{
	assert(n_ops < MOST_OPS);
	struct op *op = &ops[n_ops];
	*op = (struct op){ .kind = (uint8_t)kind, .len = (uint16_t)len, .at = at, .mask = len >= 8 ? UINT64_MAX : ((uint64_t)1 << 8 * len) - 1 };
	for (size_t i = 1; i < len && i < 256; i++)
		if (usual(at[i]) > usual(at[op->rare]))
			op->rare = (uint8_t)i;
	if (len)
		memcpy(&op->word, at, MIN(len, (size_t)8));
	return n_ops++;
}

static enum op_kind kind_of(char c)
{
	switch (c) {
	case 'u': return OP_USER;
	case 'l': return OP_USER_SHORT;
	case 'a': return OP_ADDRESS;
	case 'A': return OP_ADDRESS_PORT;
	case 'w': return OP_WORD;
	case 'n': return OP_DIGITS;
	case 'c': return OP_COUNT;
	case 's': return OP_SESSION;
	case 'r': return OP_REASON;
	case '*': return OP_ANY;
	case '$': return OP_LAST;
	default: assert(!"a pattern with an unknown %"); return OP_END;
	}
}

/* From *at to the pattern's end or, inside a choice, to its | or }. */
static void compile(const char **at)
{
	const char *p = *at;

	while (*p && *p != '|' && *p != '}') {
		if (*p == '%' && p[1] != '%') {
			put_op(kind_of(p[1]), NULL, 0);
			p += 2;
		} else if (*p == '{') {
			size_t jumps[40], n_jumps = 0, choice;
			do {
				p++;
				choice = put_op(OP_CHOICE, NULL, 0);
				compile(&p);
				assert(n_jumps < LENGTH(jumps));
				jumps[n_jumps++] = put_op(OP_JUMP, NULL, 0);
				ops[choice].to = (uint16_t)n_ops;
			} while (*p == '|');
			assert(*p == '}');
			p++;
			ops[choice].to = 0;              /* the last alternative: nothing to go to */
			for (size_t i = 0; i < n_jumps; i++)
				ops[jumps[i]].to = (uint16_t)n_ops;
		} else if (*p == '%') {
			put_op(OP_LITERAL, p, 1);
			p += 2;
		} else {
			size_t n = strcspn(p, "%{|}");
			put_op(OP_LITERAL, p, n);
			p += n;
		}
	}
	*at = p;
}

static void link_byte(int service, int byte, size_t form)
{
	uint16_t *from = &first_link[service][byte];

	while (*from) {
		if (links[*from].form == form)
			return;
		from = &links[*from].next;
	}
	assert(n_links + 1 < MOST_LINKS);
	links[++n_links].form = (uint16_t)form;
	links[n_links].next = 0;
	*from = (uint16_t)n_links;
}

/* Every byte that a message of this form may begin with. */
static void link_first(int service, size_t op, size_t form)
{
	for (;;)
		switch (ops[op].kind) {
		case OP_LITERAL:
			link_byte(service, (unsigned char)ops[op].at[0], form);
			return;
		case OP_CHOICE:
			link_first(service, op + 1, form);
			if (!ops[op].to)
				return;
			op = ops[op].to;
			break;
		case OP_JUMP:
			op = ops[op].to;
			break;
		default:
			for (int i = 0; i < 256; i++)
				link_byte(service, i, form);
			return;
		}
}

void form_start(void)
{
	if (is_started)
		return;
	is_started = true;
	n_ops = 1;
	for (int s = 0; line_services[s]; s++)
		for (const struct line_form *form = line_services[s]->forms; form->pattern; form++) {
			const char *p = form->pattern;
			assert(n_forms < MOST_FORMS && s < MOST_SERVICES);
			forms[n_forms].form = form;
			forms[n_forms].op = (uint16_t)n_ops;
			compile(&p);
			assert(!*p);
			put_op(OP_END, NULL, 0);
			link_first(s, forms[n_forms].op, n_forms);
			n_forms++;
		}
}

/* --- matching --- */

static inline __attribute__((always_inline)) bool is_literal(const struct op *op, const char *at, const char *end)
{
	uint64_t word;

	if (end - at < 8)
		return end - at >= op->len && memcmp(at, op->at, op->len) == 0;
	memcpy(&word, at, 8);
	if ((word ^ op->word) & op->mask)
		return false;
	return op->len <= 8 || (end - at >= op->len && memcmp(at + 8, op->at + 8, op->len - 8u) == 0);
}

/* Where a literal stands first, or last: found by its least usual byte. */
static const char *seek(const char *at, const char *end, const struct op *op)
{
	if ((size_t)(end - at) < op->len)
		return NULL;
	const char *p = at + op->rare, *last = end - op->len + op->rare;
	while (p <= last && (p = memchr(p, op->at[op->rare], (size_t)(last - p) + 1))) {
		if (is_literal(op, p - op->rare, end))
			return p - op->rare;
		p++;
	}
	return NULL;
}

static const char *seek_back(const char *at, const char *from, const char *end, const struct op *op)
{
	const char *first = at + op->rare, *p = MIN(from, end - op->len) + op->rare;

	if (end - at < op->len)
		return NULL;
	while (p >= first && (p = memrchr(first, op->at[op->rare], (size_t)(p - first) + 1))) {
		if (is_literal(op, p - op->rare, end))
			return p - op->rare;
		p--;
	}
	return NULL;
}

static bool match(struct run *, const struct op *, const char *);

static const bool address_byte[256] = { ['0' ... '9'] = true, ['a' ... 'z'] = true, ['A' ... 'Z'] = true, ['.'] = true, [':'] = true, ['-'] = true,
	['_'] = true, ['%'] = true };

static bool is_address_byte(char c)
{
	return address_byte[(unsigned char)c];
}

/* Where a run of address bytes ends; a full stop or colon that only ends the sentence is no part of it. */
static const char *address_end(const char *at, const char *end, bool has_port)
{
	const char *p = at;

	if (p < end && *p == '[') {
		const char *close = memchr(p, ']', (size_t)(end - p));
		if (!close)
			return at;
		p = close + 1;
		if (has_port && p < end && *p == ':')
			for (p++; p < end && *p >= '0' && *p <= '9'; p++)
				;
		return p;
	}
	while (p < end && is_address_byte(*p))
		p++;
	while (p > at && (p[-1] == '.' || p[-1] == '-' || (p[-1] == ':' && !(p - at > 1 && p[-2] == ':'))))
		p--;
	return p;
}

static bool is_session_byte(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '+' || c == '/' || c == '=' || c == '_'
	    || c == '-';
}

/* The rightmost place where the next literal stands and the rest fits. */
static bool match_user(struct run *run, const struct op *op, const char *at)
{
	const struct op *next = op + 1;

	if (next->kind == OP_END || next->kind == OP_LAST) {
		run->caps.user = (struct str){ at, (size_t)(run->end - at) };
		return true;
	}
	for (const char *p = run->end; p >= at; p--) {
		if (next->kind == OP_LITERAL && !(p = seek_back(at, p, run->end, next)))
			return false;
		if (match(run, next, p)) {
			run->caps.user = (struct str){ at, (size_t)(p - at) };
			return true;
		}
	}
	return false;
}

static bool match_short(struct run *run, const struct op *op, const char *at, struct str *ret)
{
	const struct op *next = op + 1;
	const char *p = at;

	if (next->kind == OP_END || next->kind == OP_LAST) {
		*ret = (struct str){ at, (size_t)(run->end - at) };
		return true;
	}
	for (; p <= run->end; p++) {
		if (next->kind == OP_LITERAL) {
			p = seek(p, run->end, next);
			if (!p)
				return false;
		}
		if (match(run, next, p)) {
			*ret = (struct str){ at, (size_t)(p - at) };
			return true;
		}
		if (run->steps < 0)
			return false;
	}
	return false;
}

static bool match_choice(struct run *run, const struct op **op, const char *at)
{
	struct caps before = run->caps;

	if (match(run, *op + 1, at))
		return true;
	run->caps = before;
	*op = ops + (*op)->to;
	return false;
}

static bool match(struct run *run, const struct op *op, const char *at)
{
	for (;;) {
		const char *p = at;
		struct str taken = STR_NONE;
		if (--run->steps < 0)
			return false;
		switch (op->kind) {
		case OP_END:
			return true;
		case OP_LAST:
			return at == run->end;
		case OP_LITERAL:
			if (!is_literal(op, at, run->end))
				return false;
			p += op->len;
			break;
		case OP_CHOICE:
			if (!op->to) {                   /* the last one: nothing to come back to */
				op++;
				continue;
			}
			/* Most alternatives are words: one that does not begin here needs no attempt. */
			if (op[1].kind == OP_LITERAL && !is_literal(op + 1, at, run->end)) {
				op = ops + op->to;
				continue;
			}
			if (match_choice(run, &op, at))
				return true;
			continue;
		case OP_JUMP:
			op = ops + op->to;
			continue;
		case OP_USER:
			return match_user(run, op, at);
		case OP_USER_SHORT:
			if (!match_short(run, op, at, &taken))
				return false;
			run->caps.user = taken;
			return true;
		case OP_ANY:
			return match_short(run, op, at, &taken);
		case OP_REASON:
			if (!match_short(run, op, at, &taken))
				return false;
			run->caps.reason = taken;
			return true;
		case OP_ADDRESS:
		case OP_ADDRESS_PORT:
			p = address_end(at, run->end, op->kind == OP_ADDRESS_PORT);
			if (p == at)
				return false;
			run->caps.address = (struct str){ at, (size_t)(p - at) };
			run->caps.has_port = op->kind == OP_ADDRESS_PORT;
			break;
		case OP_WORD:
			while (p < run->end && *p != ' ')
				p++;
			if (p == at)
				return false;
			break;
		case OP_DIGITS:
		case OP_COUNT:
			while (p < run->end && *p >= '0' && *p <= '9')
				p++;
			if (p == at)
				return false;
			if (op->kind == OP_COUNT)
				(void)!str_number((struct str){ at, (size_t)(p - at) }, 1000000, &run->caps.count);
			break;
		case OP_SESSION:
			while (p < run->end && is_session_byte(*p))
				p++;
			if (p == at)
				return false;
			run->caps.session = (struct str){ at, (size_t)(p - at) };
			break;
		}
		at = p;
		op++;
	}
}

/* "... ruser=R rhost=H  user=U": R and U are the stranger's words, so H is behind the last rhost= before the first user=. */
static void take_rhost(struct str text, struct line_found *ret)
{
	if (!text.len)
		return;
	const char *user = memmem(text.at, text.len, " user=", 6), *end = user ? user : text.at + text.len, *host = NULL;
	for (const char *p = text.at, *hit; p < end; p = hit + 1) {
		hit = memmem(p, (size_t)(end - p), " rhost=", 7);
		if (!hit)
			break;
		host = hit + 7;
	}
	if (user) {
		ret->user = str_from(text, (size_t)(user - text.at) + 6);
		ret->user = str_trim(ret->user);
	}
	if (host && host < end) {
		struct str rest = { host, (size_t)(end - host) };
		ret->address = str_first(rest, str_find(rest, ' '));
		if (!ret->address.len)
			ret->address = STR_NONE;
	}
}

/* The PAM services whose own daemon says that somebody came in, and those that let in nobody from outside. */
static bool is_quiet(struct str service)
{
	static const char *const quiet[] = { "sshd", "sshd-session", "dropbear", "openvpn", "ocserv", "xrdp", "xrdp-sesman", "cron", "crond", "atd", "systemd-user",
		"sudo", "sudo-i", "su", "su-l", "runuser", "runuser-l", "polkit-1", "lightdm-greeter", "gdm-launch-environment", "sddm-greeter" };

	for (size_t i = 0; i < LENGTH(quiet); i++)
		if (str_equal(service, str_of(quiet[i])))
			return true;
	return false;
}

static void tidy_user(unsigned flags, struct line_found *ret)
{
	struct str *user = &ret->user;
	size_t stars = 0;

	if (flags & FORM_PASSWORD)
		*user = str_first(*user, str_find(*user, '/'));
	if (flags & FORM_DOT && user->len && user->at[user->len - 1] == '.')
		user->len--;
	if (!(flags & FORM_STARRED))
		return;
	*user = str_trim(*user);
	if (user->len >= 2 && ((user->at[0] == '\'' && user->at[user->len - 1] == '\'') || (user->at[0] == '<' && user->at[user->len - 1] == '>')
	                       || (user->at[0] == '"' && user->at[user->len - 1] == '"')))
		*user = (struct str){ user->at + 1, user->len - 2 };
	while (stars < user->len && user->at[stars] == '*')
		stars++;
	if ((stars && stars == user->len) || str_equal(*user, STR("UNDEF")))
		*user = STR_NONE;
}

/* What the service's strip filled in stays where the form tells nothing. */
bool form_match(int service, struct str text, struct line_found *ret)
{
	struct run run = { .end = text.at + text.len };

	if (!text.len)
		return false;
	for (uint16_t l = first_link[service][(unsigned char)text.at[0]]; l; l = links[l].next) {
		const struct line_form *form = forms[links[l].form].form;
		const struct op *op = ops + forms[links[l].form].op;
		if (op->kind == OP_LITERAL && !is_literal(op, text.at, run.end))
			continue;
		run.steps = STEPS;
		run.caps = (struct caps){ .count = 1 };
		if (!match(&run, op, text.at))
			continue;
		ret->outcome = form->outcome;
		ret->service = line_services[service]->name;
		ret->form = (uint16_t)(links[l].form + 1);
		ret->is_denial = form->flags & FORM_DENIAL;
		ret->is_echo = (form->flags & FORM_ECHO) != 0;
		ret->is_loose = (form->flags & FORM_LOOSE) != 0;
		ret->count = run.caps.count;
		ret->reason = form->reason ? str_of(form->reason) : run.caps.reason;
		if (run.caps.user.at)
			ret->user = run.caps.user;
		if (run.caps.address.at) {
			ret->address = run.caps.address;
			ret->has_port = run.caps.has_port;
		}
		if (run.caps.session.at)
			ret->session = run.caps.session;
		ret->is_nameless |= (form->flags & FORM_NAMELESS) != 0;
		if (form->flags & FORM_RHOST)
			take_rhost(text, ret);
		if (form->flags & FORM_SESSION && is_quiet(ret->pam))
			ret->outcome = LINE_OTHER;
		if (form->flags & (FORM_PASSWORD | FORM_STARRED | FORM_DOT) && ret->user.at)
			tidy_user(form->flags, ret);
		return true;
	}
	return false;
}

static bool is_program(const char *pattern, struct str program)
{
	if ((pattern[0] | 32) != (program.at[0] | 32))
		return false;
	size_t n = strlen(pattern);
	if (n && pattern[n - 1] == '*')
		return program.len >= n - 1 && strncasecmp(program.at, pattern, n - 1) == 0;
	return program.len == n && strncasecmp(program.at, pattern, n) == 0;
}

int form_service(struct str program)
{
	const char *slash = program.len ? memrchr(program.at, '/', program.len) : NULL;

	if (slash)
		program = str_from(program, (size_t)(slash - program.at) + 1);
	if (!program.len)
		return -1;
	for (int s = 0; line_services[s]; s++)
		for (const char *const *p = line_services[s]->programs; *p; p++)
			if (is_program(*p, program))
				return s;
	return -1;
}

int form_service_named(struct str name)
{
	for (int s = 0; line_services[s]; s++)
		if (str_equal(str_of(line_services[s]->name), name))
			return s;
	return -1;
}

/* --- the tables' own test lines --- */

static bool is_text(struct str s, const char *wanted)
{
	return wanted ? s.at && str_equal(s, str_of(wanted)) : !s.at;
}

size_t lines_forms_check(void (*wrong)(const char *line, const char *why))
{
	size_t n = 0;
	char room[128];

	form_start();
	for (size_t i = 0; i < n_forms; i++) {
		const struct line_form *form = forms[i].form;
		struct line_found found = { .count = 1 };
		int service = 0;
		for (size_t at = 0, k = 0; line_services[k]; k++)
			for (const struct line_form *f = line_services[k]->forms; f->pattern; f++, at++)
				if (at == i)
					service = (int)k;
		if (!form->line) {
			wrong(form->pattern, "has no test line");
			n++;
			continue;
		}
		struct str text = str_of(form->line);
		if (line_services[service]->strip)
			text = line_services[service]->strip(text, &found);
		const char *why = NULL;
		if (!form_match(service, text, &found))
			why = "no form takes it";
		else if (found.form != i + 1)
			why = forms[found.form - 1].form->pattern;
		else if (found.outcome != form->outcome)
			why = "outcome";
		else if (!is_text(found.user, form->user))
			why = "user";
		else if (!is_text(found.address.at ? address_tidy(found.address, found.has_port, room) : STR_NONE, form->address))
			why = "address";
		if (why)
			wrong(form->line, why);
		n += why != NULL;
	}
	return n;
}
