/* When a pattern comes round next: as cron-parser says, and what it is told apart by. */
#include "tests/support/unit.h"

#include <time.h>

#include "lib/count.h"
#include "queue/cron.h"
#include "queue/zone.h"

struct answer {
    const char *pattern, *zone;
    int64_t after_ms, next_ms;
};

#include "tests/unit/cron_answers.h"

static struct err err;

static int set_up(void **state)
{
    err.text[0] = '\0';
    return 0;
}

static int64_t next(const char *pattern, int64_t after_ms, const char *zone)
{
    struct cron cron;
    int64_t next_ms;

    if (cron_read(&cron, pattern, &err) || cron_next(&cron, after_ms, zone, &next_ms, &err))
        return -1;
    return next_ms;
}

static void the_next_time_is_cron_parsers(void **state)
{
    for (size_t i = 0; i < COUNT(answers); i++) {
        const struct answer *row = &answers[i];
        int64_t got = next(row->pattern, row->after_ms, row->zone);

        if (got != row->next_ms)
            fail_msg("\"%s\" in %s after %lld: %lld, not %lld %s", row->pattern, row->zone,
                     (long long)row->after_ms, (long long)got, (long long)row->next_ms,
                     err.text);
    }
}

static void each_time_leads_to_the_one_behind_it(void **state)
{
    static const int64_t times[] = {1711843200000, 1711846800000, 1711850400000};
    int64_t at_ms = times[0] - 1;

    for (size_t i = 0; i < COUNT(times); i++) {
        at_ms = next("0 * * * *", at_ms, "Europe/Berlin");
        assert_int_equal(at_ms, times[i]);
    }
}

static void blanks_of_any_kind_part_the_fields(void **state)
{
    assert_int_equal(next(" \t0\n0  1 * *  ", 0, "UTC"), next("0 0 1 * *", 0, "UTC"));
}

static void a_time_comes_once_where_clocks_are_set_back_by_half_an_hour(void **state)
{
    /* On Lord Howe Island, where cron-parser finds no answer: 02:00+11 becomes 01:30+10:30.
     */
    const int64_t before_ms = 1712412000000, change_ms = 1712415600000;

    assert_int_equal(next("0 2 * * *", before_ms, "Australia/Lord_Howe"),
                     change_ms + 1800000);
}

static void what_is_no_pattern_is_refused_by_its_field(void **state)
{
    static const struct {
        const char *pattern, *error;
    } rows[] = {
        {"60 * * * *", "minute, from 0 to 59, is '60': out of range"},
        {"* 24 * * *", "hour, from 0 to 23, is '24': out of range"},
        {"* * 0 * *", "day of month, from 1 to 31, is '0': out of range"},
        {"* * * 13 *", "month, from 1 to 12, is '13': out of range"},
        {"* * * * 8", "day of week, from 0 to 7, is '8': out of range"},
        {"60 * * * * *", "second, from 0 to 59, is '60': out of range"},
        {"1-60 * * * *", "minute, from 0 to 59, is '1-60': out of range"},
        {"5-1 * * * *", "'5-1': a range goes up"},
        {"* * * * fri-mon", "'fri-mon': a range goes up"},
        {"*/0 * * * *", "'*/0': its step is no number above 0"},
        {"*/ * * * *", "'*/': its step is no number above 0"},
        {"*/-5 * * * *", "'*/-5': its step is no number above 0"},
        {"1/2/3 * * * *", "'1/2/3': its step is no number above 0"},
        {"a * * * *", "minute, from 0 to 59, is 'a': not a number"},
        {"1, * * * *", "minute, from 0 to 59, is '': not a number"},
        {"1,,2 * * * *", "is '': not a number"},
        {"-1 * * * *", "'-1': not a number"},
        {"+1 * * * *", "'+1': not a number"},
        {"1- * * * *", "'1-': not a number"},
        {"1.5 * * * *", "'1.5': not a number"},
        {"0x1 * * * *", "'0x1': not a number"},
        {"99999999999 * * * *", "'99999999999': not a number"},
        {"H * * * *", "'H': not a number"},
        {"jan * * * *", "'jan': not a number"},
        {"* * 15W * *", "'15W': not a number"},
        {"* * l * *", "'l': not a number"},
        {"* * * january *", "'january': not a number"},
        {"* * * * L", "'L': not a number"},
        {"* * * * 1#6", "'1#6': from #1 to #5"},
        {"* * * * 1#", "'1#': from #1 to #5"},
        {"* * * * 1#1,3", "'1#1,3': '#' goes with a single day only"},
        {"* * * * 3,1#1", "'3,1#1': '#' goes with a single day only"},
        {"* * * * * * *", "at most 6 fields"},
        {"@reboot", "'@reboot': not a number"},
        {"@DAILY", "'@DAILY': not a number"},
        {"0 0 30 2 *", "never comes round"},
        {"0 0 31 2,4 *", "never comes round"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_int_equal(next(rows[i].pattern, 1700000000000, "UTC"), -1);
        assert_int_equal(err.kind, ERR_INVALID);
        if (!strstr(err.text, rows[i].error))
            fail_msg("%s: %s", rows[i].pattern, err.text);
    }
}

static void a_pattern_without_end_is_refused(void **state)
{
    char pattern[600];

    memset(pattern, '*', sizeof pattern - 1);
    pattern[sizeof pattern - 1] = '\0';
    assert_int_equal(next(pattern, 0, "UTC"), -1);
    assert_non_null(strstr(err.text, "at most 255 bytes, is 599"));
}

static void a_zone_that_is_not_there_is_refused(void **state)
{
    static const char *const zones[] = {"Europe/Atlantis",     "",       "/etc/passwd",
                                        "../../../etc/passwd", "Europe", "zone.tab",
                                        "Europe/Berlin ",      "UTC+3"};

    for (size_t i = 0; i < COUNT(zones); i++) {
        assert_int_equal(next("* * * * *", 0, zones[i]), -1);
        assert_non_null(strstr(err.text, "there is no time zone"));
    }
    assert_int_equal(next("* * * * *", 0, "utc"), 60000);
}

/* 2023-11-14 22:13:20 UTC, the 15th in Tokyo. */
static void without_a_zone_it_is_the_process_own_and_that_stays_as_it_was(void **state)
{
    static const int64_t at_ms = 1700000000000, midnight_in_tokyo = 1700060400000;
    static const char *const own[] = {NULL, "local", "system"};
    const time_t at = at_ms / 1000;
    struct tm clock;

    setenv("TZ", "Asia/Tokyo", 1);
    for (size_t i = 0; i < COUNT(own); i++)
        assert_int_equal(next("0 0 * * *", at_ms, own[i]), midnight_in_tokyo);
    assert_int_equal(next("0 0 * * *", at_ms, "UTC"), 1700006400000);
    assert_int_equal(next("0 0 * * *", at_ms, "Europe/Atlantis"), -1);
    assert_string_equal(getenv("TZ"), "Asia/Tokyo");
    localtime_r(&at, &clock);
    assert_int_equal(clock.tm_hour, 7);
    unsetenv("TZ");
    next("0 0 * * *", at_ms, "Asia/Tokyo");
    assert_null(getenv("TZ"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(the_next_time_is_cron_parsers, set_up),
        cmocka_unit_test_setup(each_time_leads_to_the_one_behind_it, set_up),
        cmocka_unit_test_setup(blanks_of_any_kind_part_the_fields, set_up),
        cmocka_unit_test_setup(a_time_comes_once_where_clocks_are_set_back_by_half_an_hour,
                               set_up),
        cmocka_unit_test_setup(what_is_no_pattern_is_refused_by_its_field, set_up),
        cmocka_unit_test_setup(a_pattern_without_end_is_refused, set_up),
        cmocka_unit_test_setup(a_zone_that_is_not_there_is_refused, set_up),
        cmocka_unit_test_setup(
            without_a_zone_it_is_the_process_own_and_that_stays_as_it_was, set_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
