/* main.c -- bullpen-producer: read the configuration, listen, stop. */
#include <arpa/inet.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "lang-registry/options.h"
#include "lib/conf.h"
#include "lib/log.h"
#include "lib/signals.h"
#include "producer/producer.h"
#include "queue/options.h"

enum { REDIS_DEADLINE_MS = 3000, IDLE_S = 60 };

struct conf {
    struct queue_options queue;
    struct registry_options registry;
    const char *host;
    int log_level; /* FIELD_CHOICE */
    int64_t port, body_limit;
    bool insecure;
};

#define CONF(name, type, member, ...)                          \
    {                                                          \
        name, type, offsetof(struct conf, member), __VA_ARGS__ \
    }
static const struct conf_option options[] = {
    QUEUE_OPTIONS(struct conf, queue),
    REGISTRY_OPTIONS(struct conf, registry),
    {CONF("host", FIELD_TEXT, host, 1, 64), "BULLPEN_HOST", "127.0.0.1",
     "address to listen on"},
    {CONF("port", FIELD_INT, port, 0, 65535), "PORT", "3001",
     "port to listen on; 0 takes a free one"},
    {CONF("body-limit", FIELD_INT, body_limit, 1024, 64 << 20), "BULLPEN_BODY_LIMIT",
     "262144", "most bytes of a request's body"},
    {CONF("insecure", FIELD_BOOL, insecure), "BULLPEN_INSECURE", "no",
     "listen beyond loopback though there is no authentication"},
    LOG_OPTION(struct conf, log_level),
    {{0}},
};

/* Everything a producer process is made of. */
struct process {
    struct event_base *base;
    struct conf conf;
    struct registry *registry;
    struct producer producer;
    struct http *http;
    struct signals *signals;
    bool away; /* Redis is, and it was said */
};

static void raise_limits(void);
static int check(struct process *process, struct err *err);
static bool is_loopback(const char *host);
static int set_up(struct process *process, struct err *err);
static int load_languages(struct process *process, struct err *err);
static void linked(void *arg, const struct err *err);
static void reload(evutil_socket_t signal, short what, void *arg);
static void signalled(evutil_socket_t signal, short what, void *arg);
static void idle(void *arg);
static void tear_down(struct process *process);

int main(int argc, char **argv)
{
    struct process process = {0};
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
    raise_limits();
    process.base = http_base_new();
    process.signals = signals_new(process.base, signalled, reload, &process);
    if (check(&process, &err) || set_up(&process, &err)) {
        log_error("start", "error=%s", err.text);
        tear_down(&process);
        return 2;
    }
    log_info("listening", "host=%s port=%d", process.conf.host, http_port(process.http));
    event_base_dispatch(process.base);
    tear_down(&process);
    log_info("stopped", "queue=%s", process.conf.queue.name);
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
    const struct redis_config link = {conf->queue.redis, NULL, REDIS_DEADLINE_MS};
    const struct queue_config queue = {.prefix = conf->queue.prefix,
                                       .name = conf->queue.name};
    const struct http_config http = {conf->host, (int)conf->port, (size_t)conf->body_limit,
                                     IDLE_S};

    conf_log(options, conf);
    if (load_languages(process, err))
        return -1;
    producer->redis = redis_new(process->base, &link, linked, process, err);
    if (!producer->redis)
        return -1;
    producer->queue = queue_new(producer->redis, &queue, err);
    if (!producer->queue)
        return -1;
    process->http = http_new(process->base, &http, producer_routes, producer, err);
    return process->http ? 0 : -1;
}

/* The new ones take the place of the old, if there is nothing wrong with them. */
static int load_languages(struct process *process, struct err *err)
{
    const struct registry_options *where = &process->conf.registry;
    struct registry *registry =
        registry_load(where->folder, (enum registry_images)where->images, err);

    if (!registry)
        return -1;
    registry_free(process->registry);
    process->producer.registry = process->registry = registry;
    return 0;
}

/* Said once when Redis goes away, and once when it is back. */
static void linked(void *arg, const struct err *err)
{
    struct process *process = arg;

    if (err && !process->away)
        log_error("redis-away", "error=%s", err->text);
    if (!err)
        log_info("redis-ready", "redis=%s queue=%s", redis_where(process->producer.redis),
                 process->conf.queue.name);
    process->away = err;
}

static void reload(evutil_socket_t signal, short what, void *arg)
{
    struct process *process = arg;
    struct err err;

    if (load_languages(process, &err))
        log_error("reload", "error=%s languages=%zu note=%s", err.text,
                  registry_count(process->registry), "those of before stay");
    else
        log_info("reload", "languages=%zu", registry_count(process->registry));
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
    signals_free(process->signals);
    event_base_free(process->base);
    libevent_global_shutdown();
}
