/* http_fixture.h -- the HTTP server on a loopback port, a few routes, and clients that send
 * what the test says. */
#ifndef TESTS_SUPPORT_HTTP_FIXTURE_H
#define TESTS_SUPPORT_HTTP_FIXTURE_H

#include "tests/support/unit.h"

#include <arpa/inet.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <netinet/in.h>

#include "lib/mem.h"
#include "producer/http.h"
#include "tests/support/fake_clock.h"
#include "tests/support/loop.h"

enum { DEADLINE_MS = 5000, BODY_LIMIT = 4096, IDLE_S = 30 };

static struct event_base *base;
static struct http *http;
static struct http_request *held[4]; /* by the route /held/:id */
static size_t held_count;
static bool holding;
static int idles;
static bool idle;

/* Somebody who asks. */
struct client {
    struct bufferevent *bev;
    struct evbuffer *got;
    bool bodiless; /* it has asked with HEAD */
    bool answered; /* one whole reply is there, at least */
    bool closed;
};

static inline void get_root(void *arg, struct http_request *request, const char *parameter)
{
    http_reply(request, 200, json_pack("{s:s}", "hello", "world"));
}

static inline void post_echo(void *arg, struct http_request *request, const char *parameter)
{
    struct bytes body = http_body(request);
    const char *type = http_header(request, "content-type");

    http_add_header(request, "Location", "/here");
    http_reply(request, 202,
               json_pack("{s:i, s:s}", "bytes", (int)body.len, "type", type ? type : ""));
}

static inline void get_named(void *arg, struct http_request *request, const char *parameter)
{
    http_reply(request, 200, json_pack("{s:s}", "name", parameter));
}

static inline void get_held(void *arg, struct http_request *request, const char *parameter)
{
    assert_true(held_count < 4);
    held[held_count++] = request;
    holding = true;
}

static inline void get_error(void *arg, struct http_request *request, const char *parameter)
{
    struct err err;

    err_set(&err, (enum err_kind)(*parameter - '0'), "the <reason> \"is\" this");
    http_problem_err(request, &err);
}

static inline void get_fields(void *arg, struct http_request *request,
                              const char *parameter)
{
    struct field_errors errors = {.count = 0};

    fields_complain(&errors, "/a", "must be %d", 1);
    fields_complain(&errors, "/b", "is required");
    http_problem_fields(request, 400, &errors);
}

static const struct http_route routes[] = {
    {"GET", "/", get_root},         {"POST", "/echo", post_echo},
    {"GET", "/echo", get_root},     {"GET", "/named/:id", get_named},
    {"GET", "/held/:id", get_held}, {"GET", "/error/:kind", get_error},
    {"GET", "/fields", get_fields}, {0},
};

static inline int set_up(void **state)
{
    const struct http_config config = {"127.0.0.1", 0, BODY_LIMIT, IDLE_S};
    struct err err;

    held_count = 0;
    holding = idle = false;
    idles = 0;
    base = http_base_new();
    http = http_new(base, &config, routes, NULL, &err);
    return http ? 0 : -1;
}

static inline int tear_down(void **state)
{
    http_free(http);
    event_base_free(base);
    return 0;
}

/* Whether a whole reply is there: a head, and as much body as that says. */
static inline bool whole(const struct client *client)
{
    struct evbuffer_ptr end = evbuffer_search(client->got, "\r\n\r\n", 4, NULL);
    const char *length;
    char *head;
    size_t len = 0;

    if (end.pos < 0)
        return false;
    head = xmemdup0(evbuffer_pullup(client->got, end.pos), (size_t)end.pos);
    length = strstr(head, "Content-Length: ");
    if (length && !client->bodiless)
        len = strtoul(length + strlen("Content-Length: "), NULL, 10);
    free(head);
    return evbuffer_get_length(client->got) >= (size_t)end.pos + 4 + len;
}

static inline void hear(struct bufferevent *bev, void *arg)
{
    struct client *client = arg;

    evbuffer_add_buffer(client->got, bufferevent_get_input(bev));
    client->answered = whole(client);
}

static inline void hear_end(struct bufferevent *bev, short what, void *arg)
{
    struct client *client = arg;

    if (what & (BEV_EVENT_EOF | BEV_EVENT_ERROR))
        client->closed = true;
}

static inline struct client *connect_client(void)
{
    const struct sockaddr_in address = {.sin_family = AF_INET,
                                        .sin_port = htons((uint16_t)http_port(http)),
                                        .sin_addr = {htonl(INADDR_LOOPBACK)}};
    struct client *client = xcalloc(1, sizeof *client);

    client->got = evbuffer_new();
    client->bev = bufferevent_socket_new(base, -1, BEV_OPT_CLOSE_ON_FREE);
    bufferevent_setcb(client->bev, hear, NULL, hear_end, client);
    bufferevent_enable(client->bev, EV_READ | EV_WRITE);
    assert_int_equal(bufferevent_socket_connect(
                         client->bev, (const struct sockaddr *)&address, sizeof address),
                     0);
    return client;
}

static inline void leave(struct client *client)
{
    bufferevent_free(client->bev);
    evbuffer_free(client->got);
    free(client);
}

static inline void say(struct client *client, const char *text)
{
    client->answered = false;
    client->bodiless = !strncmp(text, "HEAD", 4);
    bufferevent_write(client->bev, text, strlen(text));
}

static inline void until(const bool *happened)
{
    assert_true(loop_until(base, happened, DEADLINE_MS));
}

/* All that has come; forgotten with the next call. */
static inline const char *heard(struct client *client)
{
    static char text[65536];
    int len = evbuffer_remove(client->got, text, sizeof text - 1);

    text[len > 0 ? len : 0] = '\0';
    return text;
}

/* Ask, and give what the answer is. */
static inline const char *ask(struct client *client, const char *text)
{
    say(client, text);
    until(&client->answered);
    return heard(client);
}

static inline void expect_part(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("no '%s' in '%s'", part, text);
}

static inline void expect_begin(const char *text, const char *begin)
{
    if (strncmp(text, begin, strlen(begin)) != 0)
        fail_msg("not '%s' but '%s'", begin, text);
}

/* What a client is told that is hung up on. */
static inline const char *last_words(struct client *client, const char *request)
{
    say(client, request);
    if (!loop_until(base, &client->closed, DEADLINE_MS))
        fail_msg("open after '%s', with '%s'", request, heard(client));
    return heard(client);
}

/* An answer that is a problem of ours. */
static inline void expect_problem(const char *text, int status)
{
    char line[32], member[32];

    snprintf(line, sizeof line, "HTTP/1.1 %d ", status);
    snprintf(member, sizeof member, "\"status\":%d", status);
    expect_begin(text, line);
    expect_part(text, "Content-Type: application/problem+json\r\n");
    expect_part(text, member);
    if (strstr(text, "HTML") || strstr(text, "text/html"))
        fail_msg("HTML in '%s'", text);
}

#define HOST "Host: a\r\n"

#endif
