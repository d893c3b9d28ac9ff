/* redis.h -- one link to Redis: connect, reconnect, deadline, call.
 *
 * A libevent bufferevent (TCP or unix socket) with hiredis' formatter and reader on top,
 * RESP2. Commands are pipelined: those of one round of the event loop leave in one write,
 * at its end, and are answered in order. Every call ends by itself: with a reply, or with
 * an error when Redis said so, when the deadline passed, or when the link broke. The link
 * comes back by itself, with backoff and jitter, for ever.
 */
#ifndef QUEUE_REDIS_H
#define QUEUE_REDIS_H

#include <hiredis/hiredis.h>
#include <stdbool.h>
#include <stddef.h>

#include "lib/err.h"

struct event_base;
struct redis;

struct redis_config {
    const char *url; /* redis://[[user]:password@]host[:port][/db], unix:path[?db=n] */
    const char *client_name; /* CLIENT SETNAME after connecting; NULL for none */
    int deadline_ms; /* for one call, from asking to the whole reply; also to connect */
};

/* Hears one of: a reply, valid during the call only, never an error reply; or an error.
 * ERR_BACKEND: the link is or went away, or Redis cannot serve now (LOADING, READONLY,
 * OOM, ...). ERR_TIMEOUT: no answer in time. After either a command that was sent may or
 * may not have been carried out. ERR_BUG: Redis refused the command itself. */
typedef void redis_replied(void *arg, const redisReply *reply, const struct err *err);

/* Hears that the link is usable (NULL), or was lost or could not be made (the reason; at
 * every failed try). */
typedef void redis_changed(void *arg, const struct err *err);

/* Start connecting. `changed` may be NULL. NULL and ERR_INVALID when the URL is wrong.
 * Texts are copied. */
struct redis *redis_new(struct event_base *base, const struct redis_config *config,
                        redis_changed *changed, void *arg, struct err *err);

/* Close. Calls in flight hear an ERR_BACKEND before this returns; `changed` hears nothing.
 * Not to be called from one of these callbacks. */
void redis_free(struct redis *redis); /* NULL is fine */

bool redis_ready(const struct redis *redis);

/* Where to, without the password: "redis://127.0.0.1:6379/0". */
const char *redis_where(const struct redis *redis);

/* Ask, with a printf-like hiredis format (%s, %b, %d, %lld). `replied` comes exactly once,
 * never before this returns. `block_ms` is added to the deadline, for commands that wait
 * inside Redis. With no usable link the call fails at once, and before `changed` says that
 * it is back: who wants to wait for the link hears that. */
void redis_callf(struct redis *redis, int block_ms, redis_replied *replied, void *arg,
                 const char *format, ...);

/* The same with a command already in RESP form, copied. */
void redis_send(struct redis *redis, const char *command, size_t len, int block_ms,
                redis_replied *replied, void *arg);

/* Whether an error of a call was this reply of Redis, by its first word ("NOSCRIPT"). */
bool redis_said(const struct err *err, const char *code);

#endif
