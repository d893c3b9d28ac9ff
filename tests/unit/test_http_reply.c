/* Engine replies, as they come. */
#include "tests/support/unit.h"

#include <event2/buffer.h>

#include "worker/http_reply.h"

/* Feed `text` in pieces of `size`, then end the connection if that is still wanted. Gives
 * what reading gave last. */
static int read_all(struct http_reply *reply, const char *text, size_t len, size_t size,
                    struct err *err)
{
    struct evbuffer *input = evbuffer_new();
    int got = 0;

    for (size_t at = 0; at < len && !got; at += size) {
        evbuffer_add(input, text + at, len - at < size ? len - at : size);
        got = http_reply_read(reply, input, err);
    }
    evbuffer_free(input);
    return got ? got : http_reply_end(reply, err);
}

static void expect(const char *text, int status, const char *body)
{
    for (size_t size = 1; size <= strlen(text); size += 3) {
        struct http_reply *reply = http_reply_new(100, false);
        struct err err;
        size_t len;

        assert_int_equal(read_all(reply, text, strlen(text), size, &err), 1);
        assert_int_equal(http_reply_status(reply), status);
        assert_string_equal(http_reply_body(reply, &len), body);
        assert_int_equal(len, strlen(body));
        http_reply_free(reply);
    }
}

static void refuse(const char *text, size_t len)
{
    struct http_reply *reply = http_reply_new(100, false);
    struct err err = {0};

    assert_int_equal(read_all(reply, text, len, len, &err), -1);
    assert_int_equal(err.kind, ERR_BACKEND);
    assert_true(*err.text);
    http_reply_free(reply);
}

static void a_body_has_its_length(void **state)
{
    expect("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", 200, "hello");
    expect("HTTP/1.1 404 Not Found\r\ncontent-length:2\r\n\r\n{}", 404, "{}");
    expect("HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n", 201, "");
}

static void a_body_comes_in_chunks(void **state)
{
    expect("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
           "3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\nTrailer: 1\r\n\r\n",
           200, "hello");
}

static void a_body_ends_with_the_connection(void **state)
{
    expect("HTTP/1.1 200 OK\r\n\r\nhello", 200, "hello");
}

static void no_content_needs_no_length(void **state)
{
    expect("HTTP/1.1 204 No Content\r\n\r\n", 204, "");
    expect("HTTP/1.1 304\r\n\r\n", 304, "");
}

static void an_interim_reply_is_skipped(void **state)
{
    expect("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n", 204, "");
}

static void an_upgrade_leaves_the_stream_alone(void **state)
{
    static const char *const heads[] = {
        "HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\nraw",
        "HTTP/1.1 200 OK\r\nContent-Type: application/vnd.docker.raw-stream\r\n\r\nraw"};

    for (size_t i = 0; i < 2; i++) {
        struct http_reply *reply = http_reply_new(100, true);
        struct evbuffer *input = evbuffer_new();
        struct err err;

        evbuffer_add(input, heads[i], strlen(heads[i]));
        assert_int_equal(http_reply_read(reply, input, &err), 1);
        assert_true(http_reply_upgraded(reply));
        assert_int_equal(evbuffer_get_length(input), 3);
        evbuffer_free(input);
        http_reply_free(reply);
    }
}

static void garbage_is_refused(void **state)
{
    static const char *const bad[] = {
        "hello\r\n\r\n",
        "HTTP/2 200 OK\r\n\r\n",
        "HTTP/1.1 2000 OK\r\n\r\n",
        "HTTP/1.1 abc OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx",
        "HTTP/1.1 200 OK\r\nContent-Length: 101\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffff\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel",
    };

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        refuse(bad[i], strlen(bad[i]));
    refuse("HTTP/1.1 200 OK\r\nA: \0\r\n\r\n", 24);
}

static void an_endless_head_or_body_is_cut_short(void **state)
{
    size_t len = 20000;
    char *text = malloc(len + 32);

    memset(text, 'a', len + 32);
    memcpy(text, "HTTP/1.1 200 OK\r\nA: ", 20);
    refuse(text, len);
    memcpy(text, "HTTP/1.1 200 OK\r\n\r\n", 19);
    refuse(text, len);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_body_has_its_length),
        cmocka_unit_test(a_body_comes_in_chunks),
        cmocka_unit_test(a_body_ends_with_the_connection),
        cmocka_unit_test(no_content_needs_no_length),
        cmocka_unit_test(an_interim_reply_is_skipped),
        cmocka_unit_test(an_upgrade_leaves_the_stream_alone),
        cmocka_unit_test(garbage_is_refused),
        cmocka_unit_test(an_endless_head_or_body_is_cut_short),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
