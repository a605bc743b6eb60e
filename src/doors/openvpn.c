/* OpenVPN's management interface as text: events are put together from its lines, commands are written with what people read in quotes.
 *
 * A log-in comes as one line >CLIENT:CONNECT,CID,KID and then one >CLIENT:ENV,name=value a line up to >CLIENT:ENV,END. The list of who is in
 * (`status 3`) is lines of fields between tabs; which field is what says its own HEADER line.
 *
 * SECURITY: values come from clients (user name, password, names in certificates) through OpenVPN, which takes line ends out of them. Names
 * count only when they are exactly ours, so nothing that a client may name itself (UV_*, IV_*) is taken for more. A line that is longer
 * than the room, and a name said twice with two values, make the event damaged: whoever reads it lets nobody in. The password is wiped
 * when the next event begins. */
#include "doors/openvpn.h"

void openvpn_begin(struct openvpn_reader *reader)
{
	*reader = (struct openvpn_reader){ 0 };
	memset(reader->column, -1, sizeof reader->column);
}

static void forget(struct openvpn_reader *reader)
{
	explicit_bzero(reader->event.password, sizeof reader->event.password);
	reader->event = (struct openvpn_event){ 0 };
}

/* --- the lines of an event --- */

/* False: another value than before, or more than there is room for. */
static bool keep(char *room, size_t size, struct str value)
{
	size_t before = strlen(room);

	if (value.len >= size || memchr(value.at, '\0', value.len))
		return false;
	if (before)
		return before == value.len && memcmp(room, value.at, value.len) == 0;
	memcpy(room, value.at, value.len);
	room[value.len] = '\0';
	return true;
}

static bool number(struct str text, int64_t *ret)
{
	return str_number(text, INT64_MAX, ret) == OK;
}

/* untrusted_ and trusted_ both say where the client is; where they differ it has moved, and is where the first word says. */
static void take_environment(struct openvpn_event *event, struct str name, struct str value)
{
	bool is_right = true;

	if (str_equal(name, STR("username"))) {
		event->has_user = value.len > 0;
		is_right = keep(event->user, sizeof event->user, value);
	} else if (str_equal(name, STR("password"))) {
		is_right = keep(event->password, sizeof event->password, value);
	} else if (str_equal(name, STR("common_name"))) {
		is_right = keep(event->name, sizeof event->name, value);
	} else if (str_equal(name, STR("tls_digest_0"))) {
		event->has_certificate = value.len > 0;
	} else if (str_equal(name, STR("untrusted_ip")) || str_equal(name, STR("untrusted_ip6"))) {
		event->address[0] = '\0';
		is_right = keep(event->address, sizeof event->address, value);
	} else if (str_equal(name, STR("untrusted_port"))) {
		event->port[0] = '\0';
		is_right = keep(event->port, sizeof event->port, value);
	} else if ((str_equal(name, STR("trusted_ip")) || str_equal(name, STR("trusted_ip6"))) && !event->address[0]) {
		is_right = keep(event->address, sizeof event->address, value);
	} else if (str_equal(name, STR("trusted_port")) && !event->port[0]) {
		is_right = keep(event->port, sizeof event->port, value);
	} else if (str_equal(name, STR("ifconfig_pool_remote_ip"))) {
		is_right = keep(event->framed, sizeof event->framed, value);
	} else if (str_equal(name, STR("bytes_received"))) {
		is_right = number(value, &event->in_octets);
	} else if (str_equal(name, STR("bytes_sent"))) {
		is_right = number(value, &event->out_octets);
	} else if (str_equal(name, STR("time_duration"))) {
		is_right = number(value, &event->seconds);
	}
	event->is_damaged |= !is_right;
}

static const struct { const char *word; enum openvpn_kind kind; bool has_key; } events[] = {
	{ "CONNECT", OPENVPN_CONNECT, true }, { "REAUTH", OPENVPN_REAUTH, true },
	{ "ESTABLISHED", OPENVPN_ESTABLISHED, false }, { "DISCONNECT", OPENVPN_DISCONNECT, false },
};

/* True: an event is whole. */
static bool take_client(struct openvpn_reader *reader, struct str line)
{
	struct str rest = line, word = str_cut(&rest, ',');

	if (str_equal(word, STR("ENV"))) {
		if (!reader->in_client || !rest.at)
			return false;
		if (str_equal(rest, STR("END"))) {
			reader->in_client = false;
			return true;
		}
		struct str value = rest, name = str_cut(&value, '=');
		if (value.at)
			take_environment(&reader->event, name, value);
		return false;
	}
	/* Another event begins though the last has not ended: that one is lost. */
	reader->in_client = false;
	for (size_t i = 0; i < LENGTH(events); i++) {
		if (!str_equal(word, str_of(events[i].word)))
			continue;
		forget(reader);
		reader->event.kind = events[i].kind;
		struct str cid = str_cut(&rest, ',');
		reader->in_client = cid.at && number(cid, &reader->event.cid) && (!events[i].has_key || (rest.at && number(rest, &reader->event.kid)));
	}
	return false;
}

/* --- the list --- */

static const char *const column_name[OPENVPN_COLUMNS] = {
	[COLUMN_NAME] = "Common Name", [COLUMN_REAL] = "Real Address", [COLUMN_FRAMED] = "Virtual Address", [COLUMN_IN] = "Bytes Received",
	[COLUMN_OUT] = "Bytes Sent", [COLUMN_SINCE] = "Connected Since (time_t)", [COLUMN_USER] = "Username", [COLUMN_CID] = "Client ID",
};

static void take_header(struct openvpn_reader *reader, struct str rest)
{
	memset(reader->column, -1, sizeof reader->column);
	for (int8_t at = 0; rest.at && at < 100; at++) {
		struct str name = str_cut(&rest, '\t');
		for (int i = 0; i < OPENVPN_COLUMNS; i++)
			if (str_equal(name, str_of(column_name[i])))
				reader->column[i] = at;
	}
}

/* 192.0.2.7:1194, [2001:db8::7]:1194, perhaps with the transport before it. */
static void take_real(struct openvpn_event *event, struct str real)
{
	size_t colon = real.len;

	for (size_t i = 0; i < 2; i++) {
		static const struct str transport[] = { { "udp", 3 }, { "tcp", 3 } };
		size_t end = str_find(real, ':');
		if (str_starts(real, transport[i]) && end < real.len)
			real = str_from(real, end + 1);
	}
	colon = real.len;
	while (colon && real.at[colon - 1] != ':')
		colon--;
	if (colon == 0) {
		event->is_damaged |= !keep(event->address, sizeof event->address, real);
		return;
	}
	struct str host = str_first(real, colon - 1);
	if (host.len > 1 && host.at[0] == '[' && host.at[host.len - 1] == ']')
		host = str_from(str_first(host, host.len - 1), 1);
	event->is_damaged |= !keep(event->address, sizeof event->address, host) || !keep(event->port, sizeof event->port, str_from(real, colon));
}

static bool take_listed(struct openvpn_reader *reader, struct str rest)
{
	struct openvpn_event *event = &reader->event;
	struct str field[OPENVPN_COLUMNS];

	forget(reader);
	event->kind = OPENVPN_LISTED;
	for (int i = 0; i < OPENVPN_COLUMNS; i++)
		field[i] = STR("");
	for (int8_t at = 0; rest.at && at < 100; at++) {
		struct str value = str_cut(&rest, '\t');
		for (int i = 0; i < OPENVPN_COLUMNS; i++)
			if (reader->column[i] == at)
				field[i] = value;
	}
	if (!number(field[COLUMN_CID], &event->cid))
		return false;
	(void)number(field[COLUMN_SINCE], &event->since);
	(void)number(field[COLUMN_IN], &event->in_octets);
	(void)number(field[COLUMN_OUT], &event->out_octets);
	event->is_damaged = !keep(event->name, sizeof event->name, field[COLUMN_NAME]) || !keep(event->framed, sizeof event->framed, field[COLUMN_FRAMED])
	                  || !keep(event->user, sizeof event->user, field[COLUMN_USER]);
	event->has_user = field[COLUMN_USER].len && !str_equal(field[COLUMN_USER], STR("UNDEF"));
	if (!event->has_user)
		event->user[0] = '\0';
	take_real(event, field[COLUMN_REAL]);
	return true;
}

/* --- lines --- */

static bool is_simple(struct openvpn_reader *reader, enum openvpn_kind kind)
{
	forget(reader);
	reader->event.kind = kind;
	return true;
}

static bool take_list_line(struct openvpn_reader *reader, struct str line)
{
	struct str rest = line, word = str_cut(&rest, '\t');

	if (str_equal(word, STR("TITLE"))) {
		reader->is_listing = true;
		return is_simple(reader, OPENVPN_LIST);
	}
	if (!reader->is_listing)
		return false;
	if (str_equal(line, STR("END"))) {
		reader->is_listing = false;
		return is_simple(reader, OPENVPN_LIST_END);
	}
	if (str_equal(word, STR("HEADER")) && str_starts(rest, STR("CLIENT_LIST\t")))
		take_header(reader, str_from(rest, 12));
	return str_equal(word, STR("CLIENT_LIST")) && rest.at && take_listed(reader, rest);
}

static bool take_line(struct openvpn_reader *reader, struct str line)
{
	if (reader->is_overlong) {
		reader->event.is_damaged |= reader->in_client;
		return false;
	}
	if (str_starts(line, STR(">CLIENT:")))
		return take_client(reader, str_from(line, 8));
	/* The events of a client are never mixed with other lines: what comes between ends them. */
	if (reader->in_client) {
		reader->in_client = false;
		forget(reader);
	}
	if (str_starts(line, STR(">INFO:")))
		return is_simple(reader, OPENVPN_READY);
	if (str_starts(line, STR(">HOLD:")))
		return is_simple(reader, OPENVPN_HOLD);
	if (str_starts(line, STR("ERROR:")))
		return is_simple(reader, OPENVPN_ERROR);
	return take_list_line(reader, line);
}

bool openvpn_read(struct openvpn_reader *reader, const char **at, size_t *n, const struct openvpn_event **ret)
{
	static const struct str prompt = { "ENTER PASSWORD:", 15 };

	if (!reader->in_client)
		forget(reader);
	while (*n) {
		char byte = **at;
		(*at)++;
		(*n)--;
		if (byte != '\n') {
			reader->is_overlong |= reader->n == sizeof reader->line;
			if (!reader->is_overlong)
				reader->line[reader->n++] = byte;
			if (byte == ':' && str_equal((struct str){ reader->line, reader->n }, prompt)) {
				reader->n = 0;
				(void)is_simple(reader, OPENVPN_WANTS_PASSWORD);
				*ret = &reader->event;
				return true;
			}
			continue;
		}
		struct str line = { reader->line, reader->n };
		if (line.len && line.at[line.len - 1] == '\r')
			line.len--;
		bool is_whole = take_line(reader, line);
		explicit_bzero(reader->line, reader->n);
		reader->n = 0;
		reader->is_overlong = false;
		if (is_whole) {
			*ret = &reader->event;
			return true;
		}
	}
	return false;
}

/* --- what is said --- */

void openvpn_put(struct openvpn_words *words, struct str text)
{
	if (text.len > sizeof words->at - words->n) {
		words->is_full = true;
		return;
	}
	memcpy(words->at + words->n, text.at ? text.at : "", text.len);
	words->n += text.len;
}

void openvpn_quote(struct openvpn_words *words, struct str head, struct str text)
{
	text = str_utf8_first(text, 254 - MIN(head.len, (size_t)254));
	openvpn_put(words, STR("\""));
	openvpn_put(words, head);
	for (size_t i = 0; i < text.len; i++) {
		char byte = text.at[i];
		if (byte == '"' || byte == '\\')
			openvpn_put(words, STR("\\"));
		if ((unsigned char)byte < ' ' || byte == 127)
			byte = ' ';
		openvpn_put(words, (struct str){ &byte, 1 });
	}
	openvpn_put(words, STR("\""));
}

static void put_command(struct openvpn_words *words, const char *verb, int64_t cid, int64_t kid)
{
	char room[80];
	int n = kid < 0 ? snprintf(room, sizeof room, "%s %lld", verb, (long long)cid)
	                : snprintf(room, sizeof room, "%s %lld %lld", verb, (long long)cid, (long long)kid);

	openvpn_put(words, (struct str){ room, (size_t)n });
}

/* Half a command would take the next one with it. */
static void finish(struct openvpn_words *words, size_t before)
{
	openvpn_put(words, STR("\n"));
	if (words->is_full)
		words->n = before;
}

void openvpn_say_permit(struct openvpn_words *words, int64_t cid, int64_t kid, uint32_t seconds)
{
	size_t before = words->n;
	char room[64];

	put_command(words, seconds ? "client-auth" : "client-auth-nt", cid, kid);
	if (seconds) {
		int n = snprintf(room, sizeof room, "\nsession-timeout %u\nEND", seconds);
		openvpn_put(words, (struct str){ room, (size_t)n });
	}
	finish(words, before);
}

void openvpn_say_deny(struct openvpn_words *words, int64_t cid, int64_t kid, struct str code, struct str text)
{
	size_t before = words->n;

	put_command(words, "client-deny", cid, kid);
	openvpn_put(words, STR(" "));
	openvpn_quote(words, STR(""), code);
	openvpn_put(words, STR(" "));
	openvpn_quote(words, STR(""), text);
	finish(words, before);
}

void openvpn_say_kill(struct openvpn_words *words, int64_t cid, struct str text)
{
	size_t before = words->n;

	put_command(words, "client-kill", cid, -1);
	openvpn_put(words, STR(" "));
	openvpn_quote(words, STR("HALT,"), text);
	finish(words, before);
}
