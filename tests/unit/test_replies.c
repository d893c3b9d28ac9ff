/* Replies in an arena of their own, beside those that hiredis makes by itself; the
 * sanitizers see what is lost or overrun. */
#include "tests/support/unit.h"

#include <event2/buffer.h>

#include "lib/bytes.h"
#include "lib/count.h"
#include "queue/replies.h"

#define BYTES(text)            \
    {                          \
        text, sizeof(text) - 1 \
    }

static const struct bytes wholes[] = {
    BYTES("+OK\r\n"),
    BYTES("+\r\n"),
    BYTES("-ERR no such thing\r\n"),
    BYTES(":0\r\n"),
    BYTES(":-9223372036854775808\r\n"),
    BYTES("$-1\r\n"),
    BYTES("*-1\r\n"),
    BYTES("$0\r\n\r\n"),
    BYTES("$5\r\na\0\r\nb\r\n"),
    BYTES("*0\r\n"),
    BYTES("*1\r\n*0\r\n"),
    BYTES("*3\r\n$2\r\nid\r\n$-1\r\n:42\r\n"),
    BYTES("*4\r\n*2\r\n+a\r\n*-1\r\n-ERR "
          "within\r\n*1\r\n*2\r\n$1\r\nx\r\n:7\r\n$3\r\nend\r\n"),
    BYTES("*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n$4\r\ndeep\r\n"),
};

/* Deeper than RESP2 goes, and of RESP3, which nobody asks for. */
static const struct bytes strange[] = {
    BYTES("*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n:1\r\n"),
    BYTES(",3.25\r\n"),
    BYTES("*2\r\n,-inf\r\n#t\r\n"),
    BYTES("_\r\n"),
    BYTES("*1\r\n(3492890328409238509324850943850943825024385\r\n"),
    BYTES("=7\r\ntxt:abc\r\n"),
    BYTES("%2\r\n+a\r\n:1\r\n+b\r\n~2\r\n#f\r\n_\r\n"),
};

static const struct bytes broken[] = {
    BYTES("?\r\n"),
    BYTES(":one\r\n"),
    BYTES("*2\r\n$3\r\nabc\r\n:x\r\n"),
    BYTES("*2\r\n*2\r\n+a\r\n$-5\r\n"),
    BYTES("*-2\r\n"),
    BYTES("*9999999999999999999\r\n"),
};

static struct {
    redisReader *ours, *theirs;
} readers;

static int set_up(void **state)
{
    readers.ours = replies_reader();
    readers.theirs = redisReaderCreate();
    return 0;
}

static int tear_down(void **state)
{
    if (readers.ours)
        redisReaderFree(readers.ours);
    redisReaderFree(readers.theirs);
    return 0;
}

static void expect_same(const redisReply *ours, const redisReply *theirs)
{
    assert_int_equal(ours->type, theirs->type);
    assert_int_equal(ours->integer, theirs->integer);
    assert_int_equal(ours->len, theirs->len);
    assert_int_equal(!ours->str, !theirs->str);
    if (ours->str)
        assert_memory_equal(ours->str, theirs->str, theirs->len + 1);
#if HIREDIS_MAJOR >= 1
    assert_memory_equal(&ours->dval, &theirs->dval, sizeof ours->dval);
    assert_string_equal(ours->vtype, theirs->vtype);
#endif
    assert_int_equal(ours->elements, theirs->elements);
    assert_int_equal(!ours->element, !theirs->element);
    for (size_t i = 0; ours->element && theirs->element && i < ours->elements; i++)
        expect_same(ours->element[i], theirs->element[i]);
}

/* Take what both have by now; gives how many, or -1 when they have failed. */
static int expect_same_replies(void)
{
    for (int count = 0;; count++) {
        void *ours, *theirs;
        int got = redisReaderGetReply(readers.ours, &ours);

        assert_int_equal(got, redisReaderGetReply(readers.theirs, &theirs));
        assert_string_equal(readers.ours->errstr, readers.theirs->errstr);
        assert_int_equal(!ours, !theirs);
        if (got != REDIS_OK || !ours || !theirs)
            return got == REDIS_OK ? count : -1;
        expect_same(ours, theirs);
        reply_free(ours);
        freeReplyObject(theirs);
    }
}

/* Feed both, `step` bytes at a time; gives how many replies there were, or -1. */
static int feed(const char *at, size_t len, size_t step)
{
    int count = 0;

    for (size_t fed = 0; fed < len; fed += step) {
        size_t size = len - fed < step ? len - fed : step;
        int more;

        redisReaderFeed(readers.ours, at + fed, size);
        redisReaderFeed(readers.theirs, at + fed, size);
        more = expect_same_replies();
        if (more < 0)
            return -1;
        count += more;
    }
    return count;
}

static int feed_all(struct evbuffer *all)
{
    size_t len = evbuffer_get_length(all);

    return feed((const char *)evbuffer_pullup(all, -1), len, len);
}

/* Other readers, where one has failed or is in the middle of something. */
static void renew(void)
{
    tear_down(NULL);
    set_up(NULL);
}

static redisReply *read_ours(const char *text)
{
    void *reply;

    redisReaderFeed(readers.ours, text, strlen(text));
    assert_int_equal(redisReaderGetReply(readers.ours, &reply), REDIS_OK);
    return reply;
}

static void every_reply_is_what_hiredis_makes_of_it(void **state)
{
    for (size_t i = 0; i < COUNT(wholes); i++)
        for (size_t step = 1; step <= wholes[i].len; step++)
            assert_int_equal(feed(wholes[i].at, wholes[i].len, step), 1);
}

static void many_replies_in_one_piece_come_one_by_one(void **state)
{
    struct evbuffer *all = evbuffer_new();
    int count = 0;

    for (; count < 20000; count++) {
        const struct bytes *whole = &wholes[(size_t)count % COUNT(wholes)];

        evbuffer_add(all, whole->at, whole->len);
    }
    assert_int_equal(feed_all(all), count);
    evbuffer_free(all);
}

static void a_reply_of_many_megabytes_is_whole(void **state)
{
    struct evbuffer *all = evbuffer_new();
    char *text = memset(test_malloc(4000000), 'x', 4000000);

    evbuffer_add_printf(all, "*20001\r\n");
    for (int i = 0; i < 20000; i++)
        evbuffer_add_printf(all, "*2\r\n:%d\r\n$%d\r\n%0*d\r\n", i, 1 + i % 1000,
                            1 + i % 1000, i % 10);
    evbuffer_add_printf(all, "$4000000\r\n");
    evbuffer_add(all, text, 4000000);
    evbuffer_add_printf(all, "\r\n");
    assert_int_equal(feed_all(all), 1);
    test_free(text);
    evbuffer_free(all);
}

static void replies_live_on_without_each_other_and_without_their_reader(void **state)
{
    redisReply *first = read_ours("*2\r\n$3\r\none\r\n*1\r\n:1\r\n*2\r\n$3\r\ntwo\r\n"),
               *second;
    redisReply *third;

    assert_null(read_ours("*1\r\n"));
    second = read_ours("+within\r\n$5\r\nthird\r\n*2\r\n+ne");
    third = read_ours("");
    reply_free(first);
    redisReaderFree(readers.ours);
    readers.ours = NULL;
    assert_string_equal(second->element[0]->str, "two");
    assert_string_equal(second->element[1]->element[0]->str, "within");
    reply_free(second);
    assert_string_equal(third->str, "third");
    reply_free(third);
}

static void a_reader_freed_in_the_middle_of_a_reply_frees_that(void **state)
{
    for (size_t i = 0; i < COUNT(wholes); i++)
        for (size_t len = 1; len < wholes[i].len; len++) {
            assert_int_equal(feed(wholes[i].at, len, len), 0);
            renew();
        }
}

static void what_is_no_reply_ends_both_readers_alike(void **state)
{
    for (size_t i = 0; i < COUNT(broken); i++)
        for (size_t step = 1; step <= broken[i].len; step++) {
            assert_int_equal(feed(broken[i].at, broken[i].len, step), -1);
            renew();
        }
}

/* To a hiredis before 1.0 it is no reply. */
static void what_nobody_asks_for_is_what_hiredis_makes_of_it(void **state)
{
    for (size_t i = 0; i < COUNT(strange); i++)
        for (size_t step = 1; step <= strange[i].len; step++) {
            assert_int_equal(feed(strange[i].at, strange[i].len, step),
                             HIREDIS_MAJOR >= 1 ? 1 : -1);
            renew();
        }
}

static void a_list_that_nobody_could_send_is_refused(void **state)
{
    static const char text[] = "*2\r\n+a\r\n*2000000000\r\n+b\r\n";
    void *reply;

    redisReaderFeed(readers.ours, text, sizeof text - 1);
    assert_int_equal(redisReaderGetReply(readers.ours, &reply), REDIS_ERR);
    assert_string_equal(readers.ours->errstr, "Out of memory");
    assert_null(reply);
}

static void nothing_is_freed_without_complaint(void **state)
{
    reply_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_reply_is_what_hiredis_makes_of_it, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(many_replies_in_one_piece_come_one_by_one, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_reply_of_many_megabytes_is_whole, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(
            replies_live_on_without_each_other_and_without_their_reader, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_reader_freed_in_the_middle_of_a_reply_frees_that,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_no_reply_ends_both_readers_alike, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(what_nobody_asks_for_is_what_hiredis_makes_of_it,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_list_that_nobody_could_send_is_refused, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(nothing_is_freed_without_complaint, set_up,
                                        tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
