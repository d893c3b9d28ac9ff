/* languages_fixture.h -- a worker's languages, with runs, a queue and an engine that do
 * what the test says; for test_languages.c and test_languages_reload.c.
 */
#ifndef TESTS_UNIT_LANGUAGES_FIXTURE_H
#define TESTS_UNIT_LANGUAGES_FIXTURE_H

#include "lib/mem.h"
#include "queue/report.h"
#include "tests/support/fake_clock.h"
#include "tests/support/fake_run.h"
#include "tests/support/folder.h"
#include "tests/support/loop.h"
#include "worker/languages.h"

enum { INTERVAL_MS = 7000 };

static char folder[FOLDER_BYTES], where[FOLDER_BYTES + 16];
static struct event_base *base;
static struct run_config run;
static struct languages_config config;
static struct languages *languages;
static bool stopped;

/* The report, and who waits to hear that it was written, or erased. */
static struct {
    char text[512];
    int writes, erasures;
    queue_done *written, *erased;
    void *arg;
} told;

/* What the engine is to keep: "image MEMORY COUNT", each behind a comma. */
static char kept[512];

/* "a ready 1, b testing 1" */
void report_write(struct queue *queue, const char *worker, const json_t *described,
                  int64_t valid_ms, queue_done *done, void *arg)
{
    const char *id;
    json_t *value;
    size_t used = 0;

    assert_null(told.written); /* one at a time */
    assert_string_equal(worker, "w1");
    assert_int_equal(valid_ms, 3 * INTERVAL_MS);
    *told.text = '\0';
    json_object_foreach((json_t *)described, id, value)
    {
        used += (size_t)snprintf(told.text + used, sizeof told.text - used, "%s%s %s %s",
                                 used ? ", " : "", id,
                                 json_string_value(json_object_get(value, "state")),
                                 json_string_value(json_object_get(value, "version")));
    }
    told.writes++;
    told.written = done;
    told.arg = arg;
}

void report_erase(struct queue *queue, const char *worker, queue_done *done, void *arg)
{
    assert_string_equal(worker, "w1");
    told.erasures++;
    told.erased = done;
    told.arg = arg;
}

void engine_keep(struct engine *engine, const struct sandbox_spec *spec, int count)
{
    size_t used = strlen(kept);

    assert_ptr_equal(engine, run.engine);
    snprintf(kept + used, sizeof kept - used, ",%s %d %d", spec->image,
             (int)spec->limits.memory_mb, count);
}

static inline void answer_with(queue_done **asked, const struct err *err)
{
    queue_done *done = *asked;

    assert_non_null(done);
    *asked = NULL;
    done(told.arg, err);
}

static inline void answer(void)
{
    answer_with(&told.written, NULL);
}

static inline void answer_all(void)
{
    while (told.written)
        answer();
}

static inline void hear_stopped(void *arg)
{
    assert_false(stopped);
    stopped = true;
}

/* What was to come at once comes. */
static inline void turn(void)
{
    for (int i = 0; i < 3; i++)
        event_base_loop(base, EVLOOP_NONBLOCK);
}

static inline void let_pass(int ms)
{
    clock_skip_ms(ms);
    loop_for(base, 1);
    turn();
}

/* A language of one self-test, which is the job "selftest:ID:t". */
static inline void write_language(const char *id, const char *rest)
{
    char *name = xasprintf("languages/%s.yaml", id);
    char *text = xasprintf("id: %s\n"
                           "name: N\n"
                           "versions: [{version: \"1\", image: \"%s:1\", default: true}]\n"
                           "source: {file: main}\n"
                           "run: {argv: [sh, main]}\n"
                           "selftest: [{name: t, code: x, expect: {output: good}}]\n"
                           "%s",
                           id, id, rest);

    folder_write(folder, name, text);
    free(name);
    free(text);
}

static inline void make(void)
{
    struct err err;

    languages = languages_new(&config, hear_stopped, NULL, &err);
    if (!languages)
        fail_msg("%s", err.text);
}

static inline int set_up(void **state)
{
    if (folder_make(folder))
        return -1;
    snprintf(where, sizeof where, "%s/languages", folder);
    base = event_base_new();
    fake_run_forget();
    memset(&told, 0, sizeof told);
    *kept = '\0';
    stopped = false;
    run = (struct run_config){
        .base = base, .engine = (struct engine *)&config, .worker = "w1"};
    config = (struct languages_config){
        .run = &run, .where = {where}, .selftest = true, .interval_ms = INTERVAL_MS};
    write_language("a", "");
    write_language("b", "");
    return 0;
}

/* It stops, whatever is under way. */
static inline int tear_down(void **state)
{
    static const char *const jobs[] = {"selftest:a:t", "selftest:b:t", "selftest:c:t"};

    languages_stop(languages);
    for (size_t i = 0; i < 3; i++)
        if (fake_running(jobs[i]))
            fake_run_dies(jobs[i]);
    turn();
    if (told.written)
        answer();
    if (told.erased)
        answer_with(&told.erased, NULL);
    turn();
    assert_true(stopped);
    languages_free(languages);
    event_base_free(base);
    return folder_remove(folder);
}

static inline void begin(void)
{
    make();
    languages_linked(languages);
    answer();
    languages_begin(languages);
    turn();
}

static inline void ends(const char *id, const char *output)
{
    char *job = xasprintf("selftest:%s:t", id);
    char *result =
        xasprintf("{\"verdict\":\"ok\",\"exitCode\":0,\"output\":\"%s\"}", output);

    fake_run_returns(job, result);
    turn();
    free(job);
    free(result);
}

static inline void passes(const char *id)
{
    ends(id, "good");
}

static inline void fails(const char *id, const char *why)
{
    char *job = xasprintf("selftest:%s:t", id);

    fake_run_fails(job, ERR_BACKEND, why);
    turn();
    free(job);
}

static inline bool testing(const char *id)
{
    char *job = xasprintf("selftest:%s:t", id);
    bool running = fake_running(job);

    free(job);
    return running;
}

/* Both languages are ready, and that is told. */
static inline void begin_ready(void)
{
    begin();
    passes("a");
    answer();
    passes("b");
    answer();
    assert_string_equal(told.text, "a ready 1, b ready 1");
}

static inline void reload(void)
{
    languages_reload(languages);
    turn();
}

static inline bool serves(const char *id)
{
    return registry_find(run.registry, id);
}

#endif
