/* calls.h -- the calls under way on one link to Redis.
 *
 * Redis answers in order: who asked first hears first. Each call has a deadline, and only
 * the oldest's is watched: when that is late the connection is of no use to the younger
 * ones either. Calls that could not be sent are kept apart, and hear so from the event
 * loop: nobody is called back before asking has returned.
 */
#ifndef QUEUE_CALLS_H
#define QUEUE_CALLS_H

#include <stdbool.h>
#include <stdint.h>

#include "queue/redis.h"

struct calls;

/* Hears that the oldest call's deadline has passed. */
typedef void calls_late(void *arg);

/* `away` is what refused calls hear; it is copied. */
struct calls *calls_new(struct event_base *base, const struct err *away, calls_late *late,
                        void *arg);

/* Whoever still waits hears `err` before this returns, and so does who is refused then. */
void calls_free(struct calls *calls, const struct err *err);

/* A call was sent, and is to be answered within so long. */
void calls_sent(struct calls *calls, redis_replied *replied, void *arg, int64_t within_ms);

/* A call could not be sent. */
void calls_refused(struct calls *calls, redis_replied *replied, void *arg);

/* The oldest call that was sent hears its answer. False when there is none. */
bool calls_answer(struct calls *calls, const redisReply *reply, const struct err *err);

/* All that were sent hear that there will be no answer. */
void calls_fail(struct calls *calls, const struct err *err);

/* All that were refused hear so now. */
void calls_refuse(struct calls *calls);

#endif
