/* Commands for Redis, beside hiredis' own. */
#include "tests/support/unit.h"

#include <hiredis/hiredis.h>

#include "queue/command.h"

static void expect_same(size_t argc, const char **argv, const size_t *lens)
{
    size_t len;
    char *ours = command_write(argc, argv, lens, &len), *theirs;
    int theirs_len = redisFormatCommandArgv(&theirs, (int)argc, argv, lens);

    assert_int_equal(len, theirs_len);
    assert_memory_equal(ours, theirs, len);
    redisFreeCommand(theirs);
    free(ours);
}

static void texts_are_written_as_hiredis_writes_them(void **state)
{
    const char *argv[] = {"EVALSHA", "", "1", "bull:q:wait", "\xc3\xbc", "a b\r\n$1\r\n"};

    for (size_t argc = 1; argc <= 6; argc++)
        expect_same(argc, argv, NULL);
}

static void bytes_of_any_length_are_written(void **state)
{
    static char bytes[10001];
    const char *argv[12];
    size_t lens[12] = {0, 1, 9, 10, 11, 99, 100, 999, 1000, 9999, 10000, 10001};

    memset(bytes, '\n', sizeof bytes);
    bytes[0] = '\0';
    for (size_t i = 0; i < 12; i++)
        argv[i] = bytes;
    expect_same(12, argv, lens);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_are_written_as_hiredis_writes_them),
        cmocka_unit_test(bytes_of_any_length_are_written),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
