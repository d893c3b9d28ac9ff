/* What the operator's tool found, as people and as programs get it. */
#include "tests/support/unit.h"

#include "deploy/bullpen/answers.h"
#include "deploy/bullpen/text.h"

#define NOW INT64_C(1767322985678) /* 2026-01-02T03:03:05.678Z */

static struct arena *arena;
static struct evbuffer *out;
static char *written; /* the JSON */

static int set_up(void **state)
{
    arena = arena_new();
    out = evbuffer_new();
    return 0;
}

static int tear_down(void **state)
{
    arena_free(arena);
    evbuffer_free(out);
    free(written);
    written = NULL;
    return 0;
}

static struct bytes bytes_of(const char *text)
{
    return (struct bytes){text, strlen(text)};
}

static void expect_text(const char *expected)
{
    evbuffer_add(out, "", 1);
    assert_string_equal((const char *)evbuffer_pullup(out, -1), expected);
}

static void expect_in_text(const char *part)
{
    evbuffer_add(out, "", 1);
    if (!strstr((const char *)evbuffer_pullup(out, -1), part))
        fail_msg("no '%s' in:\n%s", part, (const char *)evbuffer_pullup(out, -1));
}

static void write_answer(json_t *answer)
{
    free(written);
    written = json_write(answer, NULL);
    json_decref(answer);
}

static void expect_json(json_t *answer, const char *expected)
{
    write_answer(answer);
    assert_string_equal(written, expected);
}

static void foreign_text_cannot_steer_a_terminal(void **state)
{
    const struct bytes evil = {"a\x1b[2J\n\0\x7f\x9b\xc2\x9b\xe2\x82\xac", 14};

    assert_string_equal(text_shown(evil, 0, arena),
                        "a\\x1b[2J\\n\\x00\\x7f\\x9b\\xc2\\x9b\xe2\x82\xac");
}

static void long_text_is_cut_between_characters(void **state)
{
    assert_string_equal(text_shown(bytes_of("\xc3\xa9\xc3\xa9\xc3\xa9"), 3, arena),
                        "\xc3\xa9\xc3\xa9\xc3\xa9");
    assert_string_equal(text_shown(bytes_of("\xc3\xa9\xc3\xa9\xc3\xa9"), 2, arena),
                        "\xc3\xa9\xc3\xa9...");
    assert_string_equal(text_shown(bytes_of(""), 2, arena), "");
}

static void ages_are_in_their_largest_unit(void **state)
{
    const struct {
        int64_t ms;
        const char *age;
    } rows[] = {
        {-5, "0 ms"},      {0, "0 ms"},      {999, "999 ms"},    {1000, "1 s"},
        {119999, "1 min"}, {7200000, "2 h"}, {86399999, "23 h"}, {864000000, "10 d"},
    };
    char age[AGE_BYTES];

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_string_equal(text_age(rows[i].ms, age), rows[i].age);
}

static void times_say_when_and_how_long_ago(void **state)
{
    char time[TIME_BYTES];

    assert_string_equal(text_time(NOW, NOW + 300000, time),
                        "2026-01-02T03:03:05.678Z (5 min ago)");
    assert_string_equal(text_time(NOW, NOW - 3000, time),
                        "2026-01-02T03:03:05.678Z (in 3 s)");
    assert_string_equal(text_time(INT64_MAX, NOW, time),
                        "292278994-08-17T07:12:55.807Z (in 106751970712 d)");
}

static void a_tables_columns_are_as_wide_as_they_need(void **state)
{
    const char *const cells[] = {"ID", "NAME", "X", "\xc3\xa9\xc3\xa9\xc3\xa9",
                                 "b",  "long"};

    text_table(out, cells, 2, 3);
    expect_text("ID   NAME  X\n\xc3\xa9\xc3\xa9\xc3\xa9  b     long\n");
}

static void an_overview_tells_what_is_set_and_not_what_is_not(void **state)
{
    struct overview overview = {.queue = "jobs", .redis = "unix:/r"};

    overview.status.counts[STATE_PRIORITIZED] = 3;
    overview.priorities[0] = (struct queue_priority){7, 3};
    overview.priority_count = 1;
    text_overview(out, &overview);
    expect_text("queue             jobs at unix:/r\n"
                "waiting           0\n"
                "prioritized       3\n"
                "  priority 7      3\n"
                "delayed           0\n"
                "waiting-children  0\n"
                "active            0\n"
                "completed         0\n"
                "failed            0\n"
                "paused            no\n"
                "workers           0: nobody takes jobs\n");
    evbuffer_drain(out, evbuffer_get_length(out));
    overview.workers = -1;
    overview.status = (struct queue_status){.paused = true,
                                            .concurrency = 4,
                                            .max = 10,
                                            .duration_ms = 1000,
                                            .limited_ms = 400};
    text_overview(out, &overview);
    expect_in_text("paused            yes: no job is started\n"
                   "workers           unknown: Redis does not let us ask\n"
                   "concurrency       at most 4 active jobs\n"
                   "rate limit        at most 10 starts in 1000 ms\n"
                   "                  reached: no job is started for 400 ms\n");
}

static void an_overview_has_bullmqs_words_for_programs(void **state)
{
    struct overview overview = {.queue = "jobs", .redis = "unix:/r", .workers = -1};

    overview.status.counts[STATE_WAITING] = 2;
    overview.status.max = 10;
    overview.status.duration_ms = 1000;
    overview.priorities[0] = (struct queue_priority){7, 3};
    overview.priority_count = 1;
    expect_json(
        json_overview(&overview),
        "{\"queue\":\"jobs\",\"counts\":{\"waiting\":2,\"prioritized\":0,\"delayed\":0,"
        "\"waiting-children\":0,\"active\":0,\"completed\":0,\"failed\":0},"
        "\"priorities\":{\"7\":3},\"isPaused\":false,\"workers\":null,"
        "\"schedulers\":0,\"concurrency\":null,"
        "\"rateLimit\":{\"max\":10,\"duration\":1000},\"rateLimitTtl\":0}");
}

static struct job a_job(void)
{
    return (struct job){.id = "42",
                        .name = "execute",
                        .data = bytes_of("{\"a\":1}"),
                        .timestamp = NOW - 300000,
                        .opts.attempts = 3,
                        .opts_text = bytes_of("{\"attempts\":3}")};
}

static void a_list_tells_of_a_failed_job_the_first_line_of_the_reason(void **state)
{
    struct job job = a_job();
    const struct job *const jobs[] = {&job};

    job.name = "bad\x1b[31m";
    job.failed_reason = "no luck\nat all";
    job.attempts_made = 3;
    job.priority = 7;
    text_jobs(out, STATE_FAILED, jobs, 1, NOW);
    expect_text("ID  NAME         AGE    ATTEMPTS  PRIORITY  REASON\n"
                "42  bad\\x1b[31m  5 min  3/3       7         no luck\n");
}

static void a_list_tells_of_others_what_their_state_asks_for(void **state)
{
    struct job job = a_job();
    const struct job *const jobs[] = {&job};

    text_jobs(out, STATE_WAITING, jobs, 1, NOW);
    job.returnvalue = bytes_of("{\"exitCode\":0}");
    text_jobs(out, STATE_COMPLETED, jobs, 1, NOW);
    job.worker = "host/1";
    job.processed_on = NOW - 2000;
    job.opts.attempts = 0;
    text_jobs(out, STATE_ACTIVE, jobs, 1, NOW);
    text_jobs(out, STATE_DELAYED, jobs, 0, NOW);
    expect_text("ID  NAME     AGE    ATTEMPTS  PRIORITY  DATA\n"
                "42  execute  5 min  0/3       -         {\"a\":1}\n"
                "ID  NAME     AGE    ATTEMPTS  PRIORITY  RESULT\n"
                "42  execute  5 min  0/3       -         {\"exitCode\":0}\n"
                "ID  NAME     AGE    ATTEMPTS  PRIORITY  WORKER\n"
                "42  execute  5 min  0/1       -         host/1, for 2 s\n"
                "no job is delayed\n");
}

static void details_of_a_failed_job_show_why_and_what_it_wrote(void **state)
{
    struct job job = a_job();
    struct bytes logs[] = {bytes_of("one\x1b"), bytes_of("two")};
    struct bytes pending[] = {bytes_of("bull:jobs:9")};
    const struct queue_details details = {
        .job = &job,
        .state = STATE_FAILED,
        .logs = {logs, 2},
        .log_count = 7,
        .children = {.processed = 1, .unprocessed = 1, .failed = 1},
        .pending = {pending, 1},
    };

    job.finished_on = NOW - 1000;
    job.failed_reason = "no luck";
    job.stacktrace = bytes_of("[\"first\",\"Error: no\\n  at \\u001bx\"]");
    job.parent = "bull:flows:1";
    text_details(out, &details, NOW);
    expect_text("id                42\n"
                "name              execute\n"
                "state             failed\n"
                "added             2026-01-02T02:58:05.678Z (5 min ago)\n"
                "finished          2026-01-02T03:03:04.678Z (1 s ago)\n"
                "attempts          0 made of 3, 0 started\n"
                "data              {\"a\":1}\n"
                "reason            no luck\n"
                "parent            bull:flows:1\n"
                "children          1 pending, 2 ended, of which 1 failed\n"
                "  bull:jobs:9\n"
                "stack trace 1 of 2\n"
                "  first\n"
                "stack trace 2 of 2\n"
                "  Error: no\n"
                "    at \\x1bx\n"
                "log, the last 2 of 7 lines\n"
                "  one\\x1b\n"
                "  two\n");
}

static void details_cut_long_data_and_say_so(void **state)
{
    struct job job = a_job();
    const struct queue_details details = {.job = &job, .state = STATE_WAITING};
    char data[5000];

    memset(data, 'x', sizeof data);
    job.data = (struct bytes){data, sizeof data};
    text_details(out, &details, NOW);
    expect_in_text("x...\n                  (5000 bytes; --json has them all)\n");
}

static void details_have_bullmqs_words_for_programs(void **state)
{
    struct job job = a_job();
    struct bytes logs[] = {bytes_of("one")};
    const struct queue_details details = {.job = &job,
                                          .state = STATE_DELAYED,
                                          .due_ms = NOW,
                                          .logs = {logs, 1},
                                          .log_count = 1};

    job.progress = bytes_of("50");
    job.worker = "host/1";
    expect_json(
        json_details(&details),
        "{\"id\":\"42\",\"name\":\"execute\",\"data\":{\"a\":1},"
        "\"opts\":{\"attempts\":3},\"progress\":50,"
        "\"returnvalue\":null,\"failedReason\":null,\"stacktrace\":null,"
        "\"timestamp\":1767322685678,\"processedOn\":null,\"finishedOn\":null,\"delay\":0,"
        "\"priority\":0,\"attempts\":3,\"attemptsMade\":0,\"attemptsStarted\":0,"
        "\"stalledCounter\":0,\"processedBy\":\"host/1\",\"deferredFailure\":null,"
        "\"repeatJobKey\":null,\"parentKey\":null,\"state\":\"delayed\","
        "\"delayedUntil\":1767322985678,\"lockTtl\":null,\"logs\":[\"one\"],\"logCount\":1,"
        "\"dependenciesCount\":{\"processed\":0,\"unprocessed\":0,\"ignored\":0,\"failed\":"
        "0},"
        "\"dependencies\":[]}");
}

static void data_that_is_no_json_is_a_text_for_programs(void **state)
{
    struct job job = a_job();
    const struct job *const jobs[] = {&job};

    job.data = bytes_of("{broken\xff");
    expect_json(json_jobs(STATE_WAITING, jobs, 0), "{\"state\":\"waiting\",\"jobs\":[]}");
    write_answer(json_jobs(STATE_WAITING, jobs, 1));
    assert_non_null(strstr(written, "\"data\":\"{broken\xef\xbf\xbd\","));
}

static void workers_are_listed(void **state)
{
    const struct queue_worker workers[] = {{"host/1", "10.0.0.9:1", 90, 3},
                                           {"", "a:2", 0, 0}};

    text_workers(out, workers, 2);
    text_workers(out, NULL, 0);
    expect_text("NAME    CONNECTED  ADDRESS\n"
                "host/1  1 min      10.0.0.9:1\n"
                "-       0 ms       a:2\n"
                "no worker is connected\n");
    expect_json(json_workers(workers, 2),
                "{\"workers\":[{\"name\":\"host/1\",\"addr\":\"10.0.0.9:1\",\"age\":90000,"
                "\"idle\":3000},{\"name\":null,\"addr\":\"a:2\",\"age\":0,\"idle\":0}]}");
}

static void schedulers_are_listed(void **state)
{
    const struct queue_scheduler schedulers[] = {
        {.id = "a", .name = "n", .every_ms = 60000, .next_ms = NOW + 3000, .runs = 2},
        {.id = "b", .pattern = "0 3 * * *", .zone = "Asia/Tokyo", .next_ms = NOW + 7200000},
    };

    text_schedulers(out, schedulers, 2, NOW);
    text_schedulers(out, NULL, 0, NOW);
    expect_text(
        "ID  JOB  WHEN                     RUNS  NEXT\n"
        "a   n    every 1 min              2     2026-01-02T03:03:08.678Z (in 3 s)\n"
        "b        0 3 * * * in Asia/Tokyo  0     2026-01-02T05:03:05.678Z (in 2 h)\n"
        "there is no scheduler\n");
    expect_json(
        json_schedulers(schedulers, 1),
        "{\"schedulers\":[{\"key\":\"a\",\"name\":\"n\",\"pattern\":null,\"tz\":null,"
        "\"every\":60000,\"next\":1767322988678,\"iterationCount\":2}]}");
}

static void metrics_are_told_where_there_are_any(void **state)
{
    const struct queue_metrics none = {0};
    const struct queue_metrics some = {.count = 7,
                                       .prev_ms = NOW - 60000,
                                       .prev_count = 5,
                                       .points = {3, 0},
                                       .point_count = 2};

    text_metrics(out, &none, &none, NOW);
    text_metrics(out, &some, &none, NOW);
    expect_text("no worker counts them\n"
                "completed         7\n"
                "  per minute, back from 2026-01-02T03:02:05.678Z (1 min ago): 3 0\n");
    expect_json(json_metrics(&some, &none),
                "{\"completed\":{\"meta\":{\"count\":7,\"prevTS\":1767322925678,"
                "\"prevCount\":5},\"data\":[3,0]},\"failed\":{\"meta\":{\"count\":0,"
                "\"prevTS\":0,\"prevCount\":0},\"data\":[]}}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        TEST(foreign_text_cannot_steer_a_terminal),
        TEST(long_text_is_cut_between_characters),
        TEST(ages_are_in_their_largest_unit),
        TEST(times_say_when_and_how_long_ago),
        TEST(a_tables_columns_are_as_wide_as_they_need),
        TEST(an_overview_tells_what_is_set_and_not_what_is_not),
        TEST(an_overview_has_bullmqs_words_for_programs),
        TEST(a_list_tells_of_a_failed_job_the_first_line_of_the_reason),
        TEST(a_list_tells_of_others_what_their_state_asks_for),
        TEST(details_of_a_failed_job_show_why_and_what_it_wrote),
        TEST(details_cut_long_data_and_say_so),
        TEST(details_have_bullmqs_words_for_programs),
        TEST(data_that_is_no_json_is_a_text_for_programs),
        TEST(workers_are_listed),
        TEST(schedulers_are_listed),
        TEST(metrics_are_told_where_there_are_any),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
