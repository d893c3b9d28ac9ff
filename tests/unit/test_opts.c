/* A job's options: read from anybody's JSON, packed as BullMQ has them. */
#include "tests/support/unit.h"

#include "queue/opts.h"
#include "tests/support/arena_fixture.h"

static struct opts opts;

static void read_opts(const char *text)
{
    opts_read(&opts, text, strlen(text), arena);
}

static void nodes_options_are_understood(void **state)
{
    read_opts("{\"attempts\":3,\"backoff\":{\"type\":\"exponential\",\"delay\":1000,"
              "\"jitter\":0.5},\"priority\":5,\"delay\":10,\"lifo\":true,\"jobId\":\"a\","
              "\"stackTraceLimit\":2,\"kl\":9,\"removeOnComplete\":{\"age\":60,\"count\":5,"
              "\"limit\":7},\"removeOnFail\":true}");
    assert_int_equal(opts.attempts, 3);
    assert_int_equal(opts.backoff, BACKOFF_EXPONENTIAL);
    assert_true(opts.backoff_ms == 1000 && opts.jitter == 0.5);
    assert_int_equal(opts.priority, 5);
    assert_int_equal(opts.delay_ms, 10);
    assert_true(opts.lifo);
    assert_string_equal(opts.job_id, "a");
    assert_int_equal(opts.stack_traces, 2);
    assert_int_equal(opts.keep_logs, 9);
    assert_true(opts.on_complete.given && opts.on_fail.given);
    assert_int_equal(opts.on_complete.age_s, 60);
    assert_int_equal(opts.on_complete.count, 5);
    assert_int_equal(opts.on_complete.limit, 7);
    assert_int_equal(opts.on_fail.count, 0);
}

static void a_number_is_a_count_and_a_fixed_backoff(void **state)
{
    read_opts("{\"removeOnComplete\":100,\"removeOnFail\":false,\"backoff\":500}");
    assert_int_equal(opts.on_complete.count, 100);
    assert_true(opts.on_fail.given);
    assert_int_equal(opts.on_fail.count, -1);
    assert_int_equal(opts.backoff, BACKOFF_FIXED);
    assert_true(opts.backoff_ms == 500);
}

static void garbage_counts_as_not_given(void **state)
{
    static const char *const texts[] = {
        "",
        "[]",
        "null",
        "7",
        "{",
        ("{\"attempts\":\"3\",\"backoff\":[],\"priority\":{},"
         "\"removeOnComplete\":\"yes\",\"delay\":null,\"jobId\":5}"),
    };

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        read_opts(texts[i]);
        assert_int_equal(opts.attempts, 0);
        assert_int_equal(opts.backoff, BACKOFF_NONE);
        assert_int_equal(opts.priority, 0);
        assert_false(opts.on_complete.given);
        assert_int_equal(opts.on_complete.count, -1);
        assert_int_equal(opts.stack_traces, -1);
        assert_null(opts.job_id);
    }
    read_opts("{\"attempts\":1e300,\"delay\":-1e300,\"backoff\":{\"type\":\"mine\"}}");
    assert_true(opts.attempts > 1000000);
    assert_int_equal(opts.backoff, BACKOFF_UNKNOWN);
    assert_string_equal(opts.backoff_name, "mine");
}

static void backoff_grows_as_the_contract_says(void **state)
{
    read_opts("{\"backoff\":{\"type\":\"exponential\",\"delay\":1000}}");
    assert_int_equal(opts_backoff_ms(&opts, 1, 0.9), 1000);
    assert_int_equal(opts_backoff_ms(&opts, 2, 0.9), 2000);
    assert_int_equal(opts_backoff_ms(&opts, 5, 0.9), 16000);
    assert_true(opts_backoff_ms(&opts, 2000, 0) > 0); /* does not overflow */
    read_opts("{\"backoff\":{\"type\":\"fixed\",\"delay\":300}}");
    assert_int_equal(opts_backoff_ms(&opts, 9, 0), 300);
    read_opts("{}");
    assert_int_equal(opts_backoff_ms(&opts, 3, 0), 0);
}

static void jitter_takes_a_part_away(void **state)
{
    read_opts("{\"backoff\":{\"type\":\"fixed\",\"delay\":1000,\"jitter\":0.5}}");
    assert_int_equal(opts_backoff_ms(&opts, 1, 0), 500);
    assert_int_equal(opts_backoff_ms(&opts, 1, 0.5), 750);
    assert_in_range(opts_backoff_ms(&opts, 1, 0.999999), 999, 1000);
}

static void what_is_packed_is_what_was_given(void **state)
{
    struct pack pack = {0};

    opts_init(&opts);
    opts_pack(&opts, &pack);
    assert_memory_equal(pack.at,
                        "\x81\xa8"
                        "attempts\0",
                        11);
    pack_free(&pack);
    opts.priority = 5;
    opts.on_fail.given = true;
    opts.on_fail.age_s = 9;
    opts_pack(&opts, &pack);
    assert_int_equal((unsigned char)pack.at[0], 0x83);
    assert_non_null(memmem(pack.at, pack.len, "\xa8priority\5", 10));
    assert_non_null(memmem(pack.at, pack.len,
                           "\xacremoveOnFail\x82\xa5"
                           "count",
                           20));
    pack_free(&pack);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nodes_options_are_understood),
        cmocka_unit_test(a_number_is_a_count_and_a_fixed_backoff),
        cmocka_unit_test(garbage_counts_as_not_given),
        cmocka_unit_test(backoff_grows_as_the_contract_says),
        cmocka_unit_test(jitter_takes_a_part_away),
        cmocka_unit_test(what_is_packed_is_what_was_given),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
