/* What a program printed: kept up to its limit, counted beyond. */
#include "tests/support/unit.h"

#include "worker/output.h"

enum { MIB = 1024 * 1024 };

static struct output output;

static int tear_down(void **state)
{
    output_done(&output);
    return 0;
}

static void add(enum stream stream, const char *text)
{
    output_add(&output, stream, text, strlen(text));
}

static void expect(enum stream stream, const char *text)
{
    struct bytes kept = output_of(&output, stream);

    assert_int_equal(kept.len, strlen(text));
    assert_memory_equal(kept.at, text, kept.len);
}

static void the_streams_are_kept_apart_in_their_own_order(void **state)
{
    output_init(&output, 100);
    add(STREAM_OUT, "one ");
    add(STREAM_ERR, "oops ");
    add(STREAM_OUT, "two");
    add(STREAM_ERR, "again");
    expect(STREAM_OUT, "one two");
    expect(STREAM_ERR, "oops again");
    assert_false(output_truncated(&output));
    assert_int_equal(output.seen, 17);
}

static void nothing_printed_is_nothing_kept(void **state)
{
    output_init(&output, 100);
    expect(STREAM_OUT, "");
    expect(STREAM_ERR, "");
    assert_false(output_truncated(&output) || output_flood(&output));
}

static void the_limit_is_for_both_together_and_the_first_bytes_win(void **state)
{
    output_init(&output, 10);
    add(STREAM_OUT, "1234567");
    add(STREAM_ERR, "abcdef");
    add(STREAM_OUT, "8");
    expect(STREAM_OUT, "1234567");
    expect(STREAM_ERR, "abc");
    assert_true(output_truncated(&output));
    assert_int_equal(output.seen, 14);
}

static void output_that_just_fits_is_not_truncated(void **state)
{
    output_init(&output, 10);
    add(STREAM_ERR, "0123456789");
    expect(STREAM_ERR, "0123456789");
    assert_false(output_truncated(&output));
    add(STREAM_OUT, "x");
    expect(STREAM_OUT, "");
    assert_true(output_truncated(&output));
}

static void bytes_are_kept_whatever_they_are(void **state)
{
    struct bytes kept;

    output_init(&output, 10);
    output_add(&output, STREAM_OUT, "a\0\xff\n", 4);
    kept = output_of(&output, STREAM_OUT);
    assert_int_equal(kept.len, 4);
    assert_memory_equal(kept.at, "a\0\xff\n", 4);
}

/* Print `count` bytes. */
static void print(int64_t count)
{
    static char block[4096];

    for (; count > 0; count -= (int64_t)sizeof block)
        output_add(&output, STREAM_OUT, block,
                   count < (int64_t)sizeof block ? (size_t)count : sizeof block);
}

static void a_flood_is_more_than_a_mebibyte(void **state)
{
    output_init(&output, 4096);
    print(MIB);
    assert_false(output_flood(&output));
    print(1);
    assert_true(output_flood(&output));
    assert_int_equal(output_of(&output, STREAM_OUT).len, 4096);
}

static void a_flood_is_more_than_64_times_what_is_kept(void **state)
{
    output_init(&output, 65536);
    print(INT64_C(64) * 65536);
    assert_false(output_flood(&output));
    print(1);
    assert_true(output_flood(&output));
}

static void data_has_a_limit_of_its_own(void **state)
{
    output_init_data(&output, 10, 4);
    add(STREAM_ERR, "warn");
    add(STREAM_OUT, "12345");
    add(STREAM_OUT, "67890");
    expect(STREAM_OUT, "1234567890");
    expect(STREAM_ERR, "warn");
    assert_false(output_truncated(&output) || output_flood(&output));
    add(STREAM_ERR, "ing");
    assert_true(output_truncated(&output));
    assert_false(output_flood(&output));
}

static void data_beyond_its_limit_is_a_flood(void **state)
{
    output_init_data(&output, 3, 4);
    add(STREAM_OUT, "123");
    assert_false(output_truncated(&output) || output_flood(&output));
    add(STREAM_OUT, "4");
    expect(STREAM_OUT, "123");
    assert_true(output_truncated(&output) && output_flood(&output));
}

static void data_beyond_its_limit_is_a_flood_at_once(void **state)
{
    output_init_data(&output, 10, 4);
    add(STREAM_OUT, "12345678901");
    assert_true(output_flood(&output));
    assert_true(output.data_over);
    expect(STREAM_OUT, "1234567890");
    add(STREAM_OUT, "and more");
    expect(STREAM_OUT, "1234567890");
}

static void a_compiler_that_prints_far_too_much_is_a_flood_too(void **state)
{
    static char piece[MIB];

    output_init_data(&output, 10, 4);
    output_add(&output, STREAM_ERR, piece, sizeof piece);
    assert_false(output_flood(&output));
    add(STREAM_ERR, "!");
    assert_true(output_flood(&output));
    assert_false(output.data_over);
}

static void data_grows_with_what_comes(void **state)
{
    static char piece[1000];
    size_t sent = 0;

    output_init_data(&output, MIB, 4);
    while (sent + sizeof piece <= MIB) {
        memset(piece, (int)(sent / sizeof piece), sizeof piece);
        output_add(&output, STREAM_OUT, piece, sizeof piece);
        sent += sizeof piece;
    }
    assert_int_equal(output_of(&output, STREAM_OUT).len, sent);
    for (size_t i = 0; i < sent; i++)
        if (output_of(&output, STREAM_OUT).at[i] != (char)(i / sizeof piece))
            fail_msg("byte %zu is another", i);
}

static void what_is_taken_is_there_no_longer(void **state)
{
    struct output taken;

    output_init(&output, 10);
    add(STREAM_OUT, "mine");
    output_take(&taken, &output);
    assert_memory_equal(output_of(&taken, STREAM_OUT).at, "mine", 4);
    expect(STREAM_OUT, "");
    output_done(&taken);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_teardown(name, tear_down)
        TEST(the_streams_are_kept_apart_in_their_own_order),
        TEST(nothing_printed_is_nothing_kept),
        TEST(the_limit_is_for_both_together_and_the_first_bytes_win),
        TEST(output_that_just_fits_is_not_truncated),
        TEST(bytes_are_kept_whatever_they_are),
        TEST(a_flood_is_more_than_a_mebibyte),
        TEST(a_flood_is_more_than_64_times_what_is_kept),
        TEST(data_has_a_limit_of_its_own),
        TEST(data_beyond_its_limit_is_a_flood),
        TEST(data_beyond_its_limit_is_a_flood_at_once),
        TEST(a_compiler_that_prints_far_too_much_is_a_flood_too),
        TEST(data_grows_with_what_comes),
        TEST(what_is_taken_is_there_no_longer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
