/* RFC 9162 section 2.1.1: leaf hash SHA-256(0x00, leaf), node hash SHA-256(0x01, left, right), the left subtree of n > 1 leaves as
 * large a power of two as fits. The prefixes keep a node from being passed off as a leaf. */
#include <nettle/sha2.h>
#include "floor/tree.h"

struct hash hash_of(struct str first, struct str more)
{
	struct sha256_ctx state;
	struct hash ret;

	sha256_init(&state);
	if (first.len)
		sha256_update(&state, first.len, (const uint8_t *)first.at);
	if (more.len)
		sha256_update(&state, more.len, (const uint8_t *)more.at);
	sha256_digest(&state, sizeof ret.byte, ret.byte);
	return ret;
}

struct hash tree_leaf(struct str leaf)
{
	return hash_of((struct str){ "\0", 1 }, leaf);
}

static struct hash node(const struct hash *left, const struct hash *right)
{
	char both[65] = { 1 };

	memcpy(both + 1, left->byte, 32);
	memcpy(both + 33, right->byte, 32);
	return hash_of((struct str){ both, sizeof both }, STR_NONE);
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

	if (n == 0)
		return hash_of(STR_NONE, STR_NONE);
	root = tree->frontier[--n];
	while (n--)
		root = node(&tree->frontier[n], &root);
	return root;
}
