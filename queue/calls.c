/* calls.c -- two lists with a timer each. A list is emptied before anybody on it hears
 * something, since who hears may ask again.
 */
#include "queue/calls.h"

#include <event2/event.h>
#include <stdlib.h>
#include <sys/queue.h>

#include "lib/clock.h"
#include "lib/mem.h"
#include "lib/timer.h"

struct call {
    TAILQ_ENTRY(call) next;
    redis_replied *replied;
    void *arg;
    int64_t deadline_us; /* clock_mono_us */
};
TAILQ_HEAD(call_list, call);

struct calls {
    struct call_list sent;    /* oldest first */
    struct call_list refused; /* never sent, to be told so */
    struct event *deadline;   /* of the oldest sent, or earlier */
    int64_t watched_us;       /* when that fires, clock_mono_us; INT64_MAX: not set */
    struct event *refusal;    /* zero delay: empty `refused` */
    struct err away;
    calls_late *late;
    void *arg;
};

static struct call *call_new(redis_replied *replied, void *arg);
static void look(evutil_socket_t fd, short what, void *arg);
static void watch(struct calls *calls);
static void refuse(evutil_socket_t fd, short what, void *arg);
static void fail(struct call_list *list, const struct err *err);

struct calls *calls_new(struct event_base *base, const struct err *away, calls_late *late,
                        void *arg)
{
    struct calls *calls = xcalloc(1, sizeof *calls);

    TAILQ_INIT(&calls->sent);
    TAILQ_INIT(&calls->refused);
    calls->deadline = evtimer_new(base, look, calls);
    calls->refusal = evtimer_new(base, refuse, calls);
    calls->watched_us = INT64_MAX;
    calls->away = *away;
    calls->late = late;
    calls->arg = arg;
    return calls;
}

void calls_free(struct calls *calls, const struct err *err)
{
    fail(&calls->sent, err);
    while (!TAILQ_EMPTY(&calls->refused)) /* also those asked while others hear */
        fail(&calls->refused, err);
    event_free(calls->deadline);
    event_free(calls->refusal);
    free(calls);
}

void calls_sent(struct calls *calls, redis_replied *replied, void *arg, int64_t within_ms)
{
    struct call *call = call_new(replied, arg);

    call->deadline_us = clock_mono_us() + within_ms * 1000;
    TAILQ_INSERT_TAIL(&calls->sent, call, next);
    watch(calls);
}

void calls_refused(struct calls *calls, redis_replied *replied, void *arg)
{
    struct call *call = call_new(replied, arg);

    TAILQ_INSERT_TAIL(&calls->refused, call, next);
    timer_set_us(calls->refusal, 0);
}

static struct call *call_new(redis_replied *replied, void *arg)
{
    struct call *call = xcalloc(1, sizeof *call);

    call->replied = replied;
    call->arg = arg;
    return call;
}

bool calls_answer(struct calls *calls, const redisReply *reply, const struct err *err)
{
    struct call *call = TAILQ_FIRST(&calls->sent);

    if (!call)
        return false;
    TAILQ_REMOVE(&calls->sent, call, next);
    call->replied(call->arg, reply, err);
    free(call);
    watch(calls);
    return true;
}

/* See that the timer is set for the oldest call, or for something sooner: that is cheaper
 * than moving it with every call and every answer. */
static void watch(struct calls *calls)
{
    const struct call *call = TAILQ_FIRST(&calls->sent);

    /* NOLINTBEGIN(clang-analyzer-unix.Malloc): what is freed was taken out of the list */
    if (!call || call->deadline_us >= calls->watched_us)
        return;
    calls->watched_us = call->deadline_us;
    timer_set_us(calls->deadline, call->deadline_us - clock_mono_us());
    /* NOLINTEND(clang-analyzer-unix.Malloc) */
}

static void look(evutil_socket_t fd, short what, void *arg)
{
    struct calls *calls = arg;
    const struct call *call = TAILQ_FIRST(&calls->sent);

    calls->watched_us = INT64_MAX;
    if (call && call->deadline_us <= clock_mono_us())
        calls->late(calls->arg);
    else
        watch(calls);
}

void calls_fail(struct calls *calls, const struct err *err)
{
    evtimer_del(calls->deadline);
    calls->watched_us = INT64_MAX;
    fail(&calls->sent, err);
}

void calls_refuse(struct calls *calls)
{
    fail(&calls->refused, &calls->away);
}

static void refuse(evutil_socket_t fd, short what, void *arg)
{
    calls_refuse(arg);
}

static void fail(struct call_list *list, const struct err *err)
{
    struct call_list calls;
    struct call *call;

    TAILQ_INIT(&calls);
    TAILQ_CONCAT(&calls, list, next);
    while ((call = TAILQ_FIRST(&calls))) {
        TAILQ_REMOVE(&calls, call, next);
        call->replied(call->arg, NULL, err);
        free(call);
    }
}
