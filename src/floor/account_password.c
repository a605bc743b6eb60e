/* What a password must be: long, and not what everybody would try first.
 *
 * No rule says which kinds of characters it needs. Instead its letters are explained away: what stands in the list of words that
 * lists of stolen passwords are full of, walks along the alphabet or the keyboard, repeats itself, or is the owner's own
 * name, address or organisation counts for little; digits and signs count for nothing, since 2026! is what people add. Too little
 * left means refused, with the reason. The words are compared as people disguise them: P@$$w0rd is password.
 * What is left is judged by zxcvbn, a kept library with the most used passwords of the great leaks and the names and words of English
 * in it: what it finds within some 130 million tries is refused too.
 *
 * SECURITY: pure; nothing is kept. NFC before anything else, so that the same keys give the same bytes on every keyboard, and no other
 * change: blanks at the ends count, nothing is cut. Our own list knows stems, also in Swedish, and patterns; zxcvbn's is compiled in,
 * so no file is read and no service is asked. It looks at the first 64 bytes alone, since its work grows with the square of the length,
 * and does not wipe what it worked with: that lies in core's heap until it is used again. */
#include <uninorm.h>
#include <zxcvbn.h>
#include "floor/account.h"

enum { LEAST_PRIVILEGED = 15, LEAST = 10, MOST_BYTES = 1000, LETTERS_LEFT = 5, LETTERS_LEFT_BESIDE_OWN = 8, WORDS_LEFT = 3,
	GUESSED_BYTES = 64, GUESSED_BITS = 27 };

struct str account_password(struct rq *rq, const struct visit *visit, const char *field)
{
	for (size_t i = 0; i < visit->n_fields; i++) {
		struct str typed = visit->fields[i].value;
		if (!str_equal(visit->fields[i].name, str_of(field)))
			continue;
		size_t room = typed.len * 3 + 16, length = room;
		uint8_t *at = arena_take(rq->arena, room);
		if (typed.len > MOST_BYTES || !str_is_utf8(typed) || u8_normalize(UNINORM_NFC, (const uint8_t *)typed.at, typed.len, at, &length) != at)
			return typed;
		return (struct str){ (char *)at, length };
	}
	return STR_NONE;
}

/* What stands in every list of stolen passwords, as stems, in English and Swedish, folded as below. */
static const char *const common[] = {
	"password", "passord", "passwort", "losenord", "hemligt", "hemlig", "secret", "admin", "administrator", "root",
	"login", "logga", "inlogg", "welcome", "valkommen", "changeme", "letmein", "default", "master", "access", "system", "server",
	"samordna", "samordnare", "kommun", "kommunen", "region", "regionen", "kontor", "arbete", "jobbet", "jobb", "foretag", "company",
	"office", "support", "service", "manager", "user", "guest", "gast", "test", "testing", "testa", "demo", "example", "exempel",
	"sommar", "vinter", "hosten", "host", "varen", "summer", "winter", "autumn", "spring", "januari", "februari", "mars", "april",
	"maj", "juni", "juli", "augusti", "september", "oktober", "november", "december", "january", "february", "march", "june", "july",
	"august", "october", "mandag", "tisdag", "onsdag", "torsdag", "fredag", "lordag", "sondag", "monday", "tuesday", "wednesday",
	"thursday", "friday", "saturday", "sunday", "sverige", "sweden", "svensk", "stockholm", "goteborg", "malmo", "uppsala", "norge",
	"iloveyou", "jagalskardig", "alskling", "alskar", "love", "hejsan", "hejhej", "hello", "hej", "tjena", "mamma", "pappa", "family",
	"familj", "baby", "princess", "prinsessa", "dragon", "monkey", "shadow", "sunshine", "solsken", "football", "fotboll", "baseball",
	"hockey", "soccer", "superman", "batman", "pokemon", "starwars", "trustno", "whatever", "computer", "dator", "internet", "google",
	"microsoft", "windows", "samsung", "iphone", "mustang", "ferrari", "volvo", "saab", "ikea", "liverpool", "arsenal", "chelsea",
	"djurgarden", "hammarby", "michael", "jordan", "jennifer", "charlie", "daniel", "thomas", "andreas", "johan", "anders", "maria",
	"qwerty", "qwert", "azerty", "asdf", "zxcvbn", "qazwsx", "abcdef", "abc", "pass", "pwd", "word", "super", "money", "pengar",
	"freedom", "ninja", "killer", "hunter", "flower", "blomma", "cookie", "orange", "banana", "banan", "cheese", "kaffe", "coffee",
	"corona", "covid", "distans", "hemma", "remote", "vpn", "mobil", "telefon", "phone", "bankid", "faktor",
};
static const char *const keyboard[] = {
	"1234567890", "0987654321", "qwertyuiopa", "poiuytrewq", "asdfghjkloa", "lkjhgfdsa", "zxcvbnm", "mnbvcxz", "1qaz2wsx3edc4rfv",
	"qazwsxedcrfv", "abcdefghijklmnopqrstuvwxyz", "zyxwvutsrqponmlkjihgfedcba",
};

/* A letter as it sounds, a disguise as what it stands for; letters without a base in ASCII by a byte of their own. `plain`: digits stay digits. */
struct folded { char plain[MOST_BYTES + 1], bare[MOST_BYTES + 1]; size_t n; };

static char undisguise(char c)
{
	static const char from[] = "0134578@$!|", to[] = "oieastbasil";
	const char *at = c ? strchr(from, c) : NULL;
	return at ? to[at - from] : c;
}

/* Of U+00C0..U+00FF in small letters: the letter below the marks. */
static char base_of(unsigned char second)
{
	static const char bases[] = "aaaaaaaceeeeiiiidnooooo.ouuuuyts" "aaaaaaaceeeeiiiidnooooo.ouuuuyty";
	return bases[second & 63];
}

/* A letter of another alphabet: a byte above ASCII that different letters seldom share. */
static char other_letter(struct str s, size_t *i)
{
	unsigned sum = (unsigned char)s.at[*i];

	while (*i + 1 < s.len && ((unsigned char)s.at[*i + 1] & 0xc0) == 0x80)
		sum = sum * 31 + (unsigned char)s.at[++*i];
	return (char)(0x80 | (sum & 0x7f));
}

static void fold(struct str s, struct folded *ret)
{
	ret->n = 0;
	for (size_t i = 0; i < s.len && ret->n < MOST_BYTES; i++) {
		unsigned char c = (unsigned char)s.at[i];
		char plain = (char)c;
		if (c >= 'A' && c <= 'Z')
			plain = (char)(c + 32);
		else if (c == 0xc3 && i + 1 < s.len)
			plain = base_of((unsigned char)s.at[++i]);
		else if (c >= 0x80)
			plain = other_letter(s, &i);
		ret->plain[ret->n] = plain;
		ret->bare[ret->n++] = undisguise(plain);
	}
	ret->plain[ret->n] = ret->bare[ret->n] = '\0';
}

static size_t characters(struct str s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.len; i++)
		n += ((unsigned char)s.at[i] & 0xc0) != 0x80;
	return n;
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (unsigned char)c >= 0x80;
}

/* How much from here walks: aaa, abc, 321, qwer. 0: nothing. */
static size_t walk(const char *at)
{
	size_t best = 0;

	for (int step = -1; step <= 1; step++) {
		size_t n = 1;
		while (at[n] && at[n] == at[n - 1] + step)
			n++;
		best = MAX(best, n >= 3 ? n : 0);
	}
	for (size_t i = 0; i < LENGTH(keyboard); i++)
		for (const char *from = keyboard[i]; *from; from++) {
			size_t n = 0;
			while (at[n] && from[n] && at[n] == from[n])
				n++;
			best = MAX(best, n >= 4 ? n : 0);
		}
	return best;
}

static size_t word_at(const char *at, size_t *ret_which)
{
	size_t best = 0;

	for (size_t i = 0; i < LENGTH(common); i++) {
		size_t n = strlen(common[i]);
		if (n > best && strncmp(at, common[i], n) == 0) {
			best = n;
			*ret_which = i;
		}
	}
	return best;
}

/* The owner's own words, of four letters and more, folded. */
enum { OWN_MOST = 16, OWN_LONGEST = 64 };
struct own { char word[OWN_MOST][OWN_LONGEST]; size_t n; };

static void take_own(struct own *own, struct str text)
{
	struct folded folded;
	size_t from = 0;

	fold(str_first(text, MOST_BYTES), &folded);
	for (size_t i = 0; i <= folded.n; i++) {
		if (i < folded.n && is_letter(folded.plain[i]))
			continue;
		if (i - from >= 4 && i - from < OWN_LONGEST && own->n < OWN_MOST) {
			memcpy(own->word[own->n], folded.bare + from, i - from);
			own->word[own->n++][i - from] = '\0';
		}
		from = i + 1;
	}
}

static size_t own_at(const struct own *own, const char *at)
{
	size_t best = 0;

	for (size_t i = 0; i < own->n; i++) {
		size_t n = strlen(own->word[i]);
		if (n > best && strncmp(at, own->word[i], n) == 0)
			best = n;
	}
	return best;
}

struct left { size_t letters, words; bool has_own; };

static struct left explain(const struct folded *folded, const struct own *own)
{
	bool is_seen[LENGTH(common)] = { false };
	struct left left = { 0 };
	size_t which = 0;

	for (size_t i = 0; i < folded->n; ) {
		size_t n = own_at(own, folded->bare + i);
		left.has_own |= n > 0;
		if (!n && (n = word_at(folded->bare + i, &which)) > 0) {
			left.words += !is_seen[which];
			is_seen[which] = true;
		}
		if (!n)
			n = walk(folded->plain + i);
		if (!n && is_letter(folded->plain[i]))
			left.letters++;
		i += MAX(n, (size_t)1);
	}
	return left;
}

/* "lakritslakrits": one half is the password. */
static bool repeats(const struct folded *folded)
{
	for (size_t period = 1; period <= folded->n / 2; period++) {
		size_t i = period;
		while (i < folded->n && folded->plain[i] == folded->plain[i - period])
			i++;
		if (i == folded->n)
			return true;
	}
	return false;
}

/* Found by who tries what others have chosen, in the order in which it is likely. */
static bool is_soon_guessed(struct str password)
{
	char first[GUESSED_BYTES + 1];
	size_t n = MIN(password.len, (size_t)GUESSED_BYTES);

	memcpy(first, password.at, n);
	first[n] = '\0';
	bool ret = ZxcvbnMatch(first, NULL, NULL) < GUESSED_BITS;
	explicit_bzero(first, sizeof first);
	return ret;
}

const char *password_wrong(struct str password, const struct password_owner *owner)
{
	bool is_privileged = owner->roles & ROLE_PRIVILEGED;
	size_t least = is_privileged ? LEAST_PRIVILEGED : LEAST;
	struct folded folded;
	struct own own = { .n = 0 };

	if (password.len == 0)
		return N_("Choose a password");
	if (characters(password) < least)
		return is_privileged ? N_("The password needs at least 15 characters") : N_("The password needs at least 10 characters");
	if (password.len > MOST_BYTES)
		return N_("The password may have at most 1,000 characters");
	fold(password, &folded);
	take_own(&own, owner->name);
	take_own(&own, owner->email);
	take_own(&own, owner->code);
	take_own(&own, owner->organisation);
	struct left left = explain(&folded, &own);
	if (left.has_own && left.letters < LETTERS_LEFT_BESIDE_OWN && left.words < WORDS_LEFT)
		return N_("Choose a password without your name, your address or the organisation's name");
	if (repeats(&folded) || (left.letters < LETTERS_LEFT && left.words < WORDS_LEFT) || is_soon_guessed(password))
		return N_("The password is too easy to guess. Choose four words in a row that do not belong together");
	return NULL;
}
