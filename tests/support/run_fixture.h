/* run_fixture.h -- a job and what became of it, with a pretended sandbox. */
#ifndef TESTS_SUPPORT_RUN_FIXTURE_H
#define TESTS_SUPPORT_RUN_FIXTURE_H

#include "tests/support/unit.h"

#include "lib/clock.h"
#include "lib/json.h"
#include "tests/support/fake_clock.h"
#include "tests/support/fake_sandbox.h"
#include "tests/support/loop.h"
#include "worker/run.h"

static struct event_base *base;
static struct registry *registry;
static struct run_config config;
static struct job job;
static struct run *run;
static bool done;
static json_t *result; /* of a run that went well */
static struct err failure;
static json_t *progress; /* the latest */

static inline void hear_progress(void *arg, const char *text)
{
    struct err err;

    assert_false(done);
    json_decref(progress);
    progress = json_read(text, strlen(text), NULL, 0, &err);
    assert_non_null(progress);
}

static inline void hear(void *arg, const char *text, const struct err *err)
{
    struct err ignored;

    assert_false(done);
    done = true;
    if (err)
        failure = *err;
    else
        result = json_read(text, strlen(text), NULL, 0, &ignored);
}

static const struct run_events events = {hear_progress, hear};

static inline int set_up_with(const char *languages)
{
    struct err err;

    base = event_base_new();
    registry = registry_load(languages, IMAGES_PINNED, &err);
    if (!registry)
        fail_msg("%s", err.text);
    config = (struct run_config){base, (struct engine *)&config, registry, "w1"};
    fake_sandboxes = 0;
    return 0;
}

static inline void let_pass(int ms)
{
    clock_skip_ms(ms);
    loop_for(base, 1);
}

static inline int tear_down(void **state)
{
    json_decref(result);
    json_decref(progress);
    result = progress = NULL;
    registry_free(registry);
    event_base_free(base);
    return 0;
}

static inline void start(const char *data)
{
    job = (struct job){.id = "1", .data = {data, strlen(data)}, .timestamp = clock_ms()};
    done = false;
    memset(&failure, 0, sizeof failure);
    run = run_start(&config, &job, &events, NULL);
    assert_false(done);
}

static inline void begin_stage(void)
{
    fake_ready();
    assert_true(fake_sandbox.fed);
    fake_begun();
}

static inline void start_program(const char *data)
{
    start(data);
    begin_stage();
}

static inline const char *text_of(const char *name)
{
    const char *text = json_string_value(json_object_get(result, name));

    return text ? text : "";
}

static inline int number_of(const char *name)
{
    return (int)json_integer_value(json_object_get(result, name));
}

#endif
