#ifndef EXPORT_FUZZ_H
#define EXPORT_FUZZ_H
/* The server's readers, behind plain types: its headers and the verifier's name the same things. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct server_leaf { int64_t index, epoch; bool is_seal, has_next; size_t documents; };
bool server_reads_leaf(const char *, size_t, struct server_leaf *ret);
bool server_reads_note(const char *, size_t, int64_t *ret_size, unsigned char ret_root[32]);
bool server_reads_key(const char *, size_t);
#endif
