/* A list of blocks, the newest first; taking is an addition and a comparison.
 *
 * Large wishes get a block of their own size. The first block is kept by arena_empty, so that
 * a thread that serves small requests asks the machine for memory once.
 *
 * SECURITY: memory is zeroed when taken, so nothing of an earlier request shows through. */
#include "base/arena.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { BLOCK = 64 * 1024, ALIGN = 16 };

struct block {
	struct block *older;
	size_t        size, used;
	_Alignas(ALIGN) char bytes[];
};

struct arena {
	struct block *newest;
	size_t        ceiling, used;
	bool          is_guarded;
	jmp_buf       guard;
};

void (*arena_no_memory)(void);

_Noreturn static void end(void)
{
	if (arena_no_memory)
		arena_no_memory();
	abort();
}

struct arena *arena_new(size_t ceiling)
{
	struct arena *arena = calloc(1, sizeof *arena);

	if (!arena)
		end();
	arena->ceiling = ceiling;
	return arena;
}

void arena_empty(struct arena *arena)
{
	while (arena->newest && (arena->newest->older || arena->newest->size > BLOCK)) {
		struct block *older = arena->newest->older;
		free(arena->newest);
		arena->newest = older;
	}
	if (arena->newest)
		arena->newest->used = 0;
	arena->used = 0;
	arena->is_guarded = false;
}

void arena_end(struct arena *arena)
{
	if (!arena)
		return;
	arena_empty(arena);
	free(arena->newest);
	free(arena);
}

_Noreturn void arena_give_up(struct arena *arena)
{
	if (!arena->is_guarded)
		end();
	arena->is_guarded = false;
	longjmp(arena->guard, 1);
}

void *arena_take(struct arena *arena, size_t bytes)
{
	if (bytes > SIZE_MAX - BLOCK || bytes > arena->ceiling - MIN(arena->ceiling, arena->used))
		arena_give_up(arena);
	bytes = (bytes + ALIGN - 1) & ~(size_t)(ALIGN - 1);

	struct block *block = arena->newest;
	if (!block || block->size - block->used < bytes) {
		size_t size = MAX(bytes, (size_t)BLOCK);
		block = malloc(sizeof *block + size);
		if (!block)
			arena_give_up(arena);
		*block = (struct block){ .older = arena->newest, .size = size };
		arena->newest = block;
	}
	void *ret = block->bytes + block->used;
	block->used += bytes;
	arena->used += bytes;
	return memset(ret, 0, bytes);
}

void *arena_take_many(struct arena *arena, size_t n, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(n, size, &bytes))
		arena_give_up(arena);
	return arena_take(arena, bytes);
}

size_t arena_used(const struct arena *arena)
{
	return arena->used;
}

jmp_buf *arena_guard(struct arena *arena)
{
	arena->is_guarded = true;
	return &arena->guard;
}

void arena_unguard(struct arena *const *arena)
{
	(*arena)->is_guarded = false;
}

struct str str_copy(struct arena *arena, struct str s)
{
	if (!s.at)
		return STR_NONE;
	char *at = arena_take(arena, s.len + 1);
	if (s.len)
		memcpy(at, s.at, s.len);
	return (struct str){ at, s.len };
}

char *str_c(struct arena *arena, struct str s)
{
	char *at = arena_take(arena, s.len + 1);
	if (s.len)
		memcpy(at, s.at, s.len);
	return at;
}

struct str str_print(struct arena *arena, const char *format, ...)
{
	va_list list, again;

	va_start(list, format);
	va_copy(again, list);
	int n = vsnprintf(NULL, 0, format, list);
	va_end(list);
	assert(n >= 0);
	char *at = arena_take(arena, (size_t)n + 1);
	vsnprintf(at, (size_t)n + 1, format, again);
	va_end(again);
	return (struct str){ at, (size_t)n };
}
