/* pool_fixture.h -- a pool over an engine that makes sandboxes in name only, on a clock of
 * the test's; for test_pool.c and test_pool_kinds.c.
 */
#ifndef TESTS_UNIT_POOL_FIXTURE_H
#define TESTS_UNIT_POOL_FIXTURE_H

#include "tests/support/unit.h"

#include "lib/count.h"
#include "lib/mem.h"
#include "tests/support/fake_clock.h"
#include "worker/engine.h"
#include "worker/pool.h"

enum { MOST = 6, CORES = 2, MADE = 400 };

/* As much of a sandbox as the pool sees. */
struct sandbox {
    struct sandbox_spec spec;
    const struct sandbox_events *events; /* NULL: it has ended */
    void *arg;
    bool ready, taken, stopped;
};

static struct engine engine;
static struct pool *pool;
static struct sandbox *made[MADE];
static int made_count;

static const struct sandbox_spec sh = {.image = "sh", .limits = {3000, 128, 50, 4096, 1}};
static const struct sandbox_spec py = {.image = "py", .limits = {3000, 128, 50, 4096, 1}};

struct sandbox *sandbox_make(struct engine *with, const struct sandbox_spec *spec,
                             const char *job_id, const struct sandbox_events *events,
                             void *arg)
{
    struct sandbox *sandbox = xcalloc(1, sizeof *sandbox);

    assert_ptr_equal(with, &engine);
    assert_null(job_id);
    assert_true(made_count < MADE);
    *sandbox = (struct sandbox){.spec = *spec, .events = events, .arg = arg};
    return made[made_count++] = sandbox;
}

void sandbox_stop(struct sandbox *sandbox)
{
    assert_non_null(sandbox->events);
    sandbox->stopped = true;
}

static inline int set_up(void **state)
{
    const struct pool_config config = {MOST, CORES};

    engine = (struct engine){.base = event_base_new()};
    pool = pool_new(&engine, &config);
    made_count = 0;
    return 0;
}

/* A timer of no delay is due in the round after the one that set it. */
static inline void turn(void)
{
    for (int i = 0; i < 3; i++)
        event_base_loop(engine.base, EVLOOP_NONBLOCK);
}

/* The end of one that the pool has. */
static inline void end(struct sandbox *sandbox, enum fault fault)
{
    const struct sandbox_end how = {.how = sandbox->stopped ? END_STOPPED : END_FAILED,
                                    .fault = fault};
    const struct err err = {ERR_BACKEND, "it is gone"};
    const struct sandbox_events *events = sandbox->events;

    sandbox->events = NULL;
    events->ended(sandbox->arg, &how, sandbox->stopped ? NULL : &err);
}

static inline bool is_pools(const struct sandbox *sandbox)
{
    return sandbox->events && !sandbox->taken;
}

/* Those that were stopped end, those that were begun become ready, until nothing changes.
 */
static inline void settle(void)
{
    bool changed = true;

    while (changed) {
        changed = false;
        turn();
        for (int i = 0; i < made_count; i++) {
            if (!is_pools(made[i]) || (made[i]->ready && !made[i]->stopped))
                continue;
            changed = true;
            if (made[i]->stopped) {
                end(made[i], FAULT_LOST);
            } else {
                made[i]->ready = true;
                made[i]->events->ready(made[i]->arg);
            }
        }
    }
}

static inline int count_of(const struct sandbox_spec *spec)
{
    int count = 0;

    for (int i = 0; i < made_count; i++)
        count += is_pools(made[i]) && strcmp(made[i]->spec.image, spec->image) == 0;
    return count;
}

static inline struct sandbox *take(const struct sandbox_spec *spec)
{
    struct sandbox *sandbox = pool_take(pool, spec);

    if (sandbox) {
        assert_true(sandbox->ready && !sandbox->taken && !sandbox->stopped);
        sandbox->taken = true;
    }
    return sandbox;
}

static inline void want(const struct sandbox_spec *spec, int count)
{
    for (int i = 0; i < count; i++)
        assert_null(take(spec));
}

/* In steps that are shorter than all that the pool waits for. */
static inline void let_pass(int seconds)
{
    for (int i = 0; i < seconds; i += 5) {
        clock_skip_ms(5000);
        settle();
    }
}

static inline int tear_down(void **state)
{
    pool_drain(pool);
    for (int i = 0; i < made_count; i++)
        if (is_pools(made[i]))
            end(made[i], FAULT_LOST);
    pool_free(pool);
    for (int i = 0; i < made_count; i++)
        free(made[i]);
    event_base_free(engine.base);
    return 0;
}

/* Those that are ready have waited for a while. */
static inline void grow_up(void)
{
    clock_skip_ms(1501);
    turn();
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

#endif
