/* docker_http.h -- HTTP/1.1 to the engine's unix socket, one connection a request: it costs
 * microseconds there, and no answer can be taken for another's.
 *
 * Every request ends by itself, with a reply or an error, within its deadline. Hearers are
 * called exactly once and never before asking has returned.
 */
#ifndef WORKER_DOCKER_HTTP_H
#define WORKER_DOCKER_HTTP_H

#include <event2/bufferevent.h>
#include <stdbool.h>

#include "lib/err.h"

/* Hears what has come of a good answer's body, as it comes, and drains what it takes. */
typedef void docker_progress(void *arg, struct evbuffer *body);

/* What to ask. Texts are borrowed until asking returns. */
struct docker_request {
    const char *path; /* of the socket */
    const char *method;
    const char *target;
    const char *body;          /* JSON, or NULL */
    struct evbuffer *archive;  /* a tar in its place, or NULL; emptied */
    int deadline_ms;           /* to the answer; with `progress`, to more of it */
    bool upgrade;              /* ask for a raw stream (attach) */
    docker_progress *progress; /* or NULL */
};

/* Hears the answer's status and body, valid during the call, or an ERR_BACKEND or
 * ERR_TIMEOUT. After an upgrade `stream` is the connection, now the hearer's (set new
 * callbacks; bytes may be waiting in its input); else it is NULL. */
typedef void docker_replied(void *arg, int status, const char *body, size_t len,
                            struct bufferevent *stream, const struct err *err);

void docker_ask(struct event_base *base, const struct docker_request *ask,
                docker_replied *replied, void *arg);

#endif
