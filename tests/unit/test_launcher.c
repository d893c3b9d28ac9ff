/* Our end of what a launcher says: the test is the container, at the other end of a pair of
 * sockets. */
#include "tests/support/unit.h"

#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/count.h"
#include "tests/support/fake_clock.h"
#include "tests/support/loop.h"
#include "worker/launcher.h"
#include "worker/marks.h"

enum { DEADLINE_MS = 5000, LONG_MS = 25000 }; /* of a test's wait; beyond the launcher's */

static struct event_base *base;
static struct launcher *launcher;
static int container = -1; /* its end */
static char mark[MARKS_ID + 1];

static struct heard {
    bool ready, begun, printed, exited, failed, closed;
    char out[256], err_out[256];
    struct err err;
} heard;

static void ready(void *arg)
{
    heard.ready = true;
}

static void begun(void *arg)
{
    heard.begun = true;
}

static void output(void *arg, enum stream stream, const char *at, size_t len)
{
    heard.printed = true;
    strncat(stream == STREAM_ERR ? heard.err_out : heard.out, at, len);
}

static void exited(void *arg)
{
    assert_false(heard.exited);
    heard.exited = true;
}

static void failed(void *arg, const struct err *err)
{
    assert_false(heard.failed || heard.closed);
    heard.failed = true;
    heard.err = *err;
}

static void closed(void *arg)
{
    assert_false(heard.failed || heard.closed);
    heard.closed = true;
}

static const struct launcher_events events = {ready, begun, output, exited, failed, closed};

static int set_up(void **state)
{
    int pair[2];

    memset(&heard, 0, sizeof heard);
    base = event_base_new();
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair))
        return -1;
    container = pair[1];
    launcher = launcher_new(bufferevent_socket_new(base, pair[0], BEV_OPT_CLOSE_ON_FREE),
                            &events, NULL);
    return 0;
}

static void end_stream(void)
{
    if (container >= 0)
        close(container);
    container = -1;
}

static int tear_down(void **state)
{
    launcher_free(launcher);
    end_stream();
    event_base_free(base);
    return 0;
}

static void until(const bool *happened)
{
    assert_true(loop_until(base, happened, DEADLINE_MS));
}

/* All that is under way is heard. */
static void settle(void)
{
    loop_for(base, 5);
}

static void prints(enum stream stream, const char *text)
{
    unsigned char frame[256] = {stream};
    size_t len = strlen(text);

    assert_true(len < sizeof frame - 8);
    frame[7] = (unsigned char)len;
    memcpy(frame + 8, text, len);
    assert_int_equal(write(container, frame, 8 + len), 8 + len);
}

static void prints_mark(enum stream stream, const char *how)
{
    char text[64];

    snprintf(text, sizeof text, "\n%s %s\n", mark, how);
    prints(stream, text);
}

/* Up to "R"; `mark` is what it was told its end marks are. */
static void start(void)
{
    char line[MARKS_ID + 1];

    launcher_start(launcher);
    prints(STREAM_OUT, "R\n");
    until(&heard.ready);
    assert_int_equal(read(container, line, sizeof line), sizeof line);
    assert_int_equal(line[MARKS_ID], '\n');
    snprintf(mark, sizeof mark, "%.*s", MARKS_ID, line);
}

static void feed(void)
{
    static const struct bytes argv[] = {{"true", 4}};
    static const struct parcel parcel = {.argv = {argv, 1}};

    launcher_feed(launcher, &parcel);
}

static void begin(void)
{
    start();
    feed();
    prints(STREAM_OUT, "B\n");
    until(&heard.begun);
}

static void expect_failure(enum err_kind kind, const char *text)
{
    until(&heard.failed);
    assert_string_equal(heard.err.text, text);
    assert_int_equal(heard.err.kind, kind);
    assert_false(heard.exited);
}

static void a_program_is_heard_from_its_beginning_to_both_marks(void **state)
{
    int exit_code;

    begin();
    prints(STREAM_OUT, "42\n");
    prints(STREAM_ERR, "oh\n");
    prints_mark(STREAM_OUT, "E 7");
    settle();
    assert_false(heard.exited);
    prints_mark(STREAM_ERR, "E 7");
    until(&heard.exited);
    assert_string_equal(heard.out, "42\n");
    assert_string_equal(heard.err_out, "oh\n");
    assert_true(launcher_ended(launcher, &exit_code));
    assert_int_equal(exit_code, 7);
    assert_true(launcher_whole(launcher));
    end_stream();
    until(&heard.closed);
}

static void every_launcher_has_marks_of_its_own(void **state)
{
    char first[sizeof mark];

    start();
    memcpy(first, mark, sizeof first);
    tear_down(NULL);
    set_up(NULL);
    start();
    assert_string_not_equal(first, mark);
}

static void nothing_is_heard_before_the_start(void **state)
{
    prints(STREAM_OUT, "R\n");
    settle();
    assert_false(heard.ready);
    start();
}

/* What else comes before it is an interpreter's that is started ahead. */
static void ready_is_a_line_of_its_own(void **state)
{
    launcher_start(launcher);
    prints(STREAM_OUT, "GNU bash, version 5.2\nERROR\nR");
    settle();
    assert_false(heard.ready);
    prints(STREAM_OUT, "\n");
    until(&heard.ready);
}

static void what_is_printed_before_it_is_fed_is_no_output(void **state)
{
    start();
    prints(STREAM_OUT, "B\nearly");
    prints(STREAM_ERR, "early");
    settle();
    assert_false(heard.begun || heard.printed);
}

static void one_mark_is_enough_after_a_while(void **state)
{
    begin();
    prints_mark(STREAM_ERR, "E 3");
    settle();
    assert_false(heard.exited);
    clock_skip_ms(LONG_MS);
    until(&heard.exited);
    assert_false(launcher_whole(launcher));
}

static void also_when_it_came_before_the_beginning(void **state)
{
    start();
    feed();
    prints_mark(STREAM_ERR, "E 3");
    prints(STREAM_OUT, "B\n");
    until(&heard.begun);
    clock_skip_ms(LONG_MS);
    until(&heard.exited);
}

static void or_when_the_stream_ends(void **state)
{
    begin();
    prints_mark(STREAM_OUT, "E 3");
    end_stream();
    until(&heard.exited);
    assert_false(heard.failed || heard.closed);
}

static void what_still_runs_is_heard_until_the_hush(void **state)
{
    begin();
    prints_mark(STREAM_ERR, "E 0");
    prints(STREAM_OUT, "so far\n");
    settle();
    clock_skip_ms(LONG_MS);
    until(&heard.exited);
    assert_string_equal(heard.out, "so far");
    launcher_hush(launcher);
    assert_string_equal(heard.out, "so far\n"); /* which might have begun a mark */
    prints(STREAM_OUT, "more");
    settle();
    assert_string_equal(heard.out, "so far\n");
}

static void one_that_is_stopped_says_nothing_but_output(void **state)
{
    begin();
    launcher_stop(launcher);
    prints(STREAM_OUT, "last words\n");
    prints_mark(STREAM_OUT, "E 0");
    prints_mark(STREAM_ERR, "E 0");
    settle();
    clock_skip_ms(LONG_MS);
    settle();
    assert_string_equal(heard.out, "last words\n");
    end_stream();
    until(&heard.closed);
    assert_false(heard.exited);
}

static void nor_is_it_ready_or_begun_any_more(void **state)
{
    launcher_start(launcher);
    launcher_stop(launcher);
    prints(STREAM_OUT, "R\n");
    settle();
    assert_false(heard.ready);
    tear_down(NULL);
    set_up(NULL);
    start();
    feed();
    launcher_stop(launcher);
    prints(STREAM_OUT, "B\n");
    settle();
    assert_false(heard.begun);
}

static void one_that_is_not_ready_in_time_has_failed(void **state)
{
    launcher_start(launcher);
    clock_skip_ms(LONG_MS);
    expect_failure(ERR_TIMEOUT,
                   "the sandbox was not ready within 5000 ms; it said nothing");
}

static void one_that_is_ready_is_in_no_hurry(void **state)
{
    start();
    clock_skip_ms(LONG_MS);
    settle();
    assert_false(heard.failed);
    feed();
    clock_skip_ms(LONG_MS);
    expect_failure(ERR_TIMEOUT,
                   "the sandbox was not running within 5000 ms; it said nothing");
}

static void one_that_could_not_unpack_has_failed(void **state)
{
    start();
    feed();
    prints(STREAM_ERR, "sh: tar: not found\n");
    prints_mark(STREAM_OUT, "X 125");
    prints_mark(STREAM_ERR, "X 125");
    expect_failure(ERR_BACKEND, "the sandbox could not unpack the job; it said "
                                "'sh: tar: not found'");
}

static void a_stream_that_ends_too_soon_is_a_failure(void **state)
{
    begin();
    prints(STREAM_ERR, "output");
    end_stream();
    expect_failure(ERR_BACKEND,
                   "the sandbox was lost: its stream ended while its program ran");
    assert_string_equal(heard.err_out, "output");
}

#define LOST "the sandbox was lost: its stream ended "

static void its_last_words_are_told(void **state)
{
    static const struct {
        const char *out, *err_out, *told;
    } rows[] = {
        {"", "", "nothing"},
        {"", "sh: exec: python3: not found\n", "'sh: exec: python3: not found'"},
        {"Python 3.11\n", "", "'Python 3.11'"},
        {"usage", "bad\noption\n\n", "'bad\\noption'"},
        {"", "it's \x1b[31m\xff\n", "'it\\'s \\x1b[31m\\xff'"},
    };
    char text[256];

    for (size_t i = 0; i < COUNT(rows); i++) {
        launcher_start(launcher);
        prints(STREAM_OUT, rows[i].out);
        prints(STREAM_ERR, rows[i].err_out);
        end_stream();
        snprintf(text, sizeof text, LOST "before it was ready; it said %s", rows[i].told);
        expect_failure(ERR_BACKEND, text);
        tear_down(NULL);
        set_up(NULL);
    }
}

/* It may be gone before all that it is sent has left us. */
static void nothing_can_be_sent_and_they_are_told(void **state)
{
    static char text[1 << 20];
    static const struct parcel parcel = {.input = {text, sizeof text}};

    start();
    launcher_feed(launcher, &parcel);
    prints(STREAM_ERR, "oh");
    end_stream();
    expect_failure(ERR_BACKEND, LOST "before its program began; it said 'oh'");
}

static void of_many_words_the_first_are_told(void **state)
{
    char line[101] = "";

    memset(line, '\n', 100);
    launcher_start(launcher);
    prints(STREAM_ERR, "first");
    for (int i = 0; i < 100; i++)
        prints(STREAM_ERR, line);
    prints(STREAM_ERR, "last");
    end_stream();
    until(&heard.failed);
    assert_non_null(strstr(heard.err.text, "it said 'first'"));
    tear_down(NULL);
    set_up(NULL);
    memset(line, '\1', 100);
    launcher_start(launcher);
    for (int i = 0; i < 100; i++)
        prints(STREAM_ERR, line);
    end_stream();
    until(&heard.failed);
    assert_non_null(strstr(heard.err.text, "\\x01...'"));
}

static void they_are_those_since_it_was_fed(void **state)
{
    start();
    prints(STREAM_ERR, "a warning of the interpreter's\n");
    settle();
    feed();
    end_stream();
    expect_failure(ERR_BACKEND, LOST "before its program began; it said nothing");
    tear_down(NULL);
    set_up(NULL);
    start();
    prints(STREAM_ERR, "Killed\n");
    end_stream();
    expect_failure(ERR_BACKEND, LOST "while it waited for its job; it said 'Killed'");
}

static void a_stream_that_is_no_frames_is_one_even_after_a_stop(void **state)
{
    start();
    launcher_stop(launcher);
    assert_int_equal(write(container, "HTTP/1.1 500\r\n", 14), 14);
    until(&heard.failed);
    assert_int_equal(heard.err.kind, ERR_BACKEND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        TEST(a_program_is_heard_from_its_beginning_to_both_marks),
        TEST(every_launcher_has_marks_of_its_own),
        TEST(nothing_is_heard_before_the_start),
        TEST(ready_is_a_line_of_its_own),
        TEST(what_is_printed_before_it_is_fed_is_no_output),
        TEST(one_mark_is_enough_after_a_while),
        TEST(also_when_it_came_before_the_beginning),
        TEST(or_when_the_stream_ends),
        TEST(what_still_runs_is_heard_until_the_hush),
        TEST(one_that_is_stopped_says_nothing_but_output),
        TEST(nor_is_it_ready_or_begun_any_more),
        TEST(one_that_is_not_ready_in_time_has_failed),
        TEST(one_that_is_ready_is_in_no_hurry),
        TEST(one_that_could_not_unpack_has_failed),
        TEST(a_stream_that_ends_too_soon_is_a_failure),
        TEST(its_last_words_are_told),
        TEST(nothing_can_be_sent_and_they_are_told),
        TEST(of_many_words_the_first_are_told),
        TEST(they_are_those_since_it_was_fed),
        TEST(a_stream_that_is_no_frames_is_one_even_after_a_stop),
    };

    signal(SIGPIPE, SIG_IGN); /* as the worker does */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
