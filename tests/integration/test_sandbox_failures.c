/* A sandbox that leaves its road: broken answers, streams that end, stops, engines that go
 * away. */
#include "tests/support/sandbox_fixture.h"

#include <signal.h>

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

/* What each call may be answered, and what becomes of it. */
static void answers_that_are_not_good_are_our_failure(void **state)
{
#define NO_IMAGE \
    "HTTP/1.1 404 Not Found\r\n\r\n{\"message\":\"No such image: python:test\"}"
#define BROKEN       "HTTP/1.1 500 Internal Server Error\r\n\r\n{\"message\":\"no space\"}"
#define GARBAGE      "SSH-2.0-OpenSSH_9.2\r\n\r\n"
#define NO_JSON      GOOD "nope"
#define EMPTY        GOOD "{}"
#define NO_VERSION   GOOD "{\"ApiVersion\":\"\"}"
#define EVIL_VERSION GOOD "{\"ApiVersion\":\"1/../1\"}"
#define CUT          "HTTP/1.1 201 Created\r\nContent-Length: 100\r\n\r\n{\"Id\":"
#define NO_STREAM    "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
    static const struct {
        enum fake_call call;
        const char *answer;
        enum err_kind kind;
        const char *part;
        bool removed;
    } rows[] = {
        {CALL_VERSION, BROKEN, ERR_BACKEND, "version: status 500"},
        {CALL_VERSION, GARBAGE, ERR_BACKEND, "not HTTP"},
        {CALL_VERSION, NO_JSON, ERR_BACKEND, "no ApiVersion"},
        {CALL_VERSION, EMPTY, ERR_BACKEND, "no ApiVersion"},
        {CALL_VERSION, NO_VERSION, ERR_BACKEND, "no ApiVersion"},
        {CALL_VERSION, EVIL_VERSION, ERR_BACKEND, "no ApiVersion"},
        {CALL_VERSION, "", ERR_BACKEND, "version: the connection ended"},
        {CALL_INFO, BROKEN, ERR_BACKEND, "info: status 500: no space"},
        {CALL_INFO, NO_JSON, ERR_BACKEND, "not understood"},
        {CALL_CREATE, NO_IMAGE, ERR_MISSING, "No such image: python:test"},
        {CALL_CREATE, BROKEN, ERR_BACKEND, "create: status 500: no space"},
        {CALL_CREATE, GARBAGE, ERR_BACKEND, "not HTTP"},
        {CALL_CREATE, NO_JSON, ERR_BACKEND, "not understood"},
        {CALL_CREATE, EMPTY, ERR_BACKEND, "without an Id"},
        {CALL_CREATE, CUT, ERR_BACKEND, "in the middle of the reply"},
        {CALL_CREATE, "", ERR_BACKEND, "create: the connection ended"},
        {CALL_ATTACH, BROKEN, ERR_BACKEND, "attach: status 500: no space", true},
        {CALL_ATTACH, NO_STREAM, ERR_BACKEND, "without a stream", true},
        {CALL_ATTACH, GARBAGE, ERR_BACKEND, "not HTTP", true},
        {CALL_START, BROKEN, ERR_BACKEND, "start: status 500: no space", true},
        {CALL_START, CUT, ERR_BACKEND, "in the middle of the reply", true},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (i)
            begin_anew();
        fake_engine.answers[rows[i].call] = rows[i].answer;
        open_sandbox();
        expect_failure(rows[i].kind, rows[i].part);
        assert_int_equal(heard.end.fault, rows[i].removed               ? FAULT_START
                                          : rows[i].kind == ERR_MISSING ? FAULT_IMAGE
                                                                        : FAULT_ENGINE);
        if (rows[i].removed)
            until_asked(CALL_REMOVE);
        loop_for(base, 2);
        assert_int_equal(fake_engine.asked[CALL_REMOVE], rows[i].removed);
    }
}

static void an_engine_that_never_answers_is_waited_for_so_long_and_no_longer(void **state)
{
    static const struct {
        enum fake_call call;
        bool removed;
    } rows[] = {{CALL_VERSION},
                {CALL_INFO},
                {CALL_CREATE},
                {CALL_ATTACH, true},
                {CALL_START, true}};

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (i)
            begin_anew();
        fake_engine.silent[rows[i].call] = true;
        open_sandbox();
        until_asked(rows[i].call);
        loop_for(base, 2);
        assert_false(heard.ended);
        clock_skip_ms(LONG_MS);
        expect_failure(ERR_TIMEOUT, "no answer in time");
        if (rows[i].removed)
            until_asked(CALL_REMOVE);
    }
}

static void a_sandbox_that_is_never_ready_is_given_up(void **state)
{
    start_container();
    loop_for(base, 20);
    clock_skip_ms(LONG_MS);
    expect_failure(ERR_TIMEOUT, "not ready within 5000 ms");
    until_asked(CALL_REMOVE);
}

static void a_program_that_never_begins_is_given_up(void **state)
{
    start_container();
    prints(STREAM_OUT, "R\n");
    mark();
    clock_skip_ms(LONG_MS);
    expect_failure(ERR_TIMEOUT, "not running within 5000 ms");
    until_asked(CALL_REMOVE);
}

static void a_stream_that_ends_without_marks_is_our_failure(void **state)
{
    start_program();
    prints(STREAM_OUT, "so far");
    fake_container_ends();
    expect_failure(ERR_BACKEND, "its stream ended while its program ran");
    assert_int_equal(heard.end.fault, FAULT_LOST);
    until_asked(CALL_REMOVE);
}

static void a_stream_that_ends_before_ready_is_our_failure(void **state)
{
    start_container();
    fake_container_ends();
    expect_failure(ERR_BACKEND, "its stream ended before it was ready; it said nothing");
    assert_int_equal(heard.end.fault, FAULT_START);
    assert_false(heard.ready);
}

static void what_it_said_before_it_ended_is_told(void **state)
{
    start_container();
    prints(STREAM_ERR, "sh: mkfifo: not found\n");
    loop_for(base, 20);
    fake_container_ends();
    expect_failure(ERR_BACKEND, "it said 'sh: mkfifo: not found'");
    assert_int_equal(heard.end.fault, FAULT_START);
}

static void a_stream_that_is_no_frames_is_our_failure(void **state)
{
    start_program();
    fake_container_sends("HTTP/1.1 500\r\n", 14);
    expect_failure(ERR_BACKEND, "");
    until_asked(CALL_REMOVE);
}

static void a_job_that_cannot_be_unpacked_is_our_failure(void **state)
{
    start_container();
    prints(STREAM_OUT, "R\n");
    exits("X 125");
    expect_failure(ERR_BACKEND, "could not unpack");
    until_asked(CALL_REMOVE);
}

static void a_program_that_ended_and_never_began_is_our_failure(void **state)
{
    start_container();
    prints(STREAM_OUT, "R\n");
    exits("E 0");
    expect_failure(ERR_BACKEND, "ended before the program");
    until_asked(CALL_REMOVE);
}

/* Whoever came by the mark: it would have itself run again. */
static void a_program_that_has_begun_was_unpacked_whatever_it_says(void **state)
{
    start_program();
    exits("X 1");
    until(&heard.ended);
    assert_false(heard.failed);
    assert_int_equal(heard.end.how, END_EXITED);
    assert_int_equal(heard.end.exit_code, 1);
}

static void a_mark_with_another_id_is_output(void **state)
{
    static const char forged[] = "\n0123456789abcdef0123456789abcdef E 0\n";

    start_program();
    prints(STREAM_OUT, forged);
    prints(STREAM_ERR, forged);
    exits("E 1");
    until(&heard.ended);
    assert_int_equal(heard.end.exit_code, 1);
    assert_string_equal(heard.out, forged);
    assert_string_equal(heard.err_out, forged);
}

/* Stopped while the engine thinks about one of the calls: the road is left when it answers,
 * and what was made is unmade. */
static void a_stop_during_a_call_leaves_no_container(void **state)
{
    static const struct {
        enum fake_call call;
        bool removed;
    } rows[] = {{CALL_VERSION},
                {CALL_INFO},
                {CALL_CREATE, true},
                {CALL_ATTACH, true},
                {CALL_START, true}};

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (i)
            begin_anew();
        fake_engine.held[rows[i].call] = true;
        open_sandbox();
        until(&fake_engine.holding);
        sandbox_stop(sandbox);
        sandbox_stop(sandbox);
        loop_for(base, 2);
        assert_false(heard.ended);
        fake_engine_release();
        until(&heard.ended);
        assert_false(heard.failed || heard.ready);
        assert_int_equal(heard.end.how, END_STOPPED);
        if (rows[i].removed)
            until_asked(CALL_REMOVE);
        loop_for(base, 2);
        assert_int_equal(fake_engine.asked[CALL_REMOVE], rows[i].removed);
        assert_int_equal(fake_engine.asked[CALL_CREATE], rows[i].call >= CALL_CREATE);
        assert_int_equal(fake_engine.asked[CALL_START], rows[i].call >= CALL_START);
    }
}

static void a_stop_before_ready_kills(void **state)
{
    unfed = true;
    start_container();
    loop_for(base, 2);
    sandbox_stop(sandbox);
    assert_false(heard.ended);
    until(&heard.ended);
    assert_int_equal(heard.end.how, END_STOPPED);
    assert_int_equal(fake_engine.asked[CALL_KILL], 1);
}

static void a_stop_while_it_runs_kills_and_keeps_what_still_comes(void **state)
{
    start_program();
    prints(STREAM_OUT, "so far");
    until(&heard.printed);
    fake_engine.held[CALL_KILL] = true;
    sandbox_stop(sandbox);
    sandbox_stop(sandbox);
    until(&fake_engine.holding);
    prints(STREAM_OUT, ", and the rest");
    fake_engine_release();
    until(&heard.ended);
    assert_false(heard.failed);
    assert_int_equal(heard.end.how, END_STOPPED);
    assert_string_equal(heard.out, "so far, and the rest");
    assert_int_equal(fake_engine.asked[CALL_KILL], 1);
    assert_int_equal(fake_engine.asked[CALL_REMOVE], 0);
}

static void a_program_that_ends_while_it_is_killed_was_stopped(void **state)
{
    start_program();
    fake_engine.held[CALL_KILL] = true;
    sandbox_stop(sandbox);
    until(&fake_engine.holding);
    exits("E 0");
    loop_for(base, 2);
    fake_engine_release();
    until(&heard.ended);
    assert_int_equal(heard.end.how, END_STOPPED);
}

/* Who asked for the end has it after a moment for last words; the container is looked after
 * until it is gone. */
static void a_container_that_does_not_die_is_removed_and_not_waited_for(void **state)
{
    fake_engine.immortal = true;
    start_program();
    sandbox_stop(sandbox);
    until(&heard.ended);
    assert_int_equal(heard.end.how, END_STOPPED);
    prints(STREAM_OUT, "nobody hears this");
    loop_for(base, 2);
    assert_string_equal(heard.out, "");
    assert_true(engine_busy(engine));
    assert_int_equal(fake_engine.asked[CALL_REMOVE], 0);
    clock_skip_ms(LONG_MS);
    until_asked(CALL_REMOVE);
    until_idle();
}

static void a_death_that_takes_its_time_is_not_waited_for(void **state)
{
    fake_engine.held[CALL_KILL] = true;
    start_program();
    sandbox_stop(sandbox);
    until(&heard.ended);
    assert_true(engine_busy(engine));
    fake_engine_release();
    until_idle();
    assert_int_equal(heard.ends, 1);
    assert_int_equal(fake_engine.asked[CALL_REMOVE], 0);
}

/* What still comes of it must not make us forget that it is to die. */
static void a_container_that_goes_on_after_the_kill_is_not_waited_for_either(void **state)
{
    fake_engine.immortal = true;
    start_container();
    loop_for(base, 2);
    unfed = true;
    sandbox_stop(sandbox);
    until_asked(CALL_KILL);
    prints(STREAM_OUT, "R\n");
    until(&heard.ended);
    assert_int_equal(heard.end.how, END_STOPPED);
    assert_false(heard.ready);
}

static void a_program_that_begins_after_the_kill_is_not_waited_for_either(void **state)
{
    fake_engine.immortal = true;
    start_container();
    prints(STREAM_OUT, "R\n");
    mark();
    sandbox_stop(sandbox);
    until_asked(CALL_KILL);
    prints_begin();
    until(&heard.ended);
    assert_int_equal(heard.end.how, END_STOPPED);
    assert_false(heard.begun);
}

static void an_engine_that_goes_away_takes_the_sandbox_with_it(void **state)
{
    start_program();
    fake_engine_away();
    expect_failure(ERR_BACKEND, "its stream ended");
}

/* Run with stderr in a file; gives how often the log says each of two events. */
static int log_file, real_stderr;

static void watch_log(void)
{
    log_file = memfd_create("log", MFD_CLOEXEC);
    real_stderr = dup(2);
    assert_true(dup2(log_file, 2) == 2);
}

static char *logged(void)
{
    static char text[16384];
    ssize_t len;

    dup2(real_stderr, 2);
    close(real_stderr);
    len = pread(log_file, text, sizeof text - 1, 0);
    close(log_file);
    assert_true(len >= 0);
    text[len] = '\0';
    return text;
}

static int count(const char *text, const char *part)
{
    int found = 0;

    for (; (text = strstr(text, part)); text++)
        found++;
    return found;
}

static void an_engine_that_is_away_is_said_once_and_so_is_its_return(void **state)
{
    const char *log;

    fake_engine_away();
    watch_log();
    for (int i = 0; i < 3; i++) {
        open_sandbox();
        until(&heard.ended);
        assert_int_equal(heard.err.kind, ERR_BACKEND);
    }
    fake_engine_again();
    for (int i = 0; i < 2; i++) {
        fake_engine_forget();
        start_program();
        exits("E 0");
        until(&heard.ended);
        assert_false(heard.failed);
    }
    log = logged();
    assert_int_equal(count(log, "event=engine-away"), 1);
    assert_int_equal(count(log, "event=engine-back"), 1);
}

static void only_containers_past_their_time_are_swept(void **state)
{
    fake_engine.answers[CALL_LIST] =
        GOOD "["
             "{\"Id\":\"" FAKE_ID
             "\",\"Labels\":{\"bullpen.deadline\":\"1\",\"bullpen.job\":\"7\"}},"
             "{\"Id\":\"a\",\"Labels\":{\"bullpen.deadline\":\"99999999999999\"}},"
             "{\"Id\":\"b\",\"Labels\":{\"bullpen.deadline\":\"soon\"}},"
             "{\"Id\":\"c\",\"Labels\":{}},{\"Id\":\"d\"},{},5]";
    engine_sweep(engine);
    until_asked(CALL_REMOVE);
    loop_for(base, 20);
    assert_int_equal(fake_engine.asked[CALL_LIST], 1);
    assert_int_equal(fake_engine.asked[CALL_REMOVE], 1);
    assert_int_equal(fake_engine.asked[CALL_UNKNOWN], 0);
}

static void addresses_of_other_kinds_are_refused(void **state)
{
    static const char *const hosts[] = {"",           "/var/run/docker.sock",
                                        "tcp://a:1",  "unix://docker.sock",
                                        "unix:/sock", "unix://"};

    for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++) {
        const struct engine_config config = {hosts[i], "q", "w"};
        struct err err;

        assert_null(engine_new(base, &config, &err));
        assert_int_equal(err.kind, ERR_INVALID);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        TEST(a_program_that_ended_and_never_began_is_our_failure),
        TEST(a_program_that_has_begun_was_unpacked_whatever_it_says),
        TEST(a_mark_with_another_id_is_output),
        TEST(answers_that_are_not_good_are_our_failure),
        TEST(an_engine_that_never_answers_is_waited_for_so_long_and_no_longer),
        TEST(a_sandbox_that_is_never_ready_is_given_up),
        TEST(a_program_that_never_begins_is_given_up),
        TEST(a_stream_that_ends_without_marks_is_our_failure),
        TEST(a_stream_that_ends_before_ready_is_our_failure),
        TEST(what_it_said_before_it_ended_is_told),
        TEST(a_stream_that_is_no_frames_is_our_failure),
        TEST(a_job_that_cannot_be_unpacked_is_our_failure),
        TEST(a_stop_during_a_call_leaves_no_container),
        TEST(a_stop_before_ready_kills),
        TEST(a_stop_while_it_runs_kills_and_keeps_what_still_comes),
        TEST(a_program_that_ends_while_it_is_killed_was_stopped),
        TEST(a_container_that_does_not_die_is_removed_and_not_waited_for),
        TEST(a_death_that_takes_its_time_is_not_waited_for),
        TEST(a_container_that_goes_on_after_the_kill_is_not_waited_for_either),
        TEST(a_program_that_begins_after_the_kill_is_not_waited_for_either),
        TEST(an_engine_that_goes_away_takes_the_sandbox_with_it),
        TEST(an_engine_that_is_away_is_said_once_and_so_is_its_return),
        TEST(only_containers_past_their_time_are_swept),
        TEST(addresses_of_other_kinds_are_refused),
    };

    signal(SIGPIPE, SIG_IGN); /* as the worker does */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
