#ifndef FLOOR_TONGUE_TABLE_H
#define FLOOR_TONGUE_TABLE_H
/* The table of translations: made at build by tonguegen of po/sv.po, asked by tongue.c. Open addressing, at most half full. */
#include <stdint.h>
#include <string.h>

struct translation { const char *english, *one, *many; };     /* many: NULL when the message has no plural */
extern const struct translation tongue_table[];
extern const uint32_t tongue_table_mask;

/* Eight bytes a step: a page asks a hundred times. */
static inline uint32_t tongue_hash(const char *text, size_t len)
{
	uint64_t hash = len * 0x9e3779b97f4a7c15u, eight;

	for (; len >= 8; text += 8, len -= 8) {
		memcpy(&eight, text, 8);
		hash = (hash ^ eight) * 0xff51afd7ed558ccdu;
		hash ^= hash >> 32;
	}
	eight = 0;
	memcpy(&eight, text, len);
	hash = (hash ^ eight) * 0xff51afd7ed558ccdu;
	return (uint32_t)(hash >> 32);
}
#endif
