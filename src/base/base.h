#ifndef BASE_BASE_H
#define BASE_BASE_H
/* What every file includes first: the error codes, the few macros, the banned names.
 *
 * enum err may not be ignored: the compiler refuses. Library code returns a code and says
 * its sentence with trouble_say() (trouble.h); program code logs it, once.
 * `assert` stays on in release builds. */
#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <sys/time.h>
#include <unistd.h>

enum [[nodiscard]] err {
	OK,
	ERR_NONE,     /* what was asked for is not there */
	ERR_DENIED,   /* this actor may not */
	ERR_INVALID,  /* the request itself is wrong: say how to mend it */
	ERR_CONFLICT, /* a precondition does not hold, or somebody was first */
	ERR_FULL,     /* no room: places, disk, a ceiling */
	ERR_BUSY,     /* later: a queue is long, a peer is silent */
	ERR_IO,       /* the machine failed us */
	ERR_CORRUPT   /* what is stored contradicts itself: stop and say so */
};

#define TRY(call) do { enum err try_ = (call); if (try_ != OK) return try_; } while (0)
#define LENGTH(array) (sizeof (array) / sizeof (array)[0])
#define MIN(a, b) ((a) < (b) ? (a) : (b))
#define MAX(a, b) ((a) > (b) ? (a) : (b))

#define CHECKED_FORMAT(f, a) __attribute__((format(printf, f, a)))

/* Names whose use is an accident waiting. Instead: str and out for text, str_number for digits,
 * posix_spawn with an argument vector where a program must be started at all (keeper, tests).
 * The headers that declare them are read above, so only a use is an error. */
#pragma GCC poison strcpy strcat sprintf vsprintf gets strtok atoi atol atoll
#pragma GCC poison system popen
#if defined NO_HEAP && !defined LONG_LIVED
/* Floor and points take from the request's arena; what must live longer belongs in the store. The few files with long-lived
 * state define LONG_LIVED above their first include, and stand in the list in serve.c. */
#pragma GCC poison malloc calloc realloc free strdup strndup asprintf
/* No function asks the machine for the time: rq->now is the request's moment. */
#pragma GCC poison time gettimeofday clock_gettime localtime gmtime
#endif
#endif
