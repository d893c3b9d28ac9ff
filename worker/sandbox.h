/* sandbox.h -- what a sandbox can do. sandbox_docker.c does it with a container;
 * tests/support/fake_sandbox.c pretends to.
 *
 *     open -> ready -> feed -> begun -> output ... -> ended
 *
 * One sandbox runs one program and is gone. `ended` is always the last event, and always
 * comes: after the program, after sandbox_stop, or when the sandbox failed us. What is left
 * to tidy up then is the sandbox's own business.
 */
#ifndef WORKER_SANDBOX_H
#define WORKER_SANDBOX_H

#include <event2/event.h>

#include "lang-registry/registry.h"
#include "worker/cgroup.h"
#include "worker/fault.h"
#include "worker/frames.h"
#include "worker/parcel.h"

struct engine;  /* where sandboxes come from */
struct sandbox; /* one of them */

struct engine_config {
    const char *host;   /* unix:///var/run/docker.sock */
    const char *queue;  /* "bull:jobs", for the labels */
    const char *worker; /* its name, for the labels */
    bool allow_weak;    /* also an engine that cannot enforce limits */
    int warm;           /* most sandboxes made ahead of the jobs; 0: none */
    int cores;          /* so many are made at once while no job runs */
};

/* NULL and ERR_INVALID when the address is of no known kind. */
struct engine *engine_new(struct event_base *base, const struct engine_config *config,
                          struct err *err);
void engine_free(struct engine *engine); /* once engine_busy is 0 */

/* Ask the engine what it can enforce; what it cannot is logged. Hears ERR_INVALID when that
 * is too little for a sandbox, and another error when it could not be asked: the next
 * sandbox asks again. */
typedef void engine_checked(void *arg, const struct err *err);
void engine_check(struct engine *engine, engine_checked *checked, void *arg);

/* Whether the last that was heard of it was that it cannot be reached, or does not work:
 * jobs would only fail. engine_check tells whether it is back. */
bool engine_away(const struct engine *engine);

/* Make none ahead any more, and stop those that are waiting. */
void engine_drain(struct engine *engine);

/* Sandboxes that are open, waiting or being tidied up. */
int engine_busy(const struct engine *engine);

/* Remove what workers that died have left: containers of this queue whose maker is gone, as
 * far as that can be seen from here, or whose deadline, with some mercy, has passed. Says
 * what it did in the log. */
void engine_sweep(struct engine *engine);

/* How a program ended. */
struct sandbox_end {
    enum {
        END_EXITED,  /* the program ended: exit_code */
        END_STOPPED, /* sandbox_stop did it */
        END_FAILED   /* the sandbox did: fault; what stands below says nothing */
    } how;
    enum fault fault;
    int exit_code;      /* 0..255, 128+signal */
    bool oom_killed;    /* the kernel killed something for memory */
    bool cut;           /* stdout was not heard to its end */
    struct usage usage; /* since `begun`, where it is a sum */
};

/* Heard from the event loop, never before a call of this header has returned. */
struct sandbox_events {
    void (*ready)(void *arg); /* feed it now */
    void (*begun)(void *arg); /* the program starts */
    /* It prints; `at` is valid during the call. Its stderr may be ahead of `begun`. */
    void (*output)(void *arg, enum stream stream, const char *at, size_t len);
    /* How; `err` says more of END_FAILED, else it is NULL. It is gone when this returns. */
    void (*ended)(void *arg, const struct sandbox_end *end, const struct err *err);
};

/* What a sandbox is made of, and nothing of what it will be fed: one of two with the same
 * spec does as well as the other. */
struct sandbox_spec {
    const char *image;
    struct texts env; /* "NAME=value", besides what every program has */
    struct tmpfs tmpfs;
    /* Memory and pids; timeout_ms bounds the CPU time of a process whose worker is dead,
     * and says when the container is an orphan. */
    struct limits limits;
    struct preload preload; /* started in one that is made ahead */
    bool cold; /* take none that was made ahead, nor have the pool make any for this */
};

/* How much its work folder holds; that counts as its memory. */
static inline int64_t sandbox_tmpfs_mb(const struct sandbox_spec *spec)
{
    int64_t said = spec->tmpfs.size_mb;

    return said ? said : (spec->limits.memory_mb + 1) / 2;
}

/* Have so many sandboxes of a kind made ahead, whatever the demand (pool.h). */
void engine_keep(struct engine *engine, const struct sandbox_spec *spec, int count);

/* Make a sandbox, or take one that was made ahead; the spec is borrowed until it is ready
 * or has ended. The job's id is for its label alone. */
struct sandbox *sandbox_open(struct engine *engine, const struct sandbox_spec *spec,
                             const char *job_id, const struct sandbox_events *events,
                             void *arg);

/* Send a program and its stdin; once, when ready. */
void sandbox_feed(struct sandbox *sandbox, const struct parcel *parcel);

/* What the kernel has counted so far; fields that cannot be had are USAGE_NONE. */
void sandbox_usage(const struct sandbox *sandbox, struct usage *usage);

/* Kill it, in any state. `ended` follows, with END_STOPPED if it was not over already. */
void sandbox_stop(struct sandbox *sandbox);

#endif
