/* engine.h -- between sandbox_docker.c and its engine: what is known of it, and the calls
 * that outlive a sandbox. */
#ifndef WORKER_ENGINE_H
#define WORKER_ENGINE_H

#include "worker/docker.h"
#include "worker/facts.h"
#include "worker/sandbox.h"

struct engine {
    struct event_base *base;
    struct docker *docker;
    char *queue, *worker;
    bool allow_weak;
    bool known; /* the facts are: GET /info has been asked */
    struct facts facts;
    bool away; /* and it was said */
    bool weak; /* and it was said */
    int busy;
    struct pool *pool; /* NULL: every sandbox is made when a job wants it */
    int jobs;          /* sandboxes that have one */
    int cold;          /* of these, those that are not ready yet */
};

/* Make a sandbox that has no job yet (job_id NULL) or one. Its events and the rest as with
 * sandbox_open, which gives a job one of these or makes one for it. */
struct sandbox *sandbox_make(struct engine *engine, const struct sandbox_spec *spec,
                             const char *job_id, const struct sandbox_events *events,
                             void *arg);

/* Note how a call went: an engine that is away is logged once, and once that it is back. */
void engine_said(struct engine *engine, const struct err *err);

/* Kill, and remove by force. Nobody waits for these; what fails the next sweep mends. */
void engine_kill(struct engine *engine, const char *container);
void engine_remove(struct engine *engine, const char *container);

#endif
