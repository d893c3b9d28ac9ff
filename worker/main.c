/* main.c -- bullpen-worker: read the configuration, tie the parts together, listen to
 * signals. */
#include <event2/event.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lang-registry/options.h"
#include "lib/conf.h"
#include "lib/log.h"
#include "lib/signals.h"
#include "queue/options.h"
#include "worker/languages.h"
#include "worker/worker.h"

enum { REDIS_DEADLINE_MS = 5000 };

#define KEEP_MAX (INT64_C(1) << 52)

struct conf {
    struct queue_options queue;
    struct registry_options registry;
    const char *docker, *name;
    int runner, log_level; /* FIELD_CHOICE */
    int64_t concurrency, lock_ms, lock_renew_ms, stalled_interval_ms, max_stalled,
        max_started, drain_delay_ms, limited_max_ms, grace_ms, metrics_size, warm;
    struct limiter limiter;
    struct keep on_complete, on_fail;
    bool progress, allow_weak, selftest;
};

static const char *const runners[] = {"docker", "noop", NULL};
enum { RUNNER_DOCKER, RUNNER_NOOP };

#define CONF(name, type, member, ...)                          \
    {                                                          \
        name, type, offsetof(struct conf, member), __VA_ARGS__ \
    }
static const struct conf_option options[] = {
    QUEUE_OPTIONS(struct conf, queue),
    REGISTRY_OPTIONS(struct conf, registry),
    {CONF("docker", FIELD_TEXT, docker, 1, 128), "DOCKER_HOST",
     "unix:///var/run/docker.sock", "the engine's socket"},
    {CONF("concurrency", FIELD_INT, concurrency, 1, 1024), "BULLPEN_CONCURRENCY", NULL,
     "jobs at once (default: as many as cores)"},
    {CONF("warm", FIELD_INT, warm, 0, 256), "BULLPEN_WARM", NULL,
     "most sandboxes made ahead of the jobs; 0: none (default: four for each job at once)"},
    {CONF("name", FIELD_TEXT, name, 1, 128), "BULLPEN_NAME", NULL,
     "this worker's name (default: host/pid)"},
    {CONF("allow-weak-sandbox", FIELD_BOOL, allow_weak), "BULLPEN_ALLOW_WEAK_SANDBOX", "no",
     "run jobs also where the engine cannot limit memory or processes"},
    {CONF("selftest", FIELD_BOOL, selftest), "BULLPEN_SELFTEST", "yes",
     "run the languages' self-tests beside the jobs, and report which are ready"},
    {CONF("runner", FIELD_CHOICE, runner, .choices = runners), "BULLPEN_RUNNER", "docker",
     "docker, or noop: run nothing, to measure queues"},
    {CONF("lock-duration", FIELD_INT, lock_ms, 100, 3600000), "BULLPEN_LOCK_DURATION_MS",
     "30000", "ms a lock lasts unless it is extended"},
    {CONF("lock-renew-time", FIELD_INT, lock_renew_ms, 20, 3600000),
     "BULLPEN_LOCK_RENEW_TIME_MS", NULL,
     "ms in which a lock is extended twice (default: half of --lock-duration)"},
    {CONF("stalled-interval", FIELD_INT, stalled_interval_ms, 100, 3600000),
     "BULLPEN_STALLED_INTERVAL_MS", "30000",
     "ms between checks for the jobs of dead workers"},
    {CONF("max-stalled-count", FIELD_INT, max_stalled, 0, 1000000),
     "BULLPEN_MAX_STALLED_COUNT", "1", "how often a job may be recovered before it fails"},
    {CONF("max-started-attempts", FIELD_INT, max_started, 0, 1000000),
     "BULLPEN_MAX_STARTED_ATTEMPTS", "0", "how often a job may begin; 0: no limit"},
    {CONF("limiter-max", FIELD_INT, limiter.max, 0, 1000000000), "BULLPEN_LIMITER_MAX", "0",
     "jobs that may begin in --limiter-duration, on all workers; 0: no limit"},
    {CONF("limiter-duration", FIELD_INT, limiter.duration_ms, 0, 86400000),
     "BULLPEN_LIMITER_DURATION_MS", "0", "ms that --limiter-max counts for"},
    {CONF("maximum-rate-limit-delay", FIELD_INT, limited_max_ms, 10, 3600000),
     "BULLPEN_MAXIMUM_RATE_LIMIT_DELAY_MS", "30000",
     "longest wait for a rate limit at a time, ms"},
    {CONF("remove-on-complete-count", FIELD_INT, on_complete.count, 0, KEEP_MAX),
     "BULLPEN_REMOVE_ON_COMPLETE_COUNT", NULL,
     "completed jobs kept, of those that do not say themselves (default: all)"},
    {CONF("remove-on-complete-age", FIELD_INT, on_complete.age_s, 0, KEEP_MAX),
     "BULLPEN_REMOVE_ON_COMPLETE_AGE_S", NULL, "seconds they are kept (default: for ever)"},
    {CONF("remove-on-complete-limit", FIELD_INT, on_complete.limit, 1, KEEP_MAX),
     "BULLPEN_REMOVE_ON_COMPLETE_LIMIT", NULL,
     "most of them that age removes at a time (default: 1000)"},
    {CONF("remove-on-fail-count", FIELD_INT, on_fail.count, 0, KEEP_MAX),
     "BULLPEN_REMOVE_ON_FAIL_COUNT", NULL, "the same of failed jobs"},
    {CONF("remove-on-fail-age", FIELD_INT, on_fail.age_s, 0, KEEP_MAX),
     "BULLPEN_REMOVE_ON_FAIL_AGE_S", NULL, "the same of failed jobs"},
    {CONF("remove-on-fail-limit", FIELD_INT, on_fail.limit, 1, KEEP_MAX),
     "BULLPEN_REMOVE_ON_FAIL_LIMIT", NULL, "the same of failed jobs"},
    {CONF("metrics", FIELD_INT, metrics_size, 0, 1000000), "BULLPEN_METRICS", "0",
     "minutes of metrics kept for getMetrics; 0: none"},
    {CONF("progress", FIELD_BOOL, progress), "BULLPEN_PROGRESS", "no",
     "tell a job's progress when its run begins"},
    {CONF("drain-delay", FIELD_INT, drain_delay_ms, 10, 60000), "BULLPEN_DRAIN_DELAY_MS",
     "5000", "longest wait for work at a time, ms"},
    {CONF("grace", FIELD_INT, grace_ms, 0, 3600000), "BULLPEN_GRACE_MS", "30000",
     "ms that running jobs have to end after SIGTERM"},
    LOG_OPTION(struct conf, log_level),
    {{0}},
};

/* Everything a worker process is made of. */
struct process {
    struct event_base *base;
    struct conf conf;
    char name[160];
    struct redis *commands, *blocking;
    struct queue *queue;
    struct engine *engine; /* NULL with --runner noop */
    struct run_config run;
    struct languages *languages;
    struct worker *worker;
    bool idle, untested; /* the worker has stopped, and the languages have */
    struct signals *signals;
    bool linked; /* for commands */
    bool away;   /* Redis is, and it was said */
    int status;  /* to exit with */
};

static int check(struct process *process, struct err *err);
static int name_worker(struct process *process, struct err *err);
static int set_up(struct process *process, struct err *err);
static int open_engine(struct process *process, struct err *err);
static int link_redis(struct process *process, struct err *err);
static void linked(void *arg, const struct err *err);
static void blocking_linked(void *arg, const struct err *err);
static void engine_heard(void *arg, const struct err *err);
static void reload(evutil_socket_t signal, short what, void *arg);
static void signalled(evutil_socket_t signal, short what, void *arg);
static void stop(struct process *process, int grace_ms);
static void worker_stopped(void *arg);
static void languages_stopped(void *arg);
static void leave(struct process *process);
static void tear_down(struct process *process);

int main(int argc, char **argv)
{
    struct process process = {.conf.concurrency = sysconf(_SC_NPROCESSORS_ONLN),
                              .conf.warm = -1};
    struct err err;

    keep_init(&process.conf.on_complete);
    keep_init(&process.conf.on_fail);
    switch (conf_read(options, "bullpen-worker",
                      "Takes jobs from a BullMQ queue and runs each in its own sandbox.",
                      argc, argv, &process.conf, &err)) {
    case CONF_DONE:
        return 0;
    case CONF_BAD:
        fprintf(stderr, "bullpen-worker: %s\n", err.text);
        return 2;
    case CONF_RUN:
        break;
    }
    process.base = event_base_new();
    process.signals = signals_new(process.base, signalled, reload, &process);
    if (check(&process, &err) || set_up(&process, &err)) {
        log_error("start", "error=%s", err.text);
        tear_down(&process);
        return 2;
    }
    event_base_dispatch(process.base);
    tear_down(&process);
    log_info("stopped", "worker=%s", process.name);
    return process.status;
}

/* What the table cannot say. */
static int check(struct process *process, struct err *err)
{
    struct conf *conf = &process->conf;

    log_set_level((enum log_level)conf->log_level);
    if (!conf->limiter.max != !conf->limiter.duration_ms)
        return err_set(
            err, ERR_INVALID,
            "--limiter-max and --limiter-duration go together: set both or none");
    if (!conf->lock_renew_ms)
        conf->lock_renew_ms = conf->lock_ms / 2;
    if (conf->lock_renew_ms > conf->lock_ms)
        return err_set(
            err, ERR_INVALID,
            "--lock-renew-time is %d, more than --lock-duration, %d: locks would "
            "end before they are extended",
            (int)conf->lock_renew_ms, (int)conf->lock_ms);
    return name_worker(process, err);
}

static int name_worker(struct process *process, struct err *err)
{
    char host[64] = "";

    gethostname(host, sizeof host - 1);
    if (process->conf.name)
        snprintf(process->name, sizeof process->name, "%s", process->conf.name);
    else
        snprintf(process->name, sizeof process->name, "%s/%d", host, (int)getpid());
    for (const char *at = process->name; *at; at++)
        if (*at <= ' ' || *at > '~')
            return err_set(
                err, ERR_INVALID,
                "--name must be printable ASCII without blanks: Redis takes no other "
                "client names");
    return 0;
}

static int set_up(struct process *process, struct err *err)
{
    const struct conf *conf = &process->conf;
    const struct worker_config config = {
        .concurrency = (int)conf->concurrency,
        .lock_renew_ms = (int)conf->lock_renew_ms,
        .stalled_interval_ms = (int)conf->stalled_interval_ms,
        .max_stalled_count = (int)conf->max_stalled,
        .max_started = conf->max_started,
        .drain_delay_ms = (int)conf->drain_delay_ms,
        .limited_max_ms = (int)conf->limited_max_ms,
        .progress = conf->progress,
    };
    struct languages_config languages = {
        .run = &process->run,
        .where = conf->registry,
        .selftest = conf->selftest,
        .interval_ms = (int)conf->stalled_interval_ms,
    };

    conf_log(options, conf);
    if (link_redis(process, err) || open_engine(process, err))
        return -1;
    process->run = (struct run_config){
        .base = process->base, .engine = process->engine, .worker = process->name};
    languages.queue = process->queue;
    process->languages = languages_new(&languages, languages_stopped, process, err);
    if (!process->languages)
        return -1;
    process->worker = worker_new(process->base, &config, process->queue, process->blocking,
                                 &process->run, worker_stopped, process);
    if (process->engine)
        engine_check(process->engine, engine_heard, process);
    else
        languages_begin(process->languages);
    return 0;
}

static int open_engine(struct process *process, struct err *err)
{
    const struct conf *conf = &process->conf;
    char label[300];
    const struct engine_config engine = {
        .host = conf->docker,
        .queue = label,
        .worker = process->name,
        .allow_weak = conf->allow_weak,
        .warm = (int)(conf->warm < 0 ? conf->concurrency * 4 : conf->warm),
        .cores = (int)sysconf(_SC_NPROCESSORS_ONLN),
    };

    if (conf->runner == RUNNER_NOOP) {
        log_warn("noop", "note=%s", "no code is run: every job completes at once");
        return 0;
    }
    snprintf(label, sizeof label, "%s:%s", conf->queue.prefix, conf->queue.name);
    process->engine = engine_new(process->base, &engine, err);
    return process->engine ? 0 : -1;
}
/* One that is away may come back; one that cannot hold jobs gets none. */
static void engine_heard(void *arg, const struct err *err)
{
    struct process *process = arg;

    if (!err || err->kind != ERR_INVALID) {
        languages_begin(process->languages);
        return;
    }
    log_error("start", "error=%s", err->text);
    process->status = 2;
    stop(process, 0);
}

/* Two links: one for commands, and one that blocks on the marker and that dashboards know
 * a worker by. */
static int link_redis(struct process *process, struct err *err)
{
    const struct conf *conf = &process->conf;
    const struct queue_config queue = {
        .prefix = conf->queue.prefix,
        .name = conf->queue.name,
        .worker_name = process->name,
        .lock_ms = (int)conf->lock_ms,
        .on_complete = conf->on_complete,
        .on_fail = conf->on_fail,
        .limiter = conf->limiter,
        .metrics_size = conf->metrics_size,
        .base = process->base,
    };
    struct redis_config link = {conf->queue.redis, NULL, REDIS_DEADLINE_MS};
    struct arena *arena;

    process->commands = redis_new(process->base, &link, linked, process, err);
    if (!process->commands)
        return -1;
    process->queue = queue_new(process->commands, &queue, err);
    if (!process->queue)
        return -1;
    arena = arena_new();
    link.client_name =
        keys_client_name(conf->queue.prefix, conf->queue.name, process->name, arena);
    process->blocking = redis_new(process->base, &link, blocking_linked, process, err);
    arena_free(arena);
    return process->blocking ? 0 : -1;
}

/* Said once when Redis goes away, and once when it is back. */
static void linked(void *arg, const struct err *err)
{
    struct process *process = arg;

    if (err && !process->away)
        log_error("redis-away", "error=%s", err->text);
    if (!err)
        log_info("redis-ready", "redis=%s queue=%s worker=%s",
                 redis_where(process->commands), process->conf.queue.name, process->name);
    process->linked = !err;
    process->away = err;
    if (err)
        return;
    worker_linked(process->worker);
    languages_linked(process->languages);
}

/* Whoever wanted to wait before this link was there has been told to pause. */
static void blocking_linked(void *arg, const struct err *err)
{
    struct process *process = arg;

    if (!err && process->linked)
        worker_linked(process->worker);
}

static void reload(evutil_socket_t signal, short what, void *arg)
{
    const struct process *process = arg;

    languages_reload(process->languages);
}

static void signalled(evutil_socket_t signal, short what, void *arg)
{
    struct process *process = arg;

    log_info("stopping", "signal=%d grace_ms=%d", (int)signal, (int)process->conf.grace_ms);
    stop(process, (int)process->conf.grace_ms);
}

/* The link that waits for markers goes first, so that we do not take one from a worker who
 * could use it. */
static void stop(struct process *process, int grace_ms)
{
    worker_stop(process->worker, grace_ms);
    languages_stop(process->languages);
    if (process->engine)
        engine_drain(process->engine);
    redis_free(process->blocking);
    process->blocking = NULL;
}

static void worker_stopped(void *arg)
{
    struct process *process = arg;

    process->idle = true;
    leave(process);
}

static void languages_stopped(void *arg)
{
    struct process *process = arg;

    process->untested = true;
    leave(process);
}

static void leave(struct process *process)
{
    if (process->idle && process->untested)
        event_base_loopbreak(process->base);
}

static void tear_down(struct process *process)
{
    redis_free(process->blocking);
    redis_free(process->commands);
    worker_free(process->worker);
    queue_free(process->queue);
    engine_free(process->engine);
    languages_free(process->languages);
    signals_free(process->signals);
    event_base_free(process->base);
    libevent_global_shutdown();
}
