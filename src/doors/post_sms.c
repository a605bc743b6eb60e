/* One SMS to the gateway that samordna.conf names: POST of its body, with {to} and {text} filled in, escaped for the kind of body that it is.
 *
 *     sms.body = {"to": "{to}", "message": "{text}"}        JSON
 *     sms.body = to={to}&message={text}                     a form
 *
 * SECURITY: what is filled in is escaped, so a text cannot add a field. The line "Authorization" never leaves this process. */
#include <curl/curl.h>
#define LONG_LIVED
#include "doors/post_parts.h"

struct body { char at[16 * 1024]; size_t length; };

static void add(struct body *body, const char *text, size_t length)
{
	length = MIN(length, sizeof body->at - body->length);
	memcpy(body->at + body->length, text, length);
	body->length += length;
}

static void add_json(struct body *body, struct str text)
{
	char six[8];

	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.at[i];
		if (c == '"' || c == '\\')
			add(body, "\\", 1);
		if (c < 0x20)
			add(body, six, (size_t)snprintf(six, sizeof six, "\\u%04x", c));
		else
			add(body, &text.at[i], 1);
	}
}

static void add_form(struct body *body, struct str text)
{
	char room[3 * POST_SMS_MOST + 1];
	struct form form = { room, 0, sizeof room, false };

	post_form_add(&form, NULL, text);
	add(body, form.at, form.length);
}

bool post_sms_start(struct transfer *transfer, const struct post_boot *boot, const struct post_sms *sms, const struct parcel *parcel)
{
	struct str to = message_text(parcel, sizeof *sms, sms->to), text = message_text(parcel, sizeof *sms, sms->text), rest = str_of(boot->sms.body);
	struct curl_slist *list = post_curl.slist_append(NULL, boot->is_sms_form ? "Content-Type: application/x-www-form-urlencoded" : "Content-Type: application/json");
	struct body body = { .length = 0 };
	char line[300];

	if (!boot->sms.url[0] || to.len > 40 || text.len > POST_SMS_MOST)
		return false;
	if (boot->sms.authorization[0]) {
		snprintf(line, sizeof line, "Authorization: %s", boot->sms.authorization);
		list = post_curl.slist_append(list, line);
	}
	while (rest.len) {
		bool is_to = str_starts(rest, STR("{to}")), is_text = str_starts(rest, STR("{text}"));
		if (is_to || is_text)
			(boot->is_sms_form ? add_form : add_json)(&body, is_to ? to : text);
		else
			add(&body, rest.at, 1);
		rest = str_from(rest, is_to ? 4 : is_text ? 6 : 1);
	}
	return post_http_start(transfer, boot, boot->sms.url, list, (struct str){ body.at, body.length });
}
