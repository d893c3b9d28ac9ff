/* opts.c -- see opts.h. */
#include "queue/opts.h"

#include <math.h>
#include <string.h>

/* The larger half of what a double counts exactly: no sum of two of them overflows. */
#define NUMBER_MAX ((double)(INT64_C(1) << 52))

static int64_t read_int(const json_t *opts, const char *name, int64_t otherwise);
static void read_keep(struct keep *keep, const json_t *value);
static void read_backoff(struct opts *opts, const json_t *value, struct arena *arena);
static double number(const json_t *value, double otherwise);
static void pack_pair_int(struct pack *pack, const char *name, int64_t value);

void keep_init(struct keep *keep)
{
    *keep = (struct keep){.count = -1, .age_s = -1, .limit = -1};
}

void opts_init(struct opts *opts)
{
    memset(opts, 0, sizeof *opts);
    opts->stack_traces = -1;
    opts->keep_logs = -1;
    keep_init(&opts->on_complete);
    keep_init(&opts->on_fail);
}

void opts_read(struct opts *opts, const char *text, size_t len, struct arena *arena)
{
    struct err ignored;
    json_t *json = json_read(text, len, NULL, 0, &ignored);
    const char *job_id = json_string_value(json_object_get(json, "jobId"));

    opts_init(opts);
    opts->attempts = read_int(json, "attempts", 0);
    opts->delay_ms = read_int(json, "delay", 0);
    opts->priority = read_int(json, "priority", 0);
    opts->lifo = json_is_true(json_object_get(json, "lifo"));
    opts->stack_traces = read_int(json, "stackTraceLimit", -1);
    opts->keep_logs = read_int(json, "kl", -1);
    opts->job_id = job_id ? arena_text(arena, job_id) : NULL;
    read_backoff(opts, json_object_get(json, "backoff"), arena);
    read_keep(&opts->on_complete, json_object_get(json, "removeOnComplete"));
    read_keep(&opts->on_fail, json_object_get(json, "removeOnFail"));
    json_decref(json);
}

static int64_t read_int(const json_t *opts, const char *name, int64_t otherwise)
{
    return (int64_t)number(json_object_get(opts, name), (double)otherwise);
}

/* true, false, a count, or an object. */
static void read_keep(struct keep *keep, const json_t *value)
{
    keep->given = json_is_boolean(value) || json_is_number(value) || json_is_object(value);
    if (json_is_true(value))
        keep->count = 0;
    if (json_is_number(value))
        keep->count = (int64_t)number(value, -1);
    keep->count = read_int(value, "count", keep->count);
    keep->age_s = read_int(value, "age", -1);
    keep->limit = read_int(value, "limit", -1);
}

/* An object, or a number of milliseconds, which means a fixed backoff. */
static void read_backoff(struct opts *opts, const json_t *value, struct arena *arena)
{
    const json_t *type = json_object_get(value, "type");

    opts->backoff_ms =
        number(json_is_number(value) ? value : json_object_get(value, "delay"), 0);
    opts->jitter = number(json_object_get(value, "jitter"), 0);
    if (opts->backoff_ms < 0)
        opts->backoff_ms = 0;
    if (opts->jitter < 0 || opts->jitter > 1)
        opts->jitter = 0;
    if (json_is_number(value)) {
        opts->backoff = BACKOFF_FIXED;
    } else if (json_is_string(type)) {
        opts->backoff_name = arena_text(arena, json_string_value(type));
        opts->backoff = !strcmp(opts->backoff_name, "fixed")         ? BACKOFF_FIXED
                        : !strcmp(opts->backoff_name, "exponential") ? BACKOFF_EXPONENTIAL
                                                                     : BACKOFF_UNKNOWN;
    }
}

static double number(const json_t *value, double otherwise)
{
    double given = json_is_number(value) ? json_number_value(value) : otherwise;

    if (given > NUMBER_MAX)
        return NUMBER_MAX;
    return given < -NUMBER_MAX ? -NUMBER_MAX : given;
}

void opts_pack(const struct opts *opts, struct pack *pack)
{
    bool backoff = opts->backoff == BACKOFF_FIXED || opts->backoff == BACKOFF_EXPONENTIAL;

    pack_map(pack, 1U + backoff + (opts->delay_ms > 0) + (opts->priority > 0) + opts->lifo +
                       (opts->job_id != NULL) + opts->on_complete.given +
                       opts->on_fail.given);
    pack_pair_int(pack, "attempts", opts->attempts);
    if (backoff) {
        pack_text(pack, "backoff");
        pack_map(pack, 2);
        pack_text(pack, "type");
        pack_text(pack, opts->backoff == BACKOFF_FIXED ? "fixed" : "exponential");
        pack_text(pack, "delay");
        pack_real(pack, opts->backoff_ms);
    }
    if (opts->delay_ms > 0)
        pack_pair_int(pack, "delay", opts->delay_ms);
    if (opts->priority > 0)
        pack_pair_int(pack, "priority", opts->priority);
    if (opts->lifo) {
        pack_text(pack, "lifo");
        pack_bool(pack, true);
    }
    if (opts->job_id) {
        pack_text(pack, "jobId");
        pack_text(pack, opts->job_id);
    }
    if (opts->on_complete.given) {
        pack_text(pack, "removeOnComplete");
        keep_pack(&opts->on_complete, pack);
    }
    if (opts->on_fail.given) {
        pack_text(pack, "removeOnFail");
        keep_pack(&opts->on_fail, pack);
    }
}

void keep_pack(const struct keep *keep, struct pack *pack)
{
    pack_map(pack, 1U + (keep->age_s >= 0) + (keep->limit >= 0));
    pack_pair_int(pack, "count", keep->count);
    if (keep->age_s >= 0)
        pack_pair_int(pack, "age", keep->age_s);
    if (keep->limit >= 0)
        pack_pair_int(pack, "limit", keep->limit);
}

static void pack_pair_int(struct pack *pack, const char *name, int64_t value)
{
    pack_text(pack, name);
    pack_int(pack, value);
}

int64_t opts_backoff_ms(const struct opts *opts, int64_t attempts_made, double random)
{
    double wait = opts->backoff_ms;

    if (opts->backoff == BACKOFF_NONE || opts->backoff == BACKOFF_UNKNOWN)
        return 0;
    if (opts->backoff == BACKOFF_EXPONENTIAL)
        wait = round(wait * exp2((double)attempts_made - 1));
    if (opts->jitter > 0)
        wait = floor(random * wait * opts->jitter + wait * (1 - opts->jitter));
    return wait < NUMBER_MAX ? (int64_t)wait : (int64_t)NUMBER_MAX;
}
