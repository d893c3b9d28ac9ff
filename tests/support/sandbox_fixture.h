/* sandbox_fixture.h -- a sandbox over a real socket, with an engine that does what the test
 * says at the other end; and how a test has it go. */
#ifndef TESTS_SUPPORT_SANDBOX_FIXTURE_H
#define TESTS_SUPPORT_SANDBOX_FIXTURE_H

#include "tests/support/unit.h"

#include <event2/buffer.h>

#include "lib/json.h"
#include "tests/support/fake_clock.h"
#include "tests/support/fake_engine.h"
#include "tests/support/loop.h"
#include "worker/sandbox.h"

enum {
    DEADLINE_MS = 5000,
    LONG_MS = 25000
}; /* of a test's wait; beyond all of the worker's */

/* The beginning of an answer that lasts until the connection ends. */
#define GOOD "HTTP/1.1 200 OK\r\n\r\n"

static struct event_base *base;
static struct engine *engine;
static struct sandbox *sandbox;
static bool unfed; /* the test wants nothing to be fed when it is ready */
static bool weary; /* and no more output: it stops the sandbox when there is some */
static const struct bytes words[] = {{"python3", 7}, {"main.py", 7}};
static struct file code = {"main.py", {"print(4)", 8}};
static struct parcel parcel = {{&code, 1}, {words, 2}, {"five", 4}};
static const struct sandbox_spec spec = {.image = "python:test",
                                         .limits = {3000, 128, 50, 4096}};

/* Sandboxes that the next engine makes ahead. */
static int warm_most;

/* What the sandbox told. */
static struct heard {
    bool ready, begun, failed;
    bool printed; /* something */
    int ends;
    bool ended;
    char out[4096], err_out[4096];
    struct sandbox_end end;
    struct err err;
} heard;

static inline void ready(void *arg)
{
    assert_false(heard.ready);
    heard.ready = true;
    if (!unfed)
        sandbox_feed(sandbox, &parcel);
}

static inline void begun(void *arg)
{
    assert_true(heard.ready && !heard.begun);
    heard.begun = true;
}

static inline void printed(void *arg, enum stream stream, const char *at, size_t len)
{
    char *text = stream == STREAM_ERR ? heard.err_out : heard.out;

    assert_int_equal(heard.ends, 0);
    heard.printed = true;
    strncat(text, at, len);
    if (weary)
        sandbox_stop(sandbox);
}

static inline void ended(void *arg, const struct sandbox_end *end, const struct err *err)
{
    heard.ended = true;
    heard.ends++;
    heard.failed = err;
    heard.end = *end;
    if (err)
        heard.err = *err;
    assert_int_equal(err != NULL, end->how == END_FAILED);
}

static const struct sandbox_events events = {ready, begun, printed, ended};

static inline int set_up(void **state)
{
    struct engine_config config = {
        .queue = "bull:jobs", .worker = "w1", .warm = warm_most, .cores = 1};
    struct err err;

    memset(&heard, 0, sizeof heard);
    unfed = weary = false;
    base = event_base_new();
    fake_engine_start(base);
    config.host = fake_engine_host();
    engine = engine_new(base, &config, &err);
    return engine ? 0 : -1;
}

/* Whatever a test has left behind ends by itself. */
static inline int tear_down(void **state)
{
    engine_drain(engine);
    for (int i = 0; i < 200 && engine_busy(engine); i++) {
        loop_for(base, 5);
        clock_skip_ms(1000);
    }
    assert_int_equal(engine_busy(engine), 0);
    assert_true(heard.ends <= 1);
    engine_free(engine);
    fake_engine_stop();
    event_base_free(base);
    return 0;
}

/* Another engine, for the next row of a table. */
static inline void begin_anew(void)
{
    assert_int_equal(tear_down(NULL), 0);
    assert_int_equal(set_up(NULL), 0);
}

static inline void until(const bool *happened)
{
    assert_true(loop_until(base, happened, DEADLINE_MS));
}

static inline void until_asked(enum fake_call call)
{
    until(&fake_engine.was_asked[call]);
}

/* The engine has nothing more to tidy up. */
static inline void until_idle(void)
{
    for (int i = 0; i < DEADLINE_MS && engine_busy(engine); i++)
        loop_for(base, 1);
    assert_int_equal(engine_busy(engine), 0);
}

static inline void open_sandbox(void)
{
    memset(&heard, 0, sizeof heard);
    sandbox = sandbox_open(engine, &spec, "42", &events, NULL);
    assert_false(heard.ended);
}

static inline void prints(enum stream stream, const char *text)
{
    fake_container_prints(stream, text, strlen(text));
}

/* The id of the sandbox's marks: the first line the container was sent. */
static inline const char *mark(void)
{
    static char id[33];

    until(&fake_engine.fed);
    evbuffer_copyout(fake_engine.in, id, 32);
    return id;
}

static inline void prints_begin(void)
{
    until(&fake_engine.fed);
    prints(STREAM_OUT, "B\n");
}

/* "<id> <word>" as a line of its own. */
static inline void prints_mark(enum stream stream, const char *word)
{
    char text[64];

    snprintf(text, sizeof text, "\n%s %s\n", mark(), word);
    prints(stream, text);
}

static inline void start_container(void)
{
    open_sandbox();
    until_asked(CALL_START);
}

static inline void start_program(void)
{
    start_container();
    prints(STREAM_OUT, "R\n");
    until(&heard.ready);
    prints_begin();
    until(&heard.begun);
}

static inline void exits(const char *how)
{
    prints_mark(STREAM_OUT, how);
    prints_mark(STREAM_ERR, how);
}

static inline void expect_failure(enum err_kind kind, const char *part)
{
    until(&heard.ended);
    assert_true(heard.failed);
    if (!strstr(heard.err.text, part))
        fail_msg("'%s' does not have '%s'", heard.err.text, part);
    assert_int_equal(heard.err.kind, kind);
}

/* The bytes of a job, from a cold engine to its exit code. */
static inline void walk_the_good_road(void)
{
    static const char end_of_parcel[] = "five";
    char line[34] = "";

    start_container();
    while (evbuffer_get_length(fake_engine.in) < 33)
        loop_for(base, 1);
    evbuffer_copyout(fake_engine.in, line, 33);
    assert_int_equal(strspn(line, "0123456789abcdef"), 32);
    assert_int_equal(line[32], '\n');
    assert_false(fake_engine.fed);
    prints(STREAM_OUT, "R\n");
    until(&heard.ready);
    while (evbuffer_search(fake_engine.in, end_of_parcel, 4, NULL).pos < 0)
        loop_for(base, 1);
    prints(STREAM_OUT, "not yet the program's\n");
    prints(STREAM_ERR, "early\n");
    prints_begin();
    until(&heard.begun);
    prints(STREAM_OUT, "4");
    prints(STREAM_OUT, "2\n");
    exits("E 7");
    until(&heard.ended);
    assert_false(heard.failed);
    assert_string_equal(heard.out, "42\n");
    assert_string_equal(heard.err_out, "early\n");
    assert_int_equal(heard.end.how, END_EXITED);
    assert_int_equal(heard.end.exit_code, 7);
    until(&fake_engine.left); /* which ends the launcher, and so the container */
    assert_int_equal(fake_engine.asked[CALL_CREATE], 1);
    assert_int_equal(fake_engine.asked[CALL_ATTACH], 1);
    assert_int_equal(fake_engine.asked[CALL_START], 1);
    assert_int_equal(fake_engine.asked[CALL_KILL], 0);
    assert_int_equal(fake_engine.asked[CALL_REMOVE], 0);
    assert_int_equal(fake_engine.asked[CALL_UNKNOWN], 0);
}

#endif
