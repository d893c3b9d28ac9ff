/* arena_fixture.h -- an arena for each test of a file that needs nothing else. */
#ifndef TESTS_SUPPORT_ARENA_FIXTURE_H
#define TESTS_SUPPORT_ARENA_FIXTURE_H

#include "lib/arena.h"

static struct arena *arena;

static inline int set_up(void **state)
{
    arena = arena_new();
    return 0;
}

static inline int tear_down(void **state)
{
    arena_free(arena);
    return 0;
}

#endif
