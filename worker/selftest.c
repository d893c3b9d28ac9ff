/* selftest.c -- see selftest.h. */
#include "worker/selftest.h"

#include <stdlib.h>
#include <string.h>

#include "lib/clock.h"
#include "lib/json.h"
#include "lib/mem.h"
#include "lib/timer.h"
#include "worker/spec.h"
#include "worker/stage.h"

struct selftest_run {
    const struct run_config *config;
    struct registry *registry; /* the language is in it */
    const struct lang *lang;
    const struct selftest_events *events;
    void *arg;
    size_t next; /* the test that is to run, or runs */
    struct job job;
    char *id;
    struct run *run;     /* NULL: none is under way */
    struct stage *stage; /* the same, where a language without tests is asked something */
    struct event *later; /* zero delay: to begin, which may already be the end */
    int64_t began_us;
    struct file file; /* of that: as good as none */
    bool asked;       /* it was */
    bool stopped;
    enum selftest_end end;
    char *why; /* the first that did not pass */
};

static void begin(evutil_socket_t fd, short what, void *arg);
static void ask_version(struct selftest_run *run);
static void answered(void *arg, const struct stage_end *end, const struct err *err);
static void next_test(evutil_socket_t fd, short what, void *arg);
static void ran(void *arg, const char *result, const struct err *err);
static enum selftest_end end_of(const struct err *err);
static void note(struct selftest_run *run, enum selftest_end end, const char *test,
                 const char *why);
static void finish(struct selftest_run *run);
static char *differs_in_text(const json_t *result, const char *name, const char *expected);
static char *differs_in_part(const json_t *result, const char *name, const char *part);

static const struct run_events run_events = {.done = ran};

struct selftest_run *selftest_start(const struct run_config *config,
                                    const struct lang *lang,
                                    const struct selftest_events *events, void *arg)
{
    struct selftest_run *run = xcalloc(1, sizeof *run);

    run->config = config;
    run->registry = registry_hold(config->registry);
    run->lang = lang;
    run->events = events;
    run->arg = arg;
    run->later = evtimer_new(config->base, lang->selftest_count ? next_test : begin, run);
    timer_set_us(run->later, 0);
    return run;
}

static void begin(evutil_socket_t fd, short what, void *arg)
{
    struct selftest_run *run = arg;

    if (run->stopped || run->asked)
        finish(run);
    else
        ask_version(run);
}

/* Without tests a language has to be there and to start. */
static void ask_version(struct selftest_run *run)
{
    static struct bytes nothing[] = {{"true", 4}};
    const struct lang *lang = run->lang;
    struct stage_spec spec = {
        .sandbox = spec_run(lang, lang->version, &lang->limits),
        .parcel = {.files = {&run->file, 1}, .argv = lang->version_argv, .input = {"", 0}},
    };

    run->asked = true;
    run->file = (struct file){lang->file, {"", 0}};
    spec.job_id = run->id = xasprintf("selftest:%s:version", lang->id);
    spec.sandbox.cold = run->config->cold;
    if (!spec.parcel.argv.count)
        spec.parcel.argv = (struct texts){nothing, 1};
    run->stage = stage_start(run->config->base, run->config->engine, &spec, answered, run);
}

static void answered(void *arg, const struct stage_end *end, const struct err *err)
{
    struct selftest_run *run = arg;
    struct judgement judgement = {.error = NULL};

    run->stage = NULL;
    if (err) {
        note(run, end_of(err), "version", err->text);
    } else {
        verdict_judge(&end->evidence, &judgement);
        if (judgement.verdict != VERDICT_OK)
            note(run, SELFTEST_FAILED, "version", judgement.error);
        free(judgement.error);
    }
    timer_set_us(run->later, 0);
}

static void next_test(evutil_socket_t fd, short what, void *arg)
{
    struct selftest_run *run = arg;
    const struct selftest *test = &run->lang->selftests[run->next];

    if (run->stopped || run->next == run->lang->selftest_count) {
        finish(run);
        return;
    }
    free(run->id);
    run->id = xasprintf("selftest:%s:%s", run->lang->id, test->name);
    run->job = (struct job){.id = run->id, .data = test->job, .timestamp = clock_ms()};
    run->began_us = clock_mono_us();
    run->run = run_start(run->config, &run->job, &run_events, run);
}

static void ran(void *arg, const char *result, const struct err *err)
{
    struct selftest_run *run = arg;
    const struct selftest *test = &run->lang->selftests[run->next++];
    char *why = err ? xstrdup(err->text) : selftest_differs(test, result);

    run->run = NULL;
    if (why)
        note(run, err ? end_of(err) : SELFTEST_FAILED, test->name, why);
    if (run->events->ran)
        run->events->ran(run->arg, test, (clock_mono_us() - run->began_us) / 1000, why);
    free(why);
    if (run->end > SELFTEST_FAILED)
        run->next = run->lang->selftest_count;
    timer_set_us(run->later, 0); /* whoever told us has not returned yet */
}

/* The job itself is fit to run: it was read with the registry. */
static enum selftest_end end_of(const struct err *err)
{
    return fault_begins(FAULT_IMAGE, err->text) ? SELFTEST_NO_IMAGE : SELFTEST_UNKNOWN;
}

/* The worst end is the language's, the first reason is told. */
static void note(struct selftest_run *run, enum selftest_end end, const char *test,
                 const char *why)
{
    if (end > run->end)
        run->end = end;
    if (!run->why)
        run->why = xasprintf("%s: %s", test, why);
}

void selftest_stop(struct selftest_run *run)
{
    static const char why[] = "the self-test was stopped";

    if (run->stopped)
        return;
    run->stopped = true;
    run->end = SELFTEST_UNKNOWN;
    if (!run->why)
        run->why = xstrdup(why);
    if (run->run)
        run_stop(run->run, ERR_BUSY, why);
    if (run->stage)
        stage_stop(run->stage);
}

/* The only way out. */
static void finish(struct selftest_run *run)
{
    event_free(run->later);
    run->events->done(run->arg, run->end, run->why);
    registry_free(run->registry);
    free(run->id);
    free(run->why);
    free(run);
}

char *selftest_differs(const struct selftest *test, const char *result)
{
    struct err err;
    json_t *json = json_read(result, strlen(result), NULL, 0, &err);
    int64_t exit_code = json_integer_value(json_object_get(json, "exitCode"));
    char *why = differs_in_text(json, "verdict", test->verdict);

    if (!why && test->exit_code >= 0 && exit_code != test->exit_code)
        why = xasprintf("exitCode is %lld, not %lld", (long long)exit_code,
                        (long long)test->exit_code);
    if (!why)
        why = differs_in_text(json, "output", test->output);
    if (!why)
        why = differs_in_part(json, "error", test->error);
    if (!why)
        why = differs_in_part(json, "compileOutput", test->compile_output);
    json_decref(json);
    return why;
}

/* A verdict alone says little: what went wrong, if anything, is told with it. */
static char *differs_in_text(const json_t *result, const char *name, const char *expected)
{
    const char *text = json_string_value(json_object_get(result, name));
    const char *error = json_string_value(json_object_get(result, "error"));
    char found[QUOTED_BYTES], wanted[QUOTED_BYTES];

    if (!expected || (text && !strcmp(text, expected)))
        return NULL;
    if (!text)
        return xasprintf("there is no %s", name);
    return xasprintf("%s is %s, not %s%s%s", name, show_text(text, strlen(text), found),
                     show_text(expected, strlen(expected), wanted), error ? ": " : "",
                     error ? error : "");
}

static char *differs_in_part(const json_t *result, const char *name, const char *part)
{
    const char *text = json_string_value(json_object_get(result, name));
    char found[QUOTED_BYTES], wanted[QUOTED_BYTES];

    if (!part || (text && strstr(text, part)))
        return NULL;
    if (!text)
        return xasprintf("there is no %s", name);
    return xasprintf("%s is %s, without %s", name, show_text(text, strlen(text), found),
                     show_text(part, strlen(part), wanted));
}
