#ifndef FLOOR_TREE_H
#define FLOOR_TREE_H
/* The hash tree of RFC 9162 section 2.1 with SHA-256, grown leaf by leaf.
 *
 * Only the frontier is kept: one hash for each complete subtree, as many as the size has bits set, the largest first. Adding a
 * leaf and asking for the root cost at most 63 hashes; a copy of the struct is a snapshot. */
#include "base/str.h"

struct hash { unsigned char byte[32]; };
struct tree { int64_t size; struct hash frontier[64]; };   /* zeroed: empty */

/* SHA-256 of one text and another behind it. By nettle, which uses the processor's own instructions where it has them: five times as
 * fast as libsodium's there, and large changes are as fast as their leaves are hashed. */
struct hash hash_of(struct str first, struct str more);
struct hash tree_leaf(struct str leaf);                 /* SHA-256(0x00, leaf) */
void        tree_add(struct tree *, struct hash leaf);
struct hash tree_root(const struct tree *);             /* of the empty tree: SHA-256("") */
int         tree_frontier_count(int64_t size);
#endif
