/* finish.h -- inside queue/ only: the ends of jobs, on their way to one call. */
#ifndef QUEUE_FINISH_H
#define QUEUE_FINISH_H

#include <event2/event.h>
#include <sys/queue.h>

#include "queue/queue.h"

TAILQ_HEAD(asks, ask);

/* Of a queue: jobs that completed in this round of the event loop, all to be kept alike. */
struct ends {
    struct event *send; /* active while there are some; NULL: each goes alone, at once */
    struct asks asks;
    uint32_t count;
    size_t bytes; /* of their values */
};

/* How a job ended. */
struct ending {
    const char *value;  /* JSON; or NULL, */
    const char *reason; /* and why it failed */
    struct keep keep;
    int64_t attempts;
    bool fetch_next;
};

/* With no event loop each end goes alone. At the end there must be none. */
void ends_init(struct ends *ends, struct event_base *base, struct queue *queue);
void ends_free(struct ends *ends);

#endif
