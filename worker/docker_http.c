/* docker_http.c -- see docker_http.h. A request is one struct that ends in finish(). */
#include "worker/docker_http.h"

#include <event2/buffer.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/mem.h"
#include "lib/timer.h"
#include "worker/http_reply.h"

enum { BODY_MAX = 4 * 1024 * 1024 };

struct request {
    struct bufferevent *bev;
    struct event *deadline;
    struct event *start; /* zero delay: connecting fails at once, if it does */
    struct http_reply *reply;
    struct sockaddr_un address;
    int deadline_ms;
    docker_progress *progress;
    docker_replied *replied;
    void *arg;
};

static void write_request(struct evbuffer *out, const struct docker_request *ask);
static void start(evutil_socket_t unused, short what, void *arg);
static void readable(struct bufferevent *bev, void *arg);
static void happened(struct bufferevent *bev, short what, void *arg);
static void too_late(evutil_socket_t fd, short what, void *arg);
static void finish(struct request *request, const struct err *err);

void docker_ask(struct event_base *base, const struct docker_request *ask,
                docker_replied *replied, void *arg)
{
    struct request *request = xcalloc(1, sizeof *request);

    request->deadline_ms = ask->deadline_ms;
    request->progress = ask->progress;
    request->replied = replied;
    request->arg = arg;
    request->reply = http_reply_new(BODY_MAX, ask->upgrade);
    request->address.sun_family = AF_UNIX;
    memcpy(request->address.sun_path, ask->path,
           strnlen(ask->path, sizeof request->address.sun_path - 1));
    request->bev = bufferevent_socket_new(base, -1, BEV_OPT_CLOSE_ON_FREE);
    bufferevent_setcb(request->bev, readable, NULL, happened, request);
    write_request(bufferevent_get_output(request->bev), ask);
    request->start = evtimer_new(base, start, request);
    timer_now(request->start);
    request->deadline = evtimer_new(base, too_late, request);
    timer_set_ms(request->deadline, ask->deadline_ms);
}

static void write_request(struct evbuffer *out, const struct docker_request *ask)
{
    size_t len = ask->archive ? evbuffer_get_length(ask->archive)
                 : ask->body  ? strlen(ask->body)
                              : 0;

    evbuffer_add_printf(out, "%s %s HTTP/1.1\r\nHost: docker\r\n", ask->method,
                        ask->target);
    evbuffer_add_printf(out, ask->upgrade ? "Connection: Upgrade\r\nUpgrade: tcp\r\n"
                                          : "Connection: close\r\n");
    if (ask->archive || ask->body)
        evbuffer_add_printf(out, "Content-Type: application/%s\r\n",
                            ask->archive ? "x-tar" : "json");
    if (len || !strcmp(ask->method, "POST"))
        evbuffer_add_printf(out, "Content-Length: %zu\r\n", len);
    evbuffer_add_printf(out, "\r\n");
    if (ask->archive)
        evbuffer_add_buffer(out, ask->archive);
    else if (ask->body)
        evbuffer_add(out, ask->body, len);
}

/* A unix socket is connected at once or not at all, so this is done by hand: libevent would
 * not say why it failed. */
static void start(evutil_socket_t unused, short what, void *arg)
{
    struct request *request = arg;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    struct err err;

    if (fd < 0 ||
        connect(fd, (struct sockaddr *)&request->address, sizeof request->address)) {
        err_set(&err, ERR_BACKEND, "%m");
        if (fd >= 0)
            close(fd);
        finish(request, &err);
        return;
    }
    bufferevent_setfd(request->bev, fd);
    bufferevent_enable(request->bev, EV_READ | EV_WRITE);
}

static void readable(struct bufferevent *bev, void *arg)
{
    struct request *request = arg;
    struct err err;
    int read = http_reply_read(request->reply, bufferevent_get_input(bev), &err);

    if (request->progress) {
        timer_set_ms(request->deadline, request->deadline_ms);
        if (http_reply_status(request->reply) == 200)
            request->progress(request->arg, http_reply_arrived(request->reply));
    }
    if (read)
        finish(request, read < 0 ? &err : NULL);
}

static void happened(struct bufferevent *bev, short what, void *arg)
{
    struct request *request = arg;
    struct err err;

    if (what & BEV_EVENT_EOF) {
        finish(request, http_reply_end(request->reply, &err) < 0 ? &err : NULL);
        return;
    }
    err_set(&err, ERR_BACKEND, "%s", evutil_socket_error_to_string(EVUTIL_SOCKET_ERROR()));
    finish(request, &err);
}

static void too_late(evutil_socket_t fd, short what, void *arg)
{
    struct err err;

    err_set(&err, ERR_TIMEOUT, "no answer in time");
    finish(arg, &err);
}

static void finish(struct request *request, const struct err *err)
{
    struct bufferevent *stream = NULL;
    const char *body;
    size_t len;

    event_free(request->deadline);
    event_free(request->start);
    if (!err && http_reply_upgraded(request->reply)) {
        stream = request->bev;
        bufferevent_setcb(stream, NULL, NULL, NULL, NULL);
    }
    body = http_reply_body(request->reply, &len);
    request->replied(request->arg, http_reply_status(request->reply), body, len, stream,
                     err);
    if (!stream)
        bufferevent_free(request->bev);
    http_reply_free(request->reply);
    free(request);
}
