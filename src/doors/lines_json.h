#ifndef DOORS_LINES_JSON_H
#define DOORS_LINES_JSON_H
/* JSON as log lines have it: an object made flat, its leaves found by their names. */
#include "doors/lines_parts.h"

enum { JSON_MOST = 1024 };
struct json_leaf { struct str key, value; uint16_t parent; bool is_text, is_open, is_list; };
struct json_flat {
	struct json_leaf leaf[JSON_MOST];
	uint8_t          tag[JSON_MOST]; size_t n;            /* a tag of each name's end */
	char            *room; size_t room_n, room_len;   /* unescaped texts */
};
bool       json_flatten(struct json_flat *, struct str);     /* false: not JSON; reads SCAN_PAST bytes behind it (base/scan.h) */
struct str json_find(const struct json_flat *, const char *name);   /* a scalar by its last name, wherever it is; any case */
struct str json_find_in(const struct json_flat *, const char *in, const char *name);    /* one that lies in something named so */
struct str json_first_of(const struct json_flat *, const char *const *names);           /* of the first name that is there; ended by NULL */
bool       json_moment(struct str, bool is_utc, struct instant *ret);
bool       json_match(const char *format, const struct json_flat *, struct line_found *ret, char *room);
bool       json_carrier(struct line_clock *, const struct json_flat *, struct line_record *ret);
#endif
