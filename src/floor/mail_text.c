/* A mail as it is sent: the header lines, and the text as quoted-printable.
 *
 * Everything is ASCII on the wire: words of the header as RFC 2047 says, the text as RFC 2045 section 6.7, so that no server need know 8BITMIME or
 * SMTPUTF8. Lines end in CRLF and have at most 76 bytes. Auto-Submitted (RFC 3834) keeps out-of-office answers away.
 *
 * SECURITY: the only maker of header lines. An address passes mail_address_is_good before it comes here; a control character in
 * a name or a title becomes a blank, so no foreign text begins a line of the header. */
#include "floor/mail.h"

enum { WORD_BYTES = 42, LINE = 75 };   /* of an encoded word before base64: "=?UTF-8?B?" + 56 + "?=" stays below 76 */

bool mail_address_is_good(struct str address)
{
	size_t at = str_find(address, '@');
	struct str domain = str_from(address, at + 1);

	if (address.len > MAIL_ADDRESS || at == 0 || at > 64 || at + 1 >= address.len || str_find(domain, '@') != domain.len)
		return false;
	for (size_t i = 0; i < address.len; i++) {
		unsigned char c = (unsigned char)address.at[i];
		if (c <= ' ' || c >= 0x7f || memchr("()<>[]:;,\\\"", c, 11))
			return false;
	}
	bool is_dotted = address.at[0] == '.' || address.at[at - 1] == '.' || domain.at[0] == '.' || domain.at[domain.len - 1] == '.';
	for (size_t i = 1; i < address.len; i++)
		is_dotted |= address.at[i] == '.' && address.at[i - 1] == '.';
	for (size_t i = 0; i < domain.len; i++)
		if (!((domain.at[i] | 0x20) >= 'a' && (domain.at[i] | 0x20) <= 'z') && !(domain.at[i] >= '0' && domain.at[i] <= '9')
		    && domain.at[i] != '-' && domain.at[i] != '.')
			return false;
	return !is_dotted;
}

static bool is_plain(struct str words)
{
	for (size_t i = 0; i < words.len; i++)
		if (words.at[i] < ' ' || words.at[i] == 0x7f)
			return false;
	/* Looking like an encoded word is to be encoded too. */
	return words.len < 60 && !memmem(words.at ? words.at : "", words.len, "=?", 2);
}

/* One line: control characters become blanks, what is not UTF-8 ends it. */
static struct str one_line(struct arena *arena, struct str words)
{
	struct out out = out_new(arena);

	words = str_trim(words);
	if (!str_is_utf8(words))
		words = STR("?");
	for (size_t i = 0; i < words.len; i++)
		out_byte(&out, (unsigned char)words.at[i] < ' ' || words.at[i] == 0x7f ? ' ' : words.at[i]);
	return out_str(&out);
}

/* Plain where it can be, quoted when it stands before an address; else encoded words, cut between characters. */
static void put_words(struct out *out, struct str words, bool is_name)
{
	words = one_line(out->arena, words);
	if (is_plain(words) && !(is_name && words.len == 0)) {
		if (is_name)
			out_byte(out, '"');
		for (size_t i = 0; i < words.len; i++) {
			if (is_name && (words.at[i] == '"' || words.at[i] == '\\'))
				out_byte(out, '\\');
			out_byte(out, words.at[i]);
		}
		if (is_name)
			out_byte(out, '"');
		return;
	}
	for (bool is_first = true; words.len; is_first = false) {
		struct str piece = str_utf8_first(words, WORD_BYTES);
		out_text(out, is_first ? "=?UTF-8?B?" : "\r\n =?UTF-8?B?");
		out_base64(out, piece.at, piece.len);
		out_text(out, "?=");
		words = str_from(words, piece.len);
	}
}

static void put_date(struct out *out, struct instant at)
{
	static const char *const day[] = { "", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun" };
	static const char *const month[] = { "", "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	struct wall w = instant_wall(at);
	int offset = w.offset < 0 ? -w.offset : w.offset;

	out_print(out, "%s, %d %s %04d %02d:%02d:%02d %c%02d%02d", day[w.weekday], w.day, month[w.month], w.year, w.hour, w.minute, w.second,
	          w.offset < 0 ? '-' : '+', offset / 60, offset % 60);
}

/* Quoted-printable: '=' and what is not printable ASCII as =XX; a blank at the end of a line too. */
static void put_text(struct out *out, struct str text)
{
	size_t column = 0;

	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.at[i];
		if (c == '\r')
			continue;
		if (c == '\n') {
			out_text(out, "\r\n");
			column = 0;
			continue;
		}
		bool is_last = i + 1 == text.len || text.at[i + 1] == '\n' || text.at[i + 1] == '\r';
		bool is_coded = c == '=' || c >= 0x7f || c < ' ' || (c == ' ' && is_last) || (c == '.' && column == 0);
		size_t width = is_coded ? 3 : 1;
		if (column + width > LINE) {
			out_text(out, "=\r\n");
			column = 0;
			is_coded = is_coded || c == '.';
			width = is_coded ? 3 : 1;
		}
		if (is_coded)
			out_print(out, "=%02X", c);
		else
			out_byte(out, (char)c);
		column += width;
	}
	if (column)
		out_text(out, "\r\n");
}

void mail_write(struct out *out, const struct mail_parts *parts)
{
	struct str domain = str_from(parts->from, str_find(parts->from, '@') + 1);

	out_text(out, "From: ");
	put_words(out, parts->from_name.len ? parts->from_name : STR("Samordna"), true);
	out_print(out, " <" STR_FMT ">\r\nTo: <" STR_FMT ">\r\nSubject: ", STR_ARG(parts->from), STR_ARG(parts->to));
	put_words(out, parts->title, false);
	out_text(out, "\r\nDate: ");
	put_date(out, parts->at);
	out_print(out, "\r\nMessage-ID: <%s@" STR_FMT ">\r\n", parts->token, STR_ARG(domain));
	out_print(out, "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n"
	          "Content-Language: %s\r\nAuto-Submitted: auto-generated\r\nX-Auto-Response-Suppress: All\r\n\r\n", language_tag[parts->language]);
	put_text(out, parts->text);
}
