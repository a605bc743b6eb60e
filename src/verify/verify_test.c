/* The 24 ways of meddling with a log, each done to an export and given to the real samordna-verify (argv[1]).
 *
 * The exports are forged here with keys that the test has, by a tree written down a second time (as the RFC says it: recursively), so that
 * forger and judge share nothing. Each kind stands in a table with the fault that must be found and the leaf that must be named.
 * Kinds that only somebody outside can see are shown twice: silent without --since, found with it. The 24th (tables changed, the log not)
 * does not show in an export: tests/audit.sh does it to a store. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <dirent.h>
#include <sodium.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MOST = 40, EPOCHS = 8 };
#define ORIGIN "samordna.example/log"
static const char *program;
static char home[64], said[65536];

struct key { unsigned char public[32], secret[64]; };
struct history {
	char       *leaf[MOST];
	int         n, checkpointed;                /* checkpoints of seals behind this size are signed */
	struct key  identity, epoch[EPOCHS];        /* what signs */
	const char *document;                       /* its bytes */
};

/* --- forging --- */

static struct key key_named(const char *name)
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

static void add(struct history *h, int epoch, const char *actor, const char *subject, const char *document)
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

static void seal(struct history *h, int epoch)
{
	char room[512], next[128];

	base64(next, h->epoch[epoch + 1].public, 32);
	snprintf(room, sizeof room, "{\"index\":%d,\"epoch\":%d,\"at\":\"2026-03-16T08:00:%02d.000Z\",\"actor\":\"\",\"action\":\"audit.seal\",\"subject\":\"%d\","
	         "\"writes\":[[\"audit_checkpoint\",%d,{\"note\":\"\"}]],\"documents\":[],\"next\":\"%s\"}", h->n, epoch, h->n, epoch, h->n + 1, next);
	h->leaf[h->n++] = strdup(room);
}

static void keys(struct history *h, const char *of)
{
	char name[64];

	snprintf(name, sizeof name, "identity of %s", of);
	h->identity = key_named(name);
	for (int e = 0; e < EPOCHS; e++) {
		snprintf(name, sizeof name, "epoch %d of %s", e, of);
		h->epoch[e] = key_named(name);
	}
}

/* Epochs of four leaves, none, three and two, each with its seal: seals are leaves 4, 5, 9 and 12. */
static struct history honest(void)
{
	struct history h = { .document = "the rule as it was adopted", .checkpointed = MOST };

	keys(&h, "ours");
	add(&h, 0, "cli", "p1", NULL), add(&h, 0, "anna", "r\xc3\xa4v \\\"p2\\\" \\u0001\\n", NULL), add(&h, 0, "bo", "p3", NULL), add(&h, 0, "bo", "p4", NULL);
	seal(&h, 0), seal(&h, 1);
	add(&h, 2, "anna", "p5", NULL), add(&h, 2, "anna", "rule", h.document), add(&h, 2, "anna", "rule", h.document);
	seal(&h, 2);
	add(&h, 3, "bo", "p6", NULL), add(&h, 3, "siv", "p7", NULL);
	seal(&h, 3);
	return h;
}

static void free_history(struct history *h)
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

static void sign_line(char *note, const char *text, const char *name, const struct key *key)
{
	unsigned char bytes[68];
	char line[128];

	key_id(name, key->public, bytes);
	crypto_sign_detached(bytes + 4, NULL, (const unsigned char *)text, strlen(text), key->secret);
	base64(line, bytes, sizeof bytes);
	sprintf(note + strlen(note), "\xe2\x80\x94 %s %s\n", name, line);
}

static int epoch_of(const struct history *h, int i)
{
	return atoi(strstr(h->leaf[i], "\"epoch\":") + 8);
}

static void make_note(const struct history *h, int size, char *ret)
{
	unsigned char root[32];
	char text[256], plain[128];

	root_of((char **)h->leaf, size, root);
	base64(plain, root, 32);
	sprintf(text, ORIGIN "\n%d\n%s\n", size, plain);
	sprintf(ret, "%s\n", text);
	sign_line(ret, text, ORIGIN, &h->identity);
	sign_line(ret, text, ORIGIN "/epoch", &h->epoch[epoch_of(h, size - 1)]);
}

static void put(const char *name, const char *bytes)
{
	char path[256];

	snprintf(path, sizeof path, "%s/e/%s", home, name);
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	fputs(bytes, file);
	fclose(file);
}

static void put_checkpoints(const struct history *h)
{
	char note[2048] = "", name[64];

	for (int i = 0; i < h->n && i < h->checkpointed; i++) {
		if (!strstr(h->leaf[i], "\"audit.seal\""))
			continue;
		make_note(h, i + 1, note);
		snprintf(name, sizeof name, "checkpoints/%012d", i + 1);
		put(name, note);
	}
	put("checkpoint", note);
}

static void put_leaves(const struct history *h)
{
	char whole[MOST * 1024] = "";

	for (int i = 0; i < h->n; i++)
		sprintf(whole + strlen(whole), "%s\n", h->leaf[i]);
	put("leaves.ndjson", whole);
}

static void put_key(const struct history *h, const char *as)
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
	put(as, text);
}

static void put_document(const char *bytes, const char *under)
{
	unsigned char hash[32];
	char name[128] = "documents/";

	crypto_hash_sha256(hash, (const unsigned char *)under, strlen(under));
	sodium_bin2hex(name + 10, 65, hash, 32);
	put(name, bytes);
}

static void shell(const char *format, ...)
{
	char line[1024];
	va_list list;

	va_start(list, format);
	vsnprintf(line, sizeof line, format, list);
	va_end(list);
	assert_int_equal(system(line), 0);
}

static void put_all(const struct history *h)
{
	shell("rm -rf %s/e && mkdir -p %s/e/checkpoints %s/e/documents", home, home, home);
	put_leaves(h);
	put_checkpoints(h);
	put_key(h, "key");
	put_key(h, "../key");
	put_document(h->document, h->document);
}

/* --- asking --- */

static int verify(const char *more)
{
	char line[1024];

	snprintf(line, sizeof line, "%s %s/e --key %s/key --json %s 2>&1", program, home, home, more);
	FILE *pipe = popen(line, "r");
	assert_non_null(pipe);
	size_t n = fread(said, 1, sizeof said - 1, pipe);
	said[n] = '\0';
	while (fread(line, 1, sizeof line, pipe) > 0)
		continue;                        /* more than we keep */
	int status = pclose(pipe);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 255;
}

/* `leaf` -1: null; -2: any. */
static void expect(const char *what, const char *more, const char *kind, int leaf)
{
	char want[64];
	int status = verify(more);

	if (!kind) {
		if (status != 0)
			fail_msg("%s: an honest log is refused: %s", what, said);
		assert_non_null(strstr(said, "\"ok\":true}"));
		return;
	}
	snprintf(want, sizeof want, leaf == -2 ? "{\"fault\":\"%s\"," : leaf == -1 ? "{\"fault\":\"%s\",\"leaf\":null" : "{\"fault\":\"%s\",\"leaf\":%d,", kind, leaf);
	if (status != 6 || !strstr(said, "\"ok\":false}") || !strstr(said, want))
		fail_msg("%s: wanted %s, got %d: %s", what, want, status, said);
}

/* --- the kinds --- */

static void replace(struct history *h, int i, const char *from, const char *to)
{
	char *hit = strstr(h->leaf[i], from), *whole = malloc(strlen(h->leaf[i]) + strlen(to) + 1);

	assert_non_null(hit);
	sprintf(whole, "%.*s%s%s", (int)(hit - h->leaf[i]), h->leaf[i], to, hit + strlen(from));
	free(h->leaf[i]);
	h->leaf[i] = whole;
}

static void take_out(struct history *h, int i)
{
	free(h->leaf[i]);
	memmove(&h->leaf[i], &h->leaf[i + 1], (size_t)(--h->n - i) * sizeof h->leaf[0]);
}

static void put_in(struct history *h, int i, const char *bytes)
{
	memmove(&h->leaf[i + 1], &h->leaf[i], (size_t)(h->n++ - i) * sizeof h->leaf[0]);
	h->leaf[i] = strdup(bytes);
}

/* Gives every leaf the index of its place, and epochs as the seals before it say; who can do that can also hash anew. */
static void number_again(struct history *h, bool also_epochs)
{
	char from[32], to[32];

	for (int i = 0, epoch = 0; i < h->n; i++) {
		sprintf(from, "{\"index\":%d,", atoi(h->leaf[i] + 9));
		sprintf(to, "{\"index\":%d,", i);
		replace(h, i, from, to);
		sprintf(from, "\"epoch\":%d,", epoch_of(h, i));
		sprintf(to, "\"epoch\":%d,", epoch);
		if (also_epochs)
			replace(h, i, from, to);
		epoch += strstr(h->leaf[i], "\"audit.seal\"") != NULL;
	}
}

static void k1(struct history *h) { replace(h, 2, "\"active\"", "\"ended\""); }
static void k2(struct history *h) { replace(h, 2, "\"bo\"", "\"eva\""); }
static void k3(struct history *h) { replace(h, 2, "08:00:02", "08:00:01"); }
static void k4(struct history *h) { take_out(h, 2); }
static void k4_renumbered(struct history *h) { take_out(h, 2); number_again(h, false); }
static void k5(struct history *h) { while (h->n > 10) take_out(h, h->n - 1); }
static void k6(struct history *h) { take_out(h, 0); }
static void k6_renumbered(struct history *h) { take_out(h, 0); number_again(h, false); }
static void k7(struct history *h) { put_in(h, 2, h->leaf[1]); replace(h, 2, "\"index\":1", "\"index\":2"); }
static void k8(struct history *h) { char *t = h->leaf[1]; h->leaf[1] = h->leaf[2]; h->leaf[2] = t; }
static void k8_renumbered(struct history *h) { k8(h); number_again(h, false); }
static void k9(struct history *h) { put_in(h, 3, h->leaf[2]); }
static void tail_not_sealed(struct history *h) { add(h, 4, "eva", "p9", NULL); }

/* Leaves changed, checkpoints as they were. */
static void test_leaves_alone(void **state)
{
	static const struct { const char *what; void (*meddle)(struct history *); const char *fault; int leaf; } kinds[] = {
		{ "K1 a field", k1, "checkpoint", 4 }, { "K2 the actor", k2, "checkpoint", 4 }, { "K3 the time", k3, "checkpoint", 4 },
		{ "K4 one less in the middle", k4, "index", 2 }, { "K4 and numbered again", k4_renumbered, "checkpoint", 3 },
		{ "K5 the tail cut", k5, "checkpoint", 9 }, { "K6 the head cut", k6, "index", 0 }, { "K6 and numbered again", k6_renumbered, "checkpoint", 3 },
		{ "K7 one more", k7, "index", 2 }, { "K8 two change places", k8, "index", 1 }, { "K8 and numbered again", k8_renumbered, "checkpoint", 4 },
		{ "K9 one twice", k9, "index", 2 }, { "a tail behind the last seal", tail_not_sealed, "seal", 13 },
	};
	struct history h = honest();

	put_all(&h);
	expect("honest", "", NULL, 0);
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		struct history other = honest();
		kinds[i].meddle(&other);
		put_leaves(&other);
		expect(kinds[i].what, "", kinds[i].fault, kinds[i].leaf);
		free_history(&other);
	}
	free_history(&h);
}

/* Leaves changed and everything made anew with keys that the meddler has; --key is the honest one. */
static void made_anew(struct history *h)
{
	struct history ours = honest();

	put_all(h);
	put_key(&ours, "key");
	put_key(&ours, "../key");
	free_history(&ours);
}

static void test_without_the_keys(void **state)
{
	struct history h = honest();

	/* K10: a suffix rewritten and hashed again, signed by keys of his own. */
	struct key epoch = h.epoch[3];
	replace(&h, 10, "\"bo\"", "\"eva\"");
	keys(&h, "his");
	made_anew(&h);
	expect("K10", "", "checkpoint", 4);
	free_history(&h);

	/* K11: the same with the key of identity and today's epoch, back into epochs whose keys are gone. */
	h = honest();
	replace(&h, 7, "\"anna\"", "\"eva\"");
	h.epoch[2] = h.epoch[3];
	made_anew(&h);
	expect("K11", "", "checkpoint", 9);
	free_history(&h);

	/* K14: a fresh log under the same name. */
	h = honest();
	free_history(&h);
	h.n = 0;
	keys(&h, "his");
	add(&h, 0, "eva", "p1", h.document);
	seal(&h, 0);
	made_anew(&h);
	expect("K14", "", "checkpoint", 1);
	free_history(&h);

	/* K21: an old epoch sealed again with a newer key, the log unchanged. */
	h = honest();
	made_anew(&h);
	struct history again = honest();
	again.epoch[1] = again.epoch[3];
	put_checkpoints(&again);
	expect("K21", "", "checkpoint", 5);
	free_history(&again);

	/* Signed by the epoch's key and not by the log's own: today's key alone is not enough. */
	again = honest();
	again.identity = epoch;
	put_checkpoints(&again);
	expect("the log's own key is another", "", "checkpoint", 12);
	free_history(&again);
	free_history(&h);
}

static void test_seals(void **state)
{
	/* K20: a seal left out, all keys at hand and everything made anew: epochs as they were. */
	struct history h = honest();
	take_out(&h, 5);
	number_again(&h, false);
	made_anew(&h);
	expect("K20", "", "epoch", 5);
	free_history(&h);

	/* Left out, and the epochs numbered again: the keys no longer fit. */
	h = honest();
	take_out(&h, 5);
	number_again(&h, true);
	made_anew(&h);
	expect("K20 renumbered", "", "checkpoint", 11);
	free_history(&h);

	/* Two seals of one epoch. */
	h = honest();
	put_in(&h, 5, h.leaf[4]);
	number_again(&h, false);
	made_anew(&h);
	expect("two seals", "", "epoch", 5);
	free_history(&h);

	/* K22: no seals at all. */
	h = honest();
	for (int i = h.n - 1; i >= 0; i--)
		if (strstr(h.leaf[i], "audit.seal"))
			take_out(&h, i);
	number_again(&h, true);
	made_anew(&h);
	expect("K22", "", "seal", -2);
	free_history(&h);

	/* A seal that names no key; a leaf that is no seal and names one. */
	h = honest();
	char *next = strstr(h.leaf[9], ",\"next\"");
	strcpy(next, "}");
	made_anew(&h);
	expect("no next key", "", "seal", 9);
	free_history(&h);
	h = honest();
	replace(&h, 6, "\"documents\":[]", "\"documents\":[],\"next\":\"AAAA\"");
	made_anew(&h);
	expect("a next key too many", "", "seal", 6);
	free_history(&h);
}

/* What needs somebody outside: nothing to see without his checkpoint, found with it. */
static void outside(const char *what, struct history *h, const char *since, int leaf)
{
	char more[512];

	made_anew(h);
	expect(what, "", NULL, 0);
	snprintf(more, sizeof more, "--since %s/known", home);
	put("../known", since);
	expect(what, more, "since", leaf);
	/* The same from paper. */
	char size[32], root[64];
	assert_int_equal(sscanf(since, "%*s %31s %63s", size, root), 2);
	snprintf(more, sizeof more, "--since %s:%s", size, root);
	expect(what, more, "since", leaf);
}

static void test_outside(void **state)
{
	struct history h = honest();
	char known[2048], early[2048], more[512];

	make_note(&h, 13, known);
	make_note(&h, 10, early);
	put_all(&h);
	put("../known", early);
	snprintf(more, sizeof more, "--since %s/known", home);
	expect("honest since", more, NULL, 0);
	put("../known", known);
	expect("honest since now", more, NULL, 0);

	/* K12: an old backup put back. K5 with all traces: the tail cut, and its checkpoint. */
	k5(&h);
	outside("K12", &h, known, 9);
	/* K13: another history for another auditor. K11 where no test without a witness can find it: today's epoch. */
	free_history(&h);
	h = honest();
	replace(&h, 11, "\"siv\"", "\"eva\"");
	outside("K13", &h, known, 12);
	/* K15: cut and continued, in the place of what was there; the epochs leave no gap since he has the keys. */
	k5(&h);
	add(&h, 3, "eva", "p1", NULL), add(&h, 3, "eva", "p2", NULL), add(&h, 3, "eva", "p3", NULL);
	seal(&h, 3);
	outside("K15", &h, known, 12);
	free_history(&h);
	/* K15 without that key: the gap shows by itself. */
	h = honest();
	k5(&h);
	add(&h, 4, "eva", "p1", NULL);
	seal(&h, 4);
	made_anew(&h);
	expect("K15 with a gap", "", "epoch", 10);
	/* A checkpoint handed over that is itself changed, torn or none. */
	free_history(&h);
	h = honest();
	put_all(&h);
	char *root = strstr(known, "\n13\n") + 8;
	*root = *root == 'A' ? 'B' : 'A';
	put("../known", known);
	expect("a known checkpoint that was changed", more, "since", 12);
	put("../known", "no note at all\n");
	expect("since is no note", more, "since", -1);
	free_history(&h);
}

static void test_checkpoints(void **state)
{
	struct history h = honest();
	char note[8192], other[2048], more[256];

	make_note(&h, 6, other);
	put_all(&h);
	put("checkpoint", other);
	expect("K16", "", "checkpoint", 12);
	make_note(&h, 13, note);
	char *size = strstr(note, "\n13\n");
	size[2] = '2';
	put("checkpoint", note);
	put("checkpoints/000000000013", note);
	expect("K17", "", "checkpoint", 12);
	size[2] = '3';
	size[4] = size[4] == 'A' ? 'B' : 'A';
	put("checkpoint", note);
	put("checkpoints/000000000013", note);
	expect("K18", "", "checkpoint", 12);
	put_all(&h);
	shell("rm %s/e/checkpoints/000000000006", home);
	expect("one checkpoint less", "", "checkpoint", 5);
	put_all(&h);
	make_note(&h, 8, note);
	put("checkpoints/000000000008", note);
	expect("one checkpoint more", "", "checkpoint", 7);
	put_all(&h);
	put("checkpoints/13", "");
	expect("a name that is no size", "", "checkpoint", -1);
	/* So many that the library sorts and reads them in another way. */
	put_all(&h);
	for (int i = 0; i < 3000; i++) {
		char name[64];
		snprintf(name, sizeof name, "checkpoints/%012d", 3100 - i);
		put(name, "");
	}
	expect("three thousand checkpoints more", "", "checkpoint", 100);
	/* A witness may have signed too, with a key that we do not know. */
	put_all(&h);
	make_note(&h, 13, note);
	struct key witness = key_named("witness");
	for (int i = 0; i < 16; i++)
		sign_line(note, "whatever a witness signs", "witness.example/w1", &witness);
	put("checkpoint", note);
	put("checkpoints/000000000013", note);
	expect("sixteen witnesses", "", NULL, 0);
	/* A good line of a known key does not outweigh a bad one. */
	make_note(&h, 13, note);
	sign_line(note, "another text", ORIGIN, &h.identity);
	put("checkpoint", note);
	put("checkpoints/000000000013", note);
	expect("a bad line beside a good one", "", "checkpoint", 12);
	put_all(&h);
	snprintf(more, sizeof more, "--since 13:AAAA");
	assert_int_equal(verify(more), 2);
	free_history(&h);
}

static void test_keys(void **state)
{
	struct history h = honest(), his = honest();

	keys(&his, "his");
	put_all(&h);
	put_key(&his, "key");
	expect("K19 in the export", "", "key", -1);
	put_key(&his, "../key");
	expect("K19 on paper", "", "checkpoint", 4);
	put_key(&h, "../key");
	put_key(&h, "key");
	/* The right identity, another epoch 0; and the reverse. */
	his.identity = h.identity;
	put_key(&his, "../key");
	expect("another key of epoch 0", "", "checkpoint", 4);
	his.epoch[0] = h.epoch[0];
	his.identity = key_named("x");
	put_key(&his, "../key");
	expect("another identity", "", "checkpoint", 12);
	put("../key", "samordna.example/log+00000000+AAAA\n");
	expect("no key at all", "", "key", -1);
	free_history(&h);
	free_history(&his);
}

static void test_documents(void **state)
{
	struct history h = honest();

	put_all(&h);
	put_document("the rule as somebody would have it", h.document);
	expect("K23", "", "document", 7);
	shell("rm %s/e/documents/*", home);
	expect("a document less", "", "document", 7);
	put_all(&h);
	put_document("one more", "one more");
	expect("a document more", "", "document", -1);
	shell("rm -r %s/e/documents", home);
	expect("no folder", "", "document", 7);
	put_all(&h);
	shell("mv %s/e/documents/* %s/away && mkfifo %s/e/documents/$(sha256sum <%s/away | cut -c1-64)", home, home, home, home);
	expect("a FIFO", "", "document", 7);
	shell("rm %s/e/documents/* && ln -s %s/away %s/e/documents/$(sha256sum <%s/away | cut -c1-64)", home, home, home, home);
	expect("a link", "", "document", 7);
	free_history(&h);
}

/* The leaf's one encoding: each line is what leaf 6 becomes, hashed and signed as it is. */
static void test_encoding(void **state)
{
	static const struct { const char *from, *to; } ways[] = {
		{ "{\"index\":6,", "{ \"index\":6," }, { "{\"index\":6,", "{\"index\":06," }, { "{\"index\":6,", "{\"index\":6.0," }, { "{\"index\":6,", "{\"index\":-6," },
		{ "\"epoch\":2,", "\"epoch\":\"2\"," }, { "{\"index\":6,\"epoch\":2,", "{\"epoch\":2,\"index\":6," }, { "\"epoch\":2,", "\"epoch\":2,\"more\":1," },
		{ "08:00:06.000Z", "08:00:06Z" }, { "08:00:06.000Z", "08:00:06.000+00:00" }, { "2026-03-16", "2026-02-29" }, { "08:00:06", "24:00:06" },
		{ "\"p5\"", "\"p5\\/\"" }, { "\"p5\"", "\"p\\u0035\"" }, { "\"p5\"", "\"p\\u000a\"" }, { "\"p5\"", "\"p\t\"" }, { "\"p5\"", "\"p\x7f\"" },
		{ "\"p5\"", "\"p\xff\"" }, { "\"p5\"", "\"p\xc0\xaf\"" }, { "\"p5\"", "\"p\xed\xa0\x80\"" }, { "\"p5\"", "\"p\xf4\x90\x80\x80\"" }, { "\"p5\"", "\"p\\u001F\"" },
		{ "\"active\"", "1.5" }, { "\"active\"", "true" }, { "\"active\"", "[]" }, { "\"active\"", "01" }, { "\"active\"", "-0" }, { "\"active\"", "9223372036854775808" },
		{ "\"until\":null", "\"state\":null" }, { "\"personal\":\"0", "\"personal\":\"" }, { "\"documents\":[]", "\"documents\":[\"ab\"]" },
		{ "\"documents\":[]", "\"documents\":null" }, { "\"documents\":[]}", "\"documents\":[]}}" }, { "\"documents\":[]}", "\"documents\":[]" },
		{ "\"documents\":[]}", "\"documents\":[]} " }, { "\"documents\":[]}", "\"documents\":[],\"next\":null}" }, { "\"writes\":[[", "\"writes\":[[[" },
		{ ",null]],", "]]," }, { ",null]],", ",null]]," "" "]," }, { "[1,\"vpn\"]", "[]" }, { "[1,\"vpn\"]", "{}" }, { "\"access_grant\"", "\"\"" },
	};
	static const struct { const char *from, *to; } fine[] = {
		{ "\"active\"", "-9223372036854775808" }, { "\"active\"", "9223372036854775807" }, { "\"p5\"", "\"\\u001f\\u007f\\t\\\\\xf0\x9f\xa6\x8a\"" },
		{ "\"personal\":", "\"secret\":null,\"personal\":" }, { "\"state\":\"active\"", "\"secret\":{\"a\":null}" },
	};
	for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
		struct history h = honest();
		replace(&h, 6, ways[i].from, ways[i].to);
		made_anew(&h);
		expect(ways[i].to, "", "leaf", 6);
		free_history(&h);
	}
	for (size_t i = 0; i < sizeof fine / sizeof fine[0]; i++) {
		struct history h = honest();
		replace(&h, 6, fine[i].from, fine[i].to);
		made_anew(&h);
		expect(fine[i].to, "", NULL, 0);
		free_history(&h);
	}
}

/* Any byte of any file, any length of any file: never called whole, never a crash. */
static void test_any_byte(void **state)
{
	static const char *const files[] = { "leaves.ndjson", "checkpoint", "key", "checkpoints/000000000005", "checkpoints/000000000013" };
	struct history h = honest();
	const char *all = getenv("ALL");
	size_t stride = all && *all ? 1 : 41;
	char path[256], more[16] = "";

	put_all(&h);
	for (size_t f = 0; f < sizeof files / sizeof files[0]; f++) {
		snprintf(path, sizeof path, "%s/e/%s", home, files[f]);
		static char bytes[65536];
		FILE *file = fopen(path, "r+");
		size_t n = fread(bytes, 1, sizeof bytes, file);
		assert_true(n > 100 && n < sizeof bytes);
		for (size_t i = f; i < n; i += stride) {
			static const char flips[] = { 1, 0x20, (char)0x80 };
			char was = bytes[i];
			rewind(file);
			bytes[i] ^= flips[i % 3];
			fwrite(bytes, 1, n, file);
			fflush(file);
			if (verify(more) != 6)
				fail_msg("%s, byte %zu flipped by %d: %s", files[f], i, flips[i % 3], said);
			bytes[i] = was;
		}
		for (size_t i = 0; i < n; i += 97) {
			rewind(file);
			fwrite(bytes, 1, n, file);
			fflush(file);
			assert_int_equal(ftruncate(fileno(file), (off_t)(n - 1 - i)), 0);
			if (verify(more) != 6)
				fail_msg("%s cut to %zu: %s", files[f], n - 1 - i, said);
		}
		rewind(file);
		fwrite(bytes, 1, n, file);
		fclose(file);
		expect("put right again", "", NULL, 0);
		shell("mv %s %s/away", path, home);
		if (verify(more) != 6)
			fail_msg("%s gone: %s", files[f], said);
		shell("mv %s/away %s", home, path);
	}
	free_history(&h);
}

static void test_usage(void **state)
{
	char line[512];
	static const struct { const char *arguments; int status; } ways[] = {
		{ "", 2 }, { "%s/e", 2 }, { "%s/e --key", 2 }, { "%s/e --key %s/key --other", 2 }, { "%s/e %s/e --key x", 2 }, { "%s/e --key %s/nothing", 3 },
		{ "%s/nothing --key %s/key", 3 }, { "%s/key --key %s/key", 3 }, { "%s/e --key %s/key --since %s/nothing", 3 }, { "%s/e --key=%s/key", 0 }, { "--help", 0 },
		{ "%s/e --key %s/key --since 0:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=", 0 }, { "%s/e --key %s/key --since 99999999999999999999:AAAA", 2 },
		{ "%s/e --key %s/key >/dev/full", 1 },
	};
	struct history h = honest();

	put_all(&h);
	for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
		char arguments[300];
		snprintf(arguments, sizeof arguments, ways[i].arguments, home, home, home);
		snprintf(line, sizeof line, "%s %s >/dev/null 2>&1", program, arguments);
		if (strstr(arguments, "/dev/full"))
			snprintf(line, sizeof line, "%s %s 2>/dev/null", program, arguments);
		int status = system(line);
		if (!WIFEXITED(status) || WEXITSTATUS(status) != ways[i].status)
			fail_msg("%s: exit %d", line, WEXITSTATUS(status));
	}
	free_history(&h);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_leaves_alone), cmocka_unit_test(test_without_the_keys), cmocka_unit_test(test_seals), cmocka_unit_test(test_outside),
		cmocka_unit_test(test_checkpoints), cmocka_unit_test(test_keys), cmocka_unit_test(test_documents), cmocka_unit_test(test_encoding),
		cmocka_unit_test(test_any_byte), cmocka_unit_test(test_usage),
	};

	if (argc < 2 || sodium_init() < 0)
		return 2;
	program = argv[1];
	snprintf(home, sizeof home, "/tmp/verify-test-XXXXXX");
	if (!mkdtemp(home))
		return 2;
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	shell("rm -rf %s", home);
	return failed;
}
