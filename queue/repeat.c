/* repeat.c -- see repeat.h. */
#include "queue/repeat.h"

#include <string.h>

#include "lib/count.h"
#include "queue/cron.h"

static int find_due(const json_t *opts, const json_t *settings, int64_t now_ms,
                    struct repeat *repeat, struct err *err);
static int find_in_pattern(const json_t *settings, int64_t after_ms, int64_t *due_ms,
                           struct err *err);
static int64_t number(const json_t *settings, const char *name, int64_t otherwise);
static void write_opts(json_t *opts, const struct job *job, int64_t now_ms,
                       struct repeat *repeat);

int repeat_next(const struct job *job, int64_t now_ms, struct repeat *repeat,
                struct err *err)
{
    json_t *opts = json_read(job->opts_text.at, job->opts_text.len, NULL, 0, err);
    const json_t *settings = json_object_get(opts, "repeat");
    int failed = 0;

    *repeat = (struct repeat){0};
    if (!opts)
        return err_wrap(err, "the job's options");
    if (!json_is_object(settings))
        failed = err_set(err, ERR_INVALID, "the job's options have no object `repeat`");
    else
        failed = find_due(opts, settings, now_ms, repeat, err);
    if (!failed && !repeat->ended)
        write_opts(opts, job, now_ms, repeat);
    json_decref(opts);
    return failed;
}

static int find_due(const json_t *opts, const json_t *settings, int64_t now_ms,
                    struct repeat *repeat, struct err *err)
{
    const int64_t past[] = {number(opts, "prevMillis", 0),
                            number(settings, "startDate", 0)};
    int64_t end_ms = number(settings, "endDate", INT64_MAX);
    int64_t after_ms = now_ms;

    repeat->ended = now_ms > end_ms ||
                    number(settings, "count", 0) >= number(settings, "limit", INT64_MAX);
    if (repeat->ended || number(settings, "every", 0) > 0)
        return 0;
    for (size_t i = 0; i < COUNT(past); i++)
        if (past[i] > after_ms)
            after_ms = past[i];
    if (find_in_pattern(settings, after_ms, &repeat->due_ms, err))
        return -1;
    repeat->ended = repeat->due_ms > end_ms;
    return 0;
}

static int find_in_pattern(const json_t *settings, int64_t after_ms, int64_t *due_ms,
                           struct err *err)
{
    const char *pattern = json_string_value(json_object_get(settings, "pattern"));
    const char *zone = json_string_value(json_object_get(settings, "tz"));
    char shown[QUOTED_BYTES];
    struct cron cron;

    if (!pattern)
        return err_set(err, ERR_INVALID,
                       "the job's repeat options have neither `every` nor "
                       "a `pattern`");
    if (json_is_true(json_object_get(settings, "utc"))) /* BullMQ 5: instead of `tz` */
        zone = "UTC";
    if (!cron_read(&cron, pattern, err) && !cron_next(&cron, after_ms, zone, due_ms, err))
        return 0;
    return err_wrap(err, "cannot tell when %s comes round next",
                    show_text(pattern, strlen(pattern), shown));
}

/* Dates are stored as milliseconds. */
static int64_t number(const json_t *settings, const char *name, int64_t otherwise)
{
    const json_t *value = json_object_get(settings, name);

    if (json_is_integer(value))
        return json_integer_value(value);
    if (json_is_real(value) && json_real_value(value) > -1e15 &&
        json_real_value(value) < 1e15)
        return (int64_t)json_real_value(value);
    return otherwise;
}

static void write_opts(json_t *opts, const struct job *job, int64_t now_ms,
                       struct repeat *repeat)
{
    json_t *settings = json_object_get(opts, "repeat");
    int64_t delay_ms = repeat->due_ms > now_ms ? repeat->due_ms - now_ms : 0;

    json_object_set_new(settings, "count", json_integer(number(settings, "count", 0) + 1));
    json_object_set_new(
        opts, "jobId",
        json_sprintf("repeat:%s:%lld", job->scheduler, (long long)repeat->due_ms));
    json_object_set_new(opts, "delay", json_integer(delay_ms));
    json_object_set_new(opts, "timestamp", json_integer(now_ms));
    if (repeat->due_ms)
        json_object_set_new(opts, "prevMillis", json_integer(repeat->due_ms));
    pack_json(&repeat->opts, opts);
}
