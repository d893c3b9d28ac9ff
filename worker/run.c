/* run.c -- see run.h.
 *
 *     task -> stage -> verdict -> done
 *       \_______\_________________^   data that cannot run, our failure, run_stop
 */
#include "worker/run.h"

#include <event2/buffer.h>
#include <stdlib.h>

#include "lang-registry/argv.h"
#include "lang-registry/task.h"
#include "lib/clock.h"
#include "lib/mem.h"
#include "lib/timer.h"
#include "worker/result.h"
#include "worker/stage.h"

struct run {
    const struct run_config *config;
    const struct job *job; /* borrowed */
    run_done *done;
    void *arg;
    struct arena *arena;
    struct task task;
    struct stage *stage; /* NULL: none is under way */
    struct event *later; /* zero delay: what is known at once is told later */
    bool given_up;       /* run_stop: err says why */
    struct err err;
    int64_t taken_ms; /* since 1970 */
    int64_t taken_us; /* clock_mono_us */
};

static int read_task(struct run *run, struct err *err);
static void tell_noop(evutil_socket_t fd, short what, void *arg);
static void tell_error(evutil_socket_t fd, short what, void *arg);
static void begin(struct run *run);
static struct files files_of(const struct task *task, struct arena *arena);
static void ended(void *arg, const struct stage_end *end, const struct err *err);
static char *judge(const struct run *run, const struct stage_end *end);
static void finish(struct run *run, const char *result, const struct err *err);

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
    failed = config->engine ? read_task(run, &run->err) : 0;
    run->later = evtimer_new(config->base, failed ? tell_error : tell_noop, run);
    if (failed || !config->engine) {
        timer_set_us(run->later, 0);
        return run;
    }
    begin(run);
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

static void begin(struct run *run)
{
    const struct task *task = &run->task;
    const struct stage_spec spec = {
        .sandbox = {task->version->image, task->lang->env, task->lang->tmpfs, task->limits},
        .parcel = {files_of(task, run->arena), argv_run(task, task->args, run->arena),
                   task->input},
        .job_id = run->job->id,
    };

    run->stage = stage_start(run->config->base, run->config->engine, &spec, ended, run);
}

/* The code is a file like the others. */
static struct files files_of(const struct task *task, struct arena *arena)
{
    struct files files = {.count = 1 + task->files.count};

    files.at = arena_alloc(arena, files.count * sizeof *files.at);
    files.at[0] = (struct file){task->file, task->code};
    for (size_t i = 0; i < task->files.count; i++)
        files.at[i + 1] = task->files.at[i];
    return files;
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

static void ended(void *arg, const struct stage_end *end, const struct err *err)
{
    struct run *run = arg;
    char *result;

    run->stage = NULL;
    if (run->given_up || err) {
        finish(run, NULL, run->given_up ? &run->err : err);
        return;
    }
    result = judge(run, end);
    finish(run, result, NULL);
    free(result);
}

static char *judge(const struct run *run, const struct stage_end *end)
{
    struct result result = {
        .output = end->evidence.output,
        .lang = run->task.lang,
        .version = run->task.version,
        .worker = run->config->worker,
        .duration_ms = end->duration_ms,
        .setup_ms = (end->begun_us - run->taken_us) / 1000,
        .queue_ms = run->taken_ms - run->job->timestamp,
        .usage = end->evidence.end->usage,
    };
    char *text;

    verdict_judge(&end->evidence, &result.judgement);
    text = result_write(&result);
    free(result.judgement.error);
    return text;
}

/* The only way out. */
static void finish(struct run *run, const char *result, const struct err *err)
{
    event_free(run->later);
    run->done(run->arg, err ? NULL : result, err);
    arena_free(run->arena);
    free(run);
}
