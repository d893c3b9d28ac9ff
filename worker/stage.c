/* stage.c -- see stage.h.
 *
 *     open -> ready: feed -> begun: clock -> output -> ended
 *      ^  \____________\__________\____________\______^
 *      |   a failed step, or a stop: deadline, flood, bomb, stage_stop
 *      +-- once: a sandbox that was lost while the program ran
 */
#include "worker/stage.h"

#include <stdlib.h>

#include "lib/clock.h"
#include "lib/log.h"
#include "lib/mem.h"
#include "lib/timer.h"

enum { POLL_MS = 100 }; /* how soon a fork bomb is noticed */

struct stage {
    struct engine *engine;
    struct stage_spec spec;
    stage_ended *ended;
    void *arg;
    struct sandbox *sandbox;
    struct output output;
    struct event *deadline; /* of the program */
    struct event *poll;
    bool deadline_passed;
    bool reopened;    /* a sandbox was lost, and this is the second */
    bool given_up;    /* stage_stop */
    int64_t begun_us; /* 0: not yet */
};

static void open_sandbox(struct stage *stage);
static void ready(void *arg);
static void begun(void *arg);
static void printed(void *arg, enum stream stream, const char *at, size_t len);
static void too_late(evutil_socket_t fd, short what, void *arg);
static void look(evutil_socket_t fd, short what, void *arg);
static void gone(void *arg, const struct sandbox_end *end, const struct err *err);
static bool exited_cut(const struct sandbox_end *end);
static void reopen(struct stage *stage, const struct err *err);
static void tell_failure(struct stage *stage, enum fault fault, const struct err *err);
static void tell_end(struct stage *stage, const struct sandbox_end *end);
static void finish(struct stage *stage, const struct stage_end *end, const struct err *err);

static const struct sandbox_events sandbox_events = {ready, begun, printed, gone};

struct stage *stage_start(struct event_base *base, struct engine *engine,
                          const struct stage_spec *spec, stage_ended *ended, void *arg)
{
    struct stage *stage = xcalloc(1, sizeof *stage);

    stage->engine = engine;
    stage->spec = *spec;
    stage->ended = ended;
    stage->arg = arg;
    stage->deadline = evtimer_new(base, too_late, stage);
    stage->poll = event_new(base, -1, EV_PERSIST, look, stage);
    open_sandbox(stage);
    return stage;
}

static void open_sandbox(struct stage *stage)
{
    const struct stage_spec *spec = &stage->spec;
    size_t limit = (size_t)spec->sandbox.limits.output_bytes;

    if (spec->data_bytes)
        output_init_data(&stage->output, spec->data_bytes, limit);
    else
        output_init(&stage->output, limit);
    stage->sandbox =
        sandbox_open(stage->engine, &spec->sandbox, spec->job_id, &sandbox_events, stage);
}

static void ready(void *arg)
{
    struct stage *stage = arg;

    if (!stage->given_up)
        sandbox_feed(stage->sandbox, &stage->spec.parcel);
}

static void begun(void *arg)
{
    struct stage *stage = arg;

    stage->begun_us = clock_mono_us();
    timer_set_ms(stage->deadline, stage->spec.sandbox.limits.timeout_ms);
    timer_set_ms(stage->poll, POLL_MS);
}

static void printed(void *arg, enum stream stream, const char *at, size_t len)
{
    struct stage *stage = arg;

    output_add(&stage->output, stream, at, len);
    if (output_flood(&stage->output))
        sandbox_stop(stage->sandbox);
}

static void too_late(evutil_socket_t fd, short what, void *arg)
{
    struct stage *stage = arg;

    stage->deadline_passed = true;
    sandbox_stop(stage->sandbox);
}

/* A bomb is killed as soon as it shows: until its deadline it would only burn a core. CPU
 * time is a deadline, too. */
static void look(evutil_socket_t fd, short what, void *arg)
{
    struct stage *stage = arg;
    struct usage usage;

    sandbox_usage(stage->sandbox, &usage);
    if (usage.cpu_us > stage->spec.sandbox.limits.cpu_ms * 1000)
        too_late(-1, 0, stage);
    else if (usage.pids_refused >= VERDICT_BOMB)
        sandbox_stop(stage->sandbox);
}

void stage_stop(struct stage *stage)
{
    if (stage->given_up)
        return;
    stage->given_up = true;
    sandbox_stop(stage->sandbox);
}

static void gone(void *arg, const struct sandbox_end *end, const struct err *err)
{
    static const struct err cut = {ERR_BACKEND, "its stdout did not arrive whole"};
    struct stage *stage = arg;
    enum fault fault = end->fault;

    if (!err && stage->spec.data_bytes && exited_cut(end) &&
        !output_flood(&stage->output)) {
        err = &cut;
        fault = FAULT_LOST;
    }
    if (!err)
        tell_end(stage, end);
    else if (fault == FAULT_LOST && !stage->reopened && !stage->given_up)
        reopen(stage, err);
    else
        tell_failure(stage, fault, err);
}

/* Half of some data is worse than none. */
static bool exited_cut(const struct sandbox_end *end)
{
    return end->how == END_EXITED && end->exit_code == 0 && end->cut;
}

/* Whatever took it away, it was not the program: the stage goes on from its beginning. */
static void reopen(struct stage *stage, const struct err *err)
{
    log_warn("sandbox-lost", "job=%s error=%s", stage->spec.job_id, err->text);
    stage->reopened = true;
    stage->deadline_passed = false;
    stage->begun_us = 0;
    evtimer_del(stage->deadline);
    event_del(stage->poll);
    output_done(&stage->output);
    open_sandbox(stage);
}

static void tell_failure(struct stage *stage, enum fault fault, const struct err *err)
{
    struct err own = *err;

    if (fault == FAULT_START)
        err_wrap(&own, "image %s", stage->spec.sandbox.image); /* which may be all wrong */
    err_wrap(&own, "%s", fault_name(fault));
    /* The job is fit to run: what the engine finds wrong in a request is our mistake. */
    if (own.kind == ERR_INVALID)
        own.kind = ERR_BACKEND;
    finish(stage, NULL, &own);
}

static void tell_end(struct stage *stage, const struct sandbox_end *end)
{
    int64_t now_us = clock_mono_us();
    int64_t begun_us = stage->begun_us ? stage->begun_us : now_us;
    const struct stage_end told = {
        .evidence = {.end = end,
                     .output = &stage->output,
                     /* It may pass while what an ended program left behind is looked at. */
                     .deadline = stage->deadline_passed && end->how == END_STOPPED},
        .output = &stage->output,
        .begun_us = begun_us,
        .duration_ms = (now_us - begun_us) / 1000,
    };

    finish(stage, &told, NULL);
}

/* The only way out. */
static void finish(struct stage *stage, const struct stage_end *end, const struct err *err)
{
    event_free(stage->deadline);
    event_free(stage->poll);
    stage->ended(stage->arg, end, err);
    output_done(&stage->output);
    free(stage);
}
