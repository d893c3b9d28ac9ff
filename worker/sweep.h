/* sweep.h -- cleaning up after workers that died: their jobs and their containers. */
#ifndef WORKER_SWEEP_H
#define WORKER_SWEEP_H

#include "queue/queue.h"
#include "worker/sandbox.h"

struct sweep;

/* Every interval_ms, after the first sweep_now(). `engine` may be NULL. */
struct sweep *sweep_new(struct event_base *base, struct queue *queue, struct engine *engine,
                        int interval_ms, int max_stalled);
void sweep_free(struct sweep *sweep);

void sweep_now(struct sweep *sweep);

#endif
