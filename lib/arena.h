/* arena.h -- memory that lives and dies together.
 *
 * What belongs to one object (a job and its strings, a language registry) is taken from
 * one arena and freed in one call. Out of memory aborts (mem.h).
 */
#ifndef LIB_ARENA_H
#define LIB_ARENA_H

#include <stddef.h>

struct arena;

struct arena *arena_new(void);
void arena_free(struct arena *arena); /* NULL is fine */

/* Zeroed, aligned for any type. */
void *arena_alloc(struct arena *arena, size_t size);

/* The same, not zeroed. */
void *arena_cut(struct arena *arena, size_t size);

/* A copy of len bytes with a NUL behind it. */
char *arena_copy(struct arena *arena, const void *bytes, size_t len);
char *arena_text(struct arena *arena, const char *text);
char *arena_printf(struct arena *arena, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#endif
