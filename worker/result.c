/* result.c -- see result.h. The README lists the keys. */
#include "worker/result.h"

#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"

static void set_text(json_t *json, const char *name, struct bytes text);
static void set_stream(json_t *json, const char *name, const char *exact_name,
                       struct bytes text);
static struct bytes readable(const struct output *output);
static void set_compiled(json_t *json, const struct result *result);
static void set_tests(json_t *json, const struct result *result);
static void set_count(json_t *json, const char *name, int64_t count);
static const char *source_of(const struct usage *usage);

char *result_write(const struct result *result)
{
    const struct output *output = result->output;
    const struct judgement *judgement = &result->judgement;
    struct bytes both = readable(output);
    json_t *json = json_object();
    char *text;

    json_object_set_new(json, "status", json_string("completed"));
    json_object_set_new(json, "verdict", json_string(verdict_name(judgement->verdict)));
    json_object_set_new(json, "exitCode", json_integer(judgement->exit_code));
    if (judgement->error)
        json_object_set_new(json, "error",
                            json_text(judgement->error, strlen(judgement->error)));
    set_text(json, "output", both);
    set_stream(json, "stdout", "stdoutBase64", output_of(output, STREAM_OUT));
    set_stream(json, "stderr", "stderrBase64", output_of(output, STREAM_ERR));
    json_object_set_new(json, "truncated", json_boolean(output_truncated(output)));
    set_count(json, "outputBytes", output->seen);
    set_count(json, "durationMs", result->duration_ms);
    set_count(json, "cpuMs", result->usage.cpu_us < 0 ? -1 : result->usage.cpu_us / 1000);
    set_count(json, "memoryBytes", result->usage.memory_bytes);
    json_object_set_new(json, "source", json_string(source_of(&result->usage)));
    set_count(json, "setupMs", result->setup_ms);
    set_count(json, "queueMs", result->queue_ms);
    set_compiled(json, result);
    set_tests(json, result);
    json_object_set_new(json, "language", json_string(result->task->lang->id));
    json_object_set_new(json, "version", json_string(result->task->version->version));
    json_object_set_new(json, "worker", json_string(result->worker));
    text = json_write(json, NULL);
    json_decref(json);
    free((char *)both.at);
    return text;
}

/* Where cpuMs and memoryBytes come from; what is not there could not be had. */
static const char *source_of(const struct usage *usage)
{
    return usage->cpu_us < 0 && usage->memory_bytes < 0 ? "none" : "cgroup";
}

/* What a person would read: stdout, then stderr, without the newlines at the end. */
static struct bytes readable(const struct output *output)
{
    struct bytes out = output_of(output, STREAM_OUT), err = output_of(output, STREAM_ERR);
    char *both = xmalloc(out.len + err.len + 1);
    size_t len = out.len + err.len;

    memcpy(both, out.at, out.len);
    memcpy(both + out.len, err.at, err.len);
    while (len && both[len - 1] == '\n')
        len--;
    return (struct bytes){both, len};
}

static void set_stream(json_t *json, const char *name, const char *exact_name,
                       struct bytes text)
{
    char *exact;

    set_text(json, name, text);
    if (utf8_valid(text.at, text.len))
        return;
    exact = base64_write(text.at, text.len);
    json_object_set_new(json, exact_name, json_string(exact));
    free(exact);
}

static void set_text(json_t *json, const char *name, struct bytes text)
{
    json_object_set_new(json, name, json_text(text.at, text.len));
}

static void set_compiled(json_t *json, const struct result *result)
{
    if (!result->task->lang->compile.argv.count)
        return;
    set_text(json, "compileOutput", result->compiled->said);
    set_count(json, "compileMs", result->compiled->duration_ms);
}

static void set_tests(json_t *json, const struct result *result)
{
    if (!result->task->test_count)
        return;
    set_count(json, "passed", (int64_t)result->tally->passed);
    set_count(json, "total", (int64_t)result->task->test_count);
    json_object_set(json, "tests", result->tally->tests);
}

/* What could not be measured is left out. */
static void set_count(json_t *json, const char *name, int64_t count)
{
    if (count >= 0)
        json_object_set_new(json, name, json_integer(count));
}
