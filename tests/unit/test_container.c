/* The body of the create call, as far as a language has a say in it. What keeps programs in
 * is shown by programs that try to get out (tests/abuse). */
#include "tests/support/unit.h"

#include "lib/json.h"
#include "worker/container.h"

static struct sandbox_spec sandbox;
static json_t *body;
static bool ahead; /* no job waits for it */

static int set_up(void **state)
{
    ahead = false;
    sandbox =
        (struct sandbox_spec){.image = "python:test",
                              .limits = {.timeout_ms = 3500, .memory_mb = 101, .pids = 7}};
    return 0;
}

static int tear_down(void **state)
{
    json_decref(body);
    return 0;
}

static void make_body(void)
{
    const struct container_spec spec = {&sandbox, "bull:jobs", "42", "w1", 99, ahead};
    char *text = container_body(&spec);
    struct err err;

    body = json_read(text, strlen(text), NULL, 0, &err);
    assert_non_null(body);
    free(text);
}

static const json_t *host(const char *name)
{
    return json_object_get(json_object_get(body, "HostConfig"), name);
}

static void limits_are_the_specs(void **state)
{
    make_body();
    assert_int_equal(json_integer_value(host("Memory")), 101 * 1024 * 1024);
    assert_int_equal(json_integer_value(host("MemorySwap")), 101 * 1024 * 1024);
    assert_int_equal(json_integer_value(host("PidsLimit")), 7);
    for (size_t i = 0; i < json_array_size(host("Ulimits")); i++) {
        const json_t *limit = json_array_get(host("Ulimits"), i);

        if (!strcmp(json_string_value(json_object_get(limit, "Name")), "cpu")) {
            assert_int_equal(json_integer_value(json_object_get(limit, "Hard")), 8);
            return;
        }
    }
    fail_msg("no limit of CPU time");
}

/* Whether a list of the body's has this text. */
static bool has(const json_t *list, const char *text)
{
    for (size_t i = 0; i < json_array_size(list); i++)
        if (!strcmp(json_string_value(json_array_get(list, i)), text))
            return true;
    return false;
}

/* A list replaces the engine's own, so that has to be in it, too. */
static void what_a_program_must_not_see_is_masked(void **state)
{
    make_body();
    assert_true(has(host("MaskedPaths"), "/proc/1/mem"));
    assert_true(has(host("MaskedPaths"), "/proc/1/task/1/mem"));
    assert_true(has(host("MaskedPaths"), "/proc/kcore"));
    assert_true(has(host("MaskedPaths"), "/sys/firmware"));
}

static void a_work_folder_has_half_of_the_memory_and_runs_nothing(void **state)
{
    make_body();
    assert_string_equal(json_string_value(json_object_get(host("Tmpfs"), "/tmp")),
                        "rw,nosuid,nodev,noexec,size=51m,nr_inodes=4096,mode=1777");
}

static void a_work_folder_is_what_the_language_says(void **state)
{
    sandbox.tmpfs = (struct tmpfs){.size_mb = 300, .exec = true};
    make_body();
    assert_string_equal(json_string_value(json_object_get(host("Tmpfs"), "/tmp")),
                        "rw,nosuid,nodev,exec,size=300m,nr_inodes=4096,mode=1777");
}

static void a_languages_environment_follows_everybodys(void **state)
{
    static const struct bytes own[] = {{"CGO_ENABLED=0", 13}};
    const json_t *env;

    sandbox.env = (struct texts){own, 1};
    make_body();
    env = json_object_get(body, "Env");
    assert_int_equal(json_array_size(env), 4);
    assert_string_equal(json_string_value(json_array_get(env, 0)), "HOME=/tmp");
    assert_string_equal(json_string_value(json_array_get(env, 3)), "CGO_ENABLED=0");
}

static void what_is_started_ahead_follows_the_launcher(void **state)
{
    static const struct bytes argv[] = {{"x", 1}, {"main.x", 6}};
    const json_t *command;

    sandbox.preload = (struct preload){"main.x", {argv, 2}};
    make_body();
    assert_int_equal(json_array_size(json_object_get(body, "Cmd")), 4);
    json_decref(body);
    ahead = true;
    make_body();
    command = json_object_get(body, "Cmd");
    assert_int_equal(json_array_size(command), 7);
    assert_string_equal(json_string_value(json_array_get(command, 4)), "main.x");
    assert_string_equal(json_string_value(json_array_get(command, 5)), "x");
    assert_string_equal(json_string_value(json_array_get(command, 6)), "main.x");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        TEST(limits_are_the_specs),
        TEST(what_a_program_must_not_see_is_masked),
        TEST(a_work_folder_has_half_of_the_memory_and_runs_nothing),
        TEST(a_work_folder_is_what_the_language_says),
        TEST(a_languages_environment_follows_everybodys),
        TEST(what_is_started_ahead_follows_the_launcher),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
