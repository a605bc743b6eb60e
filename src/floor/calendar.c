/* Writes iCalendar, line by line.
 *
 * A line is folded before its 75th byte, between characters; commas, semicolons, backslashes and newlines are escaped, other control
 * characters become blanks (RFC 5545, 3.1 and 3.3.11). Moments are in UTC, so no time zone need be described.
 *
 * SECURITY: whatever people wrote stands inside a property's value and cannot begin a new line. */
#include "floor/calendar.h"

enum { LINE_MOST = 73 };
const char calendar_type[] = "text/calendar; charset=utf-8";

/* Puts one line, folded. `line` holds no line end. */
static void fold(struct out *out, struct str line)
{
	while (line.len > LINE_MOST) {
		struct str part = str_utf8_first(line, LINE_MOST);
		part = part.len ? part : str_first(line, LINE_MOST);
		out_put(out, part);
		out_text(out, "\r\n ");
		line = str_from(line, part.len);
	}
	out_put(out, line);
	out_text(out, "\r\n");
}

static void text(struct out *out, const char *name, struct str value)
{
	struct out line = out_new(out->arena);

	out_print(&line, "%s:", name);
	for (size_t i = 0; i < value.len; i++) {
		char c = value.at[i];
		if (c == ',' || c == ';' || c == '\\')
			out_byte(&line, '\\');
		if (c == '\n')
			out_text(&line, "\\n");
		else
			out_byte(&line, (unsigned char)c < ' ' || c == 0x7f ? ' ' : c);
	}
	fold(out, out_str(&line));
}

static void moment(struct out *out, const char *name, struct instant at)
{
	struct out rfc = out_new(out->arena);

	out_instant_utc(&rfc, at);           /* 2026-11-24T08:00:00Z or with thousandths */
	out_byte(&rfc, '\0');
	const char *c = out_str(&rfc).at;
	out_print(out, "%s:%.4s%.2s%.2sT%.2s%.2s%.2sZ\r\n", name, c, c + 5, c + 8, c + 11, c + 14, c + 17);
}

void calendar_begin(struct out *out, struct str name)
{
	out_text(out, "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Samordna//Samordna//EN\r\nCALSCALE:GREGORIAN\r\nMETHOD:PUBLISH\r\n");
	text(out, "X-WR-CALNAME", name);
}

void calendar_event(struct out *out, const struct calendar_event *event)
{
	out_text(out, "BEGIN:VEVENT\r\n");
	text(out, "UID", event->uid);
	moment(out, "DTSTAMP", event->made_at);
	moment(out, "DTSTART", event->at);
	if (event->until.ms)
		moment(out, "DTEND", event->until);
	text(out, "SUMMARY", event->title);
	if (event->text.len)
		text(out, "DESCRIPTION", event->text);
	if (event->at_url.len)
		fold(out, str_print(out->arena, "URL:%.*s", STR_ARG(event->at_url)));
	out_print(out, "STATUS:%s\r\nTRANSP:TRANSPARENT\r\n", event->is_tentative ? "TENTATIVE" : "CONFIRMED");
	for (size_t i = 0; i < event->n_alarms; i++) {
		out_print(out, "BEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER:-PT%lldM\r\n", (long long)(event->alarms[i].ms / MINUTES(1).ms));
		text(out, "DESCRIPTION", event->title);
		out_text(out, "END:VALARM\r\n");
	}
	out_text(out, "END:VEVENT\r\n");
}

void calendar_end(struct out *out)
{
	out_text(out, "END:VCALENDAR\r\n");
}
