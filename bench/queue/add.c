/* add SOCKET QUEUE JOBS WINDOW -- add jobs with our C verb, WINDOW calls under way at a
 * time: 1 is one after the other, 1000 is in bulk. Ends when all are there. */
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>

#include "queue/queue.h"

enum { DEADLINE_MS = 60000 };

struct bench {
    struct event_base *base;
    struct queue *queue;
    struct bytes data;
    struct opts opts;
    long left, under_way, window;
};

static void linked(void *arg, const struct err *err);
static void add(struct bench *bench);
static void added(void *arg, const char *id, const struct err *err);
static void give_up(const struct err *err);

int main(int argc, char **argv)
{
    static const char data[] = "{\"language\":\"bash\",\"code\":\"echo hello\"}";
    struct bench bench = {.data = {data, sizeof data - 1}};
    struct queue_config config = {.prefix = "bull", .lock_ms = 30000};
    struct redis_config link = {NULL, NULL, DEADLINE_MS};
    struct redis *redis;
    char url[300];
    struct err err;

    if (argc != 5) {
        fprintf(stderr, "usage: add SOCKET QUEUE JOBS WINDOW\n");
        return 2;
    }
    snprintf(url, sizeof url, "unix:%s", argv[1]);
    link.url = url;
    config.name = argv[2];
    bench.left = strtol(argv[3], NULL, 10);
    bench.window = strtol(argv[4], NULL, 10);
    opts_init(&bench.opts);
    bench.opts.attempts = 3;
    keep_init(&config.on_complete);
    keep_init(&config.on_fail);
    bench.base = event_base_new();
    redis = redis_new(bench.base, &link, linked, &bench, &err);
    bench.queue = queue_new(redis, &config, &err);
    event_base_dispatch(bench.base);
    redis_free(redis);
    queue_free(bench.queue);
    event_base_free(bench.base);
    return bench.left ? 1 : 0;
}

static void linked(void *arg, const struct err *err)
{
    struct bench *bench = arg;

    give_up(err);
    while (bench->left && bench->under_way < bench->window)
        add(bench);
}

static void add(struct bench *bench)
{
    bench->left--;
    bench->under_way++;
    queue_add(bench->queue, "execute", bench->data, &bench->opts, added, bench);
}

static void added(void *arg, const char *id, const struct err *err)
{
    struct bench *bench = arg;

    give_up(err);
    bench->under_way--;
    if (bench->left)
        add(bench);
    else if (!bench->under_way)
        event_base_loopbreak(bench->base);
}

static void give_up(const struct err *err)
{
    if (!err)
        return;
    fprintf(stderr, "%s\n", err->text);
    exit(1);
}
