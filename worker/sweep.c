/* sweep.c -- see sweep.h. */
#include "worker/sweep.h"

#include <stdlib.h>

#include "lib/log.h"
#include "lib/mem.h"
#include "lib/timer.h"

struct sweep {
    struct queue *queue;
    struct engine *engine; /* or NULL */
    int interval_ms;
    int max_stalled;
    struct event *timer;
};

static void fired(evutil_socket_t fd, short what, void *arg);
static void recovered(void *arg, size_t count, const struct err *err);

struct sweep *sweep_new(struct event_base *base, struct queue *queue, struct engine *engine,
                        int interval_ms, int max_stalled)
{
    struct sweep *sweep = xcalloc(1, sizeof *sweep);

    sweep->queue = queue;
    sweep->engine = engine;
    sweep->interval_ms = interval_ms;
    sweep->max_stalled = max_stalled;
    sweep->timer = event_new(base, -1, EV_PERSIST, fired, sweep);
    return sweep;
}

void sweep_free(struct sweep *sweep)
{
    if (!sweep)
        return;
    event_free(sweep->timer);
    free(sweep);
}

void sweep_now(struct sweep *sweep)
{
    timer_set_ms(sweep->timer, sweep->interval_ms);
    queue_recover(sweep->queue, sweep->interval_ms, sweep->max_stalled, recovered, sweep);
    if (sweep->engine)
        engine_sweep(sweep->engine);
}

static void fired(evutil_socket_t fd, short what, void *arg)
{
    sweep_now(arg);
}

static void recovered(void *arg, size_t count, const struct err *err)
{
    if (err)
        log_warn("stalled-check", "error=%s", err->text);
    else if (count)
        log_warn("stalled", "jobs=%zu", count);
}
