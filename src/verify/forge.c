/* Forges exports of a log for verify_test.c, with keys that the test has, by a tree written down a second time (as the RFC says it:
 * recursively), so that forger and judge share nothing. What is forged lies in forge_home/e, the key that is kept elsewhere beside it. */
#include "verify/forge.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char forge_home[64];

struct key forge_key(const char *name)
{
	struct key key;
	unsigned char seed[32];

	crypto_hash_sha256(seed, (const unsigned char *)name, strlen(name));
	crypto_sign_seed_keypair(key.public, key.secret, seed);
	return key;
}

static void base64(char *ret, const void *bytes, size_t n)
{
	sodium_bin2base64(ret, 128, bytes, n, sodium_base64_VARIANT_ORIGINAL);
}

void forge_add(struct history *h, int epoch, const char *actor, const char *subject, const char *document)
{
	char room[1024];
	unsigned char hash[32];
	char hex[67] = "", plain[65];

	if (document) {
		crypto_hash_sha256(hash, (const unsigned char *)document, strlen(document));
		snprintf(hex, sizeof hex, "\"%s\"", sodium_bin2hex(plain, sizeof plain, hash, 32));
	}
	snprintf(room, sizeof room, "{\"index\":%d,\"epoch\":%d,\"at\":\"2026-03-16T08:00:%02d.000Z\",\"actor\":\"%s\",\"action\":\"access.grant\",\"subject\":\"%s\","
	         "\"writes\":[[\"access_grant\",%d,{\"state\":\"active\",\"until\":null,\"personal\":\"%064x\"}],[\"access_service\",[1,\"vpn\"],null]],\"documents\":[%s]}",
	         h->n, epoch, h->n, actor, subject, h->n, h->n, hex);
	h->leaf[h->n++] = strdup(room);
}

void forge_seal(struct history *h, int epoch)
{
	char room[512], next[128];

	base64(next, h->epoch[epoch + 1].public, 32);
	snprintf(room, sizeof room, "{\"index\":%d,\"epoch\":%d,\"at\":\"2026-03-16T08:00:%02d.000Z\",\"actor\":\"\",\"action\":\"audit.seal\",\"subject\":\"%d\","
	         "\"writes\":[[\"audit_checkpoint\",%d,{\"note\":\"\"}]],\"documents\":[],\"next\":\"%s\"}", h->n, epoch, h->n, epoch, h->n + 1, next);
	h->leaf[h->n++] = strdup(room);
}

void forge_keys(struct history *h, const char *of)
{
	char name[64];

	snprintf(name, sizeof name, "identity of %s", of);
	h->identity = forge_key(name);
	for (int e = 0; e < EPOCHS; e++) {
		snprintf(name, sizeof name, "epoch %d of %s", e, of);
		h->epoch[e] = forge_key(name);
	}
}

/* Epochs of four leaves, none, three and two, each with its seal: seals are leaves 4, 5, 9 and 12. */
struct history forge_honest(void)
{
	struct history h = { .document = "the rule as it was adopted", .checkpointed = MOST };

	forge_keys(&h, "ours");
	forge_add(&h, 0, "cli", "p1", NULL), forge_add(&h, 0, "anna", "r\xc3\xa4v \\\"p2\\\" \\u0001\\n", NULL), forge_add(&h, 0, "bo", "p3", NULL), forge_add(&h, 0, "bo", "p4", NULL);
	forge_seal(&h, 0), forge_seal(&h, 1);
	forge_add(&h, 2, "anna", "p5", NULL), forge_add(&h, 2, "anna", "rule", h.document), forge_add(&h, 2, "anna", "rule", h.document);
	forge_seal(&h, 2);
	forge_add(&h, 3, "bo", "p6", NULL), forge_add(&h, 3, "siv", "p7", NULL);
	forge_seal(&h, 3);
	return h;
}

void forge_free(struct history *h)
{
	for (int i = 0; i < h->n; i++)
		free(h->leaf[i]);
}

/* RFC 9162, section 2.1.1, word by word. */
static void root_of(char **leaf, int n, unsigned char ret[32])
{
	unsigned char both[65] = { 1 };
	crypto_hash_sha256_state state;
	int k = 1;

	if (n <= 1) {
		crypto_hash_sha256_init(&state);
		if (n)
			crypto_hash_sha256_update(&state, (const unsigned char *)"\0", 1);
		crypto_hash_sha256_update(&state, (const unsigned char *)(n ? leaf[0] : ""), n ? strlen(leaf[0]) : 0);
		crypto_hash_sha256_final(&state, ret);
		return;
	}
	while (k * 2 < n)
		k *= 2;
	root_of(leaf, k, both + 1);
	root_of(leaf + k, n - k, both + 33);
	crypto_hash_sha256(ret, both, sizeof both);
}

static void key_id(const char *name, const unsigned char public[32], unsigned char ret[4])
{
	unsigned char room[256], hash[32];
	size_t n = strlen(name);

	memcpy(room, name, n);
	memcpy(room + n, "\n\001", 2);
	memcpy(room + n + 2, public, 32);
	crypto_hash_sha256(hash, room, n + 34);
	memcpy(ret, hash, 4);
}

void forge_signature(char *note, const char *text, const char *name, const struct key *key)
{
	unsigned char bytes[68];
	char line[128];

	key_id(name, key->public, bytes);
	crypto_sign_detached(bytes + 4, NULL, (const unsigned char *)text, strlen(text), key->secret);
	base64(line, bytes, sizeof bytes);
	sprintf(note + strlen(note), "\xe2\x80\x94 %s %s\n", name, line);
}

int forge_epoch_of(const struct history *h, int i)
{
	return atoi(strstr(h->leaf[i], "\"epoch\":") + 8);
}

void forge_note(const struct history *h, int size, char *ret)
{
	unsigned char root[32];
	char text[256], plain[128];

	root_of((char **)h->leaf, size, root);
	base64(plain, root, 32);
	sprintf(text, ORIGIN "\n%d\n%s\n", size, plain);
	sprintf(ret, "%s\n", text);
	forge_signature(ret, text, ORIGIN, &h->identity);
	forge_signature(ret, text, ORIGIN "/epoch", &h->epoch[forge_epoch_of(h, size - 1)]);
}

void forge_put(const char *name, const char *bytes)
{
	char path[256];

	snprintf(path, sizeof path, "%s/e/%s", forge_home, name);
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	fputs(bytes, file);
	fclose(file);
}

void forge_put_checkpoints(const struct history *h)
{
	char note[2048] = "", name[64];

	for (int i = 0; i < h->n && i < h->checkpointed; i++) {
		if (!strstr(h->leaf[i], "\"audit.seal\""))
			continue;
		forge_note(h, i + 1, note);
		snprintf(name, sizeof name, "checkpoints/%012d", i + 1);
		forge_put(name, note);
	}
	forge_put("checkpoint", note);
}

void forge_put_leaves(const struct history *h)
{
	char whole[MOST * 1024] = "";

	for (int i = 0; i < h->n; i++)
		sprintf(whole + strlen(whole), "%s\n", h->leaf[i]);
	forge_put("leaves.ndjson", whole);
}

void forge_put_key(const struct history *h, const char *as)
{
	unsigned char id[4], bytes[33] = { 1 };
	char text[512] = "", hex[9], plain[128];
	const struct { const char *name; const struct key *key; } two[] = { { ORIGIN, &h->identity }, { ORIGIN "/epoch", &h->epoch[0] } };

	for (int i = 0; i < 2; i++) {
		key_id(two[i].name, two[i].key->public, id);
		memcpy(bytes + 1, two[i].key->public, 32);
		base64(plain, bytes, 33);
		sprintf(text + strlen(text), "%s+%s+%s\n", two[i].name, sodium_bin2hex(hex, sizeof hex, id, 4), plain);
	}
	forge_put(as, text);
}

void forge_put_document(const char *bytes, const char *under)
{
	unsigned char hash[32];
	char name[128] = "documents/";

	crypto_hash_sha256(hash, (const unsigned char *)under, strlen(under));
	sodium_bin2hex(name + 10, 65, hash, 32);
	forge_put(name, bytes);
}

void forge_shell(const char *format, ...)
{
	char line[1024];
	va_list list;

	va_start(list, format);
	vsnprintf(line, sizeof line, format, list);
	va_end(list);
	assert_int_equal(system(line), 0);
}

void forge_put_all(const struct history *h)
{
	forge_shell("rm -rf %s/e && mkdir -p %s/e/checkpoints %s/e/documents", forge_home, forge_home, forge_home);
	forge_put_leaves(h);
	forge_put_checkpoints(h);
	forge_put_key(h, "key");
	forge_put_key(h, "../key");
	forge_put_document(h->document, h->document);
}
