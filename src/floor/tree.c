/* RFC 9162 section 2.1.1: leaf hash SHA-256(0x00, leaf), node hash SHA-256(0x01, left, right), the left subtree of n > 1 leaves as
 * large a power of two as fits. The prefixes keep a node from being passed off as a leaf. */
#include <sodium.h>
#include "floor/tree.h"

struct hash tree_leaf(struct str leaf)
{
	crypto_hash_sha256_state state;
	struct hash ret;

	crypto_hash_sha256_init(&state);
	crypto_hash_sha256_update(&state, (const unsigned char *)"\0", 1);
	crypto_hash_sha256_update(&state, (const unsigned char *)leaf.at, leaf.len);
	crypto_hash_sha256_final(&state, ret.byte);
	return ret;
}

static struct hash node(const struct hash *left, const struct hash *right)
{
	unsigned char both[65] = { 1 };
	struct hash ret;

	memcpy(both + 1, left->byte, 32);
	memcpy(both + 33, right->byte, 32);
	crypto_hash_sha256(ret.byte, both, sizeof both);
	return ret;
}

int tree_frontier_count(int64_t size)
{
	return __builtin_popcountll((uint64_t)size);
}

void tree_add(struct tree *tree, struct hash leaf)
{
	int n = tree_frontier_count(tree->size);

	/* Each trailing one of the old size is a complete subtree that the leaf completes further. */
	for (int64_t rest = tree->size; rest & 1; rest >>= 1)
		leaf = node(&tree->frontier[--n], &leaf);
	tree->frontier[n] = leaf;
	tree->size++;
}

struct hash tree_root(const struct tree *tree)
{
	int n = tree_frontier_count(tree->size);
	struct hash root;

	if (n == 0) {
		crypto_hash_sha256(root.byte, (const unsigned char *)"", 0);
		return root;
	}
	root = tree->frontier[--n];
	while (n--)
		root = node(&tree->frontier[n], &root);
	return root;
}
