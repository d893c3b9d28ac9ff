/* result.c -- GET /v1/jobs/:id: what became of a job. */
#include <ctype.h>
#include <string.h>

#include "lib/count.h"
#include "producer/producer.h"

enum { ID_MAX = 256 };

static bool id_good(const char *id);
static void refuse_id(struct http_request *request);
static void found(void *arg, struct job *job, const struct err *err);
static json_t *present(const struct job *job);
static void present_completed(json_t *reply, const struct job *job);
static void present_job(json_t *reply, const struct job *job);
static void add(json_t *reply, const char *name, json_t *value);
static bool may_have_metadata(struct bytes data);
static void add_metadata(json_t *reply, struct bytes data);

void result_get(void *arg, struct http_request *request, const char *parameter)
{
    struct producer *producer = arg;

    if (id_good(parameter))
        queue_read(producer->queue, parameter, found, request);
    else
        refuse_id(request);
}

/* With a ':' it could name another key of the queue. */
static bool id_good(const char *id)
{
    size_t len = strlen(id);

    for (const char *at = id; *at; at++)
        if (iscntrl((unsigned char)*at) || *at == ':' || *at == '/')
            return false;
    return len >= 1 && len <= ID_MAX && utf8_valid(id, len);
}

static void refuse_id(struct http_request *request)
{
    struct field_errors errors = {.count = 0};

    fields_complain(&errors, "/id",
                    "a job id is 1 to %d printable characters without ':' and '/'", ID_MAX);
    http_problem_fields(request, 400, &errors);
}

static void found(void *arg, struct job *job, const struct err *err)
{
    struct http_request *request = arg;

    if (err) {
        http_problem_err(request, err);
        return;
    }
    http_reply(request, 200, present(job));
    job_free(job);
}

/* `status` first, then what that status promises, then what may be good to know. */
static json_t *present(const struct job *job)
{
    static const char *const statuses[] = {
        [JOB_QUEUED] = "queued",
        [JOB_ACTIVE] = "running",
        [JOB_COMPLETED] = "completed",
        [JOB_FAILED] = "failed",
    };
    json_t *reply = json_object();

    json_object_set_new(reply, "status", json_string(statuses[job->state]));
    if (job->state == JOB_COMPLETED)
        present_completed(reply, job);
    if (job->state == JOB_FAILED)
        json_object_set_new(reply, "error",
                            json_text(job->failed_reason ? job->failed_reason : "",
                                      job->failed_reason ? strlen(job->failed_reason) : 0));
    present_job(reply, job);
    return reply;
}

/* A worker of ours returns an object whose members are the reply's; one of somebody else's
 * may return anything. */
static void present_completed(json_t *reply, const struct job *job)
{
    static const char *const first[] = {"output", "error", "exitCode"};
    struct err ignored;
    json_t *value = json_read(job->returnvalue.at, job->returnvalue.len, NULL, 0, &ignored);

    for (size_t i = 0; i < COUNT(first); i++)
        if (json_object_get(value, first[i]))
            json_object_set(reply, first[i], json_object_get(value, first[i]));
    if (json_is_object(value))
        json_object_update_missing(reply, value);
    else
        json_object_set(reply, "returnvalue", value ? value : json_null());
    json_decref(value);
}

static void present_job(json_t *reply, const struct job *job)
{
    add(reply, "jobId", json_text(job->id, strlen(job->id)));
    add(reply, "attemptsMade", json_integer(job->attempts_made));
    add(reply, "createdAt", json_integer(job->timestamp));
    if (job->processed_on)
        add(reply, "startedAt", json_integer(job->processed_on));
    if (job->finished_on)
        add(reply, "finishedAt", json_integer(job->finished_on));
    if (may_have_metadata(job->data))
        add_metadata(reply, job->data);
}

/* The return value may have a member of that name: then that counts. */
static void add(json_t *reply, const char *name, json_t *value)
{
    if (json_object_get(reply, name))
        json_decref(value);
    else
        json_object_set_new(reply, name, value);
}

/* With neither the word nor an escaped letter in it, data need not be parsed. */
static bool may_have_metadata(struct bytes data)
{
    return memmem(data.at, data.len, "metadata", strlen("metadata")) ||
           memmem(data.at, data.len, "\\u", strlen("\\u"));
}

static void add_metadata(json_t *reply, struct bytes data)
{
    struct err ignored;
    json_t *value = json_read(data.at, data.len, NULL, 0, &ignored);

    if (json_object_get(value, "metadata"))
        add(reply, "metadata", json_incref(json_object_get(value, "metadata")));
    json_decref(value);
}
