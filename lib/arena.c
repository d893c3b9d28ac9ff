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

/* The arena is the first piece of its own first block: one malloc less. */
struct arena *arena_new(void)
{
    struct block *first = block_new(BLOCK_BYTES, NULL);
    struct arena outside = {first}, *arena = arena_cut(&outside, sizeof *arena);

    arena->blocks = first;
    return arena;
}

void arena_free(struct arena *arena)
{
    struct block *block = arena ? arena->blocks : NULL;

    while (block) {
        struct block *next = block->next;

        free(block); /* one of them has the arena in it */
        block = next;
    }
}

void *arena_alloc(struct arena *arena, size_t size)
{
    return memset(arena_cut(arena, size), 0, size);
}

void *arena_cut(struct arena *arena, size_t size)
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

static struct block *block_new(size_t size, struct block *next)
{
    struct block *block = xmalloc(sizeof *block + size);

    block->next = next;
    block->used = 0;
    return block;
}

char *arena_copy(struct arena *arena, const void *bytes, size_t len)
{
    char *copy = arena_cut(arena, len + 1);

    if (len) /* bytes may be NULL when there are none */
        memcpy(copy, bytes, len);
    copy[len] = '\0';
    return copy;
}

char *arena_text(struct arena *arena, const char *text)
{
    return arena_copy(arena, text, strlen(text));
}

/* Most texts fit into what the block has left, and are printed once: straight to where the
 * next piece is cut. */
char *arena_printf(struct arena *arena, const char *fmt, ...)
{
    const struct block *block = arena->blocks;
    char *there = arena->blocks->at + block->used, *text;
    va_list args, again;
    int len;

    va_start(args, fmt);
    va_copy(again, args);
    len = vsnprintf(there, BLOCK_BYTES - block->used, fmt, args);
    if (len < 0)
        abort();
    text = arena_cut(arena, (size_t)len + 1);
    if (text != there)
        vsnprintf(text, (size_t)len + 1, fmt, again);
    va_end(again);
    va_end(args);
    return text;
}
