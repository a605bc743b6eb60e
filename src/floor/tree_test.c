/* The tree against RFC 9162 written down once more, recursively, and against roots known from elsewhere; leaves and notes, read back. */
#include "floor/fixture.h"
#include "floor/leaf.h"
#include "floor/note.h"
#include "floor/tree.h"
#include <sodium.h>

static struct hash naive(const struct hash *leaves, size_t n)
{
	unsigned char both[65] = { 1 };
	struct hash ret, left, right;
	size_t k = 1;

	if (n == 0) {
		crypto_hash_sha256(ret.byte, (const unsigned char *)"", 0);
		return ret;
	}
	if (n == 1)
		return leaves[0];
	while (k * 2 < n)
		k *= 2;
	left = naive(leaves, k);
	right = naive(leaves + k, n - k);
	memcpy(both + 1, left.byte, 32);
	memcpy(both + 33, right.byte, 32);
	crypto_hash_sha256(ret.byte, both, sizeof both);
	return ret;
}

static void expect_hex(struct hash hash, const char *want)
{
	char hex[65];
	sodium_bin2hex(hex, sizeof hex, hash.byte, 32);
	assert_string_equal(hex, want);
}

/* The eight inputs that Certificate Transparency's own tests use, and their roots. */
static void known_roots(void **state)
{
	static const struct { const char *bytes; size_t n; const char *root; } known[] = {
		{ "", 0, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d" },
		{ "\0", 1, "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125" },
		{ "\x10", 1, "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77" },
		{ "\x20\x21", 2, "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7" },
		{ "\x30\x31", 2, "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4" },
		{ "\x40\x41\x42\x43", 4, "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef" },
		{ "\x50\x51\x52\x53\x54\x55\x56\x57", 8, "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c" },
		{ "\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f", 16,
		  "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328" },
	};
	struct tree tree = { 0 };
	(void)state;

	expect_hex(tree_root(&tree), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	for (size_t i = 0; i < LENGTH(known); i++) {
		tree_add(&tree, tree_leaf((struct str){ known[i].bytes, known[i].n }));
		expect_hex(tree_root(&tree), known[i].root);
	}
}

static void grows_like_the_recursion(void **state)
{
	static struct hash leaves[600];
	struct tree tree = { 0 };
	(void)state;

	for (size_t n = 0; n < LENGTH(leaves); n++) {
		struct hash ours = tree_root(&tree), theirs = naive(leaves, n);
		assert_memory_equal(ours.byte, theirs.byte, 32);
		assert_int_equal(tree_frontier_count(tree.size), __builtin_popcountll(n));
		randombytes_buf(leaves[n].byte, 32);
		tree_add(&tree, leaves[n]);
	}
	/* A copy is a snapshot: growing one leaves the other. */
	struct tree before = tree;
	tree_add(&tree, leaves[0]);
	struct hash root = tree_root(&before), want = naive(leaves, LENGTH(leaves));
	assert_memory_equal(root.byte, want.byte, 32);
}

static const char whole[] = "{\"index\":7,\"epoch\":2,\"at\":\"2026-11-24T08:00:00.000Z\",\"actor\":\"a\\\"b\",\"action\":\"x.y\",\"subject\":\"\","
	"\"writes\":[[\"person\",3,{\"name\":\"Bj\xc3\xb6rn\",\"until\":null,\"personal\":\"00\"}],[\"two\",[1,\"k\"],null]],\"documents\":[]}";

static void leaves_are_read(void **state)
{
	struct arena *arena = arena_new(1 << 20);
	struct leaf leaf;
	struct write write;
	struct str name, value, rest, text;
	struct value v;
	(void)state;

	assert_int_equal(leaf_parse(str_of(whole), &leaf), OK);
	assert_int_equal(leaf.index, 7);
	assert_int_equal(leaf.epoch, 2);
	assert_true(str_equal(leaf.actor, STR("a\\\"b")) && str_equal(leaf.subject, STR("")) && !leaf.next.at && !leaf_is_seal(&leaf));
	rest = leaf.writes;
	assert_int_equal(leaf_write(&rest, &write), OK);
	assert_true(str_equal(write.table, STR("person")) && str_equal(write.key, STR("3")) && !write.is_delete);
	assert_int_equal(leaf_column(&write.columns, &name, &value), OK);
	assert_int_equal(leaf_value(arena, value, VALUE_TEXT, &v), OK);
	assert_true(str_equal(v.s, STR("Björn")));
	assert_int_equal(leaf_write(&rest, &write), OK);
	assert_true(write.is_delete && str_equal(write.key, STR("[1,\"k\"]")));
	assert_int_equal(leaf_write(&rest, &write), ERR_NONE);
	assert_int_equal(leaf_text(arena, STR("\"a\\\"\\\\\\n\\u0007\""), &text), OK);
	assert_true(str_equal(text, STR("a\"\\\n\007")));
	assert_int_equal(leaf_text(arena, STR("\"\\u0107\""), &text), ERR_INVALID);
	assert_int_equal(leaf_value(arena, STR("-9223372036854775808"), VALUE_INT, &v), OK);
	assert_true(v.i == INT64_MIN);
	arena_end(arena);
}

/* Whatever one byte becomes, the reader neither crashes nor reads past the end; cut anywhere it is refused. */
static void broken_leaves_are_refused(void **state)
{
	size_t n = sizeof whole - 1;
	struct leaf leaf;
	(void)state;

	for (size_t cut = 0; cut < n; cut++) {
		char *copy = malloc(cut + 1);
		memcpy(copy, whole, cut);
		assert_int_equal(leaf_parse((struct str){ copy, cut }, &leaf), ERR_INVALID);
		free(copy);
	}
	for (size_t i = 0; i < n; i++)
		for (int byte = 0; byte < 256; byte += 7) {
			char *copy = malloc(n);
			struct write write;
			memcpy(copy, whole, n);
			copy[i] = (char)byte;
			if (leaf_parse((struct str){ copy, n }, &leaf) == OK)
				for (struct str rest = leaf.writes; leaf_write(&rest, &write) == OK; )
					assert_true(write.table.at >= copy && write.table.at < copy + n);
			free(copy);
		}
}

static void notes_are_written_and_read(void **state)
{
	struct arena *arena = arena_new(1 << 20);
	struct out out = out_new(arena), key = out_new(arena);
	unsigned char public[32], secret[64], other[32], root[32] = { 7 };
	struct note note;
	struct str name;
	(void)state;

	crypto_sign_keypair(other, secret);
	crypto_sign_keypair(public, secret);
	note_text(&out, STR("a.example/log"), 12, root);
	struct str text = str_copy(arena, out_str(&out));
	out_byte(&out, '\n');
	out_text(&out, "\xe2\x80\x94 witness.example AAAA\n");
	note_sign(&out, text, STR("a.example/log"), secret);
	assert_int_equal(note_parse(out_str(&out), &note), OK);
	assert_int_equal(note.size, 12);
	assert_memory_equal(note.root, root, 32);
	assert_true(str_equal(note.text, text));
	assert_int_equal(note_check(&note, STR("a.example/log"), public), SIGNATURE_GOOD);
	assert_int_equal(note_check(&note, STR("a.example/log"), other), SIGNATURE_ABSENT);
	assert_int_equal(note_check(&note, STR("b.example/log"), public), SIGNATURE_ABSENT);
	out.at[16]++;
	if (note_parse(out_str(&out), &note) == OK)
		assert_int_equal(note_check(&note, STR("a.example/log"), public), SIGNATURE_BAD);
	note_key(&key, STR("a.example/log"), public);
	assert_int_equal(note_key_parse(out_str(&key), &name, other), OK);
	assert_memory_equal(other, public, 32);
	assert_true(str_equal(name, STR("a.example/log")));
	for (size_t i = 0; i < key.len; i++) {
		key.at[i] ^= 1;
		assert_int_equal(note_key_parse(out_str(&key), &name, other), ERR_INVALID);
		key.at[i] ^= 1;
	}
	static const char *const bad[] = { "", "a\n1\n", "a\n01\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n\xe2\x80\x94 a AA\n",
		"a b\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n\xe2\x80\x94 a AA\n", "a\n1\nAAAA\n\n\xe2\x80\x94 a AA\n",
		"a\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\nmore\n\n\xe2\x80\x94 a AA\n" };
	for (size_t i = 0; i < LENGTH(bad); i++)
		assert_int_equal(note_parse(str_of(bad[i]), &note), ERR_INVALID);
	arena_end(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_roots),
		cmocka_unit_test(grows_like_the_recursion),
		cmocka_unit_test(leaves_are_read),
		cmocka_unit_test(broken_leaves_are_refused),
		cmocka_unit_test(notes_are_written_and_read),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
