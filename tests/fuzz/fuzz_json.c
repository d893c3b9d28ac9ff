/* What clients send: any bytes as a JSON text, and what is JSON as a job's data. Whatever
 * is read can be written and read again; whatever is refused is refused in printable words.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lang-registry/argv.h"
#include "queue/report.h"

#define REPLACEMENT_BYTES 3 /* of U+FFFD */

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct registry *registry;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    struct err err;

    registry = registry_load("lang-registry/languages", IMAGES_PINNED, &err);
    assert(registry); /* the fuzzers run in the project's root */
    return 0;
}

static void check_repair(const char *text, size_t size)
{
    size_t len;
    char *repaired = utf8_repair(text, size, &len);

    assert(utf8_valid(repaired, len) && repaired[len] == '\0');
    assert(len <= REPLACEMENT_BYTES * size);
    if (utf8_valid(text, size))
        assert(len == size && memcmp(repaired, text, size) == 0);
    free(repaired);
}

static void check_mistake(const char *pointer, const char *words)
{
    assert(*pointer == '\0' || *pointer == '/');
    assert(utf8_valid(pointer, strlen(pointer)));
    assert(*words && utf8_valid(words, strlen(words)) &&
           !has_control(words, strlen(words)));
}

/* Writing is one to one, but for the spelling of what was read. */
static void check_again(const json_t *value)
{
    size_t len, again_len;
    char *text = json_write(value, &len), *again_text;
    struct err err;
    json_t *again = json_read(text, len, NULL, 0, &err);

    assert(again && json_equal(again, value));
    again_text = json_write(again, &again_len);
    assert(again_len == len && memcmp(again_text, text, len) == 0);
    json_decref(again);
    free(again_text);
    free(text);
}

static void check_words(struct texts words)
{
    for (size_t i = 0; i < words.count; i++)
        assert(strlen(words.at[i].at) == words.at[i].len);
}

static void check_test(const struct test *test, const struct task *task)
{
    const struct lang *lang = task->lang;

    assert(strlen(test->input.at) == test->input.len);
    assert(test->has_expected == !!test->expected.at);
    assert((int64_t)test->expected.len <= task->limits.output_bytes);
    check_words(test->args);
    assert(test->timeout_ms >= lang->floor.timeout_ms);
    assert(test->timeout_ms <= lang->maximum.timeout_ms);
    assert(test->compare <= COMPARE_FLOAT);
    assert(test->compare != COMPARE_FLOAT || (test->epsilon > 0 && test->epsilon <= 1));
}

static void check_limits(const struct limits *limits, const struct limits *most)
{
    assert(limits->timeout_ms >= 1 && limits->timeout_ms <= most->timeout_ms);
    assert(limits->memory_mb >= 1 && limits->memory_mb <= most->memory_mb);
    assert(limits->pids >= 1 && limits->pids <= most->pids);
    assert(limits->output_bytes >= 1 && limits->output_bytes <= most->output_bytes);
    assert(limits->cpu_ms >= 1 && limits->cpu_ms <= most->cpu_ms);
}

static void check_task(const json_t *data)
{
    struct arena *arena = arena_new();
    struct field_errors errors = {.count = 0};
    struct task task;

    if (task_read(data, registry, &task, arena, &errors) == 0) {
        assert(errors.count == 0 && task.lang);
        assert(task.code.len >= 1 && task.code.len <= TASK_CODE_BYTES);
        assert(strlen(task.code.at) == task.code.len);
        assert(strlen(task.input.at) == task.input.len);
        for (size_t i = 0; i < task.args.count; i++)
            assert(strlen(task.args.at[i].at) == task.args.at[i].len);
        check_words(argv_run(&task, task.args, arena));
        check_words(argv_compile(&task, arena));
        assert(task.version && *task.file && !strchr(task.file, '/'));
        check_limits(&task.limits, &task.lang->maximum);
        check_limits(&task.lang->floor, &task.limits);
        check_limits(&task.compile_limits, &task.lang->compile.maximum);
        assert(task.test_count <= TESTS_MAX);
        for (size_t i = 0; i < task.test_count; i++)
            check_test(&task.tests[i], &task);
    } else {
        assert(errors.count > 0);
    }
    for (size_t i = 0; i < errors.count; i++)
        check_mistake(errors.list[i].pointer, errors.list[i].detail);
    arena_free(arena);
}

/* The same bytes as a worker's report in Redis. */
static void check_report(const char *text, size_t size)
{
    struct report *report = report_new();
    bool taken = report_take(report, text, size, INT64_C(1700000000000));
    int ready;
    enum report_state state = report_of(report, "python", &ready);

    assert(taken || state == REPORT_UNKNOWN);
    assert(ready == (state == REPORT_READY));
    report_free(report);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    char pointer[POINTER_BYTES];
    struct err err;
    json_t *value = json_read(text, size, pointer, sizeof pointer, &err);

    check_repair(text, size);
    check_report(text, size);
    if (value) {
        check_again(value);
        check_task(value);
    } else {
        check_mistake(pointer, err.text);
    }
    json_decref(value);
    return 0;
}
