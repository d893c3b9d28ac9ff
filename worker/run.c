/* run.c -- see run.h.
 *
 *     task -> sandbox -> ready: feed -> begun: clock -> output -> ended: verdict -> done
 *       \     ^  \____________\___________\_______________\______^
 *        \    |   a failed step, or a stop: deadline, flood, bomb, lost lock, shutdown
 *         \   +--- once: a sandbox that was lost while the program ran
 *
 * There are two kinds of stop. The program's own doing (deadline, flood, bomb) kills the
 * sandbox and leads to a verdict; run_stop() gives the whole run up, and no verdict counts.
 */
#include "worker/run.h"

#include <event2/buffer.h>
#include <stdlib.h>

#include "lang-registry/task.h"
#include "lib/clock.h"
#include "lib/log.h"
#include "lib/mem.h"
#include "lib/timer.h"
#include "worker/output.h"
#include "worker/result.h"

enum { POLL_MS = 100 }; /* how soon a fork bomb is noticed */

struct run {
    const struct run_config *config;
    const struct job *job; /* borrowed */
    run_done *done;
    void *arg;
    struct arena *arena;
    struct task task;
    struct sandbox *sandbox; /* NULL before it is opened and after it has ended */
    struct output output;
    struct event *later;    /* zero delay: what is known at once is told later */
    struct event *deadline; /* of the program */
    struct event *poll;
    bool deadline_passed;
    bool reopened; /* a sandbox was lost, and this is the second */
    bool given_up; /* run_stop: err says why */
    struct err err;
    int64_t taken_ms;           /* since 1970 */
    int64_t taken_us, begun_us; /* clock_mono_us; begun_us 0: not yet */
};

static void open_sandbox(struct run *run);
static int read_task(struct run *run, struct err *err);
static void tell_noop(evutil_socket_t fd, short what, void *arg);
static void tell_error(evutil_socket_t fd, short what, void *arg);
static void ready(void *arg);
static void begun(void *arg);
static void printed(void *arg, enum stream stream, const char *at, size_t len);
static void too_late(evutil_socket_t fd, short what, void *arg);
static void look(evutil_socket_t fd, short what, void *arg);
static void ended(void *arg, const struct sandbox_end *end, const struct err *err);
static void reopen(struct run *run, const struct err *err);
static char *judge(struct run *run, const struct sandbox_end *end);
static void finish(struct run *run, const char *result, const struct err *err);

static const struct sandbox_events sandbox_events = {ready, begun, printed, ended};

struct run *run_start(const struct run_config *config, const struct job *job,
                      run_done *done, void *arg)
{
    struct run *run = xcalloc(1, sizeof *run);
    int failed;

    run->config = config;
    run->job = job;
    run->done = done;
    run->arg = arg;
    run->arena = arena_new();
    run->taken_ms = clock_ms();
    run->taken_us = clock_mono_us();
    run->deadline = evtimer_new(config->base, too_late, run);
    run->poll = event_new(config->base, -1, EV_PERSIST, look, run);
    failed = config->engine ? read_task(run, &run->err) : 0;
    run->later = evtimer_new(config->base, failed ? tell_error : tell_noop, run);
    if (failed || !config->engine) {
        timer_set_us(run->later, 0);
        return run;
    }
    open_sandbox(run);
    return run;
}

static void open_sandbox(struct run *run)
{
    output_init(&run->output, (size_t)run->task.limits.output_bytes);
    run->sandbox =
        sandbox_open(run->config->engine, &run->task, run->job->id, &sandbox_events, run);
}

/* The job's data, as strictly as at the HTTP door. All complaints become one text. */
static int read_task(struct run *run, struct err *err)
{
    struct field_errors errors = {.count = 0};
    struct evbuffer *text;
    char pointer[POINTER_BYTES];
    json_t *data =
        json_read(run->job->data.at, run->job->data.len, pointer, sizeof pointer, err);
    int failed;

    if (!data)
        return err_wrap(err, "the job's data%s", pointer);
    failed = task_read(data, run->config->registry, &run->task, run->arena, &errors);
    json_decref(data);
    if (!failed)
        return 0;
    text = evbuffer_new();
    for (size_t i = 0; i < errors.count; i++)
        evbuffer_add_printf(text, "%s%s %s", i ? "; " : "", errors.list[i].pointer,
                            errors.list[i].detail);
    evbuffer_add(text, "", 1);
    err_set(err, ERR_INVALID, "the job's data: %s", evbuffer_pullup(text, -1));
    evbuffer_free(text);
    return -1;
}

static void tell_noop(evutil_socket_t fd, short what, void *arg)
{
    struct run *run = arg;

    finish(run,
           "{\"status\":\"completed\",\"verdict\":\"ok\",\"exitCode\":0,\"output\":\"\"}",
           run->given_up ? &run->err : NULL);
}

static void tell_error(evutil_socket_t fd, short what, void *arg)
{
    struct run *run = arg;

    finish(run, NULL, &run->err);
}

static void ready(void *arg)
{
    struct run *run = arg;

    if (!run->given_up)
        sandbox_feed(run->sandbox, &run->task);
}

static void begun(void *arg)
{
    struct run *run = arg;

    run->begun_us = clock_mono_us();
    timer_set_ms(run->deadline, run->task.limits.timeout_ms);
    timer_set_ms(run->poll, POLL_MS);
}

static void printed(void *arg, enum stream stream, const char *at, size_t len)
{
    struct run *run = arg;

    output_add(&run->output, stream, at, len);
    if (output_flood(&run->output))
        sandbox_stop(run->sandbox);
}

static void too_late(evutil_socket_t fd, short what, void *arg)
{
    struct run *run = arg;

    run->deadline_passed = true;
    sandbox_stop(run->sandbox);
}

/* A bomb is killed as soon as it shows: until its deadline it would only burn a core. CPU
 * time is a deadline, too. */
static void look(evutil_socket_t fd, short what, void *arg)
{
    struct run *run = arg;
    struct usage usage;

    sandbox_usage(run->sandbox, &usage);
    if (usage.cpu_us > run->task.limits.cpu_ms * 1000)
        too_late(-1, 0, run);
    else if (usage.pids_refused >= VERDICT_BOMB)
        sandbox_stop(run->sandbox);
}

void run_stop(struct run *run, enum err_kind kind, const char *why)
{
    if (run->given_up)
        return;
    run->given_up = true;
    err_set(&run->err, kind, "%s", why);
    if (run->sandbox)
        sandbox_stop(run->sandbox);
}

static void ended(void *arg, const struct sandbox_end *end, const struct err *err)
{
    struct run *run = arg;
    char *result;

    run->sandbox = NULL;
    if (err && !run->given_up) {
        if (end->fault == FAULT_LOST && !run->reopened) {
            reopen(run, err);
            return;
        }
        run->err = *err;
        err_wrap(&run->err, "%s", fault_name(end->fault));
        /* The job is fit to run: what the engine finds wrong in a request is our mistake.
         */
        if (err->kind == ERR_INVALID)
            run->err.kind = ERR_BACKEND;
    }
    if (err || run->given_up) {
        finish(run, NULL, &run->err);
        return;
    }
    result = judge(run, end);
    finish(run, result, NULL);
    free(result);
}

/* Whatever took it away, it was not the job: the attempt goes on from the beginning. */
static void reopen(struct run *run, const struct err *err)
{
    log_warn("sandbox-lost", "job=%s error=%s", run->job->id, err->text);
    run->reopened = true;
    run->deadline_passed = false;
    run->begun_us = 0;
    evtimer_del(run->deadline);
    event_del(run->poll);
    output_done(&run->output);
    open_sandbox(run);
}

static char *judge(struct run *run, const struct sandbox_end *end)
{
    int64_t now_us = clock_mono_us();
    int64_t begun_us = run->begun_us ? run->begun_us : now_us;
    /* The deadline may pass while what an ended program left behind is looked at. */
    const struct evidence evidence = {end, &run->output,
                                      run->deadline_passed && end->how == END_STOPPED};
    struct result result = {
        .output = &run->output,
        .lang = run->task.lang,
        .worker = run->config->worker,
        .duration_ms = (now_us - begun_us) / 1000,
        .setup_ms = (begun_us - run->taken_us) / 1000,
        .queue_ms = run->taken_ms - run->job->timestamp,
        .usage = end->usage,
    };
    char *text;

    verdict_judge(&evidence, &result.judgement);
    text = result_write(&result);
    free(result.judgement.error);
    return text;
}

/* The only way out. */
static void finish(struct run *run, const char *result, const struct err *err)
{
    event_free(run->later);
    event_free(run->deadline);
    event_free(run->poll);
    run->done(run->arg, err ? NULL : result, err);
    output_done(&run->output);
    arena_free(run->arena);
    free(run);
}
