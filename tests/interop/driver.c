/* driver SOCKET PREFIX QUEUE -- our C verbs for a Node test. A request is a line of JSON on
 * stdin, ["verb", argument ...]; its answer is a line on stdout, {} or what was found or
 * {"error": text}. One at a time; the end of stdin ends it.
 *
 * A job that was fetched is held here, and named by the token of its lock.
 */
#include <assert.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/util.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <unistd.h>

#include "lib/mem.h"
#include "queue/admin.h"
#include "queue/survey.h"

enum { DEADLINE_MS = 5000, LOCK_MS = 600000 };

struct held {
    LIST_ENTRY(held) next;
    struct job *job;
};

struct driver {
    struct event_base *base;
    struct redis *redis;
    struct queue *queue;
    struct bufferevent *input;
    LIST_HEAD(, held) held;
    json_t *request; /* while it is worked on */
    struct held *at; /* the job it is about, or NULL */
};

/* A request's argument. */
static const char *text_at(const struct driver *driver, size_t i);
static int64_t number_at(const struct driver *driver, size_t i);
static bool true_at(const struct driver *driver, size_t i);

static void add(struct driver *driver);
static void fetch(struct driver *driver);
static void complete(struct driver *driver);
static void fail(struct driver *driver);
static void retry(struct driver *driver);
static void release(struct driver *driver);
static void extend(struct driver *driver);
static void recover(struct driver *driver);
static void set_paused(struct driver *driver);
static void promote(struct driver *driver);
static void promote_all(struct driver *driver);
static void reprocess(struct driver *driver);
static void retry_failed(struct driver *driver);
static void remove_job(struct driver *driver);
static void clean(struct driver *driver);
static void drain(struct driver *driver);
static void set_concurrency(struct driver *driver);
static void survey(struct driver *driver);

static void added(void *arg, const char *id, const struct err *err);
static void fetched(void *arg, const struct fetched *found, const struct err *err);
static void extended(void *arg, const char *const *lost, size_t count,
                     const struct err *err);
static void recovered(void *arg, size_t count, const struct err *err);
static void counted(void *arg, int64_t count, const struct err *err);
static void done(void *arg, const struct err *err);
static void given_back(void *arg, const struct err *err);
static void surveyed(void *arg, const struct queue_status *status, const struct err *err);

static void linked(void *arg, const struct err *err);
static void readable(struct bufferevent *input, void *arg);
static void ended(struct bufferevent *input, short what, void *arg);
static void answer(struct driver *driver, json_t *value, const struct err *err);
static void let_go(struct driver *driver);

static const struct {
    const char *name;
    bool about_held; /* its first argument is a token */
    void (*ask)(struct driver *driver);
} verbs[] = {
    {"add", false, add},
    {"fetch", false, fetch},
    {"complete", true, complete},
    {"fail", true, fail},
    {"retry", true, retry},
    {"release", true, release},
    {"extend", true, extend},
    {"recover", false, recover},
    {"pause", false, set_paused},
    {"promote", false, promote},
    {"promoteAll", false, promote_all},
    {"reprocess", false, reprocess},
    {"retryFailed", false, retry_failed},
    {"remove", false, remove_job},
    {"clean", false, clean},
    {"drain", false, drain},
    {"concurrency", false, set_concurrency},
    {"survey", false, survey},
};

int main(int argc, char **argv)
{
    struct driver driver = {.base = event_base_new()};
    struct queue_config queue = {.worker_name = "driver", .lock_ms = LOCK_MS};
    struct redis_config link = {NULL, NULL, DEADLINE_MS};
    char url[300];
    struct err err;

    assert(argc == 4);
    signal(SIGPIPE, SIG_IGN);
    snprintf(url, sizeof url, "unix:%s", argv[1]);
    link.url = url;
    queue.prefix = argv[2];
    queue.name = argv[3];
    keep_init(&queue.on_complete);
    keep_init(&queue.on_fail);
    driver.redis = redis_new(driver.base, &link, linked, &driver, &err);
    driver.queue = queue_new(driver.redis, &queue, &err);
    driver.input = bufferevent_socket_new(driver.base, STDIN_FILENO, 0);
    evutil_make_socket_nonblocking(STDIN_FILENO);
    bufferevent_setcb(driver.input, readable, NULL, ended, &driver);
    event_base_dispatch(driver.base);
    while (!LIST_EMPTY(&driver.held)) {
        driver.at = LIST_FIRST(&driver.held);
        let_go(&driver);
    }
    bufferevent_free(driver.input);
    redis_free(driver.redis);
    queue_free(driver.queue);
    event_base_free(driver.base);
    return 0;
}

static void linked(void *arg, const struct err *err)
{
    struct driver *driver = arg;

    if (!err)
        bufferevent_enable(driver->input, EV_READ);
}

static void readable(struct bufferevent *input, void *arg)
{
    struct driver *driver = arg;
    struct err err;
    const char *verb;
    size_t len;
    char *line;

    line = evbuffer_readln(bufferevent_get_input(input), &len, EVBUFFER_EOL_LF);
    if (!line)
        return;
    driver->request = json_read(line, len, NULL, 0, &err);
    free(line);
    verb = json_string_value(json_array_get(driver->request, 0));
    for (size_t i = 0; verb && i < sizeof verbs / sizeof *verbs; i++) {
        if (strcmp(verb, verbs[i].name) != 0)
            continue;
        driver->at = NULL;
        if (verbs[i].about_held)
            LIST_FOREACH (driver->at, &driver->held, next)
                if (!strcmp(driver->at->job->token, text_at(driver, 1)))
                    break;
        assert(!verbs[i].about_held || driver->at);
        verbs[i].ask(driver);
        return;
    }
    err_set(&err, ERR_INVALID, "no such verb: %s", verb ? verb : "(none)");
    answer(driver, NULL, &err);
}

static void ended(struct bufferevent *input, short what, void *arg)
{
    struct driver *driver = arg;

    event_base_loopbreak(driver->base);
}

/* The options are as they stand in a job's hash. */
static void add(struct driver *driver)
{
    json_t *given = json_array_get(driver->request, 1);
    struct arena *arena = arena_new();
    struct opts opts;
    size_t len;
    char *text = json_write(given, &len);

    opts_read(&opts, text, len, arena);
    free(text);
    queue_add(driver->queue, "c", (struct bytes){"{}", 2}, &opts, added, driver);
    arena_free(arena);
}

static void added(void *arg, const char *id, const struct err *err)
{
    answer(arg, err ? NULL : json_pack("{s:s}", "id", id), err);
}

static void fetch(struct driver *driver)
{
    queue_fetch(driver->queue, text_at(driver, 1), fetched, driver);
}

static void complete(struct driver *driver)
{
    queue_complete(driver->queue, driver->at->job, "null", true_at(driver, 2), fetched,
                   driver);
}

static void fail(struct driver *driver)
{
    queue_fail(driver->queue, driver->at->job, "why", true_at(driver, 2), fetched, driver);
}

static void retry(struct driver *driver)
{
    queue_retry(driver->queue, driver->at->job, "again", number_at(driver, 2),
                true_at(driver, 3), fetched, driver);
}

/* A job that came is held; the one that this was about is let go. */
static void fetched(void *arg, const struct fetched *found, const struct err *err)
{
    struct driver *driver = arg;
    struct held *held;

    if (driver->at)
        let_go(driver);
    if (err || !found->job) {
        answer(driver, json_object(), err);
        return;
    }
    held = xcalloc(1, sizeof *held);
    held->job = found->job;
    LIST_INSERT_HEAD(&driver->held, held, next);
    answer(driver, json_pack("{s:s}", "job", found->job->id), NULL);
}

static void release(struct driver *driver)
{
    queue_release(driver->queue, driver->at->job, given_back, driver);
}

static void given_back(void *arg, const struct err *err)
{
    struct driver *driver = arg;

    let_go(driver);
    answer(driver, json_object(), err);
}

static void extend(struct driver *driver)
{
    const struct job *job = driver->at->job;

    queue_extend_locks(driver->queue, &job, 1, extended, driver);
}

static void extended(void *arg, const char *const *lost, size_t count,
                     const struct err *err)
{
    answer(arg, json_pack("{s:b}", "lost", count > 0), err);
}

static void recover(struct driver *driver)
{
    queue_recover(driver->queue, number_at(driver, 1), (int)number_at(driver, 2), recovered,
                  driver);
}

static void recovered(void *arg, size_t count, const struct err *err)
{
    answer(arg, json_pack("{s:i}", "count", (int)count), err);
}

static void set_paused(struct driver *driver)
{
    (true_at(driver, 1) ? queue_pause : queue_resume)(driver->queue, done, driver);
}

static void promote(struct driver *driver)
{
    queue_promote(driver->queue, text_at(driver, 1), done, driver);
}

static void promote_all(struct driver *driver)
{
    queue_promote_all(driver->queue, counted, driver);
}

static void reprocess(struct driver *driver)
{
    queue_reprocess(driver->queue, text_at(driver, 1),
                    true_at(driver, 2) ? STATE_FAILED : STATE_COMPLETED, done, driver);
}

static void retry_failed(struct driver *driver)
{
    queue_retry_failed(driver->queue, number_at(driver, 1), counted, driver);
}

static void remove_job(struct driver *driver)
{
    queue_remove(driver->queue, text_at(driver, 1), true, done, driver);
}

static void clean(struct driver *driver)
{
    enum queue_state state = STATE_WAITING;

    while (strcmp(queue_states[state], text_at(driver, 1)) != 0)
        state++;
    queue_clean(driver->queue, state, 0, number_at(driver, 2), counted, driver);
}

static void drain(struct driver *driver)
{
    queue_drain(driver->queue, true_at(driver, 1), done, driver);
}

static void set_concurrency(struct driver *driver)
{
    queue_set_concurrency(driver->queue, number_at(driver, 1), done, driver);
}

static void counted(void *arg, int64_t count, const struct err *err)
{
    answer(arg, json_pack("{s:I}", "count", (json_int_t)count), err);
}

static void done(void *arg, const struct err *err)
{
    answer(arg, json_object(), err);
}

static void survey(struct driver *driver)
{
    queue_survey(driver->queue, surveyed, driver);
}

static void surveyed(void *arg, const struct queue_status *status, const struct err *err)
{
    json_t *counts = json_object();

    for (size_t i = 0; !err && i < STATE_UNKNOWN; i++)
        json_object_set_new(counts, queue_states[i], json_integer(status->counts[i]));
    answer(arg, counts, err);
}

static void answer(struct driver *driver, json_t *value, const struct err *err)
{
    char *text;

    if (err) {
        json_decref(value);
        value = json_pack("{s:s}", "error", err->text);
    }
    text = json_write(value, NULL);
    puts(text);
    fflush(stdout);
    free(text);
    json_decref(value);
    json_decref(driver->request);
    driver->request = NULL;
}

static void let_go(struct driver *driver)
{
    LIST_REMOVE(driver->at, next);
    job_free(driver->at->job);
    free(driver->at);
}

static const char *text_at(const struct driver *driver, size_t i)
{
    return json_string_value(json_array_get(driver->request, i));
}

static int64_t number_at(const struct driver *driver, size_t i)
{
    return json_integer_value(json_array_get(driver->request, i));
}

static bool true_at(const struct driver *driver, size_t i)
{
    return json_is_true(json_array_get(driver->request, i));
}
