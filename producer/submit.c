/* submit.c -- POST /v1/jobs: body -> fields -> job -> queue_add. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lang-registry/task.h"
#include "lib/log.h"
#include "lib/mem.h"
#include "producer/producer.h"

enum { ATTEMPTS = 3, BACKOFF_MS = 1000, KEEP_COMPLETED_S = 3600, KEEP_FAILED_S = 86400 };

static bool is_json(const char *type);
static json_t *read_body(struct http_request *request);
static void refuse_body(struct http_request *request, const char *pointer,
                        const struct err *err);
static void add(struct producer *producer, struct http_request *request, const json_t *data,
                int64_t priority);
static void added(void *arg, const char *id, const struct err *err);

void submit_post(void *arg, struct http_request *request, const char *parameter)
{
    struct producer *producer = arg;
    struct field_errors errors;
    struct arena *arena;
    struct task task;
    json_t *body;

    if (!is_json(http_header(request, "Content-Type"))) {
        http_problem(request, 415, "the body must be application/json");
        return;
    }
    body = read_body(request);
    if (!body)
        return;
    arena = arena_new();
    errors.count = 0; /* not the whole list, which is long */
    if (task_read(body, producer->registry, &task, arena, &errors)) {
        http_problem_fields(request, field_errors_over(&errors) ? 422 : 400, &errors);
    } else {
        /* The priority is the queue's business; the rest is the job's data. */
        json_object_del(body, "priority");
        add(producer, request, body, task.priority);
    }
    arena_free(arena);
    json_decref(body);
}

/* "application/json; charset=utf-8"; a client that does not say means JSON. */
static bool is_json(const char *type)
{
    size_t len = type ? strcspn(type, "; \t") : 0;

    return !type || (len == 16 && !strncasecmp(type, "application/json", len));
}

/* NULL, and the request is answered, when it is no JSON. */
static json_t *read_body(struct http_request *request)
{
    struct bytes text = http_body(request);
    char pointer[POINTER_BYTES];
    struct err err;
    json_t *body = json_read(text.at, text.len, pointer, sizeof pointer, &err);

    if (!body)
        refuse_body(request, pointer, &err);
    return body;
}

static void refuse_body(struct http_request *request, const char *pointer,
                        const struct err *err)
{
    struct field_errors errors = {.count = 0};

    fields_complain(&errors, pointer, "%s", err->text);
    http_problem_fields(request, 400, &errors);
}

static void add(struct producer *producer, struct http_request *request, const json_t *data,
                int64_t priority)
{
    struct opts opts;
    size_t len;
    char *text = json_write(data, &len);

    opts_init(&opts);
    opts.priority = priority;
    opts.attempts = ATTEMPTS;
    opts.backoff = BACKOFF_EXPONENTIAL;
    opts.backoff_ms = BACKOFF_MS;
    opts.on_complete.given = opts.on_fail.given = true;
    opts.on_complete.age_s = KEEP_COMPLETED_S;
    opts.on_fail.age_s = KEEP_FAILED_S;
    queue_add(producer->queue, "execute", (struct bytes){text, len}, &opts, added, request);
    free(text);
}

static void added(void *arg, const char *id, const struct err *err)
{
    struct http_request *request = arg;
    char *location;

    if (err) {
        http_problem_err(request, err);
        return;
    }
    location = xasprintf("/v1/jobs/%s", id);
    http_add_header(request, "Location", location);
    http_reply(request, 202, json_pack("{s:s, s:s}", "jobId", id, "status", "queued"));
    free(location);
    log_debug("queued", "job=%s", id);
}
