/* sandbox_docker.c -- sandbox.h with a container, and the launcher in it (launcher.h).
 *
 *     info? -> create -> attach -> start -> ready -> begun -> exited -> closing -> ended
 *                 \_________\_________\________\________\_______________^
 *                  a failed step, or sandbox_stop
 *
 * While PID 1 waits behind its end marks the cgroup's files are still there; they are read
 * before the stream is closed. Closing it ends the launcher, and AutoRemove does the rest.
 * A sandbox that must die is killed, and `ended` waits a moment for its stream to end: for
 * last words, and not for all that an engine does about a death. Only one that never ran,
 * or does not die, is removed by a call of its own.
 */
#include "worker/sandbox.h"

#include <stdlib.h>

#include "lib/clock.h"
#include "lib/log.h"
#include "lib/mem.h"
#include "lib/timer.h"
#include "worker/container.h"
#include "worker/engine.h"
#include "worker/launcher.h"
#include "worker/pool.h"

enum {
    LINGER_MS = 50,          /* what a program left behind is watched for so long, */
    LINGER_MOST = 10,        /* and so often while it grows, or is */
    CROWD = 8,               /* processes */
    LINGER_IDLE_US = 500,    /* of CPU time that a sleeper may use meanwhile */
    LAST_WORDS_MS = 25,      /* from the kill to the answer, at most, */
    DEATH_MS = 5000,         /* and from there to the end of the stream */
    ORPHAN_MERCY_MS = 60000, /* clocks differ, and setting up takes its time, too */
};

struct sandbox {
    struct engine *engine;
    const struct sandbox_spec *spec; /* borrowed until ready */
    const struct sandbox_events *events;
    void *arg;
    char *job_id;              /* NULL: none when it was made */
    char *container;           /* NULL until created */
    struct launcher *launcher; /* NULL until attached */
    enum { MAKING, STARTED, BEGUN, CLOSING } step;
    bool stopped;  /* somebody wants it dead */
    bool answered; /* `ended` was told */
    enum {
        OF_POOL,     /* it waits for a job, */
        OF_JOB_COLD, /* or a job waits for it; */
        OF_JOB,      /* a job has it, that waited, */
        OF_JOB_WARM  /* or that found it ready */
    } owner;
    int lingered;        /* how often LINGER_MS were waited for */
    int64_t cpu_us;      /* used before the program began: the launcher's */
    struct event *timer; /* of whatever is being waited for */
    void (*overdue)(struct sandbox *sandbox);
    struct sandbox_end end;
};

static void hand_over(struct sandbox *sandbox, const struct sandbox_events *events,
                      void *arg);
static void engine_known(void *arg, const struct err *err);
static void create(struct sandbox *sandbox);
static void created(void *arg, const json_t *body, const struct err *err);
static void attached(void *arg, struct bufferevent *stream, const struct err *err);
static void started(void *arg, const struct err *err);
static void ready(void *arg);
static void say_ready(struct sandbox *sandbox);
static void leave_cold(struct sandbox *sandbox);
static void begun(void *arg);
static void printed(void *arg, enum stream stream, const char *at, size_t len);
static void exited(void *arg);
static void look_for_others(struct sandbox *sandbox);
static void conclude(struct sandbox *sandbox);
static void note_end(struct sandbox *sandbox);
static void inspected(void *arg, const json_t *body, const struct err *err);
static void closed(void *arg);
static void failed(void *arg, const struct err *err);
static void last_words_over(struct sandbox *sandbox);
static void death_overdue(struct sandbox *sandbox);
static void wait_for(struct sandbox *sandbox, int ms, void (*overdue)(struct sandbox *));
static void timer_fired(evutil_socket_t fd, short what, void *arg);
static void fail(struct sandbox *sandbox, const struct err *err);
static enum fault fault_of(const struct sandbox *sandbox, const struct err *err);
static void say_ended(struct sandbox *sandbox, const struct err *err);
static void close_sandbox(struct sandbox *sandbox, const struct err *err);

static const struct launcher_events launcher_events = {ready,  begun,  printed,
                                                       exited, failed, closed};

struct sandbox *sandbox_open(struct engine *engine, const struct sandbox_spec *spec,
                             const char *job_id, const struct sandbox_events *events,
                             void *arg)
{
    struct sandbox *sandbox = NULL;

    if (engine->pool && !spec->cold)
        sandbox = pool_take(engine->pool, spec);
    if (sandbox) {
        hand_over(sandbox, events, arg);
    } else {
        sandbox = sandbox_make(engine, spec, job_id, events, arg);
        sandbox->owner = OF_JOB_COLD;
        engine->cold++;
    }
    engine->jobs++;
    return sandbox;
}

/* It is ready, and the new owner hears so as if it had just become so. */
static void hand_over(struct sandbox *sandbox, const struct sandbox_events *events,
                      void *arg)
{
    sandbox->owner = OF_JOB_WARM;
    sandbox->events = events;
    sandbox->arg = arg;
    sandbox->overdue = say_ready;
    timer_now(sandbox->timer);
}

struct sandbox *sandbox_make(struct engine *engine, const struct sandbox_spec *spec,
                             const char *job_id, const struct sandbox_events *events,
                             void *arg)
{
    struct sandbox *sandbox = xcalloc(1, sizeof *sandbox);

    sandbox->engine = engine;
    sandbox->spec = spec;
    sandbox->job_id = job_id ? xstrdup(job_id) : NULL;
    sandbox->events = events;
    sandbox->arg = arg;
    sandbox->timer = evtimer_new(engine->base, timer_fired, sandbox);
    engine->busy++;
    if (engine->known)
        create(sandbox);
    else
        engine_check(engine, engine_known, sandbox);
    return sandbox;
}

static void engine_known(void *arg, const struct err *err)
{
    struct sandbox *sandbox = arg;
    struct err unfit;

    if (err) {
        unfit = *err;
        if (unfit.kind == ERR_INVALID)
            unfit.kind = ERR_BACKEND; /* not the job's fault: another engine may do */
        fail(sandbox, &unfit);
    } else if (sandbox->stopped) {
        fail(sandbox, NULL);
    } else {
        create(sandbox);
    }
}

static void create(struct sandbox *sandbox)
{
    struct engine *engine = sandbox->engine;
    const struct container_spec spec = {
        .sandbox = sandbox->spec,
        .queue = engine->queue,
        .job_id = sandbox->job_id,
        .worker = engine->worker,
        .deadline_ms = clock_ms() + sandbox->spec->limits.timeout_ms +
                       (sandbox->job_id ? 0 : POOL_AGE_MS) + ORPHAN_MERCY_MS,
        .ahead = !sandbox->job_id,
        .crun = engine->facts.crun,
    };
    char *body = container_body(&spec);

    docker_create(engine->docker, body, created, sandbox);
    free(body);
}

static void created(void *arg, const json_t *body, const struct err *err)
{
    struct sandbox *sandbox = arg;
    const char *id = json_string_value(json_object_get(body, "Id"));
    struct err no_id = {ERR_BACKEND, "the engine created a container without an Id"};

    engine_said(sandbox->engine, err);
    if (!err && !id)
        err = &no_id;
    if (!err)
        sandbox->container = xstrdup(id);
    if (err || sandbox->stopped)
        fail(sandbox, err);
    else
        docker_attach(sandbox->engine->docker, id, attached, sandbox);
}

static void attached(void *arg, struct bufferevent *stream, const struct err *err)
{
    struct sandbox *sandbox = arg;

    if (stream)
        sandbox->launcher = launcher_new(stream, &launcher_events, sandbox);
    if (err || sandbox->stopped)
        fail(sandbox, err);
    else
        docker_start(sandbox->engine->docker, sandbox->container, started, sandbox);
}

static void started(void *arg, const struct err *err)
{
    struct sandbox *sandbox = arg;

    if (err || sandbox->stopped) {
        fail(sandbox, err);
        return;
    }
    sandbox->step = STARTED;
    launcher_start(sandbox->launcher);
}

static void ready(void *arg)
{
    struct sandbox *sandbox = arg;

    sandbox->spec = NULL;
    if (sandbox->owner == OF_JOB_COLD)
        leave_cold(sandbox);
    say_ready(sandbox);
}

static void say_ready(struct sandbox *sandbox)
{
    sandbox->events->ready(sandbox->arg);
}

/* The job that had to wait for it has it, or never will: the pool may go on. */
static void leave_cold(struct sandbox *sandbox)
{
    sandbox->owner = OF_JOB;
    sandbox->engine->cold--;
    if (sandbox->engine->pool)
        pool_poke(sandbox->engine->pool);
}

void sandbox_feed(struct sandbox *sandbox, const struct parcel *parcel)
{
    struct parcel own = *parcel;

    if (sandbox->owner != OF_JOB_WARM)
        own.preload.len = 0; /* nobody is there to read it */
    launcher_feed(sandbox->launcher, &own);
}

static void begun(void *arg)
{
    struct sandbox *sandbox = arg;
    struct usage usage;

    sandbox_usage(sandbox, &usage);
    sandbox->cpu_us = usage.cpu_us < 0 ? 0 : usage.cpu_us;
    sandbox->step = BEGUN;
    sandbox->events->begun(sandbox->arg);
}

static void printed(void *arg, enum stream stream, const char *at, size_t len)
{
    struct sandbox *sandbox = arg;

    sandbox->events->output(sandbox->arg, stream, at, len);
}

static void exited(void *arg)
{
    look_for_others(arg);
}

/* PID 1 waits for us to close the stream: now the kernel's counts are final, unless the
 * program has left others behind. The first process of a fork bomb ends well, long before
 * the bomb shows; so those are watched for a moment, and longer while they multiply or
 * work. One that sleeps is a daemon, and dies. */
static void look_for_others(struct sandbox *sandbox)
{
    struct usage before = sandbox->end.usage, *now = &sandbox->end.usage;

    sandbox_usage(sandbox, now);
    if (now->processes > 1 && sandbox->lingered < LINGER_MOST &&
        (!sandbox->lingered || now->processes > before.processes ||
         now->processes >= CROWD || now->cpu_us - before.cpu_us > LINGER_IDLE_US)) {
        sandbox->lingered++;
        wait_for(sandbox, LINGER_MS, look_for_others);
        return;
    }
    conclude(sandbox);
}

static void conclude(struct sandbox *sandbox)
{
    sandbox->step = CLOSING;
    launcher_hush(sandbox->launcher);
    note_end(sandbox);
    evtimer_del(sandbox->timer);
    if (sandbox->end.usage.processes > 1)
        engine_kill(sandbox->engine, sandbox->container); /* they fight for PID 1's CPU */
    if (sandbox->end.usage.oom_kills != USAGE_NONE)
        close_sandbox(sandbox, NULL);
    else
        docker_inspect(sandbox->engine->docker, sandbox->container, inspected, sandbox);
}

static void note_end(struct sandbox *sandbox)
{
    bool ended = launcher_ended(sandbox->launcher, &sandbox->end.exit_code);

    sandbox->end.how = ended ? END_EXITED : END_STOPPED;
    sandbox->end.cut = !launcher_whole(sandbox->launcher);
}

/* Without the cgroup's files the engine's own word is all there is. */
static void inspected(void *arg, const json_t *body, const struct err *err)
{
    struct sandbox *sandbox = arg;
    const json_t *state = json_object_get(body, "State");

    sandbox->end.oom_killed = json_is_true(json_object_get(state, "OOMKilled"));
    close_sandbox(sandbox, NULL);
}

/* The stream has ended: death has come to one that was killed, or to what a program had
 * left behind; what it had used was read by then. */
static void closed(void *arg)
{
    struct sandbox *sandbox = arg;

    if (sandbox->stopped)
        close_sandbox(sandbox, NULL);
    else if (sandbox->step != CLOSING)
        conclude(sandbox);
}

static void failed(void *arg, const struct err *err)
{
    fail(arg, err);
}

/* Whoever asked for the end has it; the engine is still busy with it. */
static void last_words_over(struct sandbox *sandbox)
{
    launcher_hush(sandbox->launcher);
    say_ended(sandbox, NULL);
    wait_for(sandbox, DEATH_MS, death_overdue);
}

static void death_overdue(struct sandbox *sandbox)
{
    log_warn("kill-overdue", "container=%s ms=%d", sandbox->container, DEATH_MS);
    engine_remove(sandbox->engine, sandbox->container);
    close_sandbox(sandbox, NULL);
}

static void wait_for(struct sandbox *sandbox, int ms, void (*overdue)(struct sandbox *))
{
    sandbox->overdue = overdue;
    timer_set_ms(sandbox->timer, ms);
}

static void timer_fired(evutil_socket_t fd, short what, void *arg)
{
    struct sandbox *sandbox = arg;

    sandbox->overdue(sandbox);
}

void sandbox_usage(const struct sandbox *sandbox, struct usage *usage)
{
    if (!sandbox->container) {
        usage_init(usage);
        return;
    }
    cgroup_read(&sandbox->engine->facts.layout, "/sys/fs/cgroup", sandbox->container,
                usage);
    if (usage->cpu_us != USAGE_NONE)
        usage->cpu_us -= sandbox->cpu_us;
}

void sandbox_stop(struct sandbox *sandbox)
{
    if (sandbox->stopped || sandbox->step == CLOSING)
        return;
    sandbox->stopped = true;
    sandbox->end.how = END_STOPPED;
    /* There is nothing to kill yet: the hearer of the call in flight sees `stopped`. */
    if (sandbox->step == MAKING)
        return;
    /* A program that has ended while others of its making linger has ended all the same. */
    note_end(sandbox);
    launcher_stop(sandbox->launcher);
    sandbox_usage(sandbox, &sandbox->end.usage);
    engine_kill(sandbox->engine, sandbox->container);
    wait_for(sandbox, LAST_WORDS_MS, last_words_over);
}

/* We failed, or were stopped before anything ran: whatever there is goes. */
static void fail(struct sandbox *sandbox, const struct err *err)
{
    if (sandbox->container)
        engine_remove(sandbox->engine, sandbox->container);
    if (!sandbox->stopped) {
        sandbox->end.how = END_FAILED;
        sandbox->end.fault = fault_of(sandbox, err);
    }
    close_sandbox(sandbox, sandbox->stopped ? NULL : err);
}

static enum fault fault_of(const struct sandbox *sandbox, const struct err *err)
{
    /* A warm one that dies between its owners is no sign of another that would. */
    if (sandbox->step == BEGUN || sandbox->owner == OF_JOB_WARM)
        return FAULT_LOST;
    if (err->kind == ERR_INVALID)
        return FAULT_INTERNAL;
    if (sandbox->container)
        return FAULT_START;
    return err->kind == ERR_MISSING ? FAULT_IMAGE : FAULT_ENGINE;
}

/* From here on nobody listens. */
static void say_ended(struct sandbox *sandbox, const struct err *err)
{
    struct engine *engine = sandbox->engine;

    sandbox->step = CLOSING;
    if (sandbox->answered)
        return;
    sandbox->answered = true;
    if (sandbox->owner == OF_JOB_COLD)
        leave_cold(sandbox);
    if (sandbox->owner != OF_POOL)
        engine->jobs--;
    sandbox->events->ended(sandbox->arg, &sandbox->end, err);
    if (engine->pool)
        pool_poke(engine->pool);
}

static void close_sandbox(struct sandbox *sandbox, const struct err *err)
{
    struct engine *engine = sandbox->engine;

    say_ended(sandbox, err);
    launcher_free(sandbox->launcher);
    event_free(sandbox->timer);
    free(sandbox->container);
    free(sandbox->job_id);
    free(sandbox);
    engine->busy--;
}
