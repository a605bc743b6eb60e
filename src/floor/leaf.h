#ifndef FLOOR_LEAF_H
#define FLOOR_LEAF_H
/* A leaf's bytes, taken apart (HACKING.md, "Audit export, layout 1"). Nothing is copied: the parts point into the leaf.
 *
 * Leaves have exactly one encoding, so this reads that one and refuses all others: no blanks, keys in their order. */
#include "floor/store.h"

struct leaf {
	int64_t    index, epoch;
	struct str at, actor, action, subject;     /* between the quotation marks, escapes as they stand */
	struct str writes, documents;              /* between the brackets */
	struct str next;                           /* of a seal leaf; else STR_NONE */
};
enum err leaf_parse(struct str bytes, struct leaf *ret);           /* ERR_INVALID */

struct write { struct str table, key, columns; bool is_delete; };  /* key: a value or several in brackets; columns: between the braces */
/* ERR_NONE behind the last one. */
enum err leaf_write(struct str *rest, struct write *ret);
/* The next "name":value of an object's inside; the next value of an array's. */
enum err leaf_column(struct str *rest, struct str *ret_name, struct str *ret_value);
enum err leaf_element(struct str *rest, struct str *ret_value);
/* The values of a key, one or several; ret has room for `most`. */
enum err leaf_key(struct arena *, struct str key, const struct table *, struct value *ret);
/* What a value means in a column of this kind: texts unescaped, blobs decoded, in the arena. */
enum err leaf_value(struct arena *, struct str value, enum value_kind, struct value *ret);
enum err leaf_text(struct arena *, struct str quoted, struct str *ret);
bool     leaf_is_seal(const struct leaf *);
#endif
