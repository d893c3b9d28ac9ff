/* http_reply.h -- one HTTP/1.1 response, parsed as it comes (RFC 9112): a pure function of
 * bytes, apart from its socket. Content-Length, chunked, and "until the connection ends".
 */
#ifndef WORKER_HTTP_REPLY_H
#define WORKER_HTTP_REPLY_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/err.h"

struct evbuffer;
struct http_reply;

/* A reply whose body may have up to `limit` bytes, and its head 16 KiB. `upgrade`: the
 * connection was asked to become a raw stream. */
struct http_reply *http_reply_new(size_t limit, bool upgrade);
void http_reply_free(struct http_reply *reply); /* NULL is fine */

/* Take what belongs to the reply out of `input`. 1 when the reply is whole (bytes behind
 * it stay), 0 when more must come, -1 when this is no HTTP or too much of it. */
int http_reply_read(struct http_reply *reply, struct evbuffer *input, struct err *err);

/* The connection has ended: 1 if that is how this reply ends, else -1. */
int http_reply_end(struct http_reply *reply, struct err *err);

int http_reply_status(const struct http_reply *reply); /* 200; 0 before it is known */

/* The upgrade was granted: 101, or 200 with neither length nor chunks. What follows the
 * head is the raw stream's. */
bool http_reply_upgraded(const struct http_reply *reply);

/* What has come of the body so far, for who reads it as it comes: what is drained from it
 * does not count for the limit, and is not in http_reply_body. */
struct evbuffer *http_reply_arrived(struct http_reply *reply);

/* The body of a whole reply, NUL-terminated for convenience. */
const char *http_reply_body(struct http_reply *reply, size_t *len);

#endif
