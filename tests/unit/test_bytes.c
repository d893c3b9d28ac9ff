/* Numbers, UTF-8, messages and base64, from bytes that nobody vouches for. */
#include "tests/support/unit.h"

#include "lib/bytes.h"

static void expect_repaired(const char *from, size_t len, const char *to)
{
    size_t out_len;
    char *out = utf8_repair(from, len, &out_len);

    assert_string_equal(out, to);
    assert_int_equal(out_len, strlen(to));
    assert_true(utf8_valid(out, out_len));
    free(out);
}

static void expect_base64(const char *from, const char *to)
{
    char *text = base64_write(from, strlen(from)), *back;
    size_t len;

    assert_string_equal(text, to);
    back = base64_read(text, strlen(text), &len);
    assert_int_equal(len, strlen(from));
    assert_string_equal(back, from);
    free(back);
    free(text);
}

static void whole_numbers_within_the_range_are_read(void **state)
{
    static const struct {
        const char *text;
        int64_t number;
    } good[] = {
        {"0", 0},
        {"-0", 0},
        {"+7", 7},
        {"007", 7},
        {"-42", -42},
        {"9223372036854775807", INT64_MAX},
        {"-9223372036854775808", INT64_MIN},
    };
    int64_t number;

    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        number = 99;
        assert_int_equal(number_read(good[i].text, INT64_MIN, INT64_MAX, &number), 0);
        assert_true(number == good[i].number);
    }
    assert_int_equal(number_read("5", 5, 5, &number), 0);
}

static void anything_else_is_no_number(void **state)
{
    static const char *const bad[] = {
        "",
        "-",
        "+",
        " 1",
        "1 ",
        "1\n",
        "--1",
        "0x10",
        "1e3",
        "1.0",
        "1,000",
        "one",
        "9223372036854775808",
        "-9223372036854775809",
        "99999999999999999999999999999999",
    };
    int64_t number = 99;

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(number_read(bad[i], INT64_MIN, INT64_MAX, &number), -1);
    assert_int_equal(number_read("4", 5, 6, &number), -1);
    assert_int_equal(number_read("7", 5, 6, &number), -1);
    assert_int_equal(number, 99);
}

static void utf8_is_told_from_what_only_looks_like_it(void **state)
{
    static const char *const good[] = {
        "",
        "abc",
        "\x7F",
        "\xC2\x80",
        "\xDF\xBF",
        "\xE0\xA0\x80",
        "\xED\x9F\xBF",
        "\xEE\x80\x80",
        "\xEF\xBF\xBF",
        "\xF0\x90\x80\x80",
        "\xF4\x8F\xBF\xBF",
    };
    static const char *const bad[] = {
        "\x80",
        "\xBF",
        "\xC0\x80",
        "\xC1\xBF",
        "\xC2",
        "\xC2\x41",
        "\xE0\x9F\xBF",
        "\xED\xA0\x80",
        "\xE1\x80",
        "\xF0\x8F\xBF\xBF",
        "\xF4\x90\x80\x80",
        "\xF5\x80",
        "\xFF",
        "ok\xFE",
        "\xF1\x80\x80",
    };

    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_true(utf8_valid(good[i], strlen(good[i])));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(utf8_valid(bad[i], strlen(bad[i])));
    assert_true(utf8_valid("a\0b", 3));
    assert_int_equal(utf8_span("a\xc3\xbc\xffz", 5), 3);
    assert_int_equal(utf8_span("a\xc3", 2), 1);
    assert_int_equal(utf8_span("", 0), 0);
    assert_int_equal(utf8_char("\xF0\x9F\x98\x80x", 5), 4);
    assert_int_equal(utf8_char("\xF0\x9F\x98", 3), 0);
}

static void each_broken_part_becomes_one_replacement(void **state)
{
#define R "\xEF\xBF\xBD"
    expect_repaired("plain", 5, "plain");
    expect_repaired("", 0, "");
    expect_repaired("a\xFFz", 3, "a" R "z");
    expect_repaired("\xE2\x82", 2, R); /* a cut character: one */
    expect_repaired("\xE2\x82\xE2\x82\xAC", 5, R "\xE2\x82\xAC");
    expect_repaired("\xED\xA0\x80", 3, R R R);         /* a surrogate: no prefix is good */
    expect_repaired("\xF0\x80\x80\x41", 4, R R R "A"); /* overlong */
    /* The example of the Unicode standard, table 3-8. */
    expect_repaired("\x61\xF1\x80\x80\xE1\x80\xC2\x62\x80\x63\x80\xBF\x64", 13,
                    "a" R R R "b" R "c" R R "d");
#undef R
}

static void foreign_characters_are_shown_harmless(void **state)
{
    static const struct {
        const char *from;
        size_t used;
        const char *shown;
    } cases[] = {
        {"a", 1, "a"},
        {"\n", 1, "\\n"},
        {"\t", 1, "\\t"},
        {"\x1b[0m", 1, "\\x1b"},
        {"\x7F", 1, "\\x7f"},
        {"\"", 1, "\\\""},
        {"\\", 1, "\\\\"},
        {"\xC3\xA9", 2, "\xC3\xA9"},
        {"\xC2\x9B", 1, "\\xc2"},
        {"\xFF", 1, "\\xff"},
        {"'", 1, "'"},
    };
    char shown[SHOWN_BYTES];

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *from = cases[i].from;

        assert_int_equal(show_char(from, strlen(from), '"', shown), cases[i].used);
        assert_string_equal(shown, cases[i].shown);
    }
    show_char("\0", 1, 0, shown);
    assert_string_equal(shown, "\\x00");
    show_char("\"", 1, 0, shown);
    assert_string_equal(shown, "\"");
}

static void long_foreign_text_is_cut(void **state)
{
    char shown[QUOTED_BYTES], text[1000], longer[500];

    memset(text, '\n', sizeof text);
    assert_string_equal(show_text("it's", 4, shown), "'it\\'s'");
    assert_string_equal(show_text("", 0, shown), "''");
    show_text(text, sizeof text, shown);
    assert_true(strlen(shown) < QUOTED_BYTES);
    assert_string_equal(shown + strlen(shown) - 6, "\\n...'");
    memset(text, 'x', sizeof text);
    for (size_t len = 0; len < 100; len++)
        assert_true(strlen(show_text(text, len, shown)) < QUOTED_BYTES);
    assert_string_equal(show_text_in(text, 10, shown, 8), "'xx...'");
    assert_int_equal(strlen(show_text_in(text, sizeof text, longer, sizeof longer)), 499);
    assert_string_equal(show_text_in(text, 490, longer, sizeof longer) + 489, "xx'");
}

static void places_count_lines_and_characters_from_one(void **state)
{
    int line, column;

    text_place("a\n\xC3\xA9!", 0, &line, &column);
    assert_int_equal(line * 100 + column, 101);
    text_place("a\n\xC3\xA9!", 4, &line, &column);
    assert_int_equal(line * 100 + column, 202);
}

static void base64_is_padded(void **state)
{
    expect_base64("", "");
    expect_base64("f", "Zg==");
    expect_base64("fo", "Zm8=");
    expect_base64("foo", "Zm9v");
    expect_base64("foobar", "Zm9vYmFy");
    expect_base64("\xFF\xFE\xFD", "//79");
}

static void base64_of_any_bytes_reads_back(void **state)
{
    char bytes[258];
    size_t len;

    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] =
            (char)(i * 151); /* every byte, in an order that goes all over the place */
    for (size_t most = sizeof bytes - 3; most < sizeof bytes; most++) {
        char *text = base64_write(bytes, most), *back;

        back = base64_read(text, strlen(text), &len);
        assert_int_equal(len, most);
        assert_memory_equal(back, bytes, most);
        free(back);
        free(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_numbers_within_the_range_are_read),
        cmocka_unit_test(anything_else_is_no_number),
        cmocka_unit_test(utf8_is_told_from_what_only_looks_like_it),
        cmocka_unit_test(each_broken_part_becomes_one_replacement),
        cmocka_unit_test(foreign_characters_are_shown_harmless),
        cmocka_unit_test(long_foreign_text_is_cut),
        cmocka_unit_test(places_count_lines_and_characters_from_one),
        cmocka_unit_test(base64_is_padded),
        cmocka_unit_test(base64_of_any_bytes_reads_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
