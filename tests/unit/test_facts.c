/* What an engine says of itself, and whether it may be used. */
#include "tests/support/unit.h"

#include "lib/json.h"
#include "worker/facts.h"

static struct facts facts;

static void read_info(const char *text)
{
    struct err err;
    json_t *info = json_read(text, strlen(text), NULL, 0, &err);

    assert_non_null(info);
    facts_read(info, &facts);
    json_decref(info);
}

#define ABLE                                                                           \
    "\"MemoryLimit\":true,\"SwapLimit\":true,\"PidsLimit\":true,\"CpuCfsQuota\":true," \
    "\"SecurityOptions\":[\"name=apparmor\",\"name=seccomp,profile=default\"]"

static void expect_missing(const char *list)
{
    char *missing = facts_missing(&facts);

    assert_string_equal(missing ? missing : "", list);
    free(missing);
}

static void an_engine_with_all_limits_may_be_used(void **state)
{
    struct err err;

    read_info("{" ABLE ",\"CgroupVersion\":\"2\",\"CgroupDriver\":\"systemd\","
              "\"Runtimes\":{\"runc\":{},\"crun\":{}}}");
    assert_int_equal(facts_refuse(&facts, &err), 0);
    expect_missing("");
    assert_int_equal(facts.layout.version, 2);
    assert_true(facts.layout.systemd && facts.crun && !facts.rootless);
}

static void old_engines_have_the_first_cgroups_and_no_crun(void **state)
{
    read_info("{" ABLE ",\"CgroupDriver\":\"cgroupfs\",\"Runtimes\":{\"runc\":{}}}");
    assert_int_equal(facts.layout.version, 1);
    assert_false(facts.layout.systemd || facts.crun);
}

static void without_a_limit_of_swap_it_may_be_used_and_is_told_of(void **state)
{
    struct err err;

    read_info("{\"MemoryLimit\":true,\"SwapLimit\":false,\"PidsLimit\":true,"
              "\"CpuCfsQuota\":true,\"SecurityOptions\":[\"name=seccomp\"]}");
    assert_int_equal(facts_refuse(&facts, &err), 0);
    expect_missing("no limit of swap: memory beyond the limit is swapped out");
}

static void without_limits_of_memory_or_processes_it_is_refused(void **state)
{
    static const char *const rows[] = {
        "{\"MemoryLimit\":false,\"PidsLimit\":true}",
        "{\"MemoryLimit\":true,\"PidsLimit\":false}",
        "{\"MemoryLimit\":true}", /* what is not said is not so */
        "{\"MemoryLimit\":1,\"PidsLimit\":\"true\"}",
        "{}",
        "[]",
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct err err;

        read_info(rows[i]);
        assert_int_equal(facts_refuse(&facts, &err), -1);
        assert_int_equal(err.kind, ERR_INVALID);
        assert_non_null(strstr(err.text, "--allow-weak-sandbox"));
    }
}

static void a_rootless_engine_is_told_what_its_user_needs(void **state)
{
    struct err err;

    read_info("{\"SecurityOptions\":[\"name=seccomp,profile=default\",\"name=rootless\"]}");
    assert_true(facts.rootless && facts.seccomp);
    assert_int_equal(facts_refuse(&facts, &err), -1);
    assert_non_null(strstr(err.text, "delegate"));
    expect_missing(
        "no memory limit; no limit of processes; no limit of swap: memory beyond "
        "the limit is swapped out; no limit of CPUs: a job may burn them all");
}

static void a_name_that_only_begins_like_one_is_another(void **state)
{
    read_info("{\"SecurityOptions\":[\"name=seccomp2\",\"seccomp\",\"name=\",5]}");
    assert_false(facts.seccomp || facts.rootless);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_engine_with_all_limits_may_be_used),
        cmocka_unit_test(old_engines_have_the_first_cgroups_and_no_crun),
        cmocka_unit_test(without_a_limit_of_swap_it_may_be_used_and_is_told_of),
        cmocka_unit_test(without_limits_of_memory_or_processes_it_is_refused),
        cmocka_unit_test(a_rootless_engine_is_told_what_its_user_needs),
        cmocka_unit_test(a_name_that_only_begins_like_one_is_another),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
