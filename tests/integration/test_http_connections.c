/* How connections to the HTTP server end, wait and stop. */
#include "tests/support/http_fixture.h"

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

/* shutdown(2), as nc does at the end of its input. */
static void say_no_more(struct client *client)
{
    while (evbuffer_get_length(bufferevent_get_output(client->bev)))
        event_base_loop(base, EVLOOP_ONCE);
    assert_int_equal(shutdown(bufferevent_getfd(client->bev), SHUT_WR), 0);
}

static void a_client_that_has_no_more_to_say_gets_its_replies(void **state)
{
    struct client *client = connect_client();

    say(client, "GET /held/1 HTTP/1.1\r\n" HOST "\r\n");
    until(&holding);
    say_no_more(client);
    loop_for(base, 20);
    assert_false(client->closed);
    http_reply(held[0], 200, json_pack("{s:b}", "late", 1));
    until(&client->closed);
    expect_part(heard(client), "{\"late\":true}\n");
    leave(client);
    client = connect_client();
    say(client, "GET /held/1 HTTP/1.1\r\n" HOST "\r\nGET / HTTP/1.1\r\n" HOST "\r\n");
    say_no_more(client);
    until(&holding);
    loop_for(base, 20);
    http_reply(held[1], 200, json_pack("{s:b}", "late", 1));
    until(&client->closed);
    expect_part(heard(client), "{\"late\":true}\n");
    leave(client);
}

static void a_request_may_be_held_longer_than_a_connection_may_be_silent(void **state)
{
    struct client *client = connect_client();

    say(client, "GET /held/1 HTTP/1.1\r\n" HOST "\r\n");
    until(&holding);
    clock_skip_ms((IDLE_S + 1) * 1000);
    loop_for(base, 20);
    assert_false(client->closed);
    http_reply(held[0], 200, json_pack("{s:b}", "late", 1));
    until(&client->answered);
    expect_part(heard(client), "{\"late\":true}\n");
    expect_begin(ask(client, "GET / HTTP/1.1\r\n" HOST "\r\n"), "HTTP/1.1 200 ");
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
        TEST(a_head_without_end_is_hung_up_on),
        TEST(a_chunks_head_without_end_is_hung_up_on),
        TEST(a_silent_connection_is_closed),
        TEST(a_held_request_does_not_hold_up_others),
        TEST(a_client_that_left_meanwhile_does_no_harm),
        TEST(what_is_sent_while_a_request_is_held_waits_its_turn),
        TEST(a_client_that_has_no_more_to_say_gets_its_replies),
        TEST(a_request_may_be_held_longer_than_a_connection_may_be_silent),
        TEST(a_server_without_requests_stops_at_once),
        TEST(a_stop_waits_for_what_is_held_and_takes_no_more),
        TEST(a_connection_that_stays_open_is_told_to_close_behind_the_stop),
        TEST(a_request_that_comes_with_the_stop_is_waited_for),
        TEST(a_port_that_is_taken_is_said),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
