/* arena.c -- a list of blocks. Small pieces are cut from the newest block in turn; a piece
 * too big for that gets a block of its own, behind the newest, which stays in use.
 */
#include "lib/arena.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"

#define BLOCK_BYTES 4000 /* with malloc's own bytes it stays within a page */

struct block {
    struct block *next;
    size_t used;
    alignas(max_align_t) char at[];
};

struct arena {
    struct block *blocks; /* the first is the one to cut from */
};

static struct block *block_new(size_t size, struct block *next);

struct arena *arena_new(void)
{
    struct arena *arena = xmalloc(sizeof *arena);

    arena->blocks = block_new(BLOCK_BYTES, NULL);
    return arena;
}

void arena_free(struct arena *arena)
{
    if (!arena)
        return;
    while (arena->blocks) {
        struct block *block = arena->blocks;

        arena->blocks = block->next;
        free(block);
    }
    free(arena);
}

void *arena_alloc(struct arena *arena, size_t size)
{
    struct block *block = arena->blocks;
    void *piece;

    if (size > SIZE_MAX / 2) /* else the sums below could wrap */
        abort();
    size = (size + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);
    if (size > BLOCK_BYTES / 2)
        return (block->next = block_new(size, block->next))->at;
    if (size > BLOCK_BYTES - block->used)
        block = arena->blocks = block_new(BLOCK_BYTES, block);
    piece = block->at + block->used;
    block->used += size;
    return piece;
}

char *arena_copy(struct arena *arena, const void *bytes, size_t len)
{
    char *copy = arena_alloc(arena, len + 1);

    if (len) /* bytes may be NULL when there are none */
        memcpy(copy, bytes, len);
    return copy;
}

char *arena_text(struct arena *arena, const char *text)
{
    return arena_copy(arena, text, strlen(text));
}

char *arena_printf(struct arena *arena, const char *fmt, ...)
{
    va_list args, again;
    int len;
    char *text;

    va_start(args, fmt);
    va_copy(again, args);
    len = vsnprintf(NULL, 0, fmt, args);
    if (len < 0)
        abort();
    text = arena_alloc(arena, (size_t)len + 1);
    vsnprintf(text, (size_t)len + 1, fmt, again);
    va_end(again);
    va_end(args);
    return text;
}

static struct block *block_new(size_t size, struct block *next)
{
    struct block *block = xcalloc(1, sizeof *block + size);

    block->next = next;
    return block;
}
