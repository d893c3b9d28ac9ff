/* A sandbox over a real socket, with an engine that does what the test says at the other
 * end: the good road, and every way to leave it. */
#include "tests/support/unit.h"

#include <event2/buffer.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

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
static const struct bytes words[] = {{"python3", 7}, {"main.py", 7}};
static const struct lang lang = {
    .id = "python", .image = "python:test", .file = "main.py", .argv = {words, 2}};
static const struct task task = {.lang = &lang,
                                 .code = {"print(4)", 8},
                                 .input = {"five", 4},
                                 .limits = {3000, 128, 50, 4096}};

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

static void ready(void *arg)
{
    assert_false(heard.ready);
    heard.ready = true;
    if (!unfed)
        sandbox_feed(sandbox, &task);
}

static void begun(void *arg)
{
    assert_true(heard.ready && !heard.begun);
    heard.begun = true;
}

static void printed(void *arg, enum stream stream, const char *at, size_t len)
{
    char *text = stream == STREAM_ERR ? heard.err_out : heard.out;

    assert_int_equal(heard.ends, 0);
    heard.printed = true;
    strncat(text, at, len);
}

static void ended(void *arg, const struct sandbox_end *end, const struct err *err)
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

static int set_up(void **state)
{
    struct engine_config config = {.queue = "bull:jobs", .worker = "w1"};
    struct err err;

    memset(&heard, 0, sizeof heard);
    unfed = false;
    base = event_base_new();
    fake_engine_start(base);
    config.host = fake_engine_host();
    engine = engine_new(base, &config, &err);
    return engine ? 0 : -1;
}

/* Whatever a test has left behind ends by itself. */
static int tear_down(void **state)
{
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

static void until(const bool *happened)
{
    assert_true(loop_until(base, happened, DEADLINE_MS));
}

static void until_asked(enum fake_call call)
{
    until(&fake_engine.was_asked[call]);
}

static void open_sandbox(void)
{
    memset(&heard, 0, sizeof heard);
    sandbox = sandbox_open(engine, &task, "42", &events, NULL);
    assert_false(heard.ended);
}

static void prints(enum stream stream, const char *text)
{
    fake_container_prints(stream, text, strlen(text));
}

/* The id of the job's marks: the first word the container was sent. */
static const char *mark(void)
{
    static char id[33];

    until(&fake_engine.fed);
    evbuffer_copyout(fake_engine.in, id, 32);
    return id;
}

/* "<id> <word>" as a line of its own. */
static void prints_mark(enum stream stream, const char *word)
{
    char text[64];

    snprintf(text, sizeof text, "%s%s %s\n", *word == 'B' ? "" : "\n", mark(), word);
    prints(stream, text);
}

static void start_container(void)
{
    open_sandbox();
    until_asked(CALL_START);
}

static void start_program(void)
{
    start_container();
    prints(STREAM_OUT, "R\n");
    until(&heard.ready);
    prints_mark(STREAM_OUT, "B");
    until(&heard.begun);
}

static void exits(const char *how)
{
    prints_mark(STREAM_OUT, how);
    prints_mark(STREAM_ERR, how);
}

static void expect_failure(enum err_kind kind, const char *part)
{
    until(&heard.ended);
    assert_true(heard.failed);
    if (!strstr(heard.err.text, part))
        fail_msg("'%s' does not have '%s'", heard.err.text, part);
    assert_int_equal(heard.err.kind, kind);
}

/* The bytes of a job, from a cold engine to its exit code. */
static void walk_the_good_road(void)
{
    static const char end_of_parcel[] = "five";
    char line[64], id[33];
    int tar_len, input_len;

    start_container();
    assert_int_equal(evbuffer_get_length(fake_engine.in), 0);
    prints(STREAM_OUT, "R\n");
    until(&heard.ready);
    snprintf(id, sizeof id, "%s", mark());
    assert_int_equal(strspn(id, "0123456789abcdef"), 32);
    evbuffer_copyout(fake_engine.in, line, sizeof line);
    assert_int_equal(sscanf(line + 32, " %d %d\n", &tar_len, &input_len), 2);
    assert_int_equal(input_len, task.input.len);
    while (evbuffer_search(fake_engine.in, end_of_parcel, 4, NULL).pos < 0)
        loop_for(base, 1);
    prints(STREAM_OUT, "not yet the program's\n");
    prints(STREAM_ERR, "early\n");
    prints_mark(STREAM_OUT, "B");
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

static void a_job_walks_the_good_road(void **state)
{
    walk_the_good_road();
}

static void a_job_walks_the_good_road_byte_by_byte(void **state)
{
    fake_engine.drips = true;
    walk_the_good_road();
}

static void a_second_job_asks_nothing_it_knows(void **state)
{
    start_program();
    exits("E 0");
    until(&heard.ended);
    fake_engine_forget();
    start_program();
    exits("E 0");
    until(&heard.ended);
    assert_int_equal(fake_engine.asked[CALL_VERSION], 0);
    assert_int_equal(fake_engine.asked[CALL_INFO], 0);
    assert_int_equal(fake_engine.asked[CALL_CREATE], 1);
}

static void the_create_call_says_whose_container_it_is(void **state)
{
    static const struct {
        const char *name, *value;
    } labels[] = {{"bullpen", "1"},
                  {"bullpen.queue", "bull:jobs"},
                  {"bullpen.job", "42"},
                  {"bullpen.worker", "w1"}};
    struct err err;
    json_t *body;

    start_container();
    body = json_read(fake_engine.created, strlen(fake_engine.created), NULL, 0, &err);
    assert_string_equal(json_string_value(json_object_get(body, "Image")), "python:test");
    assert_true(json_is_true(json_object_get(body, "NetworkDisabled")));
    assert_true(json_is_true(json_object_get(body, "StdinOnce")));
    for (size_t i = 0; i < sizeof labels / sizeof *labels; i++)
        assert_string_equal(json_string_value(json_object_get(
                                json_object_get(body, "Labels"), labels[i].name)),
                            labels[i].value);
    assert_null(json_object_get(json_object_get(body, "HostConfig"), "Runtime"));
    json_decref(body);
    sandbox_stop(sandbox);
    until(&heard.ended);
}

static void crun_is_used_where_the_engine_has_it(void **state)
{
    fake_engine.answers[CALL_INFO] = GOOD "{\"Runtimes\":{\"crun\":{}},"
                                          "\"MemoryLimit\":true,\"PidsLimit\":true}";
    start_container();
    assert_non_null(strstr(fake_engine.created, "\"Runtime\":\"crun\""));
    sandbox_stop(sandbox);
    until(&heard.ended);
}

static void an_engine_that_cannot_limit_memory_makes_no_sandbox(void **state)
{
    fake_engine.answers[CALL_INFO] = GOOD "{\"PidsLimit\":true}";
    open_sandbox();
    expect_failure(ERR_BACKEND, "no memory limit");
    assert_int_equal(heard.end.fault, FAULT_ENGINE);
    assert_int_equal(fake_engine.asked[CALL_CREATE], 0);
}

static void every_call_carries_the_engines_own_version(void **state)
{
    static const struct {
        const char *api, *api_min, *prefix;
    } rows[] = {{"1.41", "1.12", "/v1.41/containers/" FAKE_ID "/start"},
                {"1.43", "1.12", "/v1.43/containers/" FAKE_ID "/start"},
                {"1.52", "1.44", "/v1.52/containers/" FAKE_ID "/start"}};

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (i) {
            assert_int_equal(tear_down(NULL), 0);
            assert_int_equal(set_up(NULL), 0);
        }
        fake_engine.api = rows[i].api;
        fake_engine.api_min = rows[i].api_min;
        start_container();
        assert_string_equal(fake_engine.target, rows[i].prefix);
        sandbox_stop(sandbox);
        until(&heard.ended);
    }
}

/* Restarted between two jobs, so that nobody has seen it go. */
static void an_engine_of_another_version_in_its_place_is_asked_anew(void **state)
{
    start_program();
    exits("E 0");
    until(&heard.ended);
    fake_engine.api = "1.52";
    fake_engine.api_min = "1.44";
    open_sandbox();
    expect_failure(ERR_INVALID, "too old"); /* which is retried */
    fake_engine_forget();
    start_program();
    exits("E 0");
    until(&heard.ended);
    assert_false(heard.failed);
}

static void a_compiler_that_fails_is_told_from_a_program_that_does(void **state)
{
    start_container();
    prints(STREAM_OUT, "R\n");
    until(&heard.ready);
    prints(STREAM_ERR, "main.c:1: error\n");
    exits("C 1");
    until(&heard.ended);
    assert_false(heard.failed || heard.begun);
    assert_int_equal(heard.end.how, END_COMPILED);
    assert_int_equal(heard.end.exit_code, 1);
    assert_string_equal(heard.err_out, "main.c:1: error\n");
}

static void a_program_that_closed_one_of_its_streams_has_ended(void **state)
{
    start_program();
    prints(STREAM_OUT, "held back\n");
    prints_mark(STREAM_ERR, "E 3");
    loop_for(base, 20);
    assert_false(heard.ended);
    clock_skip_ms(100);
    until(&heard.ended);
    assert_false(heard.failed);
    assert_int_equal(heard.end.exit_code, 3);
    assert_string_equal(heard.out, "held back\n");
}

static void a_container_that_is_gone_behind_its_first_mark_has_ended(void **state)
{
    start_program();
    prints_mark(STREAM_OUT, "E 3");
    fake_container_ends();
    until(&heard.ended);
    if (heard.failed)
        fail_msg("%s", heard.err.text);
    assert_int_equal(heard.end.exit_code, 3);
}

static void without_cgroups_the_engine_is_asked_about_memory(void **state)
{
    fake_engine.answers[CALL_INSPECT] = GOOD "{\"State\":{\"OOMKilled\":true}}";
    start_program();
    exits("E 137");
    until(&heard.ended);
    assert_false(heard.failed);
    assert_true(heard.end.oom_killed);
    assert_int_equal(heard.end.usage.oom_kills, USAGE_NONE);
}

static void an_engine_that_cannot_say_does_not_spoil_the_result(void **state)
{
    fake_engine.silent[CALL_INSPECT] = true;
    start_program();
    exits("E 0");
    until_asked(CALL_INSPECT);
    clock_skip_ms(LONG_MS);
    until(&heard.ended);
    assert_false(heard.failed);
    assert_int_equal(heard.end.exit_code, 0);
    assert_false(heard.end.oom_killed);
}

static void a_ready_that_comes_before_the_start_is_answered_is_not_lost(void **state)
{
    fake_engine.held[CALL_START] = true;
    start_container();
    prints(STREAM_OUT, "R\n");
    loop_for(base, 20);
    assert_false(heard.ready);
    fake_engine_release();
    until(&heard.ready);
    sandbox_stop(sandbox);
    until(&heard.ended);
}

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
        if (i) {
            assert_int_equal(tear_down(NULL), 0);
            assert_int_equal(set_up(NULL), 0);
        }
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
        if (i) {
            assert_int_equal(tear_down(NULL), 0);
            assert_int_equal(set_up(NULL), 0);
        }
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
    expect_failure(ERR_BACKEND, "ended without a word");
    assert_int_equal(heard.end.fault, FAULT_LOST);
    until_asked(CALL_REMOVE);
}

static void a_stream_that_ends_before_ready_is_our_failure(void **state)
{
    start_container();
    fake_container_ends();
    expect_failure(ERR_BACKEND, "ended without a word");
    assert_int_equal(heard.end.fault, FAULT_START);
    assert_false(heard.ready);
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
        if (i) {
            assert_int_equal(tear_down(NULL), 0);
            assert_int_equal(set_up(NULL), 0);
        }
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

static void a_stop_before_ready_kills_and_waits_for_the_end(void **state)
{
    unfed = true;
    fake_engine.held[CALL_KILL] = true;
    start_container();
    loop_for(base, 2);
    sandbox_stop(sandbox);
    until(&fake_engine.holding);
    assert_false(heard.ended);
    fake_engine_release();
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

static void a_container_that_does_not_die_is_removed_and_not_waited_for(void **state)
{
    fake_engine.immortal = true;
    start_program();
    sandbox_stop(sandbox);
    until_asked(CALL_KILL);
    loop_for(base, 2);
    assert_false(heard.ended);
    clock_skip_ms(LONG_MS);
    until(&heard.ended);
    assert_int_equal(heard.end.how, END_STOPPED);
    until_asked(CALL_REMOVE);
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
    loop_for(base, 20);
    clock_skip_ms(LONG_MS);
    until(&heard.ended);
    assert_int_equal(heard.end.how, END_STOPPED);
}

static void a_program_that_begins_after_the_kill_is_not_waited_for_either(void **state)
{
    fake_engine.immortal = true;
    start_container();
    prints(STREAM_OUT, "R\n");
    mark();
    sandbox_stop(sandbox);
    until_asked(CALL_KILL);
    prints_mark(STREAM_OUT, "B");
    loop_for(base, 20);
    clock_skip_ms(LONG_MS);
    until(&heard.ended);
    assert_int_equal(heard.end.how, END_STOPPED);
}

static void an_engine_that_goes_away_takes_the_sandbox_with_it(void **state)
{
    start_program();
    fake_engine_away();
    expect_failure(ERR_BACKEND, "ended without a word");
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
        TEST(a_job_walks_the_good_road),
        TEST(a_job_walks_the_good_road_byte_by_byte),
        TEST(a_second_job_asks_nothing_it_knows),
        TEST(the_create_call_says_whose_container_it_is),
        TEST(crun_is_used_where_the_engine_has_it),
        TEST(an_engine_that_cannot_limit_memory_makes_no_sandbox),
        TEST(every_call_carries_the_engines_own_version),
        TEST(an_engine_of_another_version_in_its_place_is_asked_anew),
        TEST(a_compiler_that_fails_is_told_from_a_program_that_does),
        TEST(a_program_that_closed_one_of_its_streams_has_ended),
        TEST(a_container_that_is_gone_behind_its_first_mark_has_ended),
        TEST(without_cgroups_the_engine_is_asked_about_memory),
        TEST(an_engine_that_cannot_say_does_not_spoil_the_result),
        TEST(a_ready_that_comes_before_the_start_is_answered_is_not_lost),
        TEST(a_mark_with_another_id_is_output),
        TEST(answers_that_are_not_good_are_our_failure),
        TEST(an_engine_that_never_answers_is_waited_for_so_long_and_no_longer),
        TEST(a_sandbox_that_is_never_ready_is_given_up),
        TEST(a_program_that_never_begins_is_given_up),
        TEST(a_stream_that_ends_without_marks_is_our_failure),
        TEST(a_stream_that_ends_before_ready_is_our_failure),
        TEST(a_stream_that_is_no_frames_is_our_failure),
        TEST(a_job_that_cannot_be_unpacked_is_our_failure),
        TEST(a_stop_during_a_call_leaves_no_container),
        TEST(a_stop_before_ready_kills_and_waits_for_the_end),
        TEST(a_stop_while_it_runs_kills_and_keeps_what_still_comes),
        TEST(a_program_that_ends_while_it_is_killed_was_stopped),
        TEST(a_container_that_does_not_die_is_removed_and_not_waited_for),
        TEST(a_container_that_goes_on_after_the_kill_is_not_waited_for_either),
        TEST(a_program_that_begins_after_the_kill_is_not_waited_for_either),
        TEST(an_engine_that_goes_away_takes_the_sandbox_with_it),
        TEST(an_engine_that_is_away_is_said_once_and_so_is_its_return),
        TEST(only_containers_past_their_time_are_swept),
        TEST(addresses_of_other_kinds_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
