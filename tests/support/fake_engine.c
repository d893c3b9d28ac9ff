/* fake_engine.c -- see fake_engine.h. */
#include "tests/support/fake_engine.h"

#include <assert.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/listener.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/mem.h"
#include "lib/timer.h"

struct fake_engine fake_engine;

/* A client's connection, which brings one call. */
struct connection {
    TAILQ_ENTRY(connection) next;
    struct bufferevent *bev;
    struct evbuffer *pending; /* to be sent, when it drips */
    struct event *drip;
    bool closing; /* once all is sent */
    bool called;
    enum fake_call call;
};

static struct event_base *base;
static struct evconnlistener *listener;
static char folder[64], path[96], host[104];
static TAILQ_HEAD(connections, connection) connections;
static struct connection *stream, *waiting; /* attached; held */

static void accepted(struct evconnlistener *from, evutil_socket_t fd,
                     struct sockaddr *address, int len, void *arg);
static void readable(struct bufferevent *bev, void *arg);
static bool more_than_a_line(struct evbuffer *text);
static bool take_call(struct connection *connection);
static enum fake_call which(const char *method, const char *target);
static bool version_good(const char *target);
static void answer(struct connection *connection);
static void answer_well(struct connection *connection);
static void answer_json(struct connection *connection, int status, const char *body);
static void send_bytes(struct connection *connection, const char *at, size_t len);
static void drip(evutil_socket_t fd, short what, void *arg);
static void finish(struct connection *connection);
static void written(struct bufferevent *bev, void *arg);
static void happened(struct bufferevent *bev, short what, void *arg);
static void drop(struct connection *connection);

void fake_engine_start(struct event_base *of)
{
    memset(&fake_engine, 0, sizeof fake_engine);
    fake_engine.api = "1.41";
    fake_engine.api_min = "1.12";
    fake_engine.in = evbuffer_new();
    base = of;
    TAILQ_INIT(&connections);
    snprintf(folder, sizeof folder, "/tmp/fake_engine.XXXXXX");
    if (!mkdtemp(folder))
        abort();
    snprintf(path, sizeof path, "%s/docker.sock", folder);
    snprintf(host, sizeof host, "unix://%s", path);
    fake_engine_again();
}

void fake_engine_again(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    memcpy(address.sun_path, path, strlen(path));
    listener = evconnlistener_new_bind(base, accepted, NULL, LEV_OPT_CLOSE_ON_FREE, -1,
                                       (struct sockaddr *)&address, sizeof address);
    if (!listener)
        abort();
}

void fake_engine_away(void)
{
    struct connection *connection;

    evconnlistener_free(listener);
    listener = NULL;
    unlink(path);
    while ((connection = TAILQ_FIRST(&connections)))
        drop(connection);
}

void fake_engine_stop(void)
{
    if (listener)
        fake_engine_away();
    rmdir(folder);
    evbuffer_free(fake_engine.in);
    free(fake_engine.created);
    fake_engine.in = NULL;
    fake_engine.created = NULL;
}

const char *fake_engine_host(void)
{
    return host;
}

void fake_engine_forget(void)
{
    memset(fake_engine.asked, 0, sizeof fake_engine.asked);
    memset(fake_engine.was_asked, 0, sizeof fake_engine.was_asked);
    evbuffer_drain(fake_engine.in, evbuffer_get_length(fake_engine.in));
    fake_engine.fed = fake_engine.left = false;
}

static void accepted(struct evconnlistener *from, evutil_socket_t fd,
                     struct sockaddr *address, int len, void *arg)
{
    struct connection *connection = xcalloc(1, sizeof *connection);

    connection->bev = bufferevent_socket_new(base, fd, BEV_OPT_CLOSE_ON_FREE);
    connection->pending = evbuffer_new();
    connection->drip = evtimer_new(base, drip, connection);
    TAILQ_INSERT_TAIL(&connections, connection, next);
    bufferevent_setcb(connection->bev, readable, written, happened, connection);
    bufferevent_enable(connection->bev, EV_READ | EV_WRITE);
}

static void readable(struct bufferevent *bev, void *arg)
{
    struct connection *connection = arg;

    if (connection == stream) {
        evbuffer_add_buffer(fake_engine.in, bufferevent_get_input(bev));
        fake_engine.fed = more_than_a_line(fake_engine.in);
        return;
    }
    if (connection->called || !take_call(connection))
        return;
    connection->called = true;
    fake_engine.asked[connection->call]++;
    fake_engine.was_asked[connection->call] = true;
    if (fake_engine.held[connection->call]) {
        assert(!waiting);
        waiting = connection;
        fake_engine.holding = true;
    } else {
        answer(connection);
    }
}

static bool more_than_a_line(struct evbuffer *text)
{
    ev_ssize_t end = evbuffer_search_eol(text, NULL, NULL, EVBUFFER_EOL_LF).pos;

    return end >= 0 && (size_t)end + 1 < evbuffer_get_length(text);
}

/* The head, and a body as long as it says. */
static bool take_call(struct connection *connection)
{
    struct evbuffer *input = bufferevent_get_input(connection->bev);
    struct evbuffer_ptr end = evbuffer_search(input, "\r\n\r\n", 4, NULL);
    char method[16], *head;
    const char *length;
    size_t head_len, body_len = 0;

    if (end.pos < 0)
        return false;
    head_len = (size_t)end.pos + 4;
    head = xmemdup0(evbuffer_pullup(input, (ev_ssize_t)head_len), head_len);
    length = strstr(head, "Content-Length: ");
    if (length)
        body_len = strtoul(length + strlen("Content-Length: "), NULL, 10);
    if (evbuffer_get_length(input) < head_len + body_len) {
        free(head);
        return false;
    }
    evbuffer_drain(input, head_len);
    assert(sscanf(head, "%15s %255s", method, fake_engine.target) == 2);
    free(head);
    connection->call = which(method, fake_engine.target);
    if (connection->call == CALL_CREATE) {
        free(fake_engine.created);
        fake_engine.created =
            xmemdup0(evbuffer_pullup(input, (ev_ssize_t)body_len), body_len);
    }
    evbuffer_drain(input, body_len);
    return true;
}

static enum fake_call which(const char *method, const char *target)
{
    static const struct {
        const char *method, *begin, *part;
        enum fake_call call;
    } calls[] = {
        {"GET", "/version", "", CALL_VERSION},
        {"GET", "/v1.", "/info", CALL_INFO},
        {"POST", "/v1.", "/containers/create", CALL_CREATE},
        {"POST", "/v1.", "/containers/" FAKE_ID "/attach?", CALL_ATTACH},
        {"POST", "/v1.", "/containers/" FAKE_ID "/start", CALL_START},
        {"GET", "/v1.", "/containers/" FAKE_ID "/json", CALL_INSPECT},
        {"POST", "/v1.", "/containers/" FAKE_ID "/kill?signal=KILL", CALL_KILL},
        {"DELETE", "/v1.", "/containers/" FAKE_ID "?force=1&v=1", CALL_REMOVE},
        {"GET", "/v1.", "/containers/json?all=1&filters=", CALL_LIST},
    };

    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
        if (!strcmp(method, calls[i].method) &&
            !strncmp(target, calls[i].begin, strlen(calls[i].begin)) &&
            strstr(target, calls[i].part))
            return calls[i].call;
    return CALL_UNKNOWN;
}

/* An engine refuses versions above its own, and below its oldest. */
static bool version_good(const char *target)
{
    long minor = strtol(target + strlen("/v1."), NULL, 10);

    return minor >= strtol(fake_engine.api_min + 2, NULL, 10) &&
           minor <= strtol(fake_engine.api + 2, NULL, 10);
}

void fake_engine_release(void)
{
    struct connection *connection = waiting;

    memset(fake_engine.held, 0, sizeof fake_engine.held);
    fake_engine.holding = false;
    waiting = NULL;
    if (connection)
        answer(connection);
}

static void answer(struct connection *connection)
{
    const char *bytes = fake_engine.answers[connection->call];

    if (fake_engine.silent[connection->call])
        return;
    if (bytes) {
        send_bytes(connection, bytes, strlen(bytes));
        finish(connection);
    } else if (connection->call != CALL_VERSION && !version_good(fake_engine.target)) {
        answer_json(connection, 400, "{\"message\":\"client version is too old\"}");
    } else {
        answer_well(connection);
    }
}

static void answer_well(struct connection *connection)
{
    static const char upgraded[] =
        "HTTP/1.1 101 UPGRADED\r\nContent-Type: application/vnd.docker.raw-stream\r\n"
        "Connection: Upgrade\r\nUpgrade: tcp\r\n\r\n";
    char version[64];

    switch (connection->call) {
    case CALL_VERSION:
        snprintf(version, sizeof version, "{\"ApiVersion\":\"%s\"}", fake_engine.api);
        answer_json(connection, 200, version);
        break;
    case CALL_INFO:
        answer_json(connection, 200,
                    "{\"CgroupVersion\":\"1\",\"Runtimes\":{\"runc\":{}},"
                    "\"MemoryLimit\":true,\"PidsLimit\":true}");
        break;
    case CALL_CREATE:
        answer_json(connection, 201, "{\"Id\":\"" FAKE_ID "\",\"Warnings\":[]}");
        break;
    case CALL_ATTACH:
        stream = connection;
        fake_engine.attached = true;
        send_bytes(connection, upgraded, sizeof upgraded - 1);
        break;
    case CALL_INSPECT:
        answer_json(connection, 200, "{\"State\":{\"OOMKilled\":false}}");
        break;
    case CALL_LIST:
        answer_json(connection, 200, "[]");
        break;
    case CALL_KILL:
    case CALL_REMOVE:
        if (stream && !fake_engine.immortal)
            fake_container_ends();
        /* fall through */
    case CALL_START:
        answer_json(connection, 204, "");
        break;
    default:
        answer_json(connection, 404, "{\"message\":\"page not found\"}");
    }
}

static void answer_json(struct connection *connection, int status, const char *body)
{
    char *text =
        status == 204
            ? xstrdup("HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
            : xasprintf("HTTP/1.1 %d Whatever\r\nContent-Type: application/json\r\n"
                        "Content-Length: %zu\r\n\r\n%s",
                        status, strlen(body), body);

    send_bytes(connection, text, strlen(text));
    free(text);
    finish(connection);
}

void fake_container_prints(enum stream which_stream, const char *at, size_t len)
{
    unsigned char head[8] = {(unsigned char)which_stream,
                             0,
                             0,
                             0,
                             (unsigned char)(len >> 24),
                             (unsigned char)(len >> 16),
                             (unsigned char)(len >> 8),
                             (unsigned char)len};

    fake_container_sends((const char *)head, sizeof head);
    fake_container_sends(at, len);
}

void fake_container_sends(const char *at, size_t len)
{
    assert(stream);
    send_bytes(stream, at, len);
}

void fake_container_ends(void)
{
    struct connection *connection = stream;

    assert(stream);
    stream = NULL;
    fake_engine.attached = false;
    finish(connection);
}

static void send_bytes(struct connection *connection, const char *at, size_t len)
{
    if (!fake_engine.drips) {
        bufferevent_write(connection->bev, at, len);
        return;
    }
    evbuffer_add(connection->pending, at, len);
    timer_set_us(connection->drip, 0);
}

static void drip(evutil_socket_t fd, short what, void *arg)
{
    struct connection *connection = arg;
    char byte;

    if (evbuffer_remove(connection->pending, &byte, 1) == 1)
        bufferevent_write(connection->bev, &byte, 1);
    if (evbuffer_get_length(connection->pending))
        timer_set_us(connection->drip, 0);
}

/* The end, once everything is sent. */
static void finish(struct connection *connection)
{
    connection->closing = true;
    written(connection->bev, connection);
}

static void written(struct bufferevent *bev, void *arg)
{
    struct connection *connection = arg;

    if (connection->closing && !evbuffer_get_length(connection->pending) &&
        !evbuffer_get_length(bufferevent_get_output(bev)))
        drop(connection);
}

static void happened(struct bufferevent *bev, short what, void *arg)
{
    struct connection *connection = arg;

    if (connection == stream)
        fake_engine.left = true;
    drop(connection);
}

static void drop(struct connection *connection)
{
    if (connection == stream) {
        stream = NULL;
        fake_engine.attached = false;
    }
    if (connection == waiting) {
        waiting = NULL;
        fake_engine.holding = false;
    }
    TAILQ_REMOVE(&connections, connection, next);
    bufferevent_free(connection->bev);
    evbuffer_free(connection->pending);
    event_free(connection->drip);
    free(connection);
}
