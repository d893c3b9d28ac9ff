/* http.h -- evhttp kept in one place: limits, replies, errors.
 *
 * A request is held until it is replied to, once, whatever happens; nobody is told when the
 * client has left meanwhile, the reply then goes nowhere. Errors are problem details
 * (RFC 9457), also those that evhttp finds by itself.
 */
#ifndef PRODUCER_HTTP_H
#define PRODUCER_HTTP_H

#include <event2/http.h>

#include "lib/fields.h"

struct http;         /* a server */
struct http_request; /* one request, held */

struct http_config {
    const char *host;
    int port;          /* 0: any, see http_port */
    size_t body_limit; /* bytes; more is 413 */
    int idle_s;        /* a connection that is silent for so long is closed */
};

/* What a handler hears: the request and, of a route with a `:parameter`, its value, decoded
 * and NUL-terminated, valid during the call. */
typedef void http_handler(void *arg, struct http_request *request, const char *parameter);

struct http_route {
    const char *method; /* GET answers HEAD, too */
    const char *path;   /* "/v1/jobs/:id" */
    http_handler *handler;
};

/* An event base with which a server costs least, for a program that does not dup(2) what it
 * watches. */
struct event_base *http_base_new(void);

/* Listen. `routes` ends with {0}. NULL and an error that says on what. */
struct http *http_new(struct event_base *base, const struct http_config *config,
                      const struct http_route *routes, void *arg, struct err *err);
void http_free(struct http *http); /* NULL is fine */

int http_port(const struct http *http);

/* Take no more connections; `idle` is called once, later, when no request is held. */
void http_stop(struct http *http, void (*idle)(void *arg), void *arg);

/* The body, borrowed until the reply. */
struct bytes http_body(struct http_request *request);
const char *http_header(struct http_request *request, const char *name); /* or NULL */

/* Before replying: a header of the reply. */
void http_add_header(struct http_request *request, const char *name, const char *value);

/* Reply with JSON, taking the reference. */
void http_reply(struct http_request *request, int status, json_t *body);

/* Reply with a problem. */
void http_problem(struct http_request *request, int status, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* The same for fields that are wrong. */
void http_problem_fields(struct http_request *request, int status,
                         const struct field_errors *errors);
/* The same by the one table that turns error kinds into statuses. */
void http_problem_err(struct http_request *request, const struct err *err);

#endif
