#ifndef FLOOR_PEOPLE_IMPORT_HOME_TEST_H
#define FLOOR_PEOPLE_IMPORT_HOME_TEST_H
/* For people_import_test.c alone: a home with a real store and a real writer, opened and closed at will. */
#include "floor/people_import.h"
#include "floor/event.h"

extern char home[64];                     /* its folder */
extern struct arena *arena;
extern struct trouble trouble;            /* of rq */
extern struct rq rq;                      /* the test's actor on a reading store of the home */
extern struct writer *writer;
extern struct audit *audit;                 /* the log of that writer */
extern int64_t heard[EVENT_KINDS];        /* how often each event was heard since begin() */
extern size_t n_touched;                  /* how many persons' standing was to be read again */

void must(enum err err);                  /* OK, or the test has failed with its trouble */
void open_home(void);                     /* again, after close_home(): as a start does */
void close_home(void);
int begin(void **state);                  /* cmocka's set-up and tear-down: a new home with one body */
int end(void **state);
#endif
