/* doctor.h -- `bullpen doctor`: one look at all that a worker needs, and a line for each
 * thing. doctor.c reads what was asked for and prints; the looks are in doctor_redis.c and
 * doctor_engine.c.
 */
#ifndef DEPLOY_BULLPEN_DOCTOR_H
#define DEPLOY_BULLPEN_DOCTOR_H

#include <event2/event.h>

#include "deploy/bullpen/group.h"
#include "lang-registry/options.h"
#include "lib/arena.h"
#include "queue/options.h"

struct doctor {
    struct {
        struct queue_options queue;
        struct registry_options registry;
        const char *docker;
    } conf;
    struct event_base *base;
    struct arena *arena;
    struct registry *registry; /* NULL where there are mistakes in it */
    int bad;                   /* lines that were */
};

/* How it is with something. */
enum finding {
    FINDING_OK,
    FINDING_NOTE, /* it works, and costs something: what, and what to do */
    FINDING_BAD   /* jobs will fail: what to do */
};

/* Print a line; foreign bytes are made harmless. */
void doctor_say(struct doctor *doctor, enum finding finding, const char *what,
                const char *fmt, ...) __attribute__((format(printf, 4, 5)));

void doctor_redis(struct doctor *doctor);
void doctor_engine(struct doctor *doctor);

#endif
