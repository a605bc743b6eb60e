/* One event to one webhook: POST of a JSON body, signed as Standard Webhooks says, so that receivers have libraries for it.
 *
 *     webhook-id: the delivery's number, the same when it is sent again
 *     webhook-timestamp: seconds since 1970, of this try
 *     webhook-signature: v1,BASE64(HMAC-SHA-256(secret, ID "." TIMESTAMP "." BODY))
 *
 * SECURITY: the address is samordna.conf's; a redirect is not followed, an answer is not read but for its status. The secret never leaves this process. */
#include <curl/curl.h>
#include <nettle/base64.h>
#include <nettle/hmac.h>
#define LONG_LIVED
#include "doors/post_parts.h"
#include "base/world.h"

static void sign(const struct post_boot *boot, uint32_t hook, const char *id, const char *at, struct str body, char ret[128])
{
	struct hmac_sha256_ctx context;
	uint8_t digest[SHA256_DIGEST_SIZE];
	char text[BASE64_ENCODE_RAW_LENGTH(SHA256_DIGEST_SIZE) + 1] = { 0 };

	hmac_sha256_set_key(&context, boot->hook[hook].secret_length, boot->hook[hook].secret);
	hmac_sha256_update(&context, strlen(id), (const uint8_t *)id);
	hmac_sha256_update(&context, 1, (const uint8_t *)".");
	hmac_sha256_update(&context, strlen(at), (const uint8_t *)at);
	hmac_sha256_update(&context, 1, (const uint8_t *)".");
	hmac_sha256_update(&context, body.len, (const uint8_t *)body.at);
	hmac_sha256_digest(&context, sizeof digest, digest);
	base64_encode_raw(text, sizeof digest, digest);
	snprintf(ret, 128, "webhook-signature: v1,%s", text);
	memset(&context, 0, sizeof context);
}

bool post_hook_start(struct transfer *transfer, const struct post_boot *boot, const struct post_hook *hook, const struct parcel *parcel)
{
	struct str body = message_text(parcel, sizeof *hook, hook->body), event = message_text(parcel, sizeof *hook, hook->event);
	char line[300], id[32], at[32];

	if (hook->hook >= boot->n_hooks || event.len > 60)
		return false;
	snprintf(id, sizeof id, "%lld", (long long)hook->id);
	snprintf(at, sizeof at, "%lld", (long long)world.now().ms / 1000);
	struct curl_slist *list = post_curl.slist_append(NULL, "Content-Type: application/json");
	snprintf(line, sizeof line, "webhook-id: %s", id);
	list = post_curl.slist_append(list, line);
	snprintf(line, sizeof line, "webhook-timestamp: %s", at);
	list = post_curl.slist_append(list, line);
	sign(boot, hook->hook, id, at, body, line);
	list = post_curl.slist_append(list, line);
	return post_http_start(transfer, boot, boot->hook[hook->hook].url, list, body);
}

/* 410: the receiver wants no more of it. Everything else but 2xx may be otherwise later. */
enum post_outcome post_hook_outcome(CURLcode result, long code)
{
	if (result != CURLE_OK)
		return POST_PEER;
	return code >= 200 && code < 300 ? POST_SENT : code == 410 ? POST_NEVER : POST_LATER;
}
