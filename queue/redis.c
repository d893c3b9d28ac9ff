/* redis.c -- see redis.h.
 *
 *      AWAY --timer--> CONNECTING --connected--> GREETING --PONG--> READY
 *       ^__________________\________________________\_________________/  lost()
 *
 * A link on which Redis is late is given up and made anew, and so is one that says what is
 * no reply: what comes after could not be told apart.
 */
#include "queue/redis.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/dns.h>
#include <event2/event.h>
#include <event2/util.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "lib/clock.h"
#include "lib/mem.h"
#include "lib/send.h"
#include "lib/timer.h"
#include "queue/calls.h"
#include "queue/redis_error.h"
#include "queue/redis_url.h"
#include "queue/replies.h"

enum { BACKOFF_FIRST_MS = 50, BACKOFF_LAST_MS = 5000 };

enum link_state { AWAY, CONNECTING, GREETING, READY };

struct redis {
    struct event_base *base;
    struct arena *arena;
    struct redis_url url;
    const char *client_name; /* or NULL */
    int deadline_ms;
    redis_changed *changed; /* or NULL */
    void *arg;

    enum link_state state;
    bool open;               /* commands may go out: READY, or greet() is speaking */
    struct evdns_base *dns;  /* NULL with a unix socket */
    struct bufferevent *bev; /* NULL while AWAY */
    redisReader *reader;     /* NULL while AWAY */
    struct evbuffer *output; /* asked in this round of the event loop */
    struct event *flush;     /* active while there is some */
    struct calls *calls;     /* under way, or to be told that they are not */
    struct event *deadline;  /* of connecting */
    struct event *retry;
    int backoff_ms;
    int64_t ready_us; /* since when, clock_mono_us */
};

static void reconnect(evutil_socket_t fd, short what, void *arg);
static int connect_unix(struct redis *redis);
static void happened(struct bufferevent *bev, short what, void *arg);
static void greet(struct redis *redis);
static void greeted(void *arg, const redisReply *reply, const struct err *err);
static void ponged(void *arg, const redisReply *reply, const struct err *err);
static void readable(struct bufferevent *bev, void *arg);
static bool answer(struct redis *redis, redisReply *reply);
static void lost(struct redis *redis, const struct err *reason);
static void unconnected(evutil_socket_t fd, short what, void *arg);
static void late(void *arg);
static void command_sent(const void *data, size_t len, void *arg);
static void flush(evutil_socket_t fd, short what, void *arg);
static void call_add(struct redis *redis, int block_ms, redis_replied *replied, void *arg);

struct redis *redis_new(struct event_base *base, const struct redis_config *config,
                        redis_changed *changed, void *arg, struct err *err)
{
    struct arena *arena = arena_new();
    struct redis *redis = arena_alloc(arena, sizeof *redis);
    struct err away;

    if (redis_url_read(config->url, &redis->url, arena, err)) {
        arena_free(arena);
        return NULL;
    }
    redis->base = base;
    redis->arena = arena;
    redis->client_name =
        config->client_name ? arena_text(arena, config->client_name) : NULL;
    redis->deadline_ms = config->deadline_ms;
    redis->changed = changed;
    redis->arg = arg;
    err_set(&away, ERR_BACKEND, "not connected to Redis at %s", redis->url.shown);
    redis->calls = calls_new(base, &away, late, redis);
    redis->output = evbuffer_new();
    redis->flush = evtimer_new(base, flush, redis);
    redis->deadline = evtimer_new(base, unconnected, redis);
    redis->retry = evtimer_new(base, reconnect, redis);
    redis->backoff_ms = BACKOFF_FIRST_MS;
    if (redis->url.host) {
        /* Not EVDNS_BASE_INITIALIZE_NAMESERVERS: that fails without a resolv.conf, and
         * addresses and /etc/hosts need none. */
        redis->dns = evdns_base_new(base, EVDNS_BASE_DISABLE_WHEN_INACTIVE);
        evdns_base_resolv_conf_parse(redis->dns, DNS_OPTIONS_ALL, "/etc/resolv.conf");
    }
    timer_set_us(redis->retry, 0);
    return redis;
}

void redis_free(struct redis *redis)
{
    static const struct err closed = {ERR_BACKEND, "the link to Redis was closed"};

    if (!redis)
        return;
    redis->changed = NULL;
    lost(redis, &closed);
    calls_free(redis->calls, &closed);
    evbuffer_free(redis->output);
    event_free(redis->flush);
    event_free(redis->deadline);
    event_free(redis->retry);
    if (redis->dns)
        evdns_base_free(redis->dns, 0);
    arena_free(redis->arena);
}

bool redis_ready(const struct redis *redis)
{
    return redis->state == READY;
}

const char *redis_where(const struct redis *redis)
{
    return redis->url.shown;
}

static void reconnect(evutil_socket_t fd, short what, void *arg)
{
    struct redis *redis = arg;
    struct err err;
    int failed;

    redis->state = CONNECTING;
    redis->reader = replies_reader();
    redis->bev = bufferevent_socket_new(redis->base, -1, BEV_OPT_CLOSE_ON_FREE);
    if (!redis->bev || !redis->reader)
        abort(); /* out of memory */
    bufferevent_setcb(redis->bev, readable, NULL, happened, redis);
    timer_set_ms(redis->deadline, redis->deadline_ms);
    failed = redis->url.path
                 ? connect_unix(redis)
                 : bufferevent_socket_connect_hostname(redis->bev, redis->dns, AF_UNSPEC,
                                                       redis->url.host, redis->url.port);
    if (failed && redis->state == CONNECTING) {
        err_set(&err, ERR_BACKEND, "cannot connect to Redis at %s: %s", redis->url.shown,
                evutil_socket_error_to_string(EVUTIL_SOCKET_ERROR()));
        lost(redis, &err);
    }
}

static int connect_unix(struct redis *redis)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    /* redis_url_read has checked that it fits */
    memcpy(address.sun_path, redis->url.path, strlen(redis->url.path) + 1);
    return bufferevent_socket_connect(redis->bev, (struct sockaddr *)&address,
                                      sizeof address);
}

static void happened(struct bufferevent *bev, short what, void *arg)
{
    struct redis *redis = arg;
    struct err err;
    int dns;

    if (what & BEV_EVENT_CONNECTED) {
        greet(redis);
        return;
    }
    dns = bufferevent_socket_get_dns_error(bev);
    if (dns)
        err_set(&err, ERR_BACKEND, "cannot find Redis at %s: %s", redis->url.shown,
                evutil_gai_strerror(dns));
    else if (what & BEV_EVENT_EOF)
        err_set(&err, ERR_BACKEND, "Redis at %s closed the connection", redis->url.shown);
    else
        err_set(&err, ERR_BACKEND, "%s Redis at %s: %s",
                redis->state == CONNECTING ? "cannot connect to" : "lost the connection to",
                redis->url.shown, evutil_socket_error_to_string(EVUTIL_SOCKET_ERROR()));
    lost(redis, &err);
}

/* Say who we are; the PING tells whether Redis serves, since one that still loads its data
 * accepts connections, too. */
static void greet(struct redis *redis)
{
    const int on = 1;

    if (!redis->url.path)
        setsockopt(bufferevent_getfd(redis->bev), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    redis->state = GREETING;
    redis->open = true;
    evtimer_del(redis->deadline);
    bufferevent_enable(redis->bev, EV_READ | EV_WRITE);
    if (redis->url.password && redis->url.user)
        redis_callf(redis, 0, greeted, redis, "AUTH %s %s", redis->url.user,
                    redis->url.password);
    else if (redis->url.password)
        redis_callf(redis, 0, greeted, redis, "AUTH %s", redis->url.password);
    if (redis->url.db)
        redis_callf(redis, 0, greeted, redis, "SELECT %d", redis->url.db);
    if (redis->client_name)
        redis_callf(redis, 0, greeted, redis, "CLIENT SETNAME %s", redis->client_name);
    redis_callf(redis, 0, ponged, redis, "PING");
    redis->open = false;
}

/* Refused: what follows would act as somebody else or on another database. */
static void greeted(void *arg, const redisReply *reply, const struct err *err)
{
    struct redis *redis = arg;

    if (err && redis->state == GREETING)
        lost(redis, err);
}

static void ponged(void *arg, const redisReply *reply, const struct err *err)
{
    struct redis *redis = arg;

    if (redis->state != GREETING)
        return;
    if (err) {
        lost(redis, err);
        return;
    }
    redis->state = READY;
    redis->ready_us = clock_mono_us();
    redis->open = true;
    /* First: whoever is told later would think the link away again. */
    calls_refuse(redis->calls);
    if (redis->changed)
        redis->changed(redis->arg, NULL);
}

static void readable(struct bufferevent *bev, void *arg)
{
    struct redis *redis = arg;
    struct evbuffer *input = bufferevent_get_input(bev);
    struct evbuffer_iovec part;
    void *reply;

    while (evbuffer_peek(input, -1, NULL, &part, 1) > 0) {
        redisReaderFeed(redis->reader, part.iov_base, part.iov_len);
        evbuffer_drain(input, part.iov_len);
    }
    /* A reply's hearer may have given up the link: then the reader is another, or none. */
    for (const redisReader *reader = redis->reader; redis->reader == reader;) {
        if (redisReaderGetReply(redis->reader, &reply) != REDIS_OK) {
            struct err err;

            err_set(&err, ERR_BACKEND, "Redis at %s does not speak its protocol: %s",
                    redis->url.shown, redis->reader->errstr);
            lost(redis, &err);
            return;
        }
        if (!reply || !answer(redis, reply))
            break;
    }
}

/* Hand a reply to the call that waits longest. False when that was the end of the link. */
static bool answer(struct redis *redis, redisReply *reply)
{
    const struct bufferevent *bev = redis->bev;
    bool asked, reset = false;
    struct err err;

    if (reply->type == REDIS_REPLY_ERROR) {
        reset = redis_error_read(reply->str, redis->url.shown, &err);
        asked = calls_answer(redis->calls, NULL, &err);
    } else {
        asked = calls_answer(redis->calls, reply, NULL);
    }
    reply_free(reply);
    if (!asked)
        err_set(&err, ERR_BACKEND, "Redis at %s answered without having been asked",
                redis->url.shown);
    if ((reset || !asked) && redis->bev == bev)
        lost(redis, &err);
    return redis->bev == bev && bev;
}

/* The link is of no more use: tell everybody who waits, and try again after a while. */
static void lost(struct redis *redis, const struct err *reason)
{
    const struct err err = *reason; /* it may live in what is freed here */
    unsigned char random = 0;

    /* A replica lets us in each time, and says READONLY to the first who writes. */
    if (redis->state == READY &&
        clock_mono_us() - redis->ready_us > BACKOFF_LAST_MS * INT64_C(1000))
        redis->backoff_ms = BACKOFF_FIRST_MS;
    redis->state = AWAY;
    redis->open = false;
    evtimer_del(redis->deadline);
    event_del(redis->flush);
    evbuffer_drain(redis->output, evbuffer_get_length(redis->output));
    if (redis->bev)
        bufferevent_free(redis->bev);
    redis->bev = NULL;
    if (redis->reader)
        redisReaderFree(redis->reader);
    redis->reader = NULL;
    evutil_secure_rng_get_bytes(&random, sizeof random);
    timer_set_us(redis->retry, redis->backoff_ms * (500LL + random * 2));
    if (redis->backoff_ms < BACKOFF_LAST_MS)
        redis->backoff_ms *= 2;
    calls_fail(redis->calls, &err);
    if (redis->changed)
        redis->changed(redis->arg, &err);
}

static void unconnected(evutil_socket_t fd, short what, void *arg)
{
    struct redis *redis = arg;
    struct err err;

    err_set(&err, ERR_BACKEND, "no connection to Redis at %s in time", redis->url.shown);
    lost(redis, &err);
}

static void late(void *arg)
{
    struct redis *redis = arg;
    struct err err;

    err_set(&err, ERR_TIMEOUT, "Redis at %s did not answer in time", redis->url.shown);
    lost(redis, &err);
}

void redis_callf(struct redis *redis, int block_ms, redis_replied *replied, void *arg,
                 const char *format, ...)
{
    char *command;
    va_list args;
    int len;

    va_start(args, format);
    len = redisvFormatCommand(&command, format, args);
    va_end(args);
    if (len < 0)
        abort(); /* out of memory, or a format of ours that is wrong */
    if (redis->open)
        evbuffer_add_reference(redis->output, command, (size_t)len, command_sent, command);
    else
        redisFreeCommand(command);
    call_add(redis, block_ms, replied, arg);
}

void redis_send(struct redis *redis, const char *command, size_t len, int block_ms,
                redis_replied *replied, void *arg)
{
    if (redis->open)
        evbuffer_add(redis->output, command, len);
    call_add(redis, block_ms, replied, arg);
}

static void command_sent(const void *data, size_t len, void *arg)
{
    redisFreeCommand(arg);
}

/* Remember who asked, in the order of asking. */
static void call_add(struct redis *redis, int block_ms, redis_replied *replied, void *arg)
{
    if (redis->open) {
        calls_sent(redis->calls, replied, arg, redis->deadline_ms + (int64_t)block_ms);
        timer_now(redis->flush);
    } else {
        calls_refused(redis->calls, replied, arg);
    }
}

/* What one round of the event loop asks leaves in one writev(2), at its end. */
static void flush(evutil_socket_t fd, short what, void *arg)
{
    struct redis *redis = arg;

    send_now(redis->bev, redis->output);
}

bool redis_said(const struct err *err, const char *code)
{
    size_t len = strlen(code);

    return !strncmp(err->text, code, len) && (err->text[len] == ' ' || !err->text[len]);
}
