/* Who asked hears once, in order, and never before asking has returned. */
#include "tests/support/unit.h"

#include <event2/event.h>

#include "queue/calls.h"
#include "tests/support/fake_clock.h"

static const struct err away = {ERR_BACKEND, "away"}, lost = {ERR_BACKEND, "lost"};

static struct event_base *base;
static struct calls *calls;
static char heard[200]; /* names, each with what it heard */
static int late_count;

static void late(void *arg)
{
    late_count++;
    assert_ptr_equal(arg, heard);
}

static int set_up(void **state)
{
    base = event_base_new();
    calls = calls_new(base, &away, late, heard);
    late_count = 0;
    heard[0] = '\0';
    return 0;
}

static int tear_down(void **state)
{
    if (calls)
        calls_free(calls, &lost);
    event_base_free(base);
    return 0;
}

static void sent(redis_replied *replied, const char *name, int within_ms)
{
    calls_sent(calls, replied, (char *)name, within_ms);
}

static void refused(redis_replied *replied, const char *name)
{
    calls_refused(calls, replied, (char *)name);
}

static void hear(void *arg, const redisReply *reply, const struct err *err)
{
    size_t len = strlen(heard);

    snprintf(heard + len, sizeof heard - len, "%s:%s ", (const char *)arg,
             err ? err->text : reply->str);
}

/* Asks again, as a program does that knows no better. */
static void hear_and_ask(void *arg, const redisReply *reply, const struct err *err)
{
    hear(arg, reply, err);
    sent(hear, "sent", 1000);
    refused(hear, "refused");
}

static bool answer(const char *text)
{
    const redisReply reply = {.type = REDIS_REPLY_STATUS, .str = (char *)text};

    return calls_answer(calls, &reply, NULL);
}

static void pass(int ms)
{
    clock_skip_ms(ms);
    event_base_loop(base, EVLOOP_NONBLOCK);
}

static void who_asked_first_hears_first(void **state)
{
    sent(hear, "a", 1000);
    sent(hear, "b", 1000);
    assert_true(answer("1"));
    assert_true(calls_answer(calls, NULL, &(struct err){ERR_BUG, "wrong"}));
    assert_string_equal(heard, "a:1 b:wrong ");
    assert_false(answer("2"));
}

static void who_is_refused_hears_so_from_the_loop(void **state)
{
    refused(hear, "a");
    refused(hear, "b");
    assert_string_equal(heard, "");
    pass(0);
    assert_string_equal(heard, "a:away b:away ");
    pass(0);
    assert_string_equal(heard, "a:away b:away ");
}

static void the_refused_can_be_told_before(void **state)
{
    refused(hear_and_ask, "a");
    calls_refuse(calls);
    assert_string_equal(heard, "a:away ");
    pass(0);
    assert_string_equal(heard, "a:away refused:away ");
}

static void failing_is_heard_by_those_who_had_asked_by_then(void **state)
{
    sent(hear_and_ask, "a", 1000);
    sent(hear, "b", 1000);
    calls_fail(calls, &lost);
    assert_string_equal(heard, "a:lost b:lost ");
    assert_true(answer("1"));
    assert_string_equal(heard, "a:lost b:lost sent:1 ");
}

static void the_oldest_calls_deadline_counts(void **state)
{
    sent(hear, "a", 1000);
    pass(600);
    sent(hear, "b", 1000);
    assert_true(answer("1"));
    pass(600); /* a's would be over, had it not been answered */
    assert_int_equal(late_count, 0);
    pass(600);
    assert_int_equal(late_count, 1);
    calls_fail(calls, &lost);
    pass(5000);
    assert_int_equal(late_count, 1);
}

static void a_long_deadline_does_not_hide_a_short_one(void **state)
{
    sent(hear, "long", 9000);
    assert_true(answer("1"));
    sent(hear, "short", 1000);
    pass(1001);
    assert_int_equal(late_count, 1);
}

static void nor_when_both_were_under_way(void **state)
{
    sent(hear, "long", 9000);
    sent(hear, "short", 1000);
    assert_true(answer("1"));
    pass(1001);
    assert_int_equal(late_count, 1);
}

static void a_link_that_was_lost_is_watched_again(void **state)
{
    sent(hear, "a", 1000);
    calls_fail(calls, &lost);
    sent(hear, "b", 2000);
    pass(1001);
    assert_int_equal(late_count, 0);
    pass(1001);
    assert_int_equal(late_count, 1);
}

static void at_the_end_nobody_is_forgotten(void **state)
{
    sent(hear, "a", 1000);
    refused(hear, "b");
    calls_free(calls, &lost);
    calls = NULL;
    assert_string_equal(heard, "a:lost b:lost ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(who_asked_first_hears_first, set_up, tear_down),
        cmocka_unit_test_setup_teardown(who_is_refused_hears_so_from_the_loop, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(the_refused_can_be_told_before, set_up, tear_down),
        cmocka_unit_test_setup_teardown(failing_is_heard_by_those_who_had_asked_by_then,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_oldest_calls_deadline_counts, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_long_deadline_does_not_hide_a_short_one, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(nor_when_both_were_under_way, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_link_that_was_lost_is_watched_again, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(at_the_end_nobody_is_forgotten, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
