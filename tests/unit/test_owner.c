/* Whether the process that made a container is still there. */
#include "tests/support/unit.h"

#include <sys/wait.h>
#include <unistd.h>

#include "worker/owner.h"

static char self[OWNER_BYTES];

static int set_up(void **state)
{
    owner_self(self);
    return 0;
}

/* The label with another number as its part `last` from the end. */
static const char *with(int last, const char *value)
{
    static char label[OWNER_BYTES * 2];
    char head[OWNER_BYTES], *cut = NULL, *tail = NULL;

    snprintf(head, sizeof head, "%s", self);
    for (int i = 0; i <= last; i++) {
        tail = cut;
        cut = strrchr(head, '/');
        assert_non_null(cut);
        *cut = '\0';
    }
    snprintf(label, sizeof label, "%s/%s%s%s", head, value, tail ? "/" : "",
             tail ? tail + 1 : "");
    return label;
}

static void we_are_here(void **state)
{
    assert_false(owner_gone(self));
    assert_string_equal(with(0, strrchr(self, '/') + 1), self);
}

static void another_start_is_another_process(void **state)
{
    assert_true(owner_gone(with(0, "1")));
}

static void a_process_that_ended_is_gone_also_while_it_is_not_buried(void **state)
{
    char label[OWNER_BYTES];
    int ends[2], status;
    pid_t pid;

    assert_int_equal(pipe(ends), 0);
    pid = fork();
    if (!pid) {
        owner_self(label);
        _exit(write(ends[1], label, sizeof label) == sizeof label ? 0 : 1);
    }
    assert_int_equal(read(ends[0], label, sizeof label), sizeof label);
    siginfo_t info;
    assert_int_equal(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
    assert_true(owner_gone(label));
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(owner_gone(label));
    close(ends[0]);
    close(ends[1]);
}

static void of_other_machines_and_namespaces_nothing_is_known(void **state)
{
    assert_false(owner_gone(with(2, "pid:[1]")));
    self[0] = self[0] == '0' ? '1' : '0'; /* the boot's id */
    assert_false(owner_gone(with(0, "1")));
}

static void what_is_no_label_of_ours_says_nothing(void **state)
{
    static const char *const labels[] = {"", "/", "x", "///", "host/1"};

    for (size_t i = 0; i < sizeof labels / sizeof *labels; i++)
        assert_false(owner_gone(labels[i]));
    assert_false(owner_gone(with(0, "")));
    assert_false(owner_gone(with(1, "")));
    assert_false(owner_gone(with(1, "-1")));
    assert_false(owner_gone(with(1, "0")));
    assert_false(owner_gone(with(1, "99999999999999")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup(name, set_up)
        TEST(we_are_here),
        TEST(another_start_is_another_process),
        TEST(a_process_that_ended_is_gone_also_while_it_is_not_buried),
        TEST(of_other_machines_and_namespaces_nothing_is_known),
        TEST(what_is_no_label_of_ours_says_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
