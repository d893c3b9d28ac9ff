/* main.c -- bullpen-producer: read the configuration, listen, stop. */
#include <arpa/inet.h>
#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "lib/conf.h"
#include "lib/log.h"
#include "producer/producer.h"

enum { REDIS_DEADLINE_MS = 3000, IDLE_S = 60 };

struct conf {
    const char *redis, *queue, *prefix, *languages, *host;
    int images, log_level; /* FIELD_CHOICE */
    int64_t port, body_limit;
    bool insecure;
};

#define CONF(name, type, member, ...)                          \
    {                                                          \
        name, type, offsetof(struct conf, member), __VA_ARGS__ \
    }
static const struct conf_option options[] = {
    {CONF("redis", FIELD_TEXT, redis, 1, 1024), "REDIS_URL", "redis://127.0.0.1:6379/0",
     "where the queue is; also unix:path"},
    {CONF("queue", FIELD_TEXT, queue, 1, 128), "BULLPEN_QUEUE", "jobs", "the queue's name"},
    {CONF("prefix", FIELD_TEXT, prefix, 1, 128), "BULLPEN_PREFIX", "bull",
     "what its keys begin with"},
    {CONF("languages", FIELD_TEXT, languages, 1, 4096), "BULLPEN_LANGUAGES",
     "lang-registry/languages", "folder of YAML files"},
    {CONF("images", FIELD_CHOICE, images, .choices = registry_image_kinds),
     "BULLPEN_IMAGES", "pinned", "pinned, or standin: those made from Debian's packages"},
    {CONF("host", FIELD_TEXT, host, 1, 64), "BULLPEN_HOST", "127.0.0.1",
     "address to listen on"},
    {CONF("port", FIELD_INT, port, 0, 65535), "PORT", "3001",
     "port to listen on; 0 takes a free one"},
    {CONF("body-limit", FIELD_INT, body_limit, 1024, 64 << 20), "BULLPEN_BODY_LIMIT",
     "262144", "most bytes of a request's body"},
    {CONF("insecure", FIELD_BOOL, insecure), "BULLPEN_INSECURE", "no",
     "listen beyond loopback though there is no authentication"},
    {CONF("log-level", FIELD_CHOICE, log_level, .choices = log_levels), "BULLPEN_LOG_LEVEL",
     "info", "error, warn, info or debug"},
    {{0}},
};

/* Everything a producer process is made of. */
struct process {
    struct event_base *base;
    struct conf conf;
    struct registry *registry;
    struct producer producer;
    struct http *http;
    bool away; /* Redis is, and it was said */
};

static void raise_limits(void);
static int check(struct process *process, struct err *err);
static bool is_loopback(const char *host);
static int set_up(struct process *process, struct err *err);
static void linked(void *arg, const struct err *err);
static void signalled(evutil_socket_t signal, short what, void *arg);
static void idle(void *arg);
static void tear_down(struct process *process);

int main(int argc, char **argv)
{
    struct process process = {0};
    struct event *term, *interrupt;
    struct err err;

    switch (conf_read(options, "bullpen-producer",
                      "Takes jobs over HTTP and puts them into a BullMQ queue.", argc, argv,
                      &process.conf, &err)) {
    case CONF_DONE:
        return 0;
    case CONF_BAD:
        fprintf(stderr, "bullpen-producer: %s\n", err.text);
        return 2;
    case CONF_RUN:
        break;
    }
    signal(SIGPIPE, SIG_IGN);
    raise_limits();
    process.base = event_base_new();
    if (check(&process, &err) || set_up(&process, &err)) {
        log_error("start", "error=%s", err.text);
        tear_down(&process);
        return 2;
    }
    term = evsignal_new(process.base, SIGTERM, signalled, &process);
    interrupt = evsignal_new(process.base, SIGINT, signalled, &process);
    event_add(term, NULL);
    event_add(interrupt, NULL);
    log_info("listening", "host=%s port=%d", process.conf.host, http_port(process.http));
    event_base_dispatch(process.base);
    event_free(term);
    event_free(interrupt);
    tear_down(&process);
    log_info("stopped", "queue=%s", process.conf.queue);
    return 0;
}

/* Every connection is a descriptor, and the usual soft limit of 1024 is soon reached. */
static void raise_limits(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit))
        return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

/* What the table cannot say. */
static int check(struct process *process, struct err *err)
{
    const struct conf *conf = &process->conf;

    log_set_level((enum log_level)conf->log_level);
    if (!is_loopback(conf->host) && !conf->insecure)
        return err_set(
            err, ERR_INVALID,
            "refusing to listen on %s without authentication: anybody who reaches "
            "it could run code here; --insecure does it all the same",
            conf->host);
    return 0;
}

static bool is_loopback(const char *host)
{
    struct in_addr four;

    if (inet_pton(AF_INET, host, &four) == 1)
        return ntohl(four.s_addr) >> 24 == 127;
    return !strcmp(host, "::1") || !strcmp(host, "localhost");
}

static int set_up(struct process *process, struct err *err)
{
    const struct conf *conf = &process->conf;
    struct producer *producer = &process->producer;
    const struct redis_config link = {conf->redis, NULL, REDIS_DEADLINE_MS};
    const struct queue_config queue = {.prefix = conf->prefix, .name = conf->queue};
    const struct http_config http = {conf->host, (int)conf->port, (size_t)conf->body_limit,
                                     IDLE_S};

    conf_log(options, conf);
    process->registry =
        registry_load(conf->languages, (enum registry_images)conf->images, err);
    if (!process->registry)
        return -1;
    producer->registry = process->registry;
    producer->redis = redis_new(process->base, &link, linked, process, err);
    if (!producer->redis)
        return -1;
    producer->queue = queue_new(producer->redis, &queue, err);
    if (!producer->queue)
        return -1;
    process->http = http_new(process->base, &http, producer_routes, producer, err);
    return process->http ? 0 : -1;
}

/* Said once when Redis goes away, and once when it is back. */
static void linked(void *arg, const struct err *err)
{
    struct process *process = arg;

    if (err && !process->away)
        log_error("redis-away", "error=%s", err->text);
    if (!err)
        log_info("redis-ready", "redis=%s queue=%s", redis_where(process->producer.redis),
                 process->conf.queue);
    process->away = err;
}

static void signalled(evutil_socket_t signal, short what, void *arg)
{
    struct process *process = arg;

    log_info("stopping", "signal=%d", (int)signal);
    http_stop(process->http, idle, process);
}

static void idle(void *arg)
{
    struct process *process = arg;

    event_base_loopexit(process->base, NULL);
}

/* Redis first: what it owes an answer then still has somebody to give it to. */
static void tear_down(struct process *process)
{
    redis_free(process->producer.redis);
    queue_free(process->producer.queue);
    http_free(process->http);
    registry_free(process->registry);
    event_base_free(process->base);
    libevent_global_shutdown();
}
