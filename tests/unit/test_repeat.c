/* What the options of a scheduler's job say of the next one. */
#include "tests/support/unit.h"

#include "queue/repeat.h"

/* A Thursday, a minute and a half past noon in UTC. */
enum { MINUTE_MS = 60000 };
static const int64_t now_ms = 1700136090000;
static const int64_t next_minute_ms = 1700136120000;

static struct repeat repeat;
static struct err err;

static int tear_down(void **state)
{
    pack_free(&repeat.opts);
    return 0;
}

static int look(const char *opts)
{
    const struct job job = {.scheduler = "s", .opts_text = {opts, strlen(opts)}};

    pack_free(&repeat.opts);
    return repeat_next(&job, now_ms, &repeat, &err);
}

static void expect_due(const char *opts, int64_t due_ms)
{
    if (look(opts))
        fail_msg("%s: %s", opts, err.text);
    assert_false(repeat.ended);
    assert_int_equal(repeat.due_ms, due_ms);
    assert_true(repeat.opts.len > 0);
}

static void expect_end(const char *opts)
{
    if (look(opts))
        fail_msg("%s: %s", opts, err.text);
    assert_true(repeat.ended);
    assert_int_equal(repeat.opts.len, 0);
}

static void expect_trouble(const char *opts, const char *why)
{
    assert_int_equal(look(opts), -1);
    assert_int_equal(err.kind, ERR_INVALID);
    if (!strstr(err.text, why))
        fail_msg("%s: %s", opts, err.text);
    assert_int_equal(repeat.opts.len, 0);
}

static void every_is_left_to_the_script(void **state)
{
    expect_due("{\"repeat\":{\"every\":500,\"count\":7}}", 0);
}

static void a_pattern_is_looked_up_from_now_on(void **state)
{
    expect_due("{\"repeat\":{\"pattern\":\"* * * * *\"}}", next_minute_ms);
    expect_due("{\"repeat\":{\"pattern\":\"0 0 * * *\",\"tz\":\"UTC\"}}", 1700179200000);
    expect_due("{\"repeat\":{\"pattern\":\"0 0 * * *\",\"tz\":\"Asia/Tokyo\"}}",
               1700146800000);
    expect_due(
        "{\"repeat\":{\"pattern\":\"0 0 * * *\",\"tz\":\"Asia/Tokyo\",\"utc\":true}}",
        1700179200000);
}

static void but_not_before_the_present_jobs_own_time_nor_the_start(void **state)
{
    expect_due("{\"prevMillis\":1700136120000,\"repeat\":{\"pattern\":\"* * * * *\"}}",
               next_minute_ms + MINUTE_MS);
    expect_due("{\"prevMillis\":1700000000000,\"repeat\":{\"pattern\":\"* * * * *\"}}",
               next_minute_ms);
    expect_due("{\"repeat\":{\"pattern\":\"* * * * *\",\"startDate\":1700136120000}}",
               next_minute_ms + MINUTE_MS);
    expect_due("{\"repeat\":{\"pattern\":\"* * * * *\",\"startDate\":1700136119999.0}}",
               next_minute_ms);
}

static void it_ends_with_its_limit(void **state)
{
    expect_due("{\"repeat\":{\"every\":500,\"count\":1,\"limit\":2}}", 0);
    expect_end("{\"repeat\":{\"every\":500,\"count\":2,\"limit\":2}}");
    expect_end("{\"repeat\":{\"pattern\":\"* * * * *\",\"count\":9,\"limit\":2}}");
}

static void it_ends_with_its_end(void **state)
{
    expect_due("{\"repeat\":{\"every\":500,\"endDate\":1700136090000}}", 0);
    expect_end("{\"repeat\":{\"every\":500,\"endDate\":1700136089999}}");
    expect_due("{\"repeat\":{\"pattern\":\"* * * * *\",\"endDate\":1700136120000}}",
               next_minute_ms);
    expect_end("{\"repeat\":{\"pattern\":\"* * * * *\",\"endDate\":1700136119999}}");
}

static void what_is_not_understood_is_said(void **state)
{
    expect_trouble("", "the job's options: ");
    expect_trouble("{}", "the job's options have no object `repeat`");
    expect_trouble("{\"repeat\":1}", "have no object `repeat`");
    expect_trouble("{\"repeat\":{}}", "neither `every` nor a `pattern`");
    expect_trouble(
        "{\"repeat\":{\"pattern\":\"H * * * *\"}}",
        "cannot tell when 'H * * * *' comes round next: a cron pattern's minute");
    expect_trouble("{\"repeat\":{\"pattern\":\"* * * * *\",\"tz\":\"Mars/Base\"}}",
                   "there is no time zone 'Mars/Base'");
}

/* Is there this key with this value, as MessagePack has them? */
static bool packed(const char *bytes, size_t len)
{
    return memmem(repeat.opts.at, repeat.opts.len, bytes, len);
}
#define PACKED(bytes) packed(bytes, sizeof bytes - 1)

static void the_next_jobs_options_are_this_ones_but_for_its_own(void **state)
{
    expect_due(
        "{\"tm\":\"x\",\"kl\":7,\"foo\":[1,{\"b\":2.5}],\"jobId\":\"old\",\"delay\":9,"
        "\"prevMillis\":1,\"repeat\":{\"pattern\":\"* * * * *\",\"count\":1,"
        "\"more\":true}}",
        next_minute_ms);
    assert_true(PACKED("\xa2tm\xa1x"));
    assert_true(PACKED("\xa2kl\x07"));
    assert_true(PACKED("\xa3"
                       "foo\x92\x01\x81\xa1"
                       "b\xcb\x40\x04\0\0\0\0\0\0"));
    assert_true(PACKED("\xa4more\xc3"));
    assert_true(PACKED("\xa5jobId\xb6repeat:s:1700136120000"));
    assert_true(PACKED("\xa5"
                       "delay\xce\0\0\x75\x30"));
    assert_true(PACKED("\xa5"
                       "count\x02"));
    assert_true(PACKED("\xa9timestamp\xd3\0\0\x01\x8b\xd8\x01\xf9\x90"));
    assert_true(PACKED("\xaaprevMillis\xd3\0\0\x01\x8b\xd8\x02\x6e\xc0"));
    assert_false(PACKED("old"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(every_is_left_to_the_script, tear_down),
        cmocka_unit_test_teardown(a_pattern_is_looked_up_from_now_on, tear_down),
        cmocka_unit_test_teardown(but_not_before_the_present_jobs_own_time_nor_the_start,
                                  tear_down),
        cmocka_unit_test_teardown(it_ends_with_its_limit, tear_down),
        cmocka_unit_test_teardown(it_ends_with_its_end, tear_down),
        cmocka_unit_test_teardown(what_is_not_understood_is_said, tear_down),
        cmocka_unit_test_teardown(the_next_jobs_options_are_this_ones_but_for_its_own,
                                  tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
