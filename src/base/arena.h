#ifndef BASE_ARENA_H
#define BASE_ARENA_H
/* Memory with the life of one request: take, never give back, all goes at once.
 *
 * An arena is born with a ceiling. Passing it ends the request, not the server: the thread
 * that works under ARENA_GUARD comes back there and answers ERR_FULL. So arena_take never
 * returns NULL, and no caller checks. Without a guard, passing the ceiling ends the program.
 *
 *     ARENA_GUARD(arena)               // a statement: what stands in it is done when the ceiling was passed
 *             return give_up();
 *     ... work ...                     // guarded to the end of this block, and no further: a frame that is gone cannot be come back to
 *     arena_empty(arena);              // keep the blocks, forget the contents
 *
 * What must be undone (a transaction, a lock) is undone by the one who set the guard.
 * One thread uses an arena at a time. */
#include <setjmp.h>
#include "base/str.h"

struct arena;

/* What a program does when there is no memory and nobody guards: it may end in its own way. NULL, and if it returns: abort. */
extern void (*arena_no_memory)(void);

struct arena *arena_new(size_t ceiling);
void          arena_end(struct arena *);   /* NULL is fine */
void          arena_empty(struct arena *); /* also takes the guard away */
void         *arena_take(struct arena *, size_t bytes);            /* zeroed, aligned for any type */
void         *arena_take_many(struct arena *, size_t n, size_t size); /* overflow ends the request */
_Noreturn void arena_give_up(struct arena *);                      /* as if the ceiling were passed: for memory beside the arena */
size_t        arena_used(const struct arena *);

jmp_buf      *arena_guard(struct arena *);
void          arena_unguard(struct arena *const *);
#define ARENA_GUARD(guarded) \
	struct arena *const arena_guarded __attribute__((cleanup(arena_unguard))) = (guarded); \
	if (setjmp(*arena_guard(arena_guarded)))

#define NEW(arena, type) ((type *)arena_take((arena), sizeof (type)))
#define NEW_MANY(arena, n, type) ((type *)arena_take_many((arena), (n), sizeof (type)))

struct str    str_copy(struct arena *, struct str);                /* NUL stands behind it */
char         *str_c(struct arena *, struct str);                   /* the same as a C string */
struct str    str_print(struct arena *, const char *format, ...) CHECKED_FORMAT(2, 3);
#endif
