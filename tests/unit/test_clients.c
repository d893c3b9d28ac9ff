/* Workers found in what Redis says of its clients. */
#include "tests/support/unit.h"

#include "queue/clients.h"
#include "tests/support/arena_fixture.h"

static struct queue_worker *workers;

static size_t read_list(const char *list)
{
    return clients_read(list, "bull:am9icw==", &workers, arena);
}

static void a_worker_has_its_name_its_address_and_its_times(void **state)
{
    assert_int_equal(read_list("id=7 addr=10.0.0.9:50312 laddr=10.0.0.1:6379 fd=8 "
                               "name=bull:am9icw==:w:host-1/4711 age=90 idle=3 flags=b\n"),
                     1);
    assert_string_equal(workers[0].name, "host-1/4711");
    assert_string_equal(workers[0].address, "10.0.0.9:50312");
    assert_int_equal(workers[0].age_s, 90);
    assert_int_equal(workers[0].idle_s, 3);
}

static void a_worker_may_have_no_name(void **state)
{
    assert_int_equal(read_list("id=7 addr=a:1 name=bull:am9icw== age=1 idle=0\n"), 1);
    assert_string_equal(workers[0].name, "");
}

static void other_clients_are_left_out(void **state)
{
    static const char list[] = "id=1 addr=a:1 name= age=1 idle=0\n"
                               "id=2 addr=a:2 name=bull:am9icw==:qe age=1 idle=0\n"
                               "id=3 addr=a:3 name=bull:am9icw==:w:one age=1 idle=0\n"
                               "id=4 addr=a:4 name=other:am9icw==:w:x age=1 idle=0\n"
                               "id=5 addr=a:5 name=bull:am9icw==more:w:x age=1 idle=0\n"
                               "id=6 addr=a:6 lib-name=bull:am9icw==:w:x age=1 idle=0\n"
                               "\n"
                               "id=7 addr=a:7 name=bull:am9icw==:w:two age=1 idle=0";

    assert_int_equal(read_list(list), 2);
    assert_string_equal(workers[0].name, "one");
    assert_string_equal(workers[1].name, "two");
}

static void what_is_missing_or_no_number_is_nothing(void **state)
{
    assert_int_equal(read_list(""), 0);
    assert_int_equal(read_list("\n\n"), 0);
    assert_int_equal(read_list("name=bull:am9icw==:w:x age=old"), 1);
    assert_string_equal(workers[0].address, "");
    assert_int_equal(workers[0].age_s, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        TEST(a_worker_has_its_name_its_address_and_its_times),
        TEST(a_worker_may_have_no_name),
        TEST(other_clients_are_left_out),
        TEST(what_is_missing_or_no_number_is_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
