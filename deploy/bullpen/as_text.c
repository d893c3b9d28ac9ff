/* as_text.c -- see answers.h: for people. */
#include "deploy/bullpen/answers.h"

#include <string.h>

#include "deploy/bullpen/text.h"
#include "lib/count.h"

enum { CELL_MOST = 60, VALUE_MOST = 2000, TRACES_MOST = 3, LINES_MOST = 30 };

static void add_priorities(struct evbuffer *to, const struct overview *overview);
static const char *last_cell(enum queue_state state, const struct job *job, int64_t now_ms,
                             struct arena *arena);
static const char *first_line(struct bytes text, struct arena *arena);
static void add(struct evbuffer *to, const char *name, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
static void add_time(struct evbuffer *to, const char *name, int64_t ms, int64_t now_ms);
static void add_foreign(struct evbuffer *to, const char *name, struct bytes value,
                        struct arena *arena);
static void add_stacktrace(struct evbuffer *to, struct bytes json, struct arena *arena);
static void add_lines(struct evbuffer *to, const char *text, struct arena *arena);
static void add_logs(struct evbuffer *to, const struct queue_details *details,
                     struct arena *arena);
static void add_family(struct evbuffer *to, const struct queue_details *details,
                       struct arena *arena);
static const char *when(const struct queue_scheduler *scheduler, struct arena *arena);
static void add_metrics(struct evbuffer *to, const char *name,
                        const struct queue_metrics *metrics, int64_t now_ms);
static struct bytes bytes_of(const char *text);

void text_overview(struct evbuffer *to, const struct overview *overview)
{
    const struct queue_status *status = &overview->status;
    char age[AGE_BYTES];

    add(to, "queue", "%s at %s", overview->queue, overview->redis);
    for (int i = 0; i < STATE_UNKNOWN; i++) {
        add(to, queue_states[i], "%lld", (long long)status->counts[i]);
        if (i == STATE_PRIORITIZED)
            add_priorities(to, overview);
    }
    add(to, "paused", "%s", status->paused ? "yes: no job is started" : "no");
    if (overview->workers < 0)
        add(to, "workers", "unknown: Redis does not let us ask");
    else
        add(to, "workers", "%lld%s", (long long)overview->workers,
            overview->workers ? "" : ": nobody takes jobs");
    if (status->schedulers)
        add(to, "schedulers", "%lld", (long long)status->schedulers);
    if (status->concurrency)
        add(to, "concurrency", "at most %lld active jobs", (long long)status->concurrency);
    if (status->max)
        add(to, "rate limit", "at most %lld starts in %lld ms", (long long)status->max,
            (long long)status->duration_ms);
    if (status->limited_ms)
        add(to, "", "reached: no job is started for %s", text_age(status->limited_ms, age));
}

static void add_priorities(struct evbuffer *to, const struct overview *overview)
{
    for (size_t i = 0; i < overview->priority_count; i++)
        evbuffer_add_printf(to, "  priority %-7lld%lld\n",
                            (long long)overview->priorities[i].priority,
                            (long long)overview->priorities[i].count);
}

void text_jobs(struct evbuffer *to, enum queue_state state, const struct job *const *jobs,
               size_t count, int64_t now_ms)
{
    static const char *const lasts[] = {
        [STATE_WAITING] = "DATA",  [STATE_PRIORITIZED] = "DATA",
        [STATE_DELAYED] = "DATA",  [STATE_WAITING_CHILDREN] = "DATA",
        [STATE_ACTIVE] = "WORKER", [STATE_COMPLETED] = "RESULT",
        [STATE_FAILED] = "REASON",
    };
    const char *const head[] = {"ID", "NAME", "AGE", "ATTEMPTS", "PRIORITY", lasts[state]};
    struct arena *arena = arena_new();
    const char **cells = arena_alloc(arena, (count + 1) * sizeof head);
    char age[AGE_BYTES];

    if (!count)
        evbuffer_add_printf(to, "no job is %s\n", queue_states[state]);
    memcpy(cells, head, sizeof head);
    for (size_t i = 0; i < count; i++) {
        const struct job *job = jobs[i];
        const char **row = cells + (i + 1) * COUNT(head);

        row[0] = text_shown(bytes_of(job->id), CELL_MOST, arena);
        row[1] = text_shown(bytes_of(job->name), CELL_MOST / 2, arena);
        row[2] = arena_text(arena, text_age(now_ms - job->timestamp, age));
        row[3] = arena_printf(arena, "%lld/%lld", (long long)job->attempts_made,
                              (long long)(job->opts.attempts ? job->opts.attempts : 1));
        row[4] =
            job->priority ? arena_printf(arena, "%lld", (long long)job->priority) : "-";
        row[5] = last_cell(state, job, now_ms, arena);
    }
    if (count)
        text_table(to, cells, count + 1, COUNT(head));
    arena_free(arena);
}

/* What one wants to know of a job in such a state, at a glance. */
static const char *last_cell(enum queue_state state, const struct job *job, int64_t now_ms,
                             struct arena *arena)
{
    char age[AGE_BYTES];

    if (state == STATE_FAILED && job->failed_reason)
        return first_line(bytes_of(job->failed_reason), arena);
    if (state == STATE_COMPLETED && job->returnvalue.at)
        return text_shown(job->returnvalue, CELL_MOST, arena);
    if (state == STATE_ACTIVE)
        return arena_printf(
            arena, "%s, for %s",
            text_shown(bytes_of(job->worker ? job->worker : "somebody"), CELL_MOST, arena),
            text_age(now_ms - job->processed_on, age));
    return text_shown(job->data, CELL_MOST, arena);
}

static const char *first_line(struct bytes text, struct arena *arena)
{
    const char *end = memchr(text.at, '\n', text.len);

    if (end)
        text.len = (size_t)(end - text.at);
    return text_shown(text, CELL_MOST, arena);
}

void text_details(struct evbuffer *to, const struct queue_details *details, int64_t now_ms)
{
    const struct job *job = details->job;
    struct arena *arena = arena_new();
    char age[AGE_BYTES];

    add(to, "id", "%s", text_shown(bytes_of(job->id), 0, arena));
    add(to, "name", "%s", text_shown(bytes_of(job->name), VALUE_MOST, arena));
    add(to, "state", "%s", queue_state_name(details->state));
    add_time(to, "due", details->due_ms, now_ms);
    add_time(to, "added", job->timestamp, now_ms);
    add_time(to, "started", job->processed_on, now_ms);
    add_time(to, "finished", job->finished_on, now_ms);
    add(to, "attempts", "%lld made of %lld, %lld started", (long long)job->attempts_made,
        (long long)(job->opts.attempts ? job->opts.attempts : 1),
        (long long)job->attempts_started);
    if (job->stalled)
        add(to, "stalled", "%lld times", (long long)job->stalled);
    if (job->priority)
        add(to, "priority", "%lld", (long long)job->priority);
    if (job->worker)
        add(to, "worker", "%s", text_shown(bytes_of(job->worker), VALUE_MOST, arena));
    if (details->lock_ms)
        add(to, "lock", "for another %s", text_age(details->lock_ms, age));
    if (job->scheduler)
        add(to, "scheduler", "%s", text_shown(bytes_of(job->scheduler), VALUE_MOST, arena));
    add_foreign(to, "data", job->data, arena);
    add_foreign(to, "progress", job->progress, arena);
    add_foreign(to, "result", job->returnvalue, arena);
    if (job->failed_reason)
        add_foreign(to, "reason", bytes_of(job->failed_reason), arena);
    if (job->deferred_fail)
        add_foreign(to, "will fail", bytes_of(job->deferred_fail), arena);
    add_family(to, details, arena);
    add_stacktrace(to, job->stacktrace, arena);
    add_logs(to, details, arena);
    arena_free(arena);
}

static void add_family(struct evbuffer *to, const struct queue_details *details,
                       struct arena *arena)
{
    int64_t pending = details->children.unprocessed, failed = details->children.failed,
            ended = details->children.processed + details->children.ignored + failed;

    if (details->job->parent)
        add(to, "parent", "%s",
            text_shown(bytes_of(details->job->parent), VALUE_MOST, arena));
    if (pending || ended)
        add(to, "children", "%lld pending, %lld ended, of which %lld failed",
            (long long)pending, (long long)ended, (long long)failed);
    for (size_t i = 0; i < details->pending.count; i++)
        evbuffer_add_printf(to, "  %s\n",
                            text_shown(details->pending.at[i], VALUE_MOST, arena));
}

/* The latest attempts', each text with its lines. */
static void add_stacktrace(struct evbuffer *to, struct bytes json, struct arena *arena)
{
    struct err ignored;
    json_t *traces = json.at ? json_read(json.at, json.len, NULL, 0, &ignored) : NULL;
    size_t count = json_array_size(traces);

    for (size_t i = count > TRACES_MOST ? count - TRACES_MOST : 0; i < count; i++) {
        const char *trace = json_string_value(json_array_get(traces, i));

        evbuffer_add_printf(to, "stack trace %zu of %zu\n", i + 1, count);
        add_lines(to, trace ? trace : "", arena);
    }
    json_decref(traces);
}

static void add_lines(struct evbuffer *to, const char *text, struct arena *arena)
{
    for (int i = 0; *text; i++) {
        size_t len = strcspn(text, "\n");

        if (i == LINES_MOST) {
            evbuffer_add_printf(to, "  ...\n");
            return;
        }
        evbuffer_add_printf(to, "  %s\n",
                            text_shown((struct bytes){text, len}, VALUE_MOST, arena));
        text += len + (text[len] == '\n');
    }
}

static void add_logs(struct evbuffer *to, const struct queue_details *details,
                     struct arena *arena)
{
    if (details->log_count > (int64_t)details->logs.count)
        evbuffer_add_printf(to, "log, the last %zu of %lld lines\n", details->logs.count,
                            (long long)details->log_count);
    else if (details->log_count)
        evbuffer_add_printf(to, "log\n");
    for (size_t i = 0; i < details->logs.count; i++)
        evbuffer_add_printf(to, "  %s\n",
                            text_shown(details->logs.at[i], VALUE_MOST, arena));
}

void text_workers(struct evbuffer *to, const struct queue_worker *workers, size_t count)
{
    static const char *const head[] = {"NAME", "CONNECTED", "ADDRESS"};
    struct arena *arena = arena_new();
    const char **cells = arena_alloc(arena, (count + 1) * sizeof head);
    char age[AGE_BYTES];

    memcpy(cells, head, sizeof head);
    for (size_t i = 0; i < count; i++) {
        const char **row = cells + (i + 1) * COUNT(head);

        row[0] = text_shown(bytes_of(*workers[i].name ? workers[i].name : "-"), 0, arena);
        row[1] = arena_text(arena, text_age(workers[i].age_s * 1000, age));
        row[2] = text_shown(bytes_of(workers[i].address), 0, arena);
    }
    if (count)
        text_table(to, cells, count + 1, COUNT(head));
    else
        evbuffer_add_printf(to, "no worker is connected\n");
    arena_free(arena);
}

void text_schedulers(struct evbuffer *to, const struct queue_scheduler *schedulers,
                     size_t count, int64_t now_ms)
{
    static const char *const head[] = {"ID", "JOB", "WHEN", "RUNS", "NEXT"};
    struct arena *arena = arena_new();
    const char **cells = arena_alloc(arena, (count + 1) * sizeof head);
    char time[TIME_BYTES];

    memcpy(cells, head, sizeof head);
    for (size_t i = 0; i < count; i++) {
        const struct queue_scheduler *scheduler = &schedulers[i];
        const char **row = cells + (i + 1) * COUNT(head);

        row[0] = text_shown(bytes_of(scheduler->id), CELL_MOST, arena);
        row[1] =
            text_shown(bytes_of(scheduler->name ? scheduler->name : ""), CELL_MOST, arena);
        row[2] = when(scheduler, arena);
        row[3] = arena_printf(arena, "%lld", (long long)scheduler->runs);
        row[4] = arena_text(arena, text_time(scheduler->next_ms, now_ms, time));
    }
    if (count)
        text_table(to, cells, count + 1, COUNT(head));
    else
        evbuffer_add_printf(to, "there is no scheduler\n");
    arena_free(arena);
}

/* "0 9 * * 1 in Europe/Berlin", or "every 5 min". */
static const char *when(const struct queue_scheduler *scheduler, struct arena *arena)
{
    const char *zone = scheduler->zone;
    char age[AGE_BYTES];

    if (!scheduler->pattern)
        return arena_printf(arena, "every %s", text_age(scheduler->every_ms, age));
    return text_shown(bytes_of(arena_printf(arena, "%s%s%s", scheduler->pattern,
                                            zone ? " in " : "", zone ? zone : "")),
                      CELL_MOST, arena);
}

void text_metrics(struct evbuffer *to, const struct queue_metrics *completed,
                  const struct queue_metrics *failed, int64_t now_ms)
{
    if (!completed->prev_ms && !failed->prev_ms)
        evbuffer_add_printf(to, "no worker counts them\n");
    add_metrics(to, "completed", completed, now_ms);
    add_metrics(to, "failed", failed, now_ms);
}

static void add_metrics(struct evbuffer *to, const char *name,
                        const struct queue_metrics *metrics, int64_t now_ms)
{
    char time[TIME_BYTES];

    if (!metrics->prev_ms)
        return;
    add(to, name, "%lld", (long long)metrics->count);
    if (!metrics->point_count)
        return;
    evbuffer_add_printf(
        to, "  per minute, back from %s:", text_time(metrics->prev_ms, now_ms, time));
    for (size_t i = 0; i < metrics->point_count; i++)
        evbuffer_add_printf(to, " %lld", (long long)metrics->points[i]);
    evbuffer_add(to, "\n", 1);
}

/* One line, "name:   value". */
static void add(struct evbuffer *to, const char *name, const char *fmt, ...)
{
    va_list args;

    evbuffer_add_printf(to, "%-18s", name);
    va_start(args, fmt);
    evbuffer_add_vprintf(to, fmt, args);
    va_end(args);
    evbuffer_add(to, "\n", 1);
}

/* 0 is no time. */
static void add_time(struct evbuffer *to, const char *name, int64_t ms, int64_t now_ms)
{
    char time[TIME_BYTES];

    if (ms)
        add(to, name, "%s", text_time(ms, now_ms, time));
}

static void add_foreign(struct evbuffer *to, const char *name, struct bytes value,
                        struct arena *arena)
{
    if (!value.at)
        return;
    add(to, name, "%s", text_shown(value, VALUE_MOST, arena));
    if (value.len > VALUE_MOST)
        add(to, "", "(%zu bytes; --json has them all)", value.len);
}

static struct bytes bytes_of(const char *text)
{
    return (struct bytes){text, strlen(text)};
}
