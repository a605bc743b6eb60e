/* Questions to an OpenID provider: is it she who is on the telephone? CIBA (OpenID Connect Client-Initiated Backchannel Authentication 1.0), poll mode.
 *
 * One POST asks the provider to ask her, in her own app; then the token's address is asked every so many seconds until she has answered or the time
 * is over. What comes with a yes is an ID token; who it names must be who was asked about. Each question lives here in memory, from the message that
 * brings it to the one answer that core gets; when this process dies core asks anew.
 *
 * SECURITY: the token comes straight from an address of samordna.conf over checked TLS, which is what OpenID Connect Core 3.1.3.7 (6) lets stand in the
 * place of a check of its signature. Issuer, audience, time, the claim that names her and, when asked for, the acr are all checked, and whatever
 * is missing or not understood is a failure, never a yes. The provider's words reach core as a cause, cut and cleaned. */
#include <curl/curl.h>
#include <jansson.h>
#include <nettle/base64.h>
#define LONG_LIVED
#include "doors/post_parts.h"
#include "base/world.h"

enum { PROOFS = 8, REQUEST = 1024, FIRST_MS = 5000, MOST_MS = 60000, SLOWER_MS = 5000 };

static struct proof {
	bool    is, is_flying;
	int64_t id, next_at, until, every;           /* milliseconds of world.ticks() */
	char    hint[256], words[128], request[REQUEST];     /* request: the provider's name for it; empty: it is not asked yet */
	char    answer[POST_ANSWER], cause[POST_CAUSE];
} proofs[PROOFS];

static bool keep(char *room, size_t size, struct str text)
{
	if (!text.len || text.len >= size)
		return false;
	memcpy(room, text.at, text.len);
	room[text.len] = '\0';
	return true;
}

bool post_proof_take(const struct post_proof *of, const struct parcel *parcel, int64_t ticks)
{
	for (size_t i = 0; i < PROOFS; i++) {
		if (proofs[i].is)
			continue;
		proofs[i] = (struct proof){ .is = true, .id = of->id, .next_at = ticks, .until = ticks + (int64_t)of->seconds * 1000, .every = FIRST_MS };
		if (keep(proofs[i].hint, sizeof proofs[i].hint, message_text(parcel, sizeof *of, of->hint))
		    && keep(proofs[i].words, sizeof proofs[i].words, message_text(parcel, sizeof *of, of->words)))
			return true;
		proofs[i].is = false;
		return false;
	}
	return false;
}

int64_t post_proof_wait(int64_t ticks)
{
	int64_t least = -1;

	for (size_t i = 0; i < PROOFS; i++) {
		int64_t left = MAX(proofs[i].next_at - ticks, (int64_t)0);
		if (proofs[i].is && !proofs[i].is_flying && (least < 0 || left < least))
			least = left;
	}
	return least;
}

/* --- what is sent --- */

void post_form_add(struct form *form, const char *name, struct str value)
{
	static const char hex[] = "0123456789ABCDEF";
	size_t needed = (name ? strlen(name) + 2 : 0) + 3 * value.len;

	if (form->is_full || needed > form->room - form->length) {
		form->is_full = true;
		return;
	}
	if (name)
		form->length += (size_t)snprintf(form->at + form->length, form->room - form->length, "%s%s=", form->length ? "&" : "", name);
	for (size_t i = 0; i < value.len; i++) {
		unsigned char c = (unsigned char)value.at[i];
		bool is_plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '.' || c == '_';
		if (is_plain) {
			form->at[form->length++] = (char)c;
			continue;
		}
		form->at[form->length++] = '%';
		form->at[form->length++] = hex[c >> 4];
		form->at[form->length++] = hex[c & 15];
	}
}

/* client_secret_basic: both are form-encoded first (RFC 6749, 2.3.1). */
static void write_authorization(const struct post_boot *boot, char *line, size_t size)
{
	char pair[3 * (sizeof boot->ciba.client + sizeof boot->ciba.secret) + 2], code[BASE64_ENCODE_RAW_LENGTH(sizeof pair) + 1] = { 0 };
	struct form form = { pair, 0, sizeof pair - 1, false };

	post_form_add(&form, NULL, str_of(boot->ciba.client));
	form.at[form.length++] = ':';
	post_form_add(&form, NULL, str_of(boot->ciba.secret));
	base64_encode_raw(code, form.length, (const uint8_t *)pair);
	snprintf(line, size, "Authorization: Basic %s", code);
	memset(pair, 0, sizeof pair);
}

static void write_body(const struct proof *proof, const struct post_boot *boot, struct form *form)
{
	char seconds[24];

	if (proof->request[0]) {
		post_form_add(form, "grant_type", STR("urn:openid:params:grant-type:ciba"));
		post_form_add(form, "auth_req_id", str_of(proof->request));
		return;
	}
	snprintf(seconds, sizeof seconds, "%lld", (long long)MAX((proof->until - proof->next_at) / 1000, (int64_t)1));
	post_form_add(form, "scope", STR("openid"));
	post_form_add(form, "login_hint", str_of(proof->hint));
	post_form_add(form, "binding_message", str_of(proof->words));
	post_form_add(form, "requested_expiry", str_of(seconds));
	if (boot->ciba.acr[0])
		post_form_add(form, "acr_values", str_of(boot->ciba.acr));
}

bool post_proof_start(struct transfer *transfer, const struct post_boot *boot, int64_t ticks)
{
	struct proof *proof = NULL;
	char line[2048], room[8192];
	struct form form = { room, 0, sizeof room, false };

	for (size_t i = 0; i < PROOFS && !proof; i++)
		if (proofs[i].is && !proofs[i].is_flying && proofs[i].next_at <= ticks)
			proof = &proofs[i];
	if (!proof)
		return false;
	write_authorization(boot, line, sizeof line);
	struct curl_slist *list = post_curl.slist_append(NULL, "Content-Type: application/x-www-form-urlencoded");
	list = post_curl.slist_append(list, "Accept: application/json");
	list = post_curl.slist_append(list, line);
	write_body(proof, boot, &form);
	proof->is_flying = true;
	transfer->id = proof->id;
	transfer->hook = POST_PROOF;
	transfer->answer = proof->answer;
	transfer->answered = 0;
	/* What cannot be begun is told as the transfer's end, as of any other. */
	if (!post_http_start(transfer, boot, proof->request[0] ? boot->ciba.token : boot->ciba.ask, list, (struct str){ form.at, form.length }) && !transfer->error[0])
		snprintf(transfer->error, sizeof transfer->error, "it cannot be asked as it is");
	return true;
}

/* --- what comes back --- */

static struct str text_of(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);
	return json_is_string(value) ? (struct str){ json_string_value(value), json_string_length(value) } : STR("");
}

static int64_t number_of(const json_t *object, const char *key, int64_t otherwise)
{
	const json_t *value = json_object_get(object, key);
	return json_is_integer(value) ? (int64_t)json_integer_value(value) : otherwise;
}

/* The payload of a JWT; NULL: it is none. */
static json_t *payload_of(struct str jwt)
{
	uint8_t room[BASE64_DECODE_LENGTH(POST_ANSWER)];
	size_t length = sizeof room;
	struct base64_decode_ctx context;
	struct str rest = jwt, head = str_cut(&rest, '.'), payload = str_cut(&rest, '.');

	if (!head.len || !payload.len || !rest.len || payload.len > POST_ANSWER)
		return NULL;
	base64url_decode_init(&context);
	if (!base64_decode_update(&context, &length, room, payload.len, payload.at))
		return NULL;
	return json_loadb((const char *)room, length, JSON_REJECT_DUPLICATES, NULL);
}

static bool is_for(const json_t *token, const char *client)
{
	const json_t *audience = json_object_get(token, "aud");
	bool is_ours = json_is_string(audience) && strcmp(json_string_value(audience), client) == 0;

	for (size_t i = 0; i < json_array_size(audience); i++) {
		const json_t *one = json_array_get(audience, i);
		is_ours |= json_is_string(one) && strcmp(json_string_value(one), client) == 0;
	}
	return is_ours && (json_array_size(audience) < 2 || str_equal(text_of(token, "azp"), str_of(client)));
}

/* Mail addresses and codes as people write them: Anna@ex.example is anna@ex.example. */
static bool is_same_name(struct str a, struct str b)
{
	return a.len == b.len && a.len && strncasecmp(a.at, b.at, a.len) == 0;
}

/* "": it says of her that she said yes, now, to us. */
static const char *wrong_with(const json_t *token, const struct post_boot *boot, const struct proof *proof)
{
	int64_t now = world.now().ms / 1000, skew = 300;
	struct str request = text_of(token, "urn:openid:params:jwt:claim:auth_req_id");

	if (!json_is_object(token))
		return "the answer has no ID token";
	if (!str_equal(text_of(token, "iss"), str_of(boot->ciba.issuer)))
		return "the ID token is another issuer's";
	if (!is_for(token, boot->ciba.client))
		return "the ID token is for somebody else";
	if (number_of(token, "exp", 0) <= now - skew || number_of(token, "iat", 0) > now + skew || number_of(token, "iat", 0) < now - 900 - skew)
		return "the ID token is not of now";
	if (!is_same_name(text_of(token, boot->ciba.claim), str_of(proof->hint)))
		return "the ID token names another person";
	if (boot->ciba.acr[0] && !str_equal(text_of(token, "acr"), str_of(boot->ciba.acr)))
		return "the ID token is of another strength (acr)";
	return request.len && !str_equal(request, str_of(proof->request)) ? "the ID token answers another question" : "";
}

struct said { enum post_outcome outcome; const char *cause; bool goes_on; };

static struct said said_error(struct proof *proof, struct str error, long code)
{
	if (str_equal(error, STR("authorization_pending")) && proof->request[0])
		return (struct said){ .goes_on = true };
	if (str_equal(error, STR("slow_down")) && proof->request[0]) {
		proof->every = MIN(proof->every + SLOWER_MS, (int64_t)MOST_MS);
		return (struct said){ .goes_on = true };
	}
	if (str_equal(error, STR("access_denied")))
		return (struct said){ POST_NEVER, "", false };
	if (str_equal(error, STR("expired_token")))
		return (struct said){ POST_LATER, "", false };
	snprintf(proof->cause, sizeof proof->cause, "HTTP %ld%s%.*s", code, error.len ? ": " : "", (int)MIN(error.len, (size_t)60), error.at);
	return (struct said){ POST_PEER, proof->cause, false };
}

static struct said said_asked(struct proof *proof, const json_t *root, int64_t ticks)
{
	int64_t expires = number_of(root, "expires_in", 0), every = number_of(root, "interval", FIRST_MS / 1000);

	if (expires <= 0 || !keep(proof->request, sizeof proof->request, text_of(root, "auth_req_id")))
		return (struct said){ POST_PEER, "the answer names no question (auth_req_id, expires_in)", false };
	proof->until = MIN(proof->until, ticks + MIN(expires, (int64_t)3600) * 1000);
	proof->every = MIN(MAX(every, (int64_t)1) * 1000, (int64_t)MOST_MS);
	return (struct said){ .goes_on = true };
}

static struct said read_answer(struct proof *proof, const struct post_boot *boot, const struct transfer *transfer, long code, int64_t ticks)
{
	json_t *root = json_loadb(proof->answer, transfer->answered, JSON_REJECT_DUPLICATES, NULL), *token = NULL;
	struct said said;

	if (code != 200) {
		said = said_error(proof, text_of(root, "error"), code);
	} else if (!json_is_object(root)) {
		said = (struct said){ POST_PEER, "the answer is no JSON", false };
	} else if (!proof->request[0]) {
		said = said_asked(proof, root, ticks);
	} else {
		token = payload_of(text_of(root, "id_token"));
		const char *wrong = wrong_with(token, boot, proof);
		said = *wrong ? (struct said){ POST_PEER, wrong, false } : (struct said){ POST_SENT, "", false };
	}
	json_decref(token);
	json_decref(root);
	return said;
}

bool post_proof_took(struct transfer *transfer, const struct post_boot *boot, CURLcode result, long code, int64_t ticks, enum post_outcome *ret, const char **ret_cause)
{
	struct proof *proof = NULL;
	struct said said;

	for (size_t i = 0; i < PROOFS; i++)
		if (proofs[i].is && proofs[i].is_flying && proofs[i].id == transfer->id)
			proof = &proofs[i];
	if (!proof)
		return false;
	proof->is_flying = false;
	if (result != CURLE_OK) {
		/* Once she is asked, a network that loses an answer is no answer of hers. */
		snprintf(proof->cause, sizeof proof->cause, "%s", transfer->error[0] ? transfer->error : post_curl.easy_strerror(result));
		said = (struct said){ POST_PEER, proof->cause, proof->request[0] != '\0' };
	} else {
		said = read_answer(proof, boot, transfer, code, ticks);
	}
	if (said.goes_on && ticks + proof->every < proof->until) {
		proof->next_at = ticks + proof->every;
		return false;
	}
	if (said.goes_on)
		said = (struct said){ POST_LATER, "", false };
	*ret = said.outcome;
	*ret_cause = said.cause;
	proof->is = false;
	return true;
}
