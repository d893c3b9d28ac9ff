/* run.c -- see run.h.
 *
 *     task -> compile -> run -> verdict -> done
 *       \         \  ^   / |        ^
 *        \         \  \-/  |        |   once for each test
 *         \_________\______\________/   a compile error, data that cannot run, our failure,
 *                                       run_stop
 */
#include "worker/run.h"

#include <event2/buffer.h>
#include <stdlib.h>

#include "lang-registry/argv.h"
#include "lang-registry/preload.h"
#include "lang-registry/task.h"
#include "lib/clock.h"
#include "lib/json.h"
#include "lib/mem.h"
#include "lib/timer.h"
#include "worker/compile.h"
#include "worker/result.h"
#include "worker/spec.h"
#include "worker/tally.h"

/* Of the stage that the job's result is about: the first that is not ok, or the last. */
struct shown {
    struct judgement judgement;
    struct output output;
    int64_t duration_ms;
    struct usage usage;
};

struct run {
    const struct run_config *config;
    struct registry *registry; /* what the task points into */
    const struct job *job;     /* borrowed */
    const struct run_events *events;
    void *arg;
    struct arena *arena;
    struct task task;
    struct stage *stage; /* NULL: none is under way */
    struct compiled compiled;
    struct tally tally;
    struct shown shown;
    struct event *later; /* zero delay: what is known at once is told later */
    bool given_up;       /* run_stop: err says why */
    struct err err;
    int64_t taken_ms;           /* since 1970 */
    int64_t taken_us, begun_us; /* clock_mono_us; begun_us 0: the program not yet */
};

static int read_task(struct run *run, struct err *err);
static void tell_noop(evutil_socket_t fd, short what, void *arg);
static void tell_error(evutil_socket_t fd, short what, void *arg);
static void start_compiler(struct run *run);
static void compiled(void *arg, const struct stage_end *end, const struct err *err);
static void judge_room(const struct run *run, struct judgement *judgement);
static struct parcel program_parcel(const struct run *run, const struct test *test);
static void start_program(struct run *run);
static void write_preload(const struct task *task, struct parcel *parcel);
static void ended(void *arg, const struct stage_end *end, const struct err *err);
static bool stage_failed(struct run *run, const struct err *err);
static void show(struct run *run, const struct judgement *judgement,
                 const struct stage_end *end);
static void tell_progress(const struct run *run);
static void tell_result(struct run *run);
static void finish(struct run *run, const char *result, const struct err *err);

struct run *run_start(const struct run_config *config, const struct job *job,
                      const struct run_events *events, void *arg)
{
    struct run *run = xcalloc(1, sizeof *run);
    int failed;

    run->config = config;
    run->job = job;
    run->events = events;
    run->arg = arg;
    run->arena = arena_new();
    run->taken_ms = clock_ms();
    run->taken_us = clock_mono_us();
    tally_init(&run->tally);
    if (config->registry)
        run->registry = registry_hold(config->registry);
    failed = config->engine ? read_task(run, &run->err) : 0;
    run->later = evtimer_new(config->base, failed ? tell_error : tell_noop, run);
    if (failed || !config->engine)
        timer_now(run->later);
    else if (run->task.lang->compile.argv.count)
        start_compiler(run);
    else
        start_program(run);
    return run;
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
    failed = task_read(data, run->registry, &run->task, run->arena, &errors);
    json_decref(data);
    if (!failed)
        return 0;
    text = evbuffer_new();
    for (size_t i = 0; i < errors.count; i++)
        evbuffer_add_printf(text, "%s%s%s%s", i ? "; " : "", errors.list[i].pointer,
                            *errors.list[i].pointer ? " " : "", errors.list[i].detail);
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

static void start_compiler(struct run *run)
{
    struct stage_spec spec;

    compile_spec(&run->task, run->job->id, run->arena, &spec);
    spec.sandbox.cold = run->config->cold;
    run->stage = stage_start(run->config->base, run->config->engine, &spec, compiled, run);
}

static void compiled(void *arg, const struct stage_end *end, const struct err *err)
{
    struct run *run = arg;
    struct judgement judgement;

    if (stage_failed(run, err))
        return;
    compile_read(end, &run->compiled, &judgement);
    if (judgement.verdict == VERDICT_OK)
        judge_room(run, &judgement);
    if (judgement.verdict == VERDICT_OK) {
        start_program(run);
    } else {
        show(run, &judgement, end);
        tell_result(run);
    }
}

/* Its work folder is its memory. A sandbox that cannot be fed would look like our failure.
 */
static void judge_room(const struct run *run, struct judgement *judgement)
{
    const struct task *task = &run->task;
    const struct sandbox_spec sandbox = spec_run(task->lang, task->version, &task->limits);
    struct parcel parcel = program_parcel(run, NULL);

    for (size_t i = 0; i < task->test_count; i++)
        if (task->tests[i].input.len > parcel.input.len)
            parcel.input = task->tests[i].input;
    if (parcel_room(&parcel) <= sandbox_tmpfs_mb(&sandbox) * 1024 * 1024)
        return;
    *judgement = (struct judgement){
        VERDICT_MEMORY_LIMIT, 137,
        xstrdup("Memory Limit Exceeded (no room for the compiled program)")};
}

/* With the input of a test, or the job's own. */
static struct parcel program_parcel(const struct run *run, const struct test *test)
{
    const struct task *task = &run->task;

    return (struct parcel){
        .files = task_files(task, run->arena),
        .argv = argv_run(task, test ? test->args : task->args, run->arena),
        .input = test ? test->input : task->input,
        .packed = run->compiled.artifacts,
    };
}

/* For the next test, where there are any. */
static void start_program(struct run *run)
{
    const struct task *task = &run->task;
    const struct test *test = task->test_count ? &task->tests[run->tally.done] : NULL;
    struct stage_spec spec = {
        .sandbox = spec_run(task->lang, task->version, &task->limits),
        .parcel = program_parcel(run, test),
        .job_id = run->job->id,
    };

    spec.sandbox.cold = run->config->cold;
    if (spec.sandbox.preload.file)
        write_preload(task, &spec.parcel);
    if (test)
        spec.sandbox.limits.timeout_ms = test->timeout_ms;
    run->stage = stage_start(run->config->base, run->config->engine, &spec, ended, run);
}

static void write_preload(const struct task *task, struct parcel *parcel)
{
    parcel->fits = preload_fits(task, parcel->argv);
    parcel->preload = parcel->fits ? task->code : preload_leave(task->lang);
}

static void ended(void *arg, const struct stage_end *end, const struct err *err)
{
    struct run *run = arg;
    struct judgement judgement;

    if (stage_failed(run, err))
        return;
    if (!run->task.test_count) {
        verdict_judge(&end->evidence, &judgement);
        show(run, &judgement, end);
        tell_result(run);
        return;
    }
    tally_judge(&run->tally, &run->task, end, &judgement);
    tally_add(&run->tally, &run->task, end, &judgement);
    tally_judge_rest(&run->tally, &run->task, &judgement);
    show(run, &judgement, end);
    tell_progress(run);
    if (tally_over(&run->tally, &run->task))
        tell_result(run);
    else
        start_program(run);
}

void run_stop(struct run *run, enum err_kind kind, const char *why)
{
    if (run->given_up)
        return;
    run->given_up = true;
    err_set(&run->err, kind, "%s", why);
    if (run->stage)
        stage_stop(run->stage);
}

/* Whether that was the end of the run: nothing of a stage counts that was given up. */
static bool stage_failed(struct run *run, const struct err *err)
{
    run->stage = NULL;
    if (run->given_up)
        err = &run->err;
    if (err)
        finish(run, NULL, err);
    return err;
}

/* The first stage that is not ok is the one to talk about; the judgement is ours now. */
static void show(struct run *run, const struct judgement *judgement,
                 const struct stage_end *end)
{
    struct shown *shown = &run->shown;

    if (!run->begun_us)
        run->begun_us = end->begun_us;
    if (shown->judgement.verdict != VERDICT_OK) {
        free(judgement->error);
        return;
    }
    output_done(&shown->output);
    shown->judgement = *judgement;
    output_take(&shown->output, end->output);
    shown->duration_ms = end->duration_ms;
    shown->usage = end->evidence.end->usage;
}

static void tell_progress(const struct run *run)
{
    char *progress;

    if (!run->events->progress)
        return;
    progress = tally_progress(&run->tally, &run->task);
    run->events->progress(run->arg, progress);
    free(progress);
}

static void tell_result(struct run *run)
{
    const struct shown *shown = &run->shown;
    const struct result result = {
        .judgement = shown->judgement,
        .output = &shown->output,
        .task = &run->task,
        .worker = run->config->worker,
        .duration_ms = shown->duration_ms,
        .setup_ms = (run->begun_us - run->taken_us) / 1000,
        .queue_ms = run->taken_ms - run->job->timestamp,
        .usage = shown->usage,
        .compiled = &run->compiled,
        .tally = &run->tally,
    };
    char *text = result_write(&result);

    finish(run, text, NULL);
    free(text);
}

/* The only way out. */
static void finish(struct run *run, const char *result, const struct err *err)
{
    event_free(run->later);
    run->events->done(run->arg, err ? NULL : result, err);
    free(run->shown.judgement.error);
    output_done(&run->shown.output);
    compiled_free(&run->compiled);
    tally_free(&run->tally);
    arena_free(run->arena);
    registry_free(run->registry);
    free(run);
}
