/* act.c -- the commands that change something. Those about one job ask first where it is:
 * the scripts refuse what cannot be, but do not say what is. */
#include "deploy/bullpen/commands.h"
#include "queue/survey.h"

static void paused(void *arg, const struct err *err);
static void resumed(void *arg, const struct err *err);
static void found_to_promote(void *arg, enum queue_state state, const struct err *err);
static void promoted_one(void *arg, const struct err *err);
static void promoted(void *arg, int64_t count, const struct err *err);
static void found_to_retry(void *arg, enum queue_state state, const struct err *err);
static void retried_one(void *arg, const struct err *err);
static void retried(void *arg, int64_t count, const struct err *err);
static void found_to_remove(void *arg, enum queue_state state, const struct err *err);
static void removed_one(void *arg, const struct err *err);
static void removed(void *arg, int64_t count, const struct err *err);
static void drained(void *arg, const struct err *err);
static void paused_to_obliterate(void *arg, const struct err *err);
static void obliterated(void *arg, const struct err *err);
static void concurrency_set(void *arg, const struct err *err);
static void told_concurrency(void *arg, const struct queue_status *status,
                             const struct err *err);
static void rate_limit_set(void *arg, const struct err *err);
static void told_rate_limit(void *arg, const struct queue_status *status,
                            const struct err *err);
static void answer(struct errand *errand, const struct err *err, json_t *json,
                   const char *fmt, ...) __attribute__((format(printf, 4, 5)));

void command_pause(struct errand *errand)
{
    queue_pause(errand->queue, paused, errand);
}

static void paused(void *arg, const struct err *err)
{
    answer(arg, err, json_pack("{s:b}", "isPaused", 1),
           "paused: no more jobs are started, those that run go on");
}

void command_resume(struct errand *errand)
{
    queue_resume(errand->queue, resumed, errand);
}

static void resumed(void *arg, const struct err *err)
{
    answer(arg, err, json_pack("{s:b}", "isPaused", 0), "resumed: jobs are started");
}

void command_promote(struct errand *errand)
{
    if (errand->conf.all)
        queue_promote_all(errand->queue, promoted, errand);
    else
        queue_find(errand->queue, errand->id, found_to_promote, errand);
}

static void found_to_promote(void *arg, enum queue_state state, const struct err *err)
{
    struct errand *errand = arg;
    struct err wrong;

    if (!err && state != STATE_DELAYED) {
        err_set(&wrong, ERR_INVALID, "job %.100s is %s; only a delayed job can be promoted",
                errand->id, queue_state_name(state));
        err = &wrong;
    }
    if (err)
        errand_done(errand, err);
    else
        queue_promote(errand->queue, errand->id, promoted_one, errand);
}

static void promoted_one(void *arg, const struct err *err)
{
    promoted(arg, 1, err);
}

static void promoted(void *arg, int64_t count, const struct err *err)
{
    answer(arg, err, json_pack("{s:I}", "promoted", (json_int_t)count),
           "promoted %lld: no longer delayed", (long long)count);
}

void command_retry(struct errand *errand)
{
    queue_find(errand->queue, errand->id, found_to_retry, errand);
}

static void found_to_retry(void *arg, enum queue_state state, const struct err *err)
{
    struct errand *errand = arg;
    struct err wrong;

    if (!err && state != STATE_FAILED && state != STATE_COMPLETED) {
        err_set(&wrong, ERR_INVALID,
                "job %.100s is %s; only a failed or completed job can be retried",
                errand->id, queue_state_name(state));
        err = &wrong;
    }
    if (err)
        errand_done(errand, err);
    else
        queue_reprocess(errand->queue, errand->id, state, retried_one, errand);
}

static void retried_one(void *arg, const struct err *err)
{
    retried(arg, 1, err);
}

void command_retry_failed(struct errand *errand)
{
    queue_retry_failed(errand->queue, errand->conf.limit, retried, errand);
}

static void retried(void *arg, int64_t count, const struct err *err)
{
    answer(arg, err, json_pack("{s:I}", "retried", (json_int_t)count),
           "retried %lld: will be run once more", (long long)count);
}

void command_remove(struct errand *errand)
{
    queue_find(errand->queue, errand->id, found_to_remove, errand);
}

static void found_to_remove(void *arg, enum queue_state state, const struct err *err)
{
    struct errand *errand = arg;

    if (err)
        errand_done(errand, err);
    else
        queue_remove(errand->queue, errand->id, errand->conf.children, removed_one, errand);
}

static void removed_one(void *arg, const struct err *err)
{
    removed(arg, 1, err);
}

void command_clean(struct errand *errand)
{
    queue_clean(errand->queue, errand->state, errand->conf.grace_s * 1000,
                errand->conf.limit, removed, errand);
}

static void removed(void *arg, int64_t count, const struct err *err)
{
    answer(arg, err, json_pack("{s:I}", "removed", (json_int_t)count), "removed %lld",
           (long long)count);
}

void command_drain(struct errand *errand)
{
    queue_drain(errand->queue, errand->conf.delayed, drained, errand);
}

static void drained(void *arg, const struct err *err)
{
    answer(arg, err, json_pack("{s:b}", "drained", 1), "drained");
}

/* As BullMQ's: an obliteration that is refused leaves the queue paused, so that the jobs
 * which run now are the last. */
void command_obliterate(struct errand *errand)
{
    queue_pause(errand->queue, paused_to_obliterate, errand);
}

static void paused_to_obliterate(void *arg, const struct err *err)
{
    struct errand *errand = arg;

    if (err)
        errand_done(errand, err);
    else
        queue_obliterate(errand->queue, errand->conf.force, obliterated, errand);
}

static void obliterated(void *arg, const struct err *err)
{
    struct err refused;

    if (err && err->kind == ERR_INVALID) {
        err_set(&refused, ERR_INVALID,
                "%.300s, or say --force; the queue stays paused until it is resumed",
                err->text);
        err = &refused;
    }
    answer(arg, err, json_pack("{s:b}", "obliterated", 1), "obliterated");
}

/* Set when a word says so; in either case what is set now is told. */
void command_concurrency(struct errand *errand)
{
    if (errand->set)
        queue_set_concurrency(errand->queue, errand->numbers[0], concurrency_set, errand);
    else
        queue_survey(errand->queue, told_concurrency, errand);
}

static void concurrency_set(void *arg, const struct err *err)
{
    struct errand *errand = arg;

    if (err)
        errand_done(errand, err);
    else
        queue_survey(errand->queue, told_concurrency, errand);
}

static void told_concurrency(void *arg, const struct queue_status *status,
                             const struct err *err)
{
    if (!err && status->concurrency)
        answer(arg, err, json_pack("{s:I}", "concurrency", (json_int_t)status->concurrency),
               "at most %lld active jobs over all workers", (long long)status->concurrency);
    else
        answer(arg, err, json_pack("{s:n}", "concurrency"), "no limit over all workers");
}

void command_rate_limit(struct errand *errand)
{
    if (errand->set)
        queue_set_rate_limit(errand->queue, errand->numbers[0], errand->numbers[1],
                             rate_limit_set, errand);
    else
        queue_survey(errand->queue, told_rate_limit, errand);
}

static void rate_limit_set(void *arg, const struct err *err)
{
    struct errand *errand = arg;

    if (err)
        errand_done(errand, err);
    else
        queue_survey(errand->queue, told_rate_limit, errand);
}

static void told_rate_limit(void *arg, const struct queue_status *status,
                            const struct err *err)
{
    if (!err && status->max)
        answer(arg, err,
               json_pack("{s:{s:I, s:I}}", "rateLimit", "max", (json_int_t)status->max,
                         "duration", (json_int_t)status->duration_ms),
               "at most %lld starts in %lld ms over all workers", (long long)status->max,
               (long long)status->duration_ms);
    else
        answer(arg, err, json_pack("{s:n}", "rateLimit"), "no limit over all workers");
}

/* Ends the errand: with the error, or with the answer, in JSON or as a sentence. */
static void answer(struct errand *errand, const struct err *err, json_t *json,
                   const char *fmt, ...)
{
    va_list args;

    if (err) {
        json_decref(json);
        errand_done(errand, err);
        return;
    }
    if (errand->conf.json) {
        errand_json(errand, json);
    } else {
        json_decref(json);
        va_start(args, fmt);
        evbuffer_add_vprintf(errand->out, fmt, args);
        va_end(args);
        evbuffer_add(errand->out, "\n", 1);
    }
    errand_done(errand, NULL);
}
