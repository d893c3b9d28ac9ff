/* producer.h -- what the handlers share. */
#ifndef PRODUCER_PRODUCER_H
#define PRODUCER_PRODUCER_H

#include "lang-registry/registry.h"
#include "producer/http.h"
#include "queue/queue.h"

struct producer {
    struct queue *queue;
    struct redis *redis;
    const struct registry *registry; /* may be another when a call has been answered */
};

extern const struct http_route producer_routes[]; /* routes.c; their arg is the producer */

http_handler submit_post;                   /* submit.c */
http_handler result_get;                    /* result.c */
http_handler manage_healthz, manage_readyz; /* manage.c */
http_handler languages_list, languages_get; /* languages.c */

#endif
