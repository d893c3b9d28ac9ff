/* The HTTP server on a loopback port: whatever a client sends, what it hears is ours. */
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

static void get_root(void *arg, struct http_request *request, const char *parameter)
{
    http_reply(request, 200, json_pack("{s:s}", "hello", "world"));
}

static void post_echo(void *arg, struct http_request *request, const char *parameter)
{
    struct bytes body = http_body(request);
    const char *type = http_header(request, "content-type");

    http_add_header(request, "Location", "/here");
    http_reply(request, 202,
               json_pack("{s:i, s:s}", "bytes", (int)body.len, "type", type ? type : ""));
}

static void get_named(void *arg, struct http_request *request, const char *parameter)
{
    http_reply(request, 200, json_pack("{s:s}", "name", parameter));
}

static void get_held(void *arg, struct http_request *request, const char *parameter)
{
    assert_true(held_count < 4);
    held[held_count++] = request;
    holding = true;
}

static void get_error(void *arg, struct http_request *request, const char *parameter)
{
    struct err err;

    err_set(&err, (enum err_kind)(*parameter - '0'), "the <reason> \"is\" this");
    http_problem_err(request, &err);
}

static void get_fields(void *arg, struct http_request *request, const char *parameter)
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

static int set_up(void **state)
{
    const struct http_config config = {"127.0.0.1", 0, BODY_LIMIT, IDLE_S};
    struct err err;

    held_count = 0;
    holding = idle = false;
    idles = 0;
    base = event_base_new();
    http = http_new(base, &config, routes, NULL, &err);
    return http ? 0 : -1;
}

static int tear_down(void **state)
{
    http_free(http);
    event_base_free(base);
    return 0;
}

/* Whether a whole reply is there: a head, and as much body as that says. */
static bool whole(const struct client *client)
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

static void hear(struct bufferevent *bev, void *arg)
{
    struct client *client = arg;

    evbuffer_add_buffer(client->got, bufferevent_get_input(bev));
    client->answered = whole(client);
}

static void hear_end(struct bufferevent *bev, short what, void *arg)
{
    struct client *client = arg;

    if (what & (BEV_EVENT_EOF | BEV_EVENT_ERROR))
        client->closed = true;
}

static struct client *connect_client(void)
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

static void leave(struct client *client)
{
    bufferevent_free(client->bev);
    evbuffer_free(client->got);
    free(client);
}

static void say(struct client *client, const char *text)
{
    client->answered = false;
    client->bodiless = !strncmp(text, "HEAD", 4);
    bufferevent_write(client->bev, text, strlen(text));
}

static void until(const bool *happened)
{
    assert_true(loop_until(base, happened, DEADLINE_MS));
}

/* All that has come; forgotten with the next call. */
static const char *heard(struct client *client)
{
    static char text[65536];
    int len = evbuffer_remove(client->got, text, sizeof text - 1);

    text[len > 0 ? len : 0] = '\0';
    return text;
}

/* Ask, and give what the answer is. */
static const char *ask(struct client *client, const char *text)
{
    say(client, text);
    until(&client->answered);
    return heard(client);
}

static void expect_part(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("no '%s' in '%s'", part, text);
}

static void expect_begin(const char *text, const char *begin)
{
    if (strncmp(text, begin, strlen(begin)) != 0)
        fail_msg("not '%s' but '%s'", begin, text);
}

/* What a client is told that is hung up on. */
static const char *last_words(struct client *client, const char *request)
{
    say(client, request);
    if (!loop_until(base, &client->closed, DEADLINE_MS))
        fail_msg("open after '%s', with '%s'", request, heard(client));
    return heard(client);
}

/* An answer that is a problem of ours. */
static void expect_problem(const char *text, int status)
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

static void a_route_is_found_and_answers(void **state)
{
    struct client *client = connect_client();
    const char *got = ask(client, "GET / HTTP/1.1\r\n" HOST "\r\n");

    expect_begin(got, "HTTP/1.1 200 OK\r\n");
    expect_part(got, "Content-Type: application/json\r\n");
    expect_part(got, "\r\n\r\n{\"hello\":\"world\"}\n");
    leave(client);
}

static void a_connection_serves_one_request_after_the_other(void **state)
{
    struct client *client = connect_client();

    for (int i = 0; i < 5; i++)
        expect_begin(ask(client, "GET /?q HTTP/1.1\r\n" HOST "\r\n"), "HTTP/1.1 200 ");
    assert_false(client->closed);
    leave(client);
}

static void requests_sent_at_once_are_answered_in_order(void **state)
{
    struct client *client = connect_client();
    const char *got, *second;

    say(client, "GET /named/1 HTTP/1.1\r\n" HOST "\r\nGET /named/2 HTTP/1.1\r\n" HOST
                "Connection: close\r\n\r\n");
    until(&client->closed);
    got = heard(client);
    expect_part(got, "{\"name\":\"1\"}");
    second = strstr(got + 1, "HTTP/1.1 200 OK");
    assert_non_null(second);
    expect_part(second, "{\"name\":\"2\"}");
    leave(client);
}

static void a_parameter_is_decoded_and_takes_the_rest_of_the_path(void **state)
{
    static const struct {
        const char *path, *name;
    } rows[] = {{"42", "42"}, {"a%20b", "a b"}, {"a/b", "a/b"}, {"..%2fx", "../x"}};

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct client *client = connect_client();
        char request[128], body[64];

        snprintf(request, sizeof request, "GET /named/%s HTTP/1.1\r\n" HOST "\r\n",
                 rows[i].path);
        snprintf(body, sizeof body, "{\"name\":\"%s\"}", rows[i].name);
        expect_part(ask(client, request), body);
        leave(client);
    }
}

static void head_gets_the_head_alone(void **state)
{
    struct client *client = connect_client();
    const char *got = ask(client, "HEAD / HTTP/1.1\r\n" HOST "\r\n");

    expect_begin(got, "HTTP/1.1 200 OK\r\n");
    expect_part(got, "Content-Length: 18\r\n");
    assert_string_equal(strstr(got, "\r\n\r\n"), "\r\n\r\n");
    expect_begin(ask(client, "GET / HTTP/1.1\r\n" HOST "\r\n"), "HTTP/1.1 200 ");
    leave(client);
}

static void a_body_is_taken_however_it_comes(void **state)
{
    static const struct {
        const char *request, *body;
    } rows[] = {
        {"POST /echo HTTP/1.1\r\n" HOST
         "Content-Type: x/y\r\nContent-Length: 5\r\n\r\n12345",
         "{\"bytes\":5,\"type\":\"x/y\"}"},
        {"POST /echo HTTP/1.1\r\n" HOST "Content-Length: 0\r\n\r\n", "{\"bytes\":0,"},
        {"POST /echo HTTP/1.1\r\n" HOST "\r\n", "{\"bytes\":0,"},
        {"POST /echo HTTP/1.1\r\n" HOST
         "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
         "{\"bytes\":5,"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct client *client = connect_client();
        const char *got = ask(client, rows[i].request);

        expect_begin(got, "HTTP/1.1 202 Accepted\r\n");
        expect_part(got, "Location: /here\r\n");
        expect_part(got, rows[i].body);
        leave(client);
    }
}

static void a_request_may_come_byte_by_byte(void **state)
{
    static const char request[] =
        "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 3\r\n\r\nabc";
    struct client *client = connect_client();

    for (const char *at = request; *at; at++) {
        bufferevent_write(client->bev, at, 1);
        loop_for(base, 1);
    }
    until(&client->answered);
    expect_part(heard(client), "{\"bytes\":3,");
    leave(client);
}

static void a_body_of_the_limit_is_taken_and_one_byte_more_is_413(void **state)
{
    char *request = xcalloc(1, BODY_LIMIT + 128);

    for (int more = 0; more <= 1; more++) {
        struct client *client = connect_client();
        int head = snprintf(request, 128,
                            "POST /echo HTTP/1.1\r\n" HOST "Content-Length: %d\r\n\r\n",
                            BODY_LIMIT + more);

        memset(request + head, 'x', (size_t)(BODY_LIMIT + more));
        request[head + BODY_LIMIT + more] = '\0';
        if (more)
            expect_problem(ask(client, request), 413);
        else
            expect_part(ask(client, request), "{\"bytes\":4096,");
        leave(client);
    }
    free(request);
}

static void a_path_with_other_methods_says_which(void **state)
{
    struct client *client = connect_client();
    const char *got = ask(client, "DELETE /echo HTTP/1.1\r\n" HOST "\r\n");

    expect_problem(got, 405);
    expect_part(got, "Allow: POST, GET\r\n");
    leave(client);
}

static void errors_have_the_status_of_their_kind(void **state)
{
    static const struct {
        enum err_kind kind;
        int status;
    } rows[] = {{ERR_INVALID, 400}, {ERR_MISSING, 404}, {ERR_BUSY, 429},
                {ERR_TIMEOUT, 504}, {ERR_BACKEND, 503}, {ERR_BUG, 500}};

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct client *client = connect_client();
        char request[64];
        const char *got;

        snprintf(request, sizeof request, "GET /error/%d HTTP/1.1\r\n" HOST "\r\n",
                 rows[i].kind);
        got = ask(client, request);
        expect_problem(got, rows[i].status);
        expect_part(got, "\"detail\":\"the <reason> \\\"is\\\" this\"");
        assert_int_equal(strstr(got, "Retry-After: ") != NULL,
                         rows[i].status == 429 || rows[i].status == 503);
        leave(client);
    }
}

static void wrong_fields_are_listed(void **state)
{
    struct client *client = connect_client();
    const char *got = ask(client, "GET /fields HTTP/1.1\r\n" HOST "\r\n");

    expect_problem(got, 400);
    expect_part(got, "\"errors\":[{\"pointer\":\"/a\",\"detail\":\"must be 1\"},"
                     "{\"pointer\":\"/b\",\"detail\":\"is required\"}]");
    leave(client);
}

/* What no well-bred client sends, as the first request of a connection and as its second.
 */
static const struct {
    const char *request;
    int status;
} bad[] = {
    {"GARBAGE\r\n\r\n", 400},
    {"GET\r\n\r\n", 400},
    {"GET /\r\n\r\n", 400},
    {"GET / HTTP/9.1\r\n" HOST "\r\n", 400},
    {"GET / HTTP/1\r\n" HOST "\r\n", 400},
    {"GET / FTP/1.1\r\n" HOST "\r\n", 400},
    {"GET / HTTP/0.9\r\n" HOST "\r\n", 400},
    {"GET / HTTP/1.-5\r\n" HOST "\r\n", 400},
    {"GET / HTTP/-2147483648.-2147483648\r\n" HOST "\r\n", 400},
    {"GET / HTTP/1.1 x\r\n" HOST "\r\n", 400},
    {"\x16\x03\x01\x02\r\n\r\n", 400},
    {"\r\nGET / HTTP/1.1\r\n" HOST "\r\n", 400},
    {"GET / HTTP/1.1\r\nno colon\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\n folded: x\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\n" HOST HOST "\r\n", 400},
    {"GET / HTTP/1.1\r\n" HOST "a b: c\r\n\r\n", 400},
    {"POST /echo HTTP/1.1\r\n" HOST "Content-Length: 1\r\nContent-Length: 1\r\n\r\nx", 400},
    {"POST /echo HTTP/1.1\r\n" HOST "Content-Length: x\r\n\r\n", 400},
    {"POST /echo HTTP/1.1\r\n" HOST "Content-Length: -1\r\n\r\n", 400},
    {"POST /echo HTTP/1.1\r\n" HOST "Content-Length: +1\r\n\r\nx", 400},
    {"POST /echo HTTP/1.1\r\n" HOST "Content-Length : 1\r\n\r\nx", 400},
    {"POST /echo HTTP/1.1\r\n" HOST "Transfer-Encoding: gzip\r\n\r\n", 400},
    {"POST /echo HTTP/1.1\r\n" HOST
     "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
     400},
    {"POST /echo HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\nffffff\r\n", 413},
    {"POST /echo HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\nnope\r\n", 413},
    {"POST /echo HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n-1\r\n", 413},
    {"POST /echo HTTP/1.1\r\n" HOST "Expect: magic\r\nContent-Length: 1\r\n\r\nx", 417},
    {"POST /echo HTTP/1.5\r\n" HOST "Expect: magic\r\nContent-Length: 1\r\n\r\nx", 417},
    {"POST /echo HTTP/-2147483648.-2147483648\r\n" HOST
     "Expect: magic\r\nContent-Length: 1\r\n\r\nx",
     400},
};

static void nothing_that_evhttp_says_by_itself_reaches_a_client(void **state)
{
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct client *client = connect_client();
        const char *got = last_words(client, bad[i].request);

        expect_problem(got, bad[i].status);
        expect_part(got, "Connection: close\r\n");
        assert_null(strstr(got + 1, "HTTP/1.1 "));
        leave(client);
    }
}

static void nor_does_it_behind_a_good_answer(void **state)
{
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct client *client = connect_client();

        expect_begin(ask(client, "GET / HTTP/1.1\r\n" HOST "\r\n"), "HTTP/1.1 200 ");
        expect_problem(last_words(client, bad[i].request), bad[i].status);
        leave(client);
    }
}

static void nor_does_it_behind_a_good_request_in_the_same_packet(void **state)
{
    static const char good[] = "GET / HTTP/1.1\r\n" HOST "\r\n";

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct client *client = connect_client();
        char both[512];
        const char *got, *second;

        snprintf(both, sizeof both, "%s%s", good, bad[i].request);
        got = last_words(client, both);
        expect_begin(got, "HTTP/1.1 200 OK");
        second = strstr(got + 1, "HTTP/1.1 ");
        assert_non_null(second);
        expect_problem(second, bad[i].status);
        leave(client);
    }
}

static void a_method_that_nobody_knows_is_of_no_path(void **state)
{
    struct client *client = connect_client();
    const char *got = ask(client, "FOO / HTTP/1.1\r\n" HOST "\r\n");

    expect_problem(got, 405);
    expect_part(got, "Allow: GET\r\n");
    expect_problem(ask(client, "FOO /x HTTP/1.1\r\n" HOST "\r\n"), 404);
    leave(client);
}

static void clients_of_a_later_version_hear_ours(void **state)
{
    struct client *client = connect_client();

    expect_begin(ask(client, "GET / HTTP/1.5\r\n" HOST "\r\n"), "HTTP/1.1 200 OK");
    expect_begin(ask(client, "GET / HTTP/1.1\r\n" HOST "\r\n"), "HTTP/1.1 200 OK");
    leave(client);
}

static void old_clients_are_served_and_hung_up_on(void **state)
{
    struct client *client = connect_client();
    const char *got = last_words(client, "GET / HTTP/1.0\r\n\r\n");

    expect_begin(got, "HTTP/1.0 200 OK");
    expect_part(got, "{\"hello\":\"world\"}\n");
    leave(client);
}

static void a_head_without_end_is_hung_up_on(void **state)
{
    struct client *client = connect_client();
    char line[1024];

    memset(line, 'x', sizeof line - 1);
    memcpy(line, "a:", 2);
    line[sizeof line - 2] = '\n';
    line[sizeof line - 1] = '\0';
    say(client, "GET / HTTP/1.1\r\n");
    for (int i = 0; i < 20; i++)
        say(client, line);
    until(&client->closed);
    expect_problem(heard(client), 400);
    leave(client);
}

static void a_chunks_head_without_end_is_hung_up_on(void **state)
{
    struct client *client = connect_client();
    char zeros[4097];

    memset(zeros, '0', sizeof zeros - 1);
    zeros[sizeof zeros - 1] = '\0';
    say(client, "POST /echo HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n");
    for (int i = 0; i < 64 && !client->closed; i++) {
        say(client, zeros);
        loop_for(base, 1);
    }
    until(&client->closed);
    leave(client);
}

static void a_silent_connection_is_closed(void **state)
{
    static const char *const beginnings[] = {"", "GET / HT", "GET / HTTP/1.1\r\n" HOST,
                                             "POST /echo HTTP/1.1\r\n" HOST
                                             "Content-Length: 5\r\n\r\n12"};

    for (size_t i = 0; i < sizeof beginnings / sizeof *beginnings; i++) {
        struct client *client = connect_client();

        say(client, beginnings[i]);
        loop_for(base, 20);
        clock_skip_ms((IDLE_S - 1) * 1000);
        loop_for(base, 5);
        assert_false(client->closed);
        clock_skip_ms(2000);
        until(&client->closed);
        assert_null(strstr(heard(client), "HTML"));
        leave(client);
    }
}

static void a_held_request_does_not_hold_up_others(void **state)
{
    struct client *slow = connect_client(), *quick = connect_client();

    say(slow, "GET /held/1 HTTP/1.1\r\n" HOST "\r\n");
    until(&holding);
    expect_begin(ask(quick, "GET / HTTP/1.1\r\n" HOST "\r\n"), "HTTP/1.1 200 ");
    assert_false(slow->answered);
    http_reply(held[0], 200, json_pack("{s:b}", "late", 1));
    until(&slow->answered);
    expect_part(heard(slow), "{\"late\":true}");
    leave(slow);
    leave(quick);
}

static void a_client_that_left_meanwhile_does_no_harm(void **state)
{
    struct client *client = connect_client();

    say(client, "GET /held/1 HTTP/1.1\r\n" HOST "\r\n");
    until(&holding);
    leave(client);
    loop_for(base, 20);
    http_reply(held[0], 200, json_pack("{s:b}", "late", 1));
    loop_for(base, 20);
    client = connect_client();
    expect_begin(ask(client, "GET / HTTP/1.1\r\n" HOST "\r\n"), "HTTP/1.1 200 ");
    leave(client);
}

static void what_is_sent_while_a_request_is_held_waits_its_turn(void **state)
{
    struct client *client = connect_client();
    const char *got;

    say(client, "GET /held/1 HTTP/1.1\r\n" HOST "\r\n");
    until(&holding);
    say(client, "GARBAGE\r\n\r\n");
    loop_for(base, 20);
    assert_int_equal(evbuffer_get_length(client->got), 0);
    http_reply(held[0], 200, json_pack("{s:b}", "late", 1));
    until(&client->closed);
    got = heard(client);
    expect_begin(got, "HTTP/1.1 200 ");
    expect_problem(strstr(got, "}\n") + 2, 400);
    leave(client);
}

static void hear_idle(void *arg)
{
    assert_ptr_equal(arg, &idles);
    idles++;
    idle = true;
}

static void a_server_without_requests_stops_at_once(void **state)
{
    http_stop(http, hear_idle, &idles);
    assert_int_equal(idles, 0); /* but not from inside the call */
    until(&idle);
    loop_for(base, 20);
    assert_int_equal(idles, 1);
}

static void a_stop_waits_for_what_is_held_and_takes_no_more(void **state)
{
    struct client *first = connect_client(), *second = connect_client(), *late;
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)http_port(http)),
                                  .sin_addr = {htonl(INADDR_LOOPBACK)}};
    const char *got;

    say(first, "GET /held/1 HTTP/1.1\r\n" HOST "\r\n");
    until(&holding);
    holding = false;
    say(second, "GET /held/2 HTTP/1.1\r\n" HOST "\r\n");
    until(&holding);
    http_stop(http, hear_idle, &idles);
    loop_for(base, 20);
    assert_int_equal(idles, 0);
    late = xcalloc(1, sizeof *late);
    late->got = evbuffer_new();
    late->bev = bufferevent_socket_new(base, -1, BEV_OPT_CLOSE_ON_FREE);
    bufferevent_setcb(late->bev, hear, NULL, hear_end, late);
    bufferevent_socket_connect(late->bev, (struct sockaddr *)&address, sizeof address);
    until(&late->closed);
    http_reply(held[0], 200, json_object());
    until(&first->answered);
    assert_int_equal(idles, 0);
    http_reply(held[1], 200, json_object());
    until(&idle);
    until(&second->answered);
    got = heard(second);
    expect_begin(got, "HTTP/1.1 200 ");
    assert_int_equal(idles, 1);
    leave(first);
    leave(second);
    leave(late);
}

static void a_connection_that_stays_open_is_told_to_close_behind_the_stop(void **state)
{
    struct client *client = connect_client(), *other = connect_client();

    say(other, "GET /held/1 HTTP/1.1\r\n" HOST "\r\n");
    until(&holding);
    expect_begin(ask(client, "GET / HTTP/1.1\r\n" HOST "\r\n"), "HTTP/1.1 200 ");
    http_stop(http, hear_idle, &idles);
    expect_part(ask(client, "GET / HTTP/1.1\r\n" HOST "\r\n"), "Connection: close\r\n");
    until(&client->closed);
    http_reply(held[0], 200, json_object());
    until(&idle);
    leave(client);
    leave(other);
}

/* It may come in between the stop and its end. */
static void a_request_that_comes_with_the_stop_is_waited_for(void **state)
{
    struct client *client = connect_client();

    expect_begin(ask(client, "GET / HTTP/1.1\r\n" HOST "\r\n"), "HTTP/1.1 200 ");
    say(client, "GET /held/1 HTTP/1.1\r\n" HOST "\r\n");
    assert_true(bufferevent_flush(client->bev, EV_WRITE, BEV_FLUSH) >= 0);
    while (evbuffer_get_length(bufferevent_get_output(client->bev)))
        event_base_loop(base, EVLOOP_ONCE);
    http_stop(http, hear_idle, &idles);
    until(&holding);
    loop_for(base, 20);
    assert_int_equal(idles, 0);
    http_reply(held[0], 200, json_object());
    until(&client->answered);
    until(&idle);
    loop_for(base, 20);
    assert_int_equal(idles, 1);
    leave(client);
}

static void a_port_that_is_taken_is_said(void **state)
{
    const struct http_config config = {"127.0.0.1", http_port(http), BODY_LIMIT, IDLE_S};
    struct err err;
    char part[64];

    snprintf(part, sizeof part, "127.0.0.1 port %d", http_port(http));
    assert_null(http_new(base, &config, routes, NULL, &err));
    assert_int_equal(err.kind, ERR_INVALID);
    expect_part(err.text, part);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        TEST(a_route_is_found_and_answers),
        TEST(a_connection_serves_one_request_after_the_other),
        TEST(requests_sent_at_once_are_answered_in_order),
        TEST(a_parameter_is_decoded_and_takes_the_rest_of_the_path),
        TEST(head_gets_the_head_alone),
        TEST(a_body_is_taken_however_it_comes),
        TEST(a_request_may_come_byte_by_byte),
        TEST(a_body_of_the_limit_is_taken_and_one_byte_more_is_413),
        TEST(a_path_with_other_methods_says_which),
        TEST(errors_have_the_status_of_their_kind),
        TEST(wrong_fields_are_listed),
        TEST(nothing_that_evhttp_says_by_itself_reaches_a_client),
        TEST(nor_does_it_behind_a_good_answer),
        TEST(nor_does_it_behind_a_good_request_in_the_same_packet),
        TEST(a_method_that_nobody_knows_is_of_no_path),
        TEST(clients_of_a_later_version_hear_ours),
        TEST(old_clients_are_served_and_hung_up_on),
        TEST(a_head_without_end_is_hung_up_on),
        TEST(a_chunks_head_without_end_is_hung_up_on),
        TEST(a_silent_connection_is_closed),
        TEST(a_held_request_does_not_hold_up_others),
        TEST(a_client_that_left_meanwhile_does_no_harm),
        TEST(what_is_sent_while_a_request_is_held_waits_its_turn),
        TEST(a_server_without_requests_stops_at_once),
        TEST(a_stop_waits_for_what_is_held_and_takes_no_more),
        TEST(a_connection_that_stays_open_is_told_to_close_behind_the_stop),
        TEST(a_request_that_comes_with_the_stop_is_waited_for),
        TEST(a_port_that_is_taken_is_said),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
