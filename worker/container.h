/* container.h -- what a sandbox's container is made of: the body of the create call. */
#ifndef WORKER_CONTAINER_H
#define WORKER_CONTAINER_H

#include "worker/sandbox.h"

struct container_spec {
    const struct sandbox_spec *sandbox;
    /* Its labels. */
    const char *queue;  /* "bull:jobs" */
    const char *job_id; /* NULL: none yet */
    const char *worker;
    int64_t deadline_ms; /* since 1970; later than that it is an orphan */

    bool ahead; /* no job waits for it: the sandbox's `preload` is started */
    bool crun;  /* the engine has that runtime, which starts faster */
};

/* Malloc'd JSON text. */
char *container_body(const struct container_spec *spec);

#endif
