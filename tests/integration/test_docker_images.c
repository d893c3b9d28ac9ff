/* Pulling and building images: long answers, heard step by step. */
#include "tests/support/unit.h"

#include <event2/buffer.h>
#include <signal.h>

#include "lib/count.h"
#include "lib/mem.h"
#include "tests/support/fake_clock.h"
#include "tests/support/fake_engine.h"
#include "tests/support/loop.h"
#include "worker/docker.h"

enum { DEADLINE_MS = 60000 };

#define HEAD "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"

static struct event_base *base;
static struct docker *docker;

/* What was told. */
static struct heard {
    int steps;
    char statuses[256]; /* each with a blank behind it */
    bool done, failed;
    struct err err;
} heard;

static void stepped(void *arg, const json_t *step)
{
    const char *status = json_string_value(json_object_get(step, "status"));

    assert_false(heard.done);
    heard.steps++;
    if (status && strlen(heard.statuses) + strlen(status) + 2 < sizeof heard.statuses)
        strcat(strcat(heard.statuses, status), " ");
}

static void done(void *arg, const struct err *err)
{
    assert_false(heard.done);
    heard.done = true;
    heard.failed = err;
    if (err)
        heard.err = *err;
}

static int set_up(void **state)
{
    struct err err;

    memset(&heard, 0, sizeof heard);
    base = event_base_new();
    fake_engine_start(base);
    docker = docker_new(base, fake_engine_host(), &err);
    return docker ? 0 : -1;
}

static int tear_down(void **state)
{
    docker_free(docker);
    fake_engine_stop();
    event_base_free(base);
    return 0;
}

/* Pull from an engine that answers so. */
static void pull_image(const char *image, const char *answer)
{
    fake_engine.answers[CALL_UNKNOWN] = answer;
    docker_pull(docker, image, stepped, done, NULL);
    assert_true(loop_until(base, &heard.done, DEADLINE_MS));
}

static void pull(const char *answer)
{
    pull_image("python:3.13-alpine3.22", answer);
}

static void expect_failure(enum err_kind kind, const char *part)
{
    assert_true(heard.failed);
    assert_int_equal(heard.err.kind, kind);
    if (!strstr(heard.err.text, part))
        fail_msg("'%s' does not have '%s'", heard.err.text, part);
}

static const char good[] = HEAD "{\"status\":\"Pulling\",\"id\":\"3.13\"}\r\n"
                                "{\"status\":\"Downloading\",\"progressDetail\":{}}\r\n"
                                "{\"status\":\"Done\"}\r\n";

static void a_pull_tells_its_steps(void **state)
{
    pull(good);
    assert_false(heard.failed);
    assert_string_equal(heard.statuses, "Pulling Downloading Done ");
    assert_string_equal(fake_engine.target,
                        "/v1.41/images/create?fromImage=python%3A3.13-alpine3.22");
}

/* An engine that is asked for a name alone pulls every tag there is. */
static void a_pull_is_of_one_image(void **state)
{
    static const struct {
        const char *image, *asked;
    } rows[] = {
        {"python", "python%3Alatest"},
        {"local:5000/a/b", "local%3A5000%2Fa%2Fb%3Alatest"},
        {"local:5000/a/b:1", "local%3A5000%2Fa%2Fb%3A1"},
        {"a@sha256:00", "a%40sha256%3A00"},
    };
    char target[128];

    for (size_t i = 0; i < COUNT(rows); i++) {
        memset(&heard, 0, sizeof heard);
        pull_image(rows[i].image, good);
        assert_false(heard.failed);
        snprintf(target, sizeof target, "/v1.41/images/create?fromImage=%s", rows[i].asked);
        assert_string_equal(fake_engine.target, target);
    }
}

static void a_pull_that_drips_tells_the_same_steps(void **state)
{
    fake_engine.drips = true;
    pull(good);
    assert_false(heard.failed);
    assert_string_equal(heard.statuses, "Pulling Downloading Done ");
}

/* The answer's status was 200 long before. */
static void a_pull_that_fails_on_its_way_has_failed(void **state)
{
    pull(HEAD "{\"status\":\"Pulling\"}\n{\"error\":\"no space left\"}\n"
              "{\"error\":\"and more\"}\n");
    expect_failure(ERR_BACKEND, "pull: no space left");
    assert_int_equal(heard.steps, 3);
}

static void an_image_that_does_not_exist_is_missing(void **state)
{
    pull(
        "HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n{\"message\":\"no such tag\"}");
    expect_failure(ERR_MISSING, "no such tag");
    assert_int_equal(heard.steps, 0);
}

static void what_is_no_step_is_passed_over(void **state)
{
    pull(HEAD "what?\n\n[]\n{\"status\":\"Done\"}\n{\"status\":\"cut of");
    assert_false(heard.failed);
    assert_string_equal(heard.statuses, "Done ");
}

static void an_answer_that_is_cut_has_failed(void **state)
{
    pull("HTTP/1.1 200 OK\r\nTransfer-Encoding: "
         "chunked\r\n\r\n14\r\n{\"status\":\"Pulling\"}\r\n");
    expect_failure(ERR_BACKEND, "the connection ended in the middle");
}

/* What was heard is not kept: steps may be as many as they like, a line may not be as long
 * as it likes. */
static void many_steps_are_no_large_answer(void **state)
{
    static const char step[] = "{\"status\":\"Extracting\",\"id\":\"0123456789ab\"}\n";
    enum { STEPS = 100000 };
    size_t len = sizeof step - 1;
    char *answer = xmalloc(sizeof HEAD + STEPS * len);

    memcpy(answer, HEAD, sizeof HEAD);
    for (size_t i = 0; i < STEPS; i++)
        memcpy(answer + sizeof HEAD - 1 + i * len, step, len + 1);
    pull(answer);
    assert_false(heard.failed);
    assert_int_equal(heard.steps, STEPS);
    memset(&heard, 0, sizeof heard);
    memset(answer + sizeof HEAD - 1, 'x', STEPS * len);
    pull(answer);
    expect_failure(ERR_BACKEND, "bytes");
    free(answer);
}

static void an_engine_that_falls_silent_is_given_up(void **state)
{
    fake_engine.silent[CALL_UNKNOWN] = true;
    docker_pull(docker, "a:b", stepped, done, NULL);
    assert_true(loop_until(base, &fake_engine.was_asked[CALL_UNKNOWN], DEADLINE_MS));
    clock_skip_ms(200000);
    loop_for(base, 2);
    assert_false(heard.done);
    clock_skip_ms(200000);
    assert_true(loop_until(base, &heard.done, DEADLINE_MS));
    expect_failure(ERR_TIMEOUT, "no answer in time");
}

static void a_build_sends_its_context_and_tells_its_steps(void **state)
{
    struct evbuffer *context = evbuffer_new();

    evbuffer_add(context, "a tar", 5);
    fake_engine.answers[CALL_UNKNOWN] = HEAD "{\"stream\":\"Step 1\"}\n";
    docker_build(docker, "bullpen/c:14", context, stepped, done, NULL);
    assert_int_equal(evbuffer_get_length(context), 0);
    assert_true(loop_until(base, &heard.done, DEADLINE_MS));
    assert_false(heard.failed);
    assert_int_equal(heard.steps, 1);
    assert_string_equal(fake_engine.target,
                        "/v1.41/build?t=bullpen%2Fc%3A14&rm=1&forcerm=1");
    evbuffer_free(context);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_pull_tells_its_steps),
        TEST(a_pull_is_of_one_image),
        TEST(a_pull_that_drips_tells_the_same_steps),
        TEST(a_pull_that_fails_on_its_way_has_failed),
        TEST(an_image_that_does_not_exist_is_missing),
        TEST(what_is_no_step_is_passed_over),
        TEST(an_answer_that_is_cut_has_failed),
        TEST(many_steps_are_no_large_answer),
        TEST(an_engine_that_falls_silent_is_given_up),
        TEST(a_build_sends_its_context_and_tells_its_steps),
    };

    signal(SIGPIPE, SIG_IGN); /* as the programs do */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
