/* as_json.c -- see answers.h: for programs. */
#include "deploy/bullpen/answers.h"

#include <string.h>

#include "lib/count.h"

static void set_number(json_t *object, const char *key, int64_t value);
static void set_given(json_t *object, const char *key, int64_t value);
static void set_text(json_t *object, const char *key, const char *text);
static void set_foreign(json_t *object, const char *key, struct bytes json);
static json_t *json_of_job(const struct job *job);
static json_t *json_of_metrics(const struct queue_metrics *metrics);
static json_t *json_of_texts(const struct texts *texts);

json_t *json_overview(const struct overview *overview)
{
    const struct queue_status *status = &overview->status;
    json_t *answer = json_object(), *counts = json_object(), *priorities = json_object();
    char priority[24];

    for (int i = 0; i < STATE_UNKNOWN; i++)
        set_number(counts, queue_states[i], status->counts[i]);
    for (size_t i = 0; i < overview->priority_count; i++) {
        snprintf(priority, sizeof priority, "%lld",
                 (long long)overview->priorities[i].priority);
        set_number(priorities, priority, overview->priorities[i].count);
    }
    set_text(answer, "queue", overview->queue);
    json_object_set_new(answer, "counts", counts);
    json_object_set_new(answer, "priorities", priorities);
    json_object_set_new(answer, "isPaused", json_boolean(status->paused));
    json_object_set_new(answer, "workers",
                        overview->workers < 0 ? json_null()
                                              : json_integer(overview->workers));
    set_number(answer, "schedulers", status->schedulers);
    set_given(answer, "concurrency", status->concurrency);
    json_object_set_new(answer, "rateLimit",
                        status->max
                            ? json_pack("{s:I, s:I}", "max", (json_int_t)status->max,
                                        "duration", (json_int_t)status->duration_ms)
                            : json_null());
    set_number(answer, "rateLimitTtl", status->limited_ms);
    return answer;
}

json_t *json_jobs(enum queue_state state, const struct job *const *jobs, size_t count)
{
    json_t *answer = json_object(), *list = json_array();

    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, json_of_job(jobs[i]));
    set_text(answer, "state", queue_state_name(state));
    json_object_set_new(answer, "jobs", list);
    return answer;
}

json_t *json_details(const struct queue_details *details)
{
    const struct {
        const char *key;
        int64_t count;
    } children[] = {
        {"processed", details->children.processed},
        {"unprocessed", details->children.unprocessed},
        {"ignored", details->children.ignored},
        {"failed", details->children.failed},
    };
    json_t *answer = json_of_job(details->job), *counts = json_object();

    for (size_t i = 0; i < COUNT(children); i++)
        set_number(counts, children[i].key, children[i].count);
    set_text(answer, "state", queue_state_name(details->state));
    set_given(answer, "delayedUntil", details->due_ms);
    set_given(answer, "lockTtl", details->lock_ms);
    json_object_set_new(answer, "logs", json_of_texts(&details->logs));
    set_number(answer, "logCount", details->log_count);
    json_object_set_new(answer, "dependenciesCount", counts);
    json_object_set_new(answer, "dependencies", json_of_texts(&details->pending));
    return answer;
}

json_t *json_workers(const struct queue_worker *workers, size_t count)
{
    json_t *list = json_array();

    for (size_t i = 0; i < count; i++) {
        json_t *worker = json_object();

        set_text(worker, "name", *workers[i].name ? workers[i].name : NULL);
        set_text(worker, "addr", workers[i].address);
        set_number(worker, "age", workers[i].age_s * 1000);
        set_number(worker, "idle", workers[i].idle_s * 1000);
        json_array_append_new(list, worker);
    }
    return json_pack("{s:o}", "workers", list);
}

json_t *json_schedulers(const struct queue_scheduler *schedulers, size_t count)
{
    json_t *list = json_array();

    for (size_t i = 0; i < count; i++) {
        json_t *scheduler = json_object();

        set_text(scheduler, "key", schedulers[i].id);
        set_text(scheduler, "name", schedulers[i].name);
        set_text(scheduler, "pattern", schedulers[i].pattern);
        set_text(scheduler, "tz", schedulers[i].zone);
        set_given(scheduler, "every", schedulers[i].every_ms);
        set_given(scheduler, "next", schedulers[i].next_ms);
        set_number(scheduler, "iterationCount", schedulers[i].runs);
        json_array_append_new(list, scheduler);
    }
    return json_pack("{s:o}", "schedulers", list);
}

json_t *json_metrics(const struct queue_metrics *completed,
                     const struct queue_metrics *failed)
{
    return json_pack("{s:o, s:o}", "completed", json_of_metrics(completed), "failed",
                     json_of_metrics(failed));
}

static json_t *json_of_metrics(const struct queue_metrics *metrics)
{
    json_t *object = json_object(), *meta = json_object(), *data = json_array();

    for (size_t i = 0; i < metrics->point_count; i++)
        json_array_append_new(data, json_integer(metrics->points[i]));
    set_number(meta, "count", metrics->count);
    set_number(meta, "prevTS", metrics->prev_ms);
    set_number(meta, "prevCount", metrics->prev_count);
    json_object_set_new(object, "meta", meta);
    json_object_set_new(object, "data", data);
    return object;
}

static json_t *json_of_job(const struct job *job)
{
    json_t *object = json_object();

    set_text(object, "id", job->id);
    set_text(object, "name", job->name);
    set_foreign(object, "data", job->data);
    set_foreign(object, "opts", job->opts_text);
    set_foreign(object, "progress", job->progress);
    set_foreign(object, "returnvalue", job->returnvalue);
    set_text(object, "failedReason", job->failed_reason);
    set_foreign(object, "stacktrace", job->stacktrace);
    set_given(object, "timestamp", job->timestamp);
    set_given(object, "processedOn", job->processed_on);
    set_given(object, "finishedOn", job->finished_on);
    set_number(object, "delay", job->delay_ms);
    set_number(object, "priority", job->priority);
    set_number(object, "attempts", job->opts.attempts);
    set_number(object, "attemptsMade", job->attempts_made);
    set_number(object, "attemptsStarted", job->attempts_started);
    set_number(object, "stalledCounter", job->stalled);
    set_text(object, "processedBy", job->worker);
    set_text(object, "deferredFailure", job->deferred_fail);
    set_text(object, "repeatJobKey", job->scheduler);
    set_text(object, "parentKey", job->parent);
    return object;
}

static json_t *json_of_texts(const struct texts *texts)
{
    json_t *list = json_array();

    for (size_t i = 0; i < texts->count; i++)
        json_array_append_new(list, json_text(texts->at[i].at, texts->at[i].len));
    return list;
}

static void set_number(json_t *object, const char *key, int64_t value)
{
    json_object_set_new(object, key, json_integer(value));
}

/* 0 stands for what is not there. */
static void set_given(json_t *object, const char *key, int64_t value)
{
    json_object_set_new(object, key, value ? json_integer(value) : json_null());
}

/* `text` may be NULL. */
static void set_text(json_t *object, const char *key, const char *text)
{
    json_object_set_new(object, key, text ? json_text(text, strlen(text)) : json_null());
}

/* JSON that others wrote, and that goes as a text when we cannot read it. */
static void set_foreign(json_t *object, const char *key, struct bytes json)
{
    json_t *value = json_null();
    struct err ignored;

    if (json.len)
        value = json_read(json.at, json.len, NULL, 0, &ignored);
    json_object_set_new(object, key, value ? value : json_text(json.at, json.len));
}
