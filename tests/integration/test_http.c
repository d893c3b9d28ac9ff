/* What the HTTP server answers: whatever a client sends, what it hears is ours. */
#include "tests/support/http_fixture.h"

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
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
