/* pool.h -- sandboxes made ahead of the jobs: created, attached, started, and blocked in
 * their launchers. Each gets one job and is gone.
 *
 * They are kept by kind: what a container is made of. How many of a kind follows demand: a
 * job that finds none raises the number by one; those that nobody wanted for a while lower
 * it; a kind that nobody has used for five minutes has none. Making them costs no running
 * job more than it must: one at a time while a job runs, and not in its first moments, in
 * which short ones end; none while a job waits for a sandbox of its own.
 */
#ifndef WORKER_POOL_H
#define WORKER_POOL_H

#include "worker/sandbox.h"

enum { POOL_AGE_MS = 600000 }; /* so old one is made anew */

struct pool;

struct pool_config {
    int most;  /* warm ones of all kinds together; at least 1 */
    int cores; /* so many are made at once while no job runs */
};

/* Makes nothing before it is asked. */
struct pool *pool_new(struct engine *engine, const struct pool_config *config);

/* A sandbox that is ready, now the caller's; NULL if none is. */
struct sandbox *pool_take(struct pool *pool, const struct sandbox_spec *spec);

/* Have so many of a kind, whatever the demand: 0 and the demand alone counts again. */
void pool_keep(struct pool *pool, const struct sandbox_spec *spec, int count);

/* How many wait for a job, of all kinds. */
int pool_ready(const struct pool *pool);

/* Jobs have come or gone, engine->jobs and engine->cold say how many there are. */
void pool_poke(struct pool *pool);

/* Make no more, and stop those that are there. */
void pool_drain(struct pool *pool);
void pool_free(struct pool *pool); /* once the engine is not busy; NULL is fine */

#endif
