/* The 24 ways of meddling with a log, each done to an export and given to the real samordna-verify (argv[1]).
 *
 * The exports are forged by forge.c, which shares nothing with the judge. Each kind stands in a table with the fault that must be found and
 * the leaf that must be named.
 * Kinds that only somebody outside can see are shown twice: silent without --since, found with it. The 24th (tables changed, the log not)
 * does not show in an export: tests/audit.sh does it to a store. */
#include "verify/forge.h"
#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *program;
static char said[65536];

/* --- asking --- */

static int verify(const char *more)
{
	char line[1024];

	snprintf(line, sizeof line, "%s %s/e --key %s/key --json %s 2>&1", program, forge_home, forge_home, more);
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
		sprintf(from, "\"epoch\":%d,", forge_epoch_of(h, i));
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
static void tail_not_sealed(struct history *h) { forge_add(h, 4, "eva", "p9", NULL); }

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
	struct history h = forge_honest();

	forge_put_all(&h);
	expect("honest", "", NULL, 0);
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		struct history other = forge_honest();
		kinds[i].meddle(&other);
		forge_put_leaves(&other);
		expect(kinds[i].what, "", kinds[i].fault, kinds[i].leaf);
		forge_free(&other);
	}
	forge_free(&h);
}

/* Leaves changed and everything made anew with keys that the meddler has; --key is the honest one. */
static void made_anew(struct history *h)
{
	struct history ours = forge_honest();

	forge_put_all(h);
	forge_put_key(&ours, "key");
	forge_put_key(&ours, "../key");
	forge_free(&ours);
}

static void test_without_the_keys(void **state)
{
	struct history h = forge_honest();

	/* K10: a suffix rewritten and hashed again, signed by keys of his own. */
	struct key epoch = h.epoch[3];
	replace(&h, 10, "\"bo\"", "\"eva\"");
	forge_keys(&h, "his");
	made_anew(&h);
	expect("K10", "", "checkpoint", 4);
	forge_free(&h);

	/* K11: the same with the key of identity and today's epoch, back into epochs whose keys are gone. */
	h = forge_honest();
	replace(&h, 7, "\"anna\"", "\"eva\"");
	h.epoch[2] = h.epoch[3];
	made_anew(&h);
	expect("K11", "", "checkpoint", 9);
	forge_free(&h);

	/* K14: a fresh log under the same name. */
	h = forge_honest();
	forge_free(&h);
	h.n = 0;
	forge_keys(&h, "his");
	forge_add(&h, 0, "eva", "p1", h.document);
	forge_seal(&h, 0);
	made_anew(&h);
	expect("K14", "", "checkpoint", 1);
	forge_free(&h);

	/* K21: an old epoch sealed again with a newer key, the log unchanged. */
	h = forge_honest();
	made_anew(&h);
	struct history again = forge_honest();
	again.epoch[1] = again.epoch[3];
	forge_put_checkpoints(&again);
	expect("K21", "", "checkpoint", 5);
	forge_free(&again);

	/* Signed by the epoch's key and not by the log's own: today's key alone is not enough. */
	again = forge_honest();
	again.identity = epoch;
	forge_put_checkpoints(&again);
	expect("the log's own key is another", "", "checkpoint", 12);
	forge_free(&again);
	forge_free(&h);
}

static void test_seals(void **state)
{
	/* K20: a seal left out, all keys at hand and everything made anew: epochs as they were. */
	struct history h = forge_honest();
	take_out(&h, 5);
	number_again(&h, false);
	made_anew(&h);
	expect("K20", "", "epoch", 5);
	forge_free(&h);

	/* Left out, and the epochs numbered again: the keys no longer fit. */
	h = forge_honest();
	take_out(&h, 5);
	number_again(&h, true);
	made_anew(&h);
	expect("K20 renumbered", "", "checkpoint", 11);
	forge_free(&h);

	/* Two seals of one epoch. */
	h = forge_honest();
	put_in(&h, 5, h.leaf[4]);
	number_again(&h, false);
	made_anew(&h);
	expect("two seals", "", "epoch", 5);
	forge_free(&h);

	/* K22: no seals at all. */
	h = forge_honest();
	for (int i = h.n - 1; i >= 0; i--)
		if (strstr(h.leaf[i], "audit.seal"))
			take_out(&h, i);
	number_again(&h, true);
	made_anew(&h);
	expect("K22", "", "seal", -2);
	forge_free(&h);

	/* A seal that names no key; a leaf that is no seal and names one. */
	h = forge_honest();
	char *next = strstr(h.leaf[9], ",\"next\"");
	strcpy(next, "}");
	made_anew(&h);
	expect("no next key", "", "seal", 9);
	forge_free(&h);
	h = forge_honest();
	replace(&h, 6, "\"documents\":[]", "\"documents\":[],\"next\":\"AAAA\"");
	made_anew(&h);
	expect("a next key too many", "", "seal", 6);
	forge_free(&h);
}

/* What needs somebody outside: nothing to see without his checkpoint, found with it. */
static void outside(const char *what, struct history *h, const char *since, int leaf)
{
	char more[512];

	made_anew(h);
	expect(what, "", NULL, 0);
	snprintf(more, sizeof more, "--since %s/known", forge_home);
	forge_put("../known", since);
	expect(what, more, "since", leaf);
	/* The same from paper. */
	char size[32], root[64];
	assert_int_equal(sscanf(since, "%*s %31s %63s", size, root), 2);
	snprintf(more, sizeof more, "--since %s:%s", size, root);
	expect(what, more, "since", leaf);
}

static void test_outside(void **state)
{
	struct history h = forge_honest();
	char known[2048], early[2048], more[512];

	forge_note(&h, 13, known);
	forge_note(&h, 10, early);
	forge_put_all(&h);
	forge_put("../known", early);
	snprintf(more, sizeof more, "--since %s/known", forge_home);
	expect("honest since", more, NULL, 0);
	forge_put("../known", known);
	expect("honest since now", more, NULL, 0);

	/* K12: an old backup put back. K5 with all traces: the tail cut, and its checkpoint. */
	k5(&h);
	outside("K12", &h, known, 9);
	/* K13: another history for another auditor. K11 where no test without a witness can find it: today's epoch. */
	forge_free(&h);
	h = forge_honest();
	replace(&h, 11, "\"siv\"", "\"eva\"");
	outside("K13", &h, known, 12);
	/* K15: cut and continued, in the place of what was there; the epochs leave no gap since he has the keys. */
	k5(&h);
	forge_add(&h, 3, "eva", "p1", NULL), forge_add(&h, 3, "eva", "p2", NULL), forge_add(&h, 3, "eva", "p3", NULL);
	forge_seal(&h, 3);
	outside("K15", &h, known, 12);
	forge_free(&h);
	/* K15 without that key: the gap shows by itself. */
	h = forge_honest();
	k5(&h);
	forge_add(&h, 4, "eva", "p1", NULL);
	forge_seal(&h, 4);
	made_anew(&h);
	expect("K15 with a gap", "", "epoch", 10);
	/* A checkpoint handed over that is itself changed, torn or none. */
	forge_free(&h);
	h = forge_honest();
	forge_put_all(&h);
	char *root = strstr(known, "\n13\n") + 8;
	*root = *root == 'A' ? 'B' : 'A';
	forge_put("../known", known);
	expect("a known checkpoint that was changed", more, "since", 12);
	forge_put("../known", "no note at all\n");
	expect("since is no note", more, "since", -1);
	forge_free(&h);
}

static void test_checkpoints(void **state)
{
	struct history h = forge_honest();
	char note[8192], other[2048], more[256];

	forge_note(&h, 6, other);
	forge_put_all(&h);
	forge_put("checkpoint", other);
	expect("K16", "", "checkpoint", 12);
	forge_note(&h, 13, note);
	char *size = strstr(note, "\n13\n");
	size[2] = '2';
	forge_put("checkpoint", note);
	forge_put("checkpoints/000000000013", note);
	expect("K17", "", "checkpoint", 12);
	size[2] = '3';
	size[4] = size[4] == 'A' ? 'B' : 'A';
	forge_put("checkpoint", note);
	forge_put("checkpoints/000000000013", note);
	expect("K18", "", "checkpoint", 12);
	forge_put_all(&h);
	forge_shell("rm %s/e/checkpoints/000000000006", forge_home);
	expect("one checkpoint less", "", "checkpoint", 5);
	forge_put_all(&h);
	forge_note(&h, 8, note);
	forge_put("checkpoints/000000000008", note);
	expect("one checkpoint more", "", "checkpoint", 7);
	forge_put_all(&h);
	forge_put("checkpoints/13", "");
	expect("a name that is no size", "", "checkpoint", -1);
	/* So many that the library sorts and reads them in another way. */
	forge_put_all(&h);
	for (int i = 0; i < 3000; i++) {
		char name[64];
		snprintf(name, sizeof name, "checkpoints/%012d", 3100 - i);
		forge_put(name, "");
	}
	expect("three thousand checkpoints more", "", "checkpoint", 100);
	/* A witness may have signed too, with a key that we do not know. */
	forge_put_all(&h);
	forge_note(&h, 13, note);
	struct key witness = forge_key("witness");
	for (int i = 0; i < 16; i++)
		forge_signature(note, "whatever a witness signs", "witness.example/w1", &witness);
	forge_put("checkpoint", note);
	forge_put("checkpoints/000000000013", note);
	expect("sixteen witnesses", "", NULL, 0);
	/* A good line of a known key does not outweigh a bad one. */
	forge_note(&h, 13, note);
	forge_signature(note, "another text", ORIGIN, &h.identity);
	forge_put("checkpoint", note);
	forge_put("checkpoints/000000000013", note);
	expect("a bad line beside a good one", "", "checkpoint", 12);
	forge_put_all(&h);
	snprintf(more, sizeof more, "--since 13:AAAA");
	assert_int_equal(verify(more), 2);
	forge_free(&h);
}

static void test_keys(void **state)
{
	struct history h = forge_honest(), his = forge_honest();

	forge_keys(&his, "his");
	forge_put_all(&h);
	forge_put_key(&his, "key");
	expect("K19 in the export", "", "key", -1);
	forge_put_key(&his, "../key");
	expect("K19 on paper", "", "checkpoint", 4);
	forge_put_key(&h, "../key");
	forge_put_key(&h, "key");
	/* The right identity, another epoch 0; and the reverse. */
	his.identity = h.identity;
	forge_put_key(&his, "../key");
	expect("another key of epoch 0", "", "checkpoint", 4);
	his.epoch[0] = h.epoch[0];
	his.identity = forge_key("x");
	forge_put_key(&his, "../key");
	expect("another identity", "", "checkpoint", 12);
	forge_put("../key", "samordna.example/log+00000000+AAAA\n");
	expect("no key at all", "", "key", -1);
	forge_free(&h);
	forge_free(&his);
}

static void test_documents(void **state)
{
	struct history h = forge_honest();

	forge_put_all(&h);
	forge_put_document("the rule as somebody would have it", h.document);
	expect("K23", "", "document", 7);
	forge_shell("rm %s/e/documents/*", forge_home);
	expect("a document less", "", "document", 7);
	forge_put_all(&h);
	forge_put_document("one more", "one more");
	expect("a document more", "", "document", -1);
	forge_shell("rm -r %s/e/documents", forge_home);
	expect("no folder", "", "document", 7);
	forge_put_all(&h);
	forge_shell("mv %s/e/documents/* %s/away && mkfifo %s/e/documents/$(sha256sum <%s/away | cut -c1-64)", forge_home, forge_home, forge_home, forge_home);
	expect("a FIFO", "", "document", 7);
	forge_shell("rm %s/e/documents/* && ln -s %s/away %s/e/documents/$(sha256sum <%s/away | cut -c1-64)", forge_home, forge_home, forge_home, forge_home);
	expect("a link", "", "document", 7);
	forge_free(&h);
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
		struct history h = forge_honest();
		replace(&h, 6, ways[i].from, ways[i].to);
		made_anew(&h);
		expect(ways[i].to, "", "leaf", 6);
		forge_free(&h);
	}
	for (size_t i = 0; i < sizeof fine / sizeof fine[0]; i++) {
		struct history h = forge_honest();
		replace(&h, 6, fine[i].from, fine[i].to);
		made_anew(&h);
		expect(fine[i].to, "", NULL, 0);
		forge_free(&h);
	}
}

/* Any byte of any file, any length of any file: never called whole, never a crash. */
static void test_any_byte(void **state)
{
	static const char *const files[] = { "leaves.ndjson", "checkpoint", "key", "checkpoints/000000000005", "checkpoints/000000000013" };
	struct history h = forge_honest();
	const char *all = getenv("ALL");
	size_t stride = all && *all ? 1 : 41;
	char path[256], more[16] = "";

	forge_put_all(&h);
	for (size_t f = 0; f < sizeof files / sizeof files[0]; f++) {
		snprintf(path, sizeof path, "%s/e/%s", forge_home, files[f]);
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
		forge_shell("mv %s %s/away", path, forge_home);
		if (verify(more) != 6)
			fail_msg("%s gone: %s", files[f], said);
		forge_shell("mv %s/away %s", forge_home, path);
	}
	forge_free(&h);
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
	struct history h = forge_honest();

	forge_put_all(&h);
	for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
		char arguments[300];
		snprintf(arguments, sizeof arguments, ways[i].arguments, forge_home, forge_home, forge_home);
		snprintf(line, sizeof line, "%s %s >/dev/null 2>&1", program, arguments);
		if (strstr(arguments, "/dev/full"))
			snprintf(line, sizeof line, "%s %s 2>/dev/null", program, arguments);
		int status = system(line);
		if (!WIFEXITED(status) || WEXITSTATUS(status) != ways[i].status)
			fail_msg("%s: exit %d", line, WEXITSTATUS(status));
	}
	forge_free(&h);
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
	snprintf(forge_home, sizeof forge_home, "/tmp/verify-test-XXXXXX");
	if (!mkdtemp(forge_home))
		return 2;
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	forge_shell("rm -rf %s", forge_home);
	return failed;
}
