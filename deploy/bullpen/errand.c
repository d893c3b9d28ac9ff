/* errand.c -- see errand.h. One process, one command: nothing is tried twice. */
#include "deploy/bullpen/errand.h"

#include <errno.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "deploy/bullpen/group.h"
#include "deploy/bullpen/text.h"
#include "deploy/bullpen/verbs.h"
#include "lib/timer.h"

enum {
    LINK_MS = 4000,  /* to reach Redis */
    CALL_MS = 60000, /* for one call: removing a million jobs takes Redis a while */
};

static int set_up(struct errand *errand, struct err *err);
static int agree(const struct errand *errand);
static void linked(void *arg, const struct err *err);
static void too_late(evutil_socket_t fd, short what, void *arg);
static int print(struct errand *errand);
static void complain(const struct errand *errand, const char *text);
static void tear_down(struct errand *errand);

int queue_group(int argc, char **argv)
{
    struct errand errand = {0};
    struct err err;

    switch (verbs_read(argc, argv, &errand, &err)) {
    case CONF_DONE:
        return EXIT_DONE;
    case CONF_BAD:
        complain(&errand, err.text);
        return EXIT_USAGE;
    case CONF_RUN:
        break;
    }
    return errand_run(&errand);
}

int errand_run(struct errand *errand)
{
    struct err err;

    errand->base = event_base_new();
    errand->out = evbuffer_new();
    if (set_up(errand, &err)) {
        complain(errand, err.text);
        errand->status = EXIT_USAGE;
    } else {
        errand->status = agree(errand);
    }
    if (errand->status == EXIT_DONE) {
        timer_set_ms(errand->late, LINK_MS);
        event_base_dispatch(errand->base);
        if (print(errand))
            errand->status = EXIT_REFUSED;
    }
    tear_down(errand);
    return errand->status;
}

static int set_up(struct errand *errand, struct err *err)
{
    const struct redis_config link = {errand->conf.queue.redis, NULL, CALL_MS};
    const struct queue_config queue = {.prefix = errand->conf.queue.prefix,
                                       .name = errand->conf.queue.name};

    errand->redis = redis_new(errand->base, &link, linked, errand, err);
    if (!errand->redis)
        return -1;
    errand->queue = queue_new(errand->redis, &queue, err);
    errand->late = evtimer_new(errand->base, too_late, errand);
    return errand->queue ? 0 : -1;
}

/* What is removed does not come back: ask whoever sits there. */
static int agree(const struct errand *errand)
{
    char reply[16] = "";

    if (!errand->verb->removes || errand->conf.yes)
        return EXIT_DONE;
    if (!isatty(STDIN_FILENO)) {
        complain(errand, "this removes jobs for good, and there is no terminal to ask: say "
                         "--yes to have it done");
        return EXIT_USAGE;
    }
    fprintf(stderr, "Remove %s of the queue %s at %s for good? [y/N] ",
            errand->verb->removes, errand->conf.queue.name, redis_where(errand->redis));
    if (fgets(reply, sizeof reply, stdin) && (*reply == 'y' || *reply == 'Y'))
        return EXIT_DONE;
    complain(errand, "nothing is removed");
    return EXIT_REFUSED;
}

/* Redis is there, or not: the link would try again, a person would rather know. */
static void linked(void *arg, const struct err *err)
{
    struct errand *errand = arg;

    if (errand->begun)
        return;
    if (err) {
        errand_done(errand, err);
        return;
    }
    errand->begun = true;
    evtimer_del(errand->late);
    errand->verb->run(errand);
}

static void too_late(evutil_socket_t fd, short what, void *arg)
{
    struct errand *errand = arg;
    struct err err;

    err_set(&err, ERR_TIMEOUT, "Redis at %s does not answer", redis_where(errand->redis));
    errand_done(errand, &err);
}

void errand_done(struct errand *errand, const struct err *err)
{
    if (err)
        complain(errand, err->text);
    errand->status = err ? EXIT_REFUSED : EXIT_DONE;
    event_base_loopbreak(errand->base);
}

void errand_json(struct errand *errand, json_t *answer)
{
    char *text = json_dumps(answer, JSON_INDENT(2) | JSON_ENSURE_ASCII);

    for (const char *at = text; *at; at++)
        if (*at == 0x7F) /* the one control character that jansson lets through */
            evbuffer_add_printf(errand->out, "\\u007f");
        else
            evbuffer_add(errand->out, at, 1);
    evbuffer_add(errand->out, "\n", 1);
    free(text);
    json_decref(answer);
}

/* Returns 0, or -1 when stdout does not take it. */
static int print(struct errand *errand)
{
    char complaint[128];

    while (evbuffer_get_length(errand->out))
        if (evbuffer_write(errand->out, STDOUT_FILENO) < 0) {
            snprintf(complaint, sizeof complaint, "cannot write the answer: %s",
                     strerror(errno)); /* NOLINT(concurrency-mt-unsafe): one thread */
            complain(errand, complaint);
            return -1;
        }
    return 0;
}

/* The text may hold foreign bytes: a job's id, what Redis says. */
static void complain(const struct errand *errand, const char *text)
{
    struct arena *arena = arena_new();

    fprintf(stderr, "bullpen queue%s%s: %s\n", errand->verb ? " " : "",
            errand->verb ? errand->verb->name : "",
            text_shown((struct bytes){text, strlen(text)}, 0, arena));
    arena_free(arena);
}

static void tear_down(struct errand *errand)
{
    redis_free(errand->redis);
    queue_free(errand->queue);
    if (errand->late)
        event_free(errand->late);
    evbuffer_free(errand->out);
    event_base_free(errand->base);
    free(errand->found);
    libevent_global_shutdown();
}
