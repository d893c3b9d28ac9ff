/* The names of a queue's keys: BullMQ's, to the letter. */
#include "tests/support/unit.h"

#include "queue/keys.h"

static struct arena *arena;
static struct keys keys;

static int set_up(void **state)
{
    struct err err;

    arena = arena_new();
    return keys_init(&keys, "bull", "jobs", arena, &err);
}

static int tear_down(void **state)
{
    arena_free(arena);
    return 0;
}

static void every_key_is_bullmqs(void **state)
{
    const struct {
        const char *key, *name;
    } rows[] = {
        {keys.base, "bull:jobs:"},
        {keys.wait, "bull:jobs:wait"},
        {keys.paused, "bull:jobs:paused"},
        {keys.active, "bull:jobs:active"},
        {keys.prioritized, "bull:jobs:prioritized"},
        {keys.delayed, "bull:jobs:delayed"},
        {keys.completed, "bull:jobs:completed"},
        {keys.failed, "bull:jobs:failed"},
        {keys.waiting_children, "bull:jobs:waiting-children"},
        {keys.id, "bull:jobs:id"},
        {keys.pc, "bull:jobs:pc"},
        {keys.marker, "bull:jobs:marker"},
        {keys.meta, "bull:jobs:meta"},
        {keys.events, "bull:jobs:events"},
        {keys.stalled, "bull:jobs:stalled"},
        {keys.stalled_check, "bull:jobs:stalled-check"},
        {keys.limiter, "bull:jobs:limiter"},
        {keys.repeat, "bull:jobs:repeat"},
        {keys.metrics_completed, "bull:jobs:metrics:completed"},
        {keys.metrics_failed, "bull:jobs:metrics:failed"},
        {keys.client, "bull:am9icw=="},
    };

    assert_int_equal(sizeof keys, sizeof rows / sizeof *rows * sizeof(char *));
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_string_equal(rows[i].key, rows[i].name);
}

static void a_job_has_a_key_and_parts_beside_it(void **state)
{
    assert_string_equal(keys_job(&keys, "42", arena), "bull:jobs:42");
    assert_string_equal(keys_lock(&keys, "42", arena), "bull:jobs:42:lock");
    assert_string_equal(keys_part(&keys, "42", "logs", arena), "bull:jobs:42:logs");
}

static void a_braced_prefix_makes_one_hash_slot(void **state)
{
    struct err err;

    assert_int_equal(keys_init(&keys, "{bull}", "jobs", arena, &err), 0);
    assert_string_equal(keys.wait, "{bull}:jobs:wait");
    assert_string_equal(keys_lock(&keys, "1", arena), "{bull}:jobs:1:lock");
}

static void a_prefix_may_have_colons(void **state)
{
    struct err err;

    assert_int_equal(keys_init(&keys, "a:b", "jobs", arena, &err), 0);
    assert_string_equal(keys.base, "a:b:jobs:");
}

static void names_that_would_mix_with_other_keys_are_refused(void **state)
{
    static const char *const names[] = {"", ":", "a:b", "jobs:"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct err err = {0};

        assert_int_equal(keys_init(&keys, "bull", names[i], arena, &err), -1);
        assert_int_equal(err.kind, ERR_INVALID);
        assert_non_null(strstr(err.text, names[i]));
    }
}

static void clients_are_named_as_dashboards_look_for_them(void **state)
{
    assert_string_equal(keys_client_name("bull", "jobs", NULL, arena), "bull:am9icw==");
    assert_string_equal(keys_client_name("bull", "jobs", "host-1/4711", arena),
                        "bull:am9icw==:w:host-1/4711");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        TEST(every_key_is_bullmqs),
        TEST(a_job_has_a_key_and_parts_beside_it),
        TEST(a_braced_prefix_makes_one_hash_slot),
        TEST(a_prefix_may_have_colons),
        TEST(names_that_would_mix_with_other_keys_are_refused),
        TEST(clients_are_named_as_dashboards_look_for_them),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
