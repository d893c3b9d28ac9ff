/* The kernel's counts, as its files tell them. */
#include "tests/support/unit.h"

#include <unistd.h>

#include "tests/support/folder.h"
#include "worker/cgroup.h"

#define ID "0123456789abcdef"

static char root[FOLDER_BYTES];

static int set_up(void **state)
{
    return folder_make(root);
}

static int tear_down(void **state)
{
    return folder_remove(root);
}

static struct usage read_as(int version, bool systemd)
{
    const struct cgroup_layout layout = {version, systemd};
    struct usage usage;

    cgroup_read(&layout, root, ID, &usage);
    return usage;
}

static void expect(const struct usage *usage, int64_t oom_kills, int64_t pids_refused,
                   int64_t processes, int64_t memory_bytes, int64_t cpu_us)
{
    assert_int_equal(usage->oom_kills, oom_kills);
    assert_int_equal(usage->pids_refused, pids_refused);
    assert_int_equal(usage->processes, processes);
    assert_int_equal(usage->memory_bytes, memory_bytes);
    assert_int_equal(usage->cpu_us, cpu_us);
}

static void expect_nothing(const struct usage *usage)
{
    expect(usage, USAGE_NONE, USAGE_NONE, USAGE_NONE, USAGE_NONE, USAGE_NONE);
}

static void put_v1(const char *folder)
{
    static const struct {
        const char *controller, *file, *text;
    } files[] = {
        {"memory", "memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 3\n"},
        {"pids", "pids.events", "max 27\n"},
        {"pids", "pids.current", "4\n"},
        {"memory", "memory.max_usage_in_bytes", "134217728\n"},
        {"cpuacct", "cpuacct.usage", "18234567\n"},
    };
    char name[256];

    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        snprintf(name, sizeof name, "%s/%s/%s", files[i].controller, folder, files[i].file);
        folder_write(root, name, files[i].text);
    }
}

static void put_v2(const char *folder)
{
    static const struct {
        const char *file, *text;
    } files[] = {
        {"memory.events", "low 0\nhigh 0\nmax 91\noom 2\noom_kill 2\noom_group_kill 0\n"},
        {"pids.events", "max 31\n"},
        {"pids.current", "2\n"},
        {"memory.peak", "9437184\n"},
        {"cpu.stat", "usage_usec 18001\nuser_usec 15000\nsystem_usec 3001\n"},
    };
    char name[256];

    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        snprintf(name, sizeof name, "%s/%s", folder, files[i].file);
        folder_write(root, name, files[i].text);
    }
}

static void version_1_with_cgroupfs_is_read(void **state)
{
    struct usage usage;

    put_v1("docker/" ID);
    usage = read_as(1, false);
    expect(&usage, 3, 27, 4, 134217728, 18234);
}

static void version_1_with_systemd_is_read(void **state)
{
    struct usage usage;

    put_v1("system.slice/docker-" ID ".scope");
    usage = read_as(1, true);
    expect(&usage, 3, 27, 4, 134217728, 18234);
}

static void version_2_with_cgroupfs_is_read(void **state)
{
    struct usage usage;

    put_v2("docker/" ID);
    usage = read_as(2, false);
    expect(&usage, 2, 31, 2, 9437184, 18001);
}

static void version_2_with_systemd_is_read(void **state)
{
    struct usage usage;

    put_v2("system.slice/docker-" ID ".scope");
    usage = read_as(2, true);
    expect(&usage, 2, 31, 2, 9437184, 18001);
}

static void one_layout_is_not_taken_for_another(void **state)
{
    struct usage usage;

    put_v1("docker/" ID);
    put_v2("docker/" ID);
    usage = read_as(1, true);
    expect_nothing(&usage);
    usage = read_as(2, true);
    expect_nothing(&usage);
}

static void nothing_is_known_of_a_container_that_is_gone(void **state)
{
    for (int version = 1; version <= 2; version++) {
        struct usage usage = read_as(version, false);

        expect_nothing(&usage);
    }
}

static void nothing_is_read_before_the_layout_is_known(void **state)
{
    struct usage usage;

    put_v1("docker/" ID);
    put_v2("docker/" ID);
    usage = read_as(0, false);
    expect_nothing(&usage);
}

static void what_can_be_read_is_there_without_the_rest(void **state)
{
    struct usage usage;
    char peak[128];

    put_v2("docker/" ID);
    folder_write(root, "docker/" ID "/pids.events", "");
    folder_write(root, "docker/" ID "/cpu.stat", "nr_periods 0\n");
    snprintf(peak, sizeof peak, "%s/docker/" ID "/memory.peak", root);
    assert_int_equal(unlink(peak), 0); /* before kernel 5.19 there is none */
    usage = read_as(2, false);
    expect(&usage, 2, USAGE_NONE, 2, USAGE_NONE, USAGE_NONE);
}

static void numbers_are_found_by_their_keys(void **state)
{
    static const struct {
        const char *text, *key;
        int64_t number;
    } rows[] = {
        {"oom_kill_disable 0\nunder_oom 1\noom_kill 7\n", "oom_kill", 7},
        {"oom_kill_disable 5\n", "oom_kill", USAGE_NONE},
        {"max 0\n", "max", 0},
        {"max 42901", "max", 42901},
        {"low 1\nmax 2\n", "max", 2},
        {"\n\nmax 3\n", "max", 3},
        {"xmax 3\n", "max", USAGE_NONE},
        {"max\n", "max", USAGE_NONE},
        {"max -1\n", "max", USAGE_NONE},
        {"max max\n", "max", USAGE_NONE},
        {"", "max", USAGE_NONE},
        {"4\n", NULL, 4},
        {"9223372036854775807\n", NULL, INT64_MAX},
        {"max\n", NULL, USAGE_NONE},
        {"-4\n", NULL, USAGE_NONE},
        {"", NULL, USAGE_NONE},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(cgroup_number(rows[i].text, rows[i].key), rows[i].number);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        TEST(version_1_with_cgroupfs_is_read),
        TEST(version_1_with_systemd_is_read),
        TEST(version_2_with_cgroupfs_is_read),
        TEST(version_2_with_systemd_is_read),
        TEST(one_layout_is_not_taken_for_another),
        TEST(nothing_is_known_of_a_container_that_is_gone),
        TEST(nothing_is_read_before_the_layout_is_known),
        TEST(what_can_be_read_is_there_without_the_rest),
        cmocka_unit_test(numbers_are_found_by_their_keys),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
