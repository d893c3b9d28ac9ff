/* engine.h -- between sandbox_docker.c and its engine: what is known of it, and the calls
 * that outlive a sandbox. */
#ifndef WORKER_ENGINE_H
#define WORKER_ENGINE_H

#include "worker/docker.h"
#include "worker/sandbox.h"

struct engine {
    struct event_base *base;
    struct docker *docker;
    char *queue, *worker;
    bool known; /* the two below are: GET /info has been asked */
    bool crun;
    struct cgroup_layout layout;
    bool away; /* and it was said */
    int busy;
};

/* Ask the engine what it is; `known` is set when there is no error. */
void engine_ask(struct engine *engine, docker_done *done, void *arg);

/* Note how a call went: an engine that is away is logged once, and once that it is back. */
void engine_said(struct engine *engine, const struct err *err);

/* Kill, and remove by force. Nobody waits for these; what fails the next sweep mends. */
void engine_kill(struct engine *engine, const char *container);
void engine_remove(struct engine *engine, const char *container);

#endif
