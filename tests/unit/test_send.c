/* What is sent at once over a socket pair, and what a full or broken socket gets. */
#include "tests/support/unit.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/mem.h"
#include "lib/send.h"

enum { MUCH = 4 * 1024 * 1024 }; /* more than a socket takes at once */

struct pair {
    struct event_base *base;
    struct bufferevent *bev;
    struct evbuffer *text;
    int other;
    bool broken;
};

static void happened(struct bufferevent *bev, short what, void *arg)
{
    struct pair *pair = arg;

    pair->broken = what & BEV_EVENT_ERROR;
}

static int set_up(void **state)
{
    struct pair *pair = *state = xcalloc(1, sizeof *pair);
    int fds[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
    pair->other = fds[1];
    pair->base = event_base_new();
    pair->bev = bufferevent_socket_new(pair->base, fds[0], BEV_OPT_CLOSE_ON_FREE);
    bufferevent_setcb(pair->bev, NULL, NULL, happened, pair);
    bufferevent_enable(pair->bev, EV_READ | EV_WRITE);
    pair->text = evbuffer_new();
    return 0;
}

static int tear_down(void **state)
{
    struct pair *pair = *state;

    evbuffer_free(pair->text);
    bufferevent_free(pair->bev);
    event_base_free(pair->base);
    if (pair->other >= 0)
        close(pair->other);
    free(pair);
    return 0;
}

/* So many bytes, through the event loop if need be; `sum` knows their order. */
static size_t hear(struct pair *pair, size_t wanted, uint32_t *sum)
{
    unsigned char part[65536];
    size_t heard = 0;
    ssize_t got;

    while (heard < wanted) {
        got = read(pair->other, part, sizeof part);
        if (got <= 0)
            event_base_loop(pair->base, EVLOOP_ONCE);
        for (ssize_t i = 0; i < got; i++)
            *sum = *sum * 31 + part[i];
        heard += got > 0 ? (size_t)got : 0;
    }
    return heard;
}

static void leaves_without_the_event_loop(void **state)
{
    struct pair *pair = *state;
    char heard[16];

    evbuffer_add_printf(pair->text, "at once");
    send_now(pair->bev, pair->text);
    assert_int_equal(evbuffer_get_length(pair->text), 0);
    assert_int_equal(read(pair->other, heard, sizeof heard), 7);
    assert_memory_equal(heard, "at once", 7);
}

static void keeps_the_order_when_the_socket_is_full(void **state)
{
    struct pair *pair = *state;
    uint32_t sent = 0, heard = 0;

    for (int i = 0; i < MUCH; i++) {
        unsigned char byte = (unsigned char)(i % 251);

        evbuffer_add(pair->text, &byte, 1);
        sent = sent * 31 + byte;
    }
    send_now(pair->bev, pair->text);
    assert_true(evbuffer_get_length(bufferevent_get_output(pair->bev)) > 0);
    for (const char *at = "behind"; *at; at++)
        sent = sent * 31 + (unsigned char)*at;
    evbuffer_add_printf(pair->text, "behind");
    send_now(pair->bev, pair->text);
    assert_int_equal(hear(pair, MUCH + 6, &heard), MUCH + 6);
    assert_int_equal(heard, sent);
}

static void errors_are_heard_where_the_bufferevents_are(void **state)
{
    struct pair *pair = *state;

    close(pair->other);
    pair->other = -1;
    bufferevent_disable(pair->bev, EV_READ);
    evbuffer_add_printf(pair->text, "nobody hears this");
    send_now(pair->bev, pair->text);
    assert_false(pair->broken);
    event_base_loop(pair->base, EVLOOP_ONCE);
    assert_true(pair->broken);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(leaves_without_the_event_loop, set_up, tear_down),
        cmocka_unit_test_setup_teardown(keeps_the_order_when_the_socket_is_full, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(errors_are_heard_where_the_bufferevents_are, set_up,
                                        tear_down),
    };

    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
