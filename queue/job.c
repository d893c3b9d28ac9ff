/* job.c -- see job.h. */
#include "queue/job.h"

#include <string.h>

#include "lib/count.h"

static void take(struct job *job, const redisReply *field, const redisReply *value);
static int64_t read_number(const redisReply *value);
static bool is(const redisReply *field, const char *name);

struct job *job_read(const char *id, const redisReply *hash)
{
    struct arena *arena;
    struct job *job;

    if (!hash->elements)
        return NULL;
    arena = arena_new();
    job = arena_alloc(arena, sizeof *job);
    job->arena = arena;
    job->id = arena_text(arena, id);
    job->name = "";
    job->data = (struct bytes){"", 0};
    job->opts_text = (struct bytes){"", 0};
    job->state = JOB_QUEUED;
    opts_init(&job->opts);
    for (size_t i = 0; i + 1 < hash->elements; i += 2)
        take(job, hash->element[i], hash->element[i + 1]);
    if (job->deferred_fail && !*job->deferred_fail)
        job->deferred_fail = NULL; /* as Node reads it: an empty text is none */
    if (job->finished_on)
        job->state = job->returnvalue.at ? JOB_COMPLETED : JOB_FAILED;
    return job;
}

static void take(struct job *job, const redisReply *field, const redisReply *value)
{
    const struct {
        const char *name;
        const char **text;
        struct bytes *bytes;
        int64_t *number;
    } fields[] = {
        {"name", .text = &job->name},
        {"data", .bytes = &job->data},
        {"opts", .bytes = &job->opts_text},
        {"timestamp", .number = &job->timestamp},
        {"processedOn", .number = &job->processed_on},
        {"finishedOn", .number = &job->finished_on},
        {"atm", .number = &job->attempts_made},
        {"attemptsMade", .number = &job->attempts_made}, /* of very old versions */
        {"ats", .number = &job->attempts_started},
        {"stc", .number = &job->stalled},
        {"delay", .number = &job->delay_ms},
        {"priority", .number = &job->priority},
        {"defa", .text = &job->deferred_fail},
        {"rjk", .text = &job->scheduler},
        {"pb", .text = &job->worker},
        {"parentKey", .text = &job->parent},
        {"failedReason", .text = &job->failed_reason},
        {"stacktrace", .bytes = &job->stacktrace},
        {"returnvalue", .bytes = &job->returnvalue},
        {"progress", .bytes = &job->progress},
    };

    if (field->type != REDIS_REPLY_STRING || value->type != REDIS_REPLY_STRING)
        return;
    if (is(field, "opts"))
        opts_read(&job->opts, value->str, value->len, job->arena);
    for (size_t i = 0; i < COUNT(fields); i++) {
        const char *copy;

        if (!is(field, fields[i].name))
            continue;
        if (fields[i].number) {
            *fields[i].number = read_number(value);
            return;
        }
        copy = arena_copy(job->arena, value->str, value->len);
        if (fields[i].text)
            *fields[i].text = copy;
        else
            *fields[i].bytes = (struct bytes){copy, value->len};
        return;
    }
}

static int64_t read_number(const redisReply *value)
{
    int64_t number = 0;

    number_read(value->str, 0, INT64_C(1) << 53, &number);
    return number;
}

static bool is(const redisReply *field, const char *name)
{
    return field->len == strlen(name) && !memcmp(field->str, name, field->len);
}

void job_free(struct job *job)
{
    if (job)
        arena_free(job->arena);
}

char *job_stacktrace(const struct job *job, const char *text)
{
    struct err ignored;
    json_t *traces = NULL;
    int64_t most = job->opts.stack_traces;
    char *written;

    if (job->stacktrace.at)
        traces = json_read(job->stacktrace.at, job->stacktrace.len, NULL, 0, &ignored);
    if (!json_is_array(traces)) {
        json_decref(traces);
        traces = json_array();
    }
    json_array_append_new(traces, json_text(text, strlen(text)));
    while (most >= 0 && json_array_size(traces) > (size_t)most)
        json_array_remove(traces, 0);
    written = json_write(traces, NULL);
    json_decref(traces);
    return written;
}
