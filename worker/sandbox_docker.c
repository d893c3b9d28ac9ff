/* sandbox_docker.c -- sandbox.h with a container, and the launcher (worker/launcher.sh) in
 * it.
 *
 *     info? -> create -> attach -> start -> "R" -> feed -> "B" -> output -> marks
 *                 \_________\_________\_______\______\______\       |
 *                  a failed step, a stream that ends,        \      v
 *                  a set-up that takes too long, sandbox_stop \-> closing -> ended
 *
 * Started, the launcher is told what its end marks are to begin with, before any job is.
 * While PID 1 waits behind them the cgroup's files are still there; they are read
 * before the stream is closed. Closing it ends the launcher, and AutoRemove does the rest.
 * A sandbox that must die is killed, and `ended` waits a moment for its stream to end: for
 * last words, and not for all that an engine does about a death. Only one that never ran,
 * or does not die, is removed by a call of its own.
 */
#include "worker/sandbox.h"

#include <assert.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/log.h"
#include "lib/mem.h"
#include "lib/send.h"
#include "lib/timer.h"
#include "worker/container.h"
#include "worker/engine.h"
#include "worker/marks.h"
#include "worker/pool.h"

enum {
    SETUP_MS = 5000,         /* from start to R, and from feeding to B */
    OTHER_MARK_MS = 100,     /* a program may have closed one of its streams */
    DATA_MARK_MS = 5000,     /* ... but not before "B", nor a compiler its artefacts' */
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
    char *job_id;    /* NULL: none when it was made */
    char *container; /* NULL until created */
    char mark[MARKS_ID + 1];
    struct bufferevent *stream; /* NULL until attached, and after its end */
    struct frames frames;
    struct marks marks[2]; /* stdout, stderr */
    enum { SETTING_UP, READY, FED, BEGUN, CLOSING } step;
    bool stopped;  /* somebody wants it dead */
    bool answered; /* `ended` was told */
    enum {
        OF_POOL,     /* it waits for a job, */
        OF_JOB_COLD, /* or a job waits for it; */
        OF_JOB,      /* a job has it, that waited, */
        OF_JOB_WARM  /* or that found it ready */
    } owner;
    int lingered;        /* how often LINGER_MS were waited for */
    bool packs;          /* what it prints to stdout is data */
    bool torn;           /* the launcher could not unpack what it was fed */
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
static void send_mark(struct sandbox *sandbox);
static void readable(struct bufferevent *stream, void *arg);
static void payload(void *arg, enum stream stream, const char *at, size_t len);
static void read_ready(struct sandbox *sandbox, const char *at, size_t len);
static void say_ready(struct sandbox *sandbox);
static void leave_cold(struct sandbox *sandbox);
static void program_out(void *arg, const char *at, size_t len);
static void program_err(void *arg, const char *at, size_t len);
static void begun(struct sandbox *sandbox);
static void marked(struct sandbox *sandbox, enum stream stream, enum mark mark);
static void all_said(struct sandbox *sandbox);
static void conclude(struct sandbox *sandbox);
static void flush(struct sandbox *sandbox);
static void inspected(void *arg, const json_t *body, const struct err *err);
static void happened(struct bufferevent *stream, short what, void *arg);
static void setup_overdue(struct sandbox *sandbox);
static void last_words_over(struct sandbox *sandbox);
static void death_overdue(struct sandbox *sandbox);
static void wait_for(struct sandbox *sandbox, int ms, void (*overdue)(struct sandbox *));
static void timer_fired(evutil_socket_t fd, short what, void *arg);
static void fail(struct sandbox *sandbox, const struct err *err);
static enum fault fault_of(const struct sandbox *sandbox, const struct err *err);
static void say_ended(struct sandbox *sandbox, const struct err *err);
static void close_sandbox(struct sandbox *sandbox, const struct err *err);

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

    sandbox->stream = stream;
    if (err || sandbox->stopped) {
        fail(sandbox, err);
        return;
    }
    bufferevent_disable(stream, EV_READ); /* nothing may happen while start is asked */
    bufferevent_setcb(stream, readable, NULL, happened, sandbox);
    docker_start(sandbox->engine->docker, sandbox->container, started, sandbox);
}

static void started(void *arg, const struct err *err)
{
    struct sandbox *sandbox = arg;

    if (err || sandbox->stopped) {
        fail(sandbox, err);
        return;
    }
    wait_for(sandbox, SETUP_MS, setup_overdue);
    bufferevent_enable(sandbox->stream, EV_READ | EV_WRITE);
    send_mark(sandbox);
    readable(sandbox->stream, sandbox); /* what came with the answer to attach */
}

static void send_mark(struct sandbox *sandbox)
{
    unsigned char random[MARKS_ID / 2];

    if (getentropy(random, sizeof random))
        abort(); /* a mark that can be guessed is worse than none */
    for (size_t i = 0; i < sizeof random; i++)
        snprintf(sandbox->mark + 2 * i, 3, "%02x", random[i]);
    marks_init(&sandbox->marks[0], sandbox->mark, true);
    marks_init(&sandbox->marks[1], sandbox->mark, false);
    evbuffer_add_printf(bufferevent_get_output(sandbox->stream), "%s\n", sandbox->mark);
}

void sandbox_feed(struct sandbox *sandbox, const struct parcel *parcel)
{
    struct evbuffer *text = evbuffer_new();
    struct parcel own = *parcel;

    assert(sandbox->step == READY);
    if (sandbox->owner != OF_JOB_WARM)
        own.preload.len = 0; /* nobody is there to read it */
    parcel_write(text, &own);
    send_now(sandbox->stream, text);
    evbuffer_free(text);
    sandbox->packs = parcel->artifacts.count > 0;
    sandbox->step = FED;
    wait_for(sandbox, SETUP_MS, setup_overdue);
}

static void readable(struct bufferevent *stream, void *arg)
{
    struct sandbox *sandbox = arg;
    struct evbuffer *input = bufferevent_get_input(stream);
    struct evbuffer_iovec part;
    struct err err;

    while (sandbox->stream && evbuffer_peek(input, -1, NULL, &part, 1) > 0) {
        if (frames_read(&sandbox->frames, part.iov_base, part.iov_len, payload, sandbox,
                        &err)) {
            fail(sandbox, &err);
            return;
        }
        evbuffer_drain(input, part.iov_len);
    }
    if (sandbox->marks[0].over && sandbox->marks[1].over && !sandbox->lingered)
        all_said(sandbox);
}

static void payload(void *arg, enum stream stream, const char *at, size_t len)
{
    struct sandbox *sandbox = arg;
    struct marks *marks = &sandbox->marks[stream == STREAM_ERR];

    if (sandbox->answered)
        return;
    if (sandbox->step < FED) {
        if (stream == STREAM_OUT)
            read_ready(sandbox, at, len);
        return;
    }
    while (len) {
        size_t taken = len;
        enum mark mark = marks_read(
            marks, at, &taken, stream == STREAM_ERR ? program_err : program_out, sandbox);

        if (mark == MARK_BEGUN)
            begun(sandbox);
        else if (mark != MARK_NONE)
            marked(sandbox, stream, mark);
        at += taken;
        len -= taken;
    }
}

/* The launcher's first line is "R", and it says nothing more until it is fed. */
static void read_ready(struct sandbox *sandbox, const char *at, size_t len)
{
    if (sandbox->step == SETTING_UP && !sandbox->stopped && memchr(at, '\n', len)) {
        sandbox->step = READY;
        sandbox->spec = NULL;
        evtimer_del(sandbox->timer);
        if (sandbox->owner == OF_JOB_COLD)
            leave_cold(sandbox);
        say_ready(sandbox);
    }
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

static void program_out(void *arg, const char *at, size_t len)
{
    struct sandbox *sandbox = arg;

    if (sandbox->step == BEGUN)
        sandbox->events->output(sandbox->arg, STREAM_OUT, at, len);
}

static void program_err(void *arg, const char *at, size_t len)
{
    struct sandbox *sandbox = arg;

    /* The two streams are not in order: stderr may come before stdout's "B". */
    if (sandbox->step >= FED && sandbox->step <= BEGUN)
        sandbox->events->output(sandbox->arg, STREAM_ERR, at, len);
}

static void begun(struct sandbox *sandbox)
{
    struct usage usage;

    if (sandbox->stopped)
        return; /* it has been killed, and the timer is for that */
    sandbox_usage(sandbox, &usage);
    sandbox->cpu_us = usage.cpu_us < 0 ? 0 : usage.cpu_us;
    sandbox->step = BEGUN;
    evtimer_del(sandbox->timer);
    sandbox->events->begun(sandbox->arg);
}

/* The first end mark counts; the other stream's may never come. Nothing is closed here: we
 * are in the middle of the stream's bytes. */
static void marked(struct sandbox *sandbox, enum stream stream, enum mark mark)
{
    bool needs_stdout = sandbox->packs || sandbox->step == FED;

    if (sandbox->stopped)
        return;
    /* A program can find its mark in PID 1's memory. One that has begun did unpack,
     * whatever it says: else it could have itself run again. */
    if (sandbox->step == BEGUN)
        mark = MARK_EXITED;
    sandbox->torn = mark == MARK_UNPACKED;
    sandbox->end.how = END_EXITED;
    sandbox->end.exit_code = sandbox->marks[stream == STREAM_ERR].exit_code;
    wait_for(sandbox, needs_stdout && stream == STREAM_ERR ? DATA_MARK_MS : OTHER_MARK_MS,
             all_said);
}

/* PID 1 waits for us to close the stream: now the kernel's counts are final, unless the
 * program has left others behind. The first process of a fork bomb ends well, long before
 * the bomb shows; so those are watched for a moment, and longer while they multiply or
 * work. One that sleeps is a daemon, and dies. */
static void all_said(struct sandbox *sandbox)
{
    static const struct err torn = {ERR_BACKEND, "the sandbox could not unpack the job"};
    static const struct err unbegun = {ERR_BACKEND, "the sandbox ended before the program"};
    struct usage before = sandbox->end.usage, *now = &sandbox->end.usage;

    if (sandbox->step == CLOSING || sandbox->stopped)
        return;
    if (sandbox->torn || sandbox->step == FED) {
        fail(sandbox, sandbox->torn ? &torn : &unbegun);
        return;
    }
    sandbox_usage(sandbox, now);
    if (now->processes > 1 && sandbox->lingered < LINGER_MOST &&
        (!sandbox->lingered || now->processes > before.processes ||
         now->processes >= CROWD || now->cpu_us - before.cpu_us > LINGER_IDLE_US)) {
        sandbox->lingered++;
        wait_for(sandbox, LINGER_MS, all_said);
        return;
    }
    conclude(sandbox);
}

static void conclude(struct sandbox *sandbox)
{
    flush(sandbox);
    sandbox->step = CLOSING;
    sandbox->end.cut = !sandbox->marks[0].over;
    evtimer_del(sandbox->timer);
    if (sandbox->end.usage.processes > 1)
        engine_kill(sandbox->engine, sandbox->container); /* they fight for PID 1's CPU */
    if (sandbox->end.usage.oom_kills != USAGE_NONE)
        close_sandbox(sandbox, NULL);
    else
        docker_inspect(sandbox->engine->docker, sandbox->container, inspected, sandbox);
}

/* What was held back because a mark might have begun with it. */
static void flush(struct sandbox *sandbox)
{
    if (sandbox->step < FED)
        return;
    marks_flush(&sandbox->marks[0], program_out, sandbox);
    marks_flush(&sandbox->marks[1], program_err, sandbox);
}

/* Without the cgroup's files the engine's own word is all there is. */
static void inspected(void *arg, const json_t *body, const struct err *err)
{
    struct sandbox *sandbox = arg;
    const json_t *state = json_object_get(body, "State");

    sandbox->end.oom_killed = json_is_true(json_object_get(state, "OOMKilled"));
    close_sandbox(sandbox, NULL);
}

/* The container's last process is gone, or the engine is. */
static void happened(struct bufferevent *stream, short what, void *arg)
{
    struct sandbox *sandbox = arg;
    struct err err;

    if (sandbox->stopped) {
        flush(sandbox);
        close_sandbox(sandbox, NULL);
        return;
    }
    if (sandbox->step == CLOSING)
        return;
    if (sandbox->marks[0].over || sandbox->marks[1].over) {
        /* Said already; while it lingered, what it had used was read as well. */
        if (sandbox->lingered)
            conclude(sandbox);
        else
            all_said(sandbox);
        return;
    }
    err_set(&err, ERR_BACKEND, "the sandbox was lost: its stream ended without a word");
    fail(sandbox, &err);
}

static void setup_overdue(struct sandbox *sandbox)
{
    struct err err;

    err_set(&err, ERR_TIMEOUT, "the sandbox was not %s within %d ms",
            sandbox->step == SETTING_UP ? "ready" : "running", SETUP_MS);
    fail(sandbox, &err);
}

/* Whoever asked for the end has it; the engine is still busy with it. */
static void last_words_over(struct sandbox *sandbox)
{
    flush(sandbox);
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
    /* A program that has ended while others of its making linger has ended all the same. */
    if (!sandbox->marks[0].over && !sandbox->marks[1].over)
        sandbox->end.how = END_STOPPED;
    sandbox->end.cut = !sandbox->marks[0].over;
    /* Before the start is through, its hearer sees `stopped`: there is nothing to kill. */
    if (sandbox->step == SETTING_UP && !evtimer_pending(sandbox->timer, NULL))
        return;
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
    if (sandbox->stream)
        bufferevent_free(sandbox->stream);
    event_free(sandbox->timer);
    free(sandbox->container);
    free(sandbox->job_id);
    free(sandbox);
    engine->busy--;
}
