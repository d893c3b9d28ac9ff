/* slot_fixture.h -- a slot between a queue and runs that do what the test says; for
 * test_slot.c and test_slot_scheduler.c.
 */
#ifndef TESTS_UNIT_SLOT_FIXTURE_H
#define TESTS_UNIT_SLOT_FIXTURE_H

#include "tests/support/fake_clock.h"
#include "tests/support/fake_queue.h"
#include "tests/support/fake_run.h"
#include "tests/support/loop.h"
#include "worker/slot.h"

enum { NEVER_MS = 3600000, LONG_MS = 4000 }; /* LONG_MS: any wait before storing again */

static struct event_base *base;
static const struct run_config run_config = {.worker = "w1"};
static struct slot_config config;
static struct slot *slot;

/* What the slot told when it fell idle. */
static struct heard {
    int idle;
    bool told; /* something about more work */
    struct fetched found;
} heard;

static inline void hear_idle(void *arg, const struct fetched *found)
{
    assert_false(slot_busy(slot));
    heard.idle++;
    heard.told = found;
    if (found) {
        assert_null(found->job);
        heard.found = *found;
    }
}

static inline void hear_lost(void *arg, const struct job *job)
{
    slot_lose(slot, job);
}

static inline int set_up(void **state)
{
    fake_queue_forget();
    fake_run_forget();
    memset(&heard, 0, sizeof heard);
    base = event_base_new();
    config = (struct slot_config){.base = base, .run = &run_config};
    config.locks = locks_new(base, NULL, NEVER_MS, hear_lost, NULL);
    slot = slot_new(&config, hear_idle, NULL);
    return 0;
}

static inline int tear_down(void **state)
{
    assert_false(slot_busy(slot));
    slot_free(slot);
    locks_free(config.locks);
    event_base_free(base);
    return 0;
}

static inline const struct fake_ask *asked(enum fake_verb verb)
{
    assert_true(fake_queue.asks[verb].asked);
    return &fake_queue.asks[verb];
}

/* How many calls there have been that end a job. */
static inline int stores(void)
{
    return fake_queue.count[FAKE_COMPLETE] + fake_queue.count[FAKE_FAIL] +
           fake_queue.count[FAKE_RETRY] + fake_queue.count[FAKE_RELEASE];
}

static inline void take(void)
{
    slot_take(slot, fake_job("1"));
    assert_true(slot_busy(slot));
}

/* A job that has failed `made` times, and its present run with ERR_BACKEND. */
static inline void fail_with(const struct opts *opts, int64_t made)
{
    struct job *job = fake_job("1");

    job->opts = *opts;
    job->attempts_made = made;
    slot_take(slot, job);
    fake_run_fails("1", ERR_BACKEND, "no engine");
}

static inline void let_pass(int ms)
{
    clock_skip_ms(ms);
    loop_for(base, 1);
}

#endif
