/* A run's outcome as JSON. */
#include "tests/support/unit.h"

#include "lib/json.h"
#include "worker/result.h"

static struct output output;
static const struct version version = {.version = "3.13"};
static const struct lang lang = {.id = "python"};
static const struct task task = {.lang = &lang, .version = &version};
static struct result result;
static char *text;
static json_t *json;

static int set_up(void **state)
{
    output_init(&output, 64);
    result = (struct result){
        .judgement = {VERDICT_OK, 0, NULL},
        .output = &output,
        .task = &task,
        .worker = "host-1/4711",
        .duration_ms = 31,
        .setup_ms = 2,
        .queue_ms = 5,
        .usage = {.memory_bytes = 9437184, .cpu_us = 18999},
    };
    return 0;
}

static int tear_down(void **state)
{
    output_done(&output);
    json_decref(json);
    free(text);
    return 0;
}

static void print(enum stream stream, const char *at, size_t len)
{
    output_add(&output, stream, at, len);
}

/* Write it, and read it back as strictly as everybody's JSON is read. */
static void write_down(void)
{
    struct err err;

    text = result_write(&result);
    json = json_read(text, strlen(text), NULL, 0, &err);
    assert_non_null(json);
}

static const char *text_of(const char *name)
{
    const char *value = json_string_value(json_object_get(json, name));

    if (!value)
        fail_msg("no text '%s' in %s", name, text);
    return value;
}

static void a_result_is_the_interfaces_to_the_letter(void **state)
{
    print(STREAM_OUT, "4\n", 2);
    write_down();
    assert_string_equal(
        text,
        "{\"status\":\"completed\",\"verdict\":\"ok\",\"exitCode\":0,\"output\":\"4\","
        "\"stdout\":\"4\\n\",\"stderr\":\"\",\"truncated\":false,\"outputBytes\":2,"
        "\"durationMs\":31,\"cpuMs\":18,\"memoryBytes\":9437184,\"source\":\"cgroup\","
        "\"setupMs\":2,\"queueMs\":5,"
        "\"language\":\"python\",\"version\":\"3.13\",\"worker\":\"host-1/4711\"}");
}

static void a_failure_has_its_error(void **state)
{
    result.judgement =
        (struct judgement){VERDICT_TIME_LIMIT, 124, (char *)"Time \"Limit\""};
    write_down();
    assert_string_equal(text_of("status"), "completed");
    assert_string_equal(text_of("verdict"), "time_limit");
    assert_string_equal(text_of("error"), "Time \"Limit\"");
    assert_int_equal(json_integer_value(json_object_get(json, "exitCode")), 124);
}

static void output_is_stdout_then_stderr_without_newlines_at_the_end(void **state)
{
    print(STREAM_ERR, "late\n\n", 6);
    print(STREAM_OUT, "\nearly\n", 7);
    write_down();
    assert_string_equal(text_of("output"), "\nearly\nlate");
    assert_string_equal(text_of("stdout"), "\nearly\n");
    assert_string_equal(text_of("stderr"), "late\n\n");
}

static void nothing_but_newlines_is_an_empty_output(void **state)
{
    print(STREAM_OUT, "\n\n\n", 3);
    write_down();
    assert_string_equal(text_of("output"), "");
}

static void text_is_not_sent_twice(void **state)
{
    print(STREAM_OUT, "caf\xc3\xa9", 5);
    write_down();
    assert_string_equal(text_of("stdout"), "caf\xc3\xa9");
    assert_null(json_object_get(json, "stdoutBase64"));
    assert_null(json_object_get(json, "stderrBase64"));
}

static void bytes_that_are_no_text_come_exact_as_well(void **state)
{
    print(STREAM_ERR, "a\xff\0b", 4);
    write_down();
    assert_string_equal(text_of("stderrBase64"), "Yf8AYg==");
    assert_null(json_object_get(json, "stdoutBase64"));
    assert_int_equal(json_string_length(json_object_get(json, "stderr")), 6);
}

static void a_character_cut_in_two_by_the_limit_is_no_text(void **state)
{
    static const char wide[] = "\xe2\x82\xac";

    for (int i = 0; i < 22; i++)
        print(STREAM_OUT, wide, 3);
    write_down();
    assert_true(json_is_true(json_object_get(json, "truncated")));
    assert_int_equal(json_integer_value(json_object_get(json, "outputBytes")), output.seen);
    assert_true(strlen(text_of("stdoutBase64")) > 0);
    assert_int_equal(strlen(text_of("stdout")), 63 + 3);
}

static void what_could_not_be_measured_is_left_out(void **state)
{
    usage_init(&result.usage);
    write_down();
    assert_null(json_object_get(json, "cpuMs"));
    assert_null(json_object_get(json, "memoryBytes"));
    assert_string_equal(text_of("source"), "none");
    assert_non_null(json_object_get(json, "durationMs"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        TEST(a_result_is_the_interfaces_to_the_letter),
        TEST(a_failure_has_its_error),
        TEST(output_is_stdout_then_stderr_without_newlines_at_the_end),
        TEST(nothing_but_newlines_is_an_empty_output),
        TEST(text_is_not_sent_twice),
        TEST(bytes_that_are_no_text_come_exact_as_well),
        TEST(a_character_cut_in_two_by_the_limit_is_no_text),
        TEST(what_could_not_be_measured_is_left_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
