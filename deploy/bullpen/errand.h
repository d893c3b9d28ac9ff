/* errand.h -- one command of `bullpen queue` on its way: what was asked for, the queue, and
 * the answer. errand.c connects, has the command run, and prints; verbs.c reads what was
 * asked for; look.c and act.c are the commands.
 *
 * A command asks the queue, and in its last hearer calls errand_done, once. Before that,
 * text for people is put into `out`; errand_json puts JSON there.
 */
#ifndef DEPLOY_BULLPEN_ERRAND_H
#define DEPLOY_BULLPEN_ERRAND_H

#include <event2/buffer.h>

#include "lib/json.h"
#include "queue/admin.h"
#include "queue/options.h"

struct errand_conf {
    struct queue_options queue;
    bool json, yes, oldest, children, all, delayed, force;
    int64_t limit; /* 0: all */
    int64_t offset;
    int64_t grace_s; /* -1: not said */
};

struct errand {
    const struct verb *verb;
    struct errand_conf conf;
    /* The command's words, as far as it has such: */
    const char *id;
    enum queue_state state;
    bool set;           /* a setting is to be changed, not shown: */
    int64_t numbers[2]; /* to these; 0: to none */

    struct event_base *base;
    struct redis *redis;
    struct queue *queue;
    struct event *late; /* until Redis is there */
    struct evbuffer *out;
    void *found; /* what a command keeps between its steps; freed with the errand */
    bool begun;  /* the command runs: a link that is lost now is heard by its calls */
    int status;  /* what the process exits with */
};

/* Connect to Redis, run the command, print the answer. Gives what to exit with. */
int errand_run(struct errand *errand);

/* It is over: an error is told on stderr, and what is in `out` is printed. */
void errand_done(struct errand *errand, const struct err *err);

/* The answer as one JSON document, now the errand's; in ASCII, so that no terminal can take
 * a part of it for a command. */
void errand_json(struct errand *errand, json_t *answer);

#endif
