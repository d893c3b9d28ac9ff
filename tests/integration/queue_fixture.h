/* queue_fixture.h -- a queue over a redis-server of its own, and what its verbs' hearers
 * heard; for test_queue.c and test_queue_redis.c.
 */
#ifndef TESTS_INTEGRATION_QUEUE_FIXTURE_H
#define TESTS_INTEGRATION_QUEUE_FIXTURE_H

#include "queue/queue.h"
#include "tests/support/loop.h"
#include "tests/support/redis_server.h"

/* What the hearers heard. */
static struct heard {
    bool called;
    char id[64];
    struct job *job; /* to be freed */
    int64_t limited_ms, next_ms;
    bool nothing; /* a fetch that was answered without a job */
    size_t count;
    char lost[64];
    double at_ms;
    bool failed;
    struct err err;
} heard;

static struct fixture {
    struct redis_server server;
    struct event_base *base;
    struct redis *redis, *blocking;
    struct queue *queue;
    bool ready;
} fixture;

static inline void hear(const struct err *err)
{
    heard.called = true;
    heard.failed = err;
    if (err)
        heard.err = *err;
}

static inline void hear_added(void *arg, const char *id, const struct err *err)
{
    hear(err);
    snprintf(heard.id, sizeof heard.id, "%s", id ? id : "");
}

static inline void hear_fetched(void *arg, const struct fetched *fetched,
                                const struct err *err)
{
    hear(err);
    if (err)
        return;
    heard.job = fetched->job;
    heard.nothing = !fetched->job;
    heard.limited_ms = fetched->limited_ms;
    heard.next_ms = fetched->next_ms;
}

static inline void hear_done(void *arg, const struct err *err)
{
    hear(err);
}

static inline void hear_extended(void *arg, const char *const *lost, size_t count,
                                 const struct err *err)
{
    hear(err);
    heard.count = count;
    if (count)
        snprintf(heard.lost, sizeof heard.lost, "%s", lost[0]);
}

static inline void hear_recovered(void *arg, size_t count, const struct err *err)
{
    hear(err);
    heard.count = count;
}

static inline void hear_read(void *arg, struct job *job, const struct err *err)
{
    hear(err);
    heard.job = job;
}

static inline void hear_woken(void *arg, double at_ms, const struct err *err)
{
    hear(err);
    heard.at_ms = at_ms;
}

static inline void hear_linked(void *arg, const struct err *err)
{
    *(bool *)arg = !err;
}

static inline void forget(void)
{
    job_free(heard.job);
    memset(&heard, 0, sizeof heard);
}

/* Wait for the one callback that every verb promises. */
static inline void answer(void)
{
    assert_true(loop_until(fixture.base, &heard.called, 5000));
}

static inline void good(void)
{
    answer();
    if (heard.failed)
        fail_msg("%s", heard.err.text);
}

static inline int set_up(void **state)
{
    struct redis_config link = {.deadline_ms = 2000};
    struct queue_config config = {
        .prefix = "bull", .name = "q", .worker_name = "w1", .lock_ms = 30000};
    struct err err;

    memset(&fixture, 0, sizeof fixture);
    keep_init(&config.on_complete);
    keep_init(&config.on_fail);
    redis_server_start(&fixture.server, NULL, NULL);
    fixture.base = event_base_new();
    link.url = fixture.server.url;
    fixture.redis = redis_new(fixture.base, &link, hear_linked, &fixture.ready, &err);
    fixture.blocking = redis_new(fixture.base, &link, NULL, NULL, &err);
    fixture.queue = queue_new(fixture.redis, &config, &err);
    assert_non_null(fixture.queue);
    assert_true(loop_until(fixture.base, &fixture.ready, 5000));
    loop_for(fixture.base, 50);
    return 0;
}

static inline int tear_down(void **state)
{
    forget();
    redis_free(fixture.blocking);
    redis_free(fixture.redis);
    queue_free(fixture.queue);
    event_base_free(fixture.base);
    redis_server_free(&fixture.server);
    return 0;
}

static inline void add(const struct opts *opts)
{
    static const char data[] = "{\"language\":\"python\",\"code\":\"1\"}";

    forget();
    queue_add(fixture.queue, "execute", (struct bytes){data, sizeof data - 1}, opts,
              hear_added, NULL);
    good();
}

static inline struct job *fetch(void)
{
    struct job *job;

    forget();
    queue_fetch(fixture.queue, "token-1", hear_fetched, NULL);
    good();
    job = heard.job;
    heard.job = NULL;
    return job;
}

static inline struct job *add_and_fetch(int attempts)
{
    struct opts opts;
    struct job *job;

    opts_init(&opts);
    opts.attempts = attempts;
    opts.backoff = BACKOFF_FIXED;
    opts.backoff_ms = 1000;
    add(&opts);
    job = fetch();
    assert_non_null(job);
    forget();
    return job;
}

#endif
