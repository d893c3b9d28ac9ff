/* job.c -- see job.h. */
#include "queue/job.h"

#include <stddef.h>
#include <string.h>

#include "lib/count.h"

/* The fields of the hash and whose they are. */
static const struct job_field {
    const char *name;
    enum { TEXT, BYTES, NUMBER, OPTS } type;
    size_t offset; /* in struct job */
} job_fields[] = {
    {"name", TEXT, offsetof(struct job, name)},
    {"data", BYTES, offsetof(struct job, data)},
    {"opts", OPTS, offsetof(struct job, opts_text)},
    {"timestamp", NUMBER, offsetof(struct job, timestamp)},
    {"processedOn", NUMBER, offsetof(struct job, processed_on)},
    {"finishedOn", NUMBER, offsetof(struct job, finished_on)},
    {"atm", NUMBER, offsetof(struct job, attempts_made)},
    {"attemptsMade", NUMBER, offsetof(struct job, attempts_made)}, /* of old versions */
    {"ats", NUMBER, offsetof(struct job, attempts_started)},
    {"stc", NUMBER, offsetof(struct job, stalled)},
    {"delay", NUMBER, offsetof(struct job, delay_ms)},
    {"priority", NUMBER, offsetof(struct job, priority)},
    {"defa", TEXT, offsetof(struct job, deferred_fail)},
    {"rjk", TEXT, offsetof(struct job, scheduler)},
    {"pb", TEXT, offsetof(struct job, worker)},
    {"parentKey", TEXT, offsetof(struct job, parent)},
    {"failedReason", TEXT, offsetof(struct job, failed_reason)},
    {"stacktrace", BYTES, offsetof(struct job, stacktrace)},
    {"returnvalue", BYTES, offsetof(struct job, returnvalue)},
    {"progress", BYTES, offsetof(struct job, progress)},
};

static struct job *job_new(const char *id);
static const struct job_field *find(const char *name);
static void take(struct job *job, const struct job_field *field, const redisReply *value);
static void conclude(struct job *job);
static int64_t read_number(const redisReply *value);

struct job *job_read(const char *id, const redisReply *hash)
{
    struct job *job;

    if (!hash->elements)
        return NULL;
    job = job_new(id);
    for (size_t i = 0; i + 1 < hash->elements; i += 2) {
        const redisReply *name = hash->element[i];

        if (name->type == REDIS_REPLY_STRING && strlen(name->str) == name->len)
            take(job, find(name->str), hash->element[i + 1]);
    }
    conclude(job);
    return job;
}

struct job *job_read_some(const char *id, const char *const *names,
                          const redisReply *values)
{
    struct job *job = job_new(id);

    for (size_t i = 0; i < values->elements; i++)
        take(job, find(names[i]), values->element[i]);
    conclude(job);
    return job;
}

static struct job *job_new(const char *id)
{
    struct arena *arena = arena_new();
    struct job *job = arena_alloc(arena, sizeof *job);

    job->arena = arena;
    job->id = arena_text(arena, id);
    job->name = "";
    job->data = (struct bytes){"", 0};
    job->opts_text = (struct bytes){"", 0};
    opts_init(&job->opts);
    return job;
}

static const struct job_field *find(const char *name)
{
    for (size_t i = 0; i < COUNT(job_fields); i++)
        if (strcmp(job_fields[i].name, name) == 0)
            return &job_fields[i];
    return NULL;
}

static void take(struct job *job, const struct job_field *field, const redisReply *value)
{
    void *member;
    char *copy;

    if (!field || value->type != REDIS_REPLY_STRING)
        return;
    member = (char *)job + field->offset;
    if (field->type == NUMBER) {
        *(int64_t *)member = read_number(value);
        return;
    }
    copy = arena_copy(job->arena, value->str, value->len);
    if (field->type == TEXT)
        *(const char **)member = copy;
    else
        *(struct bytes *)member = (struct bytes){copy, value->len};
    if (field->type == OPTS)
        opts_read(&job->opts, copy, value->len, job->arena);
}

/* What follows from the fields together. */
static void conclude(struct job *job)
{
    if (job->deferred_fail && !*job->deferred_fail)
        job->deferred_fail = NULL; /* as Node reads it: an empty text is none */
    job->state = JOB_QUEUED;
    if (job->finished_on)
        job->state = job->returnvalue.at ? JOB_COMPLETED : JOB_FAILED;
}

static int64_t read_number(const redisReply *value)
{
    int64_t number = 0;

    number_read(value->str, 0, INT64_C(1) << 53, &number);
    return number;
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
