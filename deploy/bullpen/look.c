/* look.c -- the commands that only look. */
#include <stdlib.h>

#include "deploy/bullpen/answers.h"
#include "deploy/bullpen/commands.h"
#include "lib/clock.h"
#include "lib/mem.h"

static void surveyed(void *arg, const struct queue_status *status, const struct err *err);
static void prioritized(void *arg, const struct queue_priority *priorities, size_t count,
                        const struct err *err);
static void attended(void *arg, const struct queue_worker *workers, size_t count,
                     const struct err *err);
static void listed(void *arg, const struct job *const *jobs, size_t count,
                   const struct err *err);
static void inspected(void *arg, const struct queue_details *details,
                      const struct err *err);
static void told_workers(void *arg, const struct queue_worker *workers, size_t count,
                         const struct err *err);
static void scheduled(void *arg, const struct queue_scheduler *schedulers, size_t count,
                      const struct err *err);
static void measured(void *arg, const struct queue_metrics *completed,
                     const struct queue_metrics *failed, const struct err *err);

/* The status, then the priorities, then the workers. */
void command_counts(struct errand *errand)
{
    struct overview *overview = xcalloc(1, sizeof *overview);

    overview->queue = errand->conf.queue.name;
    overview->redis = redis_where(errand->redis);
    errand->found = overview;
    queue_survey(errand->queue, surveyed, errand);
}

static void surveyed(void *arg, const struct queue_status *status, const struct err *err)
{
    struct errand *errand = arg;
    struct overview *overview = errand->found;

    if (err) {
        errand_done(errand, err);
        return;
    }
    overview->status = *status;
    queue_priorities(errand->queue, prioritized, errand);
}

static void prioritized(void *arg, const struct queue_priority *priorities, size_t count,
                        const struct err *err)
{
    struct errand *errand = arg;
    struct overview *overview = errand->found;

    if (err) {
        errand_done(errand, err);
        return;
    }
    overview->priority_count = count;
    for (size_t i = 0; i < count; i++)
        overview->priorities[i] = priorities[i];
    queue_workers(errand->queue, attended, errand);
}

static void attended(void *arg, const struct queue_worker *workers, size_t count,
                     const struct err *err)
{
    struct errand *errand = arg;
    struct overview *overview = errand->found;

    if (err && err->kind != ERR_BUG) {
        errand_done(errand, err);
        return;
    }
    overview->workers = err ? -1 : (int64_t)count;
    if (errand->conf.json)
        errand_json(errand, json_overview(overview));
    else
        text_overview(errand->out, overview);
    errand_done(errand, NULL);
}

void command_list(struct errand *errand)
{
    const struct queue_page page = {errand->state, errand->conf.offset, errand->conf.limit,
                                    errand->conf.oldest};

    queue_list(errand->queue, &page, listed, errand);
}

static void listed(void *arg, const struct job *const *jobs, size_t count,
                   const struct err *err)
{
    struct errand *errand = arg;

    if (!err && errand->conf.json)
        errand_json(errand, json_jobs(errand->state, jobs, count));
    else if (!err)
        text_jobs(errand->out, errand->state, jobs, count, clock_ms());
    errand_done(errand, err);
}

void command_show(struct errand *errand)
{
    queue_inspect(errand->queue, errand->id, inspected, errand);
}

static void inspected(void *arg, const struct queue_details *details, const struct err *err)
{
    struct errand *errand = arg;

    if (!err && errand->conf.json)
        errand_json(errand, json_details(details));
    else if (!err)
        text_details(errand->out, details, clock_ms());
    errand_done(errand, err);
}

void command_workers(struct errand *errand)
{
    queue_workers(errand->queue, told_workers, errand);
}

static void told_workers(void *arg, const struct queue_worker *workers, size_t count,
                         const struct err *err)
{
    struct errand *errand = arg;

    if (!err && errand->conf.json)
        errand_json(errand, json_workers(workers, count));
    else if (!err)
        text_workers(errand->out, workers, count);
    errand_done(errand, err);
}

void command_schedulers(struct errand *errand)
{
    queue_schedulers(errand->queue, scheduled, errand);
}

static void scheduled(void *arg, const struct queue_scheduler *schedulers, size_t count,
                      const struct err *err)
{
    struct errand *errand = arg;

    if (!err && errand->conf.json)
        errand_json(errand, json_schedulers(schedulers, count));
    else if (!err)
        text_schedulers(errand->out, schedulers, count, clock_ms());
    errand_done(errand, err);
}

void command_metrics(struct errand *errand)
{
    queue_measure(errand->queue, measured, errand);
}

static void measured(void *arg, const struct queue_metrics *completed,
                     const struct queue_metrics *failed, const struct err *err)
{
    struct errand *errand = arg;

    if (!err && errand->conf.json)
        errand_json(errand, json_metrics(completed, failed));
    else if (!err)
        text_metrics(errand->out, completed, failed, clock_ms());
    errand_done(errand, err);
}
