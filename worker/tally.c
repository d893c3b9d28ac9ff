/* tally.c -- see tally.h. The README lists the keys. */
#include "worker/tally.h"

#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"
#include "worker/compare.h"

enum { EXCERPT = 256 }; /* most bytes of output and error, of a test that is not ok */

static bool as_expected(const struct test *test, const struct output *output);
static char *wrong_answer(const struct tally *tally, const struct output *output);
static bool out_of_time(const struct tally *tally, const struct task *task);
static void set_excerpt(json_t *json, const char *name, struct bytes text);
static void set_count(json_t *json, const char *name, int64_t count);

void tally_init(struct tally *tally)
{
    *tally = (struct tally){.tests = json_array()};
}

void tally_free(struct tally *tally)
{
    json_decref(tally->tests);
}

void tally_judge(const struct tally *tally, const struct task *task,
                 const struct stage_end *end, struct judgement *judgement)
{
    verdict_judge(&end->evidence, judgement);
    if (judgement->verdict != VERDICT_OK ||
        as_expected(&task->tests[tally->done], end->output))
        return;
    *judgement =
        (struct judgement){VERDICT_WRONG_ANSWER, 1, wrong_answer(tally, end->output)};
}

/* What was not kept of the output cannot have been expected. */
static bool as_expected(const struct test *test, const struct output *output)
{
    return !test->has_expected ||
           (!output_truncated(output) &&
            compare_output(test->compare, test->epsilon, output_of(output, STREAM_OUT),
                           test->expected));
}

static char *wrong_answer(const struct tally *tally, const struct output *output)
{
    if (output_truncated(output))
        return xasprintf("Wrong Answer (test %zu: more than %zu bytes of output)",
                         tally->done + 1, output->limit);
    return xasprintf("Wrong Answer (test %zu)", tally->done + 1);
}

void tally_add(struct tally *tally, const struct task *task, const struct stage_end *end,
               const struct judgement *judgement)
{
    const struct test *test = &task->tests[tally->done++];
    const struct usage *usage = &end->evidence.end->usage;
    struct bytes printed = output_of(end->output, STREAM_OUT);
    const char *error = judgement->error ? judgement->error : "";
    json_t *json = json_object();

    tally->ms += end->duration_ms;
    if (test->name)
        json_object_set_new(json, "name", json_text(test->name, strlen(test->name)));
    json_object_set_new(json, "verdict", json_string(verdict_name(judgement->verdict)));
    set_count(json, "exitCode", judgement->exit_code);
    set_count(json, "durationMs", end->duration_ms);
    set_count(json, "cpuMs", usage->cpu_us < 0 ? -1 : usage->cpu_us / 1000);
    set_count(json, "memoryBytes", usage->memory_bytes);
    if (judgement->verdict == VERDICT_OK) {
        tally->passed++;
    } else {
        set_excerpt(json, "error", (struct bytes){error, strlen(error)});
        set_excerpt(json, "output", printed);
    }
    json_array_append_new(tally->tests, json);
}

void tally_judge_rest(const struct tally *tally, const struct task *task,
                      struct judgement *judgement)
{
    if (judgement->verdict == VERDICT_OK && out_of_time(tally, task))
        *judgement = (struct judgement){
            VERDICT_TIME_LIMIT, 124,
            xasprintf("Time Limit Exceeded (%zu of %zu tests in %lld s)", tally->done,
                      task->test_count, (long long)tally->ms / 1000)};
}

static bool out_of_time(const struct tally *tally, const struct task *task)
{
    return tally->done < task->test_count && tally->ms >= TALLY_MOST_MS;
}

bool tally_over(const struct tally *tally, const struct task *task)
{
    return tally->done == task->test_count || out_of_time(tally, task) ||
           (task->stop_on_fail && tally->passed < tally->done);
}

char *tally_progress(const struct tally *tally, const struct task *task)
{
    json_t *json = json_object();
    char *text;

    json_object_set_new(json, "stage", json_string("tests"));
    set_count(json, "done", (int64_t)tally->done);
    set_count(json, "passed", (int64_t)tally->passed);
    set_count(json, "total", (int64_t)task->test_count);
    json_object_set(json, "test", json_array_get(tally->tests, tally->done - 1));
    text = json_write(json, NULL);
    json_decref(json);
    return text;
}

static void set_excerpt(json_t *json, const char *name, struct bytes text)
{
    size_t len = text.len < EXCERPT ? text.len : EXCERPT;

    json_object_set_new(json, name, json_text(text.at, len));
}

/* What could not be measured is left out. */
static void set_count(json_t *json, const char *name, int64_t count)
{
    if (count >= 0)
        json_object_set_new(json, name, json_integer(count));
}
