/* What is packed for a sandbox, read back by the real tar. */
#include "tests/support/unit.h"

#include "tests/unit/parcel_fixture.h"
#include "worker/tar.h"

static void files_of_every_size_come_out_of_the_real_tar(void **state)
{
    static const size_t sizes[] = {0, 1, 511, 512, 513, 10240, 131072};
    static const char *const argv[] = {"tar", "xOf", "-", NULL};

    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        char *bytes = xmalloc(sizes[i] + 1);

        fill(bytes, sizes[i], (uint32_t)i);
        tar_file(sent, "main.py", bytes, sizes[i]);
        tar_end(sent);
        assert_int_equal(evbuffer_get_length(sent) % BLOCK, 0);
        assert_int_equal(run(argv), 0);
        expect_bytes(bytes, sizes[i]);
        free(bytes);
    }
}

static void an_archive_has_regular_files_that_belong_to_nobody_special(void **state)
{
    static const char *const argv[] = {"env", "TZ=UTC", "LC_ALL=C",        "tar",
                                       "tvf", "-",      "--numeric-owner", "--full-time",
                                       NULL};
    static const char listing[] =
        "-rw-r--r-- 0/0               5 1970-01-01 00:00:00 a.c\n"
        "-rw-r--r-- 0/0               3 1970-01-01 00:00:00 .run\n";

    tar_file(sent, "a.c", "12345", 5);
    tar_file(sent, ".run", "abc", 3);
    tar_end(sent);
    assert_int_equal(run(argv), 0);
    expect_bytes(listing, sizeof listing - 1);
}

static void a_name_of_100_bytes_fits(void **state)
{
    static const char *const argv[] = {"tar", "tf", "-", NULL};
    char name[102];

    memset(name, 'n', 100);
    name[100] = '\0';
    tar_file(sent, name, "x", 1);
    tar_end(sent);
    assert_int_equal(run(argv), 0);
    memcpy(name + 100, "\n", 2);
    expect_bytes(name, 101);
}

static void a_header_says_what_posix_wants(void **state)
{
    unsigned char header[BLOCK];
    unsigned int sum = 0;

    tar_file(sent, "main.py", "0123456789", 10);
    assert_int_equal(evbuffer_get_length(sent), 2 * BLOCK);
    evbuffer_remove(sent, header, sizeof header);
    for (size_t i = 0; i < sizeof header; i++)
        sum += i >= 148 && i < 156 ? ' ' : header[i];
    assert_int_equal(strtoul((char *)header + 148, NULL, 8), sum);
    assert_memory_equal(header + 154, "\0 ", 2);
    assert_memory_equal(header + 124, "00000000012", 12);
    assert_memory_equal(header + 257,
                        "ustar\0"
                        "00",
                        8);
    assert_int_equal(header[156], '0');
}

static void an_archive_ends_with_two_blocks_of_zeros(void **state)
{
    static const char zeros[2 * BLOCK];

    tar_end(sent);
    assert_int_equal(evbuffer_get_length(sent), sizeof zeros);
    assert_memory_equal(evbuffer_pullup(sent, -1), zeros, sizeof zeros);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        TEST(files_of_every_size_come_out_of_the_real_tar),
        TEST(an_archive_has_regular_files_that_belong_to_nobody_special),
        TEST(a_name_of_100_bytes_fits),
        TEST(a_header_says_what_posix_wants),
        TEST(an_archive_ends_with_two_blocks_of_zeros),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
