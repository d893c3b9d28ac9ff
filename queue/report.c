/* report.c -- see report.h. What stands in Redis anybody may have written: it is taken as
 * far as it makes sense.
 */
#include "queue/report.h"

#include <stdlib.h>
#include <string.h>

#include "lib/clock.h"
#include "lib/mem.h"
#include "queue/ask.h"

enum { REPORT_BYTES = 65536, VALID_MAX_MS = 24 * 3600 * 1000 };

struct report {
    json_t *workers; /* a list of their `languages` */
};

static const char *key_of(struct ask *ask);
static void heard_reports(void *arg, const redisReply *reply, const struct err *err);
static void remove_field(struct queue *queue, const redisReply *field);
static bool is_valid(const json_t *value, int64_t now_ms);
static enum report_state state_of(const json_t *languages, const char *language);

void report_write(struct queue *queue, const char *worker, const json_t *languages,
                  int64_t valid_ms, queue_done *done, void *arg)
{
    struct ask *ask = ask_new(queue, arg);
    json_t *value = json_pack("{s:I, s:I, s:O}", "at", (json_int_t)clock_ms(), "validMs",
                              (json_int_t)valid_ms, "languages", languages);
    size_t len;
    char *text = json_write(value, &len);

    ask->hear.done = done;
    redis_callf(queue->redis, 0, ask_done, ask, "HSET %s %s %b", key_of(ask), worker, text,
                len);
    free(text);
    json_decref(value);
}

void report_erase(struct queue *queue, const char *worker, queue_done *done, void *arg)
{
    struct ask *ask = ask_new(queue, arg);

    ask->hear.done = done;
    redis_callf(queue->redis, 0, ask_done, ask, "HDEL %s %s", key_of(ask), worker);
}

void report_read(struct queue *queue, report_heard *reported, void *arg)
{
    struct ask *ask = ask_new(queue, arg);

    ask->hear.reported = reported;
    redis_callf(queue->redis, 0, heard_reports, ask, "HGETALL %s", key_of(ask));
}

static const char *key_of(struct ask *ask)
{
    return arena_printf(ask->arena, "%sbullpen:languages", ask->queue->keys.base);
}

/* [worker, report, ...] */
static void heard_reports(void *arg, const redisReply *reply, const struct err *err)
{
    struct ask *ask = arg;
    struct report *report = report_new();
    int64_t now_ms = clock_ms();

    for (size_t i = 0; !err && i + 1 < reply->elements; i += 2) {
        const redisReply *text = reply->element[i + 1];

        if (!report_take(report, text->str, text->len, now_ms))
            remove_field(ask->queue, reply->element[i]);
    }
    ask->hear.reported(ask->arg, err ? NULL : report, err);
    report_free(report);
    ask_free(ask);
}

static void remove_field(struct queue *queue, const redisReply *field)
{
    struct ask *ask = ask_new(queue, NULL);

    redis_callf(queue->redis, 0, ask_done, ask, "HDEL %s %b", key_of(ask), field->str,
                field->len);
}

struct report *report_new(void)
{
    struct report *report = xcalloc(1, sizeof *report);

    report->workers = json_array();
    return report;
}

bool report_take(struct report *report, const char *text, size_t len, int64_t now_ms)
{
    struct err ignored;
    json_t *value = len <= REPORT_BYTES ? json_read(text, len, NULL, 0, &ignored) : NULL;
    bool valid = value && is_valid(value, now_ms);

    if (valid)
        json_array_append(report->workers, json_object_get(value, "languages"));
    json_decref(value);
    return valid;
}

/* A clock that is ahead of ours does no harm, as long as it is not by much. */
static bool is_valid(const json_t *value, int64_t now_ms)
{
    const json_t *at = json_object_get(value, "at");
    int64_t valid_ms = json_integer_value(json_object_get(value, "validMs"));
    int64_t age_ms;

    if (!json_is_integer(at) ||
        __builtin_sub_overflow(now_ms, json_integer_value(at), &age_ms))
        return false;
    return valid_ms > 0 && valid_ms <= VALID_MAX_MS && age_ms <= valid_ms &&
           age_ms >= -valid_ms && json_is_object(json_object_get(value, "languages"));
}

void report_free(struct report *report)
{
    json_decref(report->workers);
    free(report);
}

enum report_state report_of(const struct report *report, const char *language, int *ready)
{
    enum report_state best = REPORT_UNKNOWN;

    *ready = 0;
    for (size_t i = 0; report && i < json_array_size(report->workers); i++) {
        enum report_state state = state_of(json_array_get(report->workers, i), language);

        best = state > best ? state : best;
        *ready += state == REPORT_READY;
    }
    return best;
}

static enum report_state state_of(const json_t *languages, const char *language)
{
    const char *word =
        json_string_value(json_object_get(json_object_get(languages, language), "state"));

    for (int i = 0; word && report_states[i]; i++)
        if (strcmp(word, report_states[i]) == 0)
            return (enum report_state)i;
    return REPORT_UNKNOWN;
}
