/* fake_run.c -- see fake_run.h. */
#include "tests/support/fake_run.h"

#include <string.h>

#include "tests/support/unit.h"

enum { RUNS_MAX = 8 };

struct run {
    char job[64]; /* empty: not in use */
    const struct run_config *config;
    const struct run_events *events;
    void *arg;
    bool stopped;
    struct err why;
};

static struct run runs[RUNS_MAX];
static int started;

static struct run *find(const char *job);
static void end(const char *job, const char *result, const struct err *err);

void fake_run_forget(void)
{
    memset(runs, 0, sizeof runs);
    started = 0;
}

struct run *run_start(const struct run_config *config, const struct job *job,
                      const struct run_events *events, void *arg)
{
    struct run *run = find("");

    assert_non_null(run);
    assert_null(find(job->id)); /* twice at once */
    memset(run, 0, sizeof *run);
    snprintf(run->job, sizeof run->job, "%s", job->id);
    run->config = config;
    run->events = events;
    run->arg = arg;
    started++;
    return run;
}

void run_stop(struct run *run, enum err_kind kind, const char *why)
{
    assert_true(*run->job);
    if (!run->stopped)
        err_set(&run->why, kind, "%s", why);
    run->stopped = true;
}

static struct run *find(const char *job)
{
    for (int i = 0; i < RUNS_MAX; i++)
        if (!strcmp(runs[i].job, job))
            return &runs[i];
    return NULL;
}

bool fake_running(const char *job)
{
    return find(job);
}

bool fake_stopped(const char *job)
{
    const struct run *run = find(job);

    assert_non_null(run);
    return run->stopped;
}

const struct run_config *fake_config(const char *job)
{
    const struct run *run = find(job);

    assert_non_null(run);
    return run->config;
}

int fake_runs(void)
{
    return started;
}

void fake_run_progresses(const char *job, const char *progress)
{
    const struct run *run = find(job);

    assert_non_null(run);
    run->events->progress(run->arg, progress);
}

void fake_run_returns(const char *job, const char *result)
{
    end(job, result, NULL);
}

void fake_run_fails(const char *job, enum err_kind kind, const char *why)
{
    struct err err;

    err_set(&err, kind, "%s", why);
    end(job, NULL, &err);
}

void fake_run_dies(const char *job)
{
    struct err why;

    assert_true(fake_stopped(job));
    why = find(job)->why;
    end(job, NULL, &why);
}

/* Another may be started from inside. */
static void end(const char *job, const char *result, const struct err *err)
{
    struct run *run = find(job), ended;

    assert_non_null(run);
    ended = *run;
    *run->job = '\0';
    ended.events->done(ended.arg, result, err);
}
