#ifndef BASE_INPUT_H
#define BASE_INPUT_H
/* A file that somebody named on the command line, for the commands that need no server. "-" is standard input. */
#include "base/out.h"
#include "base/trouble.h"

/* Open for reading: the descriptor, the caller's to close, or -1 with the sentence said: ERR_NONE no such file, else ERR_IO. */
int      input_open(struct str path, struct trouble *);
/* The whole of it, in the arena, NUL behind. ERR_NONE, ERR_IO; ERR_FULL when it is longer than `most`. */
enum err input_whole(struct arena *, struct str path, size_t most, struct str *ret, struct trouble *);
#endif
