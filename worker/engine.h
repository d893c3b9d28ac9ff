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
};

/* Note how a call went: an engine that is away is logged once, and once that it is back. */
void engine_said(struct engine *engine, const struct err *err);

/* Kill, and remove by force. Nobody waits for these; what fails the next sweep mends. */
void engine_kill(struct engine *engine, const char *container);
void engine_remove(struct engine *engine, const char *container);

#endif
