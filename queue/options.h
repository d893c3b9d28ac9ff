/* options.h -- the configuration rows that say where the queue is; every program has them.
 *
 *     struct conf {
 *         struct queue_options queue;
 *     };
 *     static const struct conf_option options[] = {
 *         QUEUE_OPTIONS(struct conf, queue),
 *         {{0}},
 *     };
 */
#ifndef QUEUE_OPTIONS_H
#define QUEUE_OPTIONS_H

#include <stddef.h>

#include "lib/conf.h"

struct queue_options {
    const char *redis;  /* as redis_config's url */
    const char *name;   /* "jobs" */
    const char *prefix; /* "bull" */
};

/* NOLINTBEGIN(bugprone-macro-parentheses): a member cannot stand in them */
/* `conf` is the type of the program's struct, `member` its struct queue_options. */
#define QUEUE_OPTIONS(conf, member)                                                       \
    CONF_TEXT(conf, "redis", member.redis, 1024, "REDIS_URL", "redis://127.0.0.1:6379/0", \
              "where the queue is; also unix:path"),                                      \
        CONF_TEXT(conf, "queue", member.name, 128, "BULLPEN_QUEUE", "jobs",               \
                  "the queue's name"),                                                    \
        CONF_TEXT(conf, "prefix", member.prefix, 128, "BULLPEN_PREFIX", "bull",           \
                  "what its keys begin with")
/* NOLINTEND(bugprone-macro-parentheses) */

#endif
