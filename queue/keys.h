/* keys.h -- every key name of one queue. */
#ifndef QUEUE_KEYS_H
#define QUEUE_KEYS_H

#include "lib/arena.h"
#include "lib/err.h"

struct keys {
    const char *base; /* "bull:jobs:", with its closing colon */
    const char *wait, *paused, *active, *prioritized, *delayed, *completed, *failed;
    const char *waiting_children;
    const char *id, *pc, *marker, *meta, *events, *stalled, *stalled_check, *limiter,
        *repeat;
    const char *metrics_completed, *metrics_failed;
    const char *client; /* no key: what a worker's connection is named, but for its name */
};

/* Fill in; texts live in the arena. ERR_INVALID when the name is empty or has a colon. */
int keys_init(struct keys *keys, const char *prefix, const char *queue, struct arena *arena,
              struct err *err);

/* "bull:jobs:42" and "bull:jobs:42:lock". */
const char *keys_job(const struct keys *keys, const char *id, struct arena *arena);
const char *keys_lock(const struct keys *keys, const char *id, struct arena *arena);
/* "bull:jobs:42:logs" and the like. */
const char *keys_part(const struct keys *keys, const char *id, const char *part,
                      struct arena *arena);

/* The name for CLIENT SETNAME by which getWorkers and dashboards find a worker:
 * "<prefix>:<base64 of the queue>[:w:<worker>]". */
const char *keys_client_name(const char *prefix, const char *queue, const char *worker,
                             struct arena *arena);

#endif
