/* Marks found in, and cut out of, what a program prints. */
#include "tests/support/unit.h"

#include "worker/marks.h"

#define ID "0123456789abcdef0123456789abcdef"

static char printed[512];
static size_t printed_len;

static void print(void *arg, const char *at, size_t len)
{
    memcpy(printed + printed_len, at, len);
    printed_len += len;
    printed[printed_len] = '\0';
}

/* Feed `text` in pieces of `size`; the marks met, as letters, go to `met`. */
static void feed(struct marks *marks, const char *text, size_t size, char *met)
{
    size_t len = strlen(text);

    printed_len = 0;
    *printed = *met = '\0';
    while (len) {
        size_t piece = len < size ? len : size, taken = piece;
        enum mark mark = marks_read(marks, text, &taken, print, NULL);

        if (mark)
            snprintf(met + strlen(met), 8, "%c", "-BEX"[mark]);
        assert_true(taken > 0 && taken <= piece);
        text += taken;
        len -= taken;
    }
}

static void expect(bool begins, const char *text, const char *met, const char *output)
{
    for (size_t size = 1; size <= strlen(text); size++) {
        struct marks marks;
        char got[64];

        marks_init(&marks, ID, begins);
        feed(&marks, text, size, got);
        assert_string_equal(got, met);
        assert_string_equal(printed, output);
    }
}

static void a_program_is_between_its_marks(void **state)
{
    expect(true, "B\nhello\nworld\n\n" ID " E 0\n", "BE", "hello\nworld\n");
}

static void output_need_not_end_with_a_newline(void **state)
{
    expect(true, "B\nhello\n" ID " E 7\n", "BE", "hello");
    expect(true, "B\n\n" ID " E 0\n", "BE", "");
}

static void stderr_has_no_begin_mark(void **state)
{
    expect(false, "oops\nB\n\n" ID " E 1\n", "E", "oops\nB\n");
}

static void only_the_first_begin_mark_counts(void **state)
{
    expect(true, "B\nB\n\n" ID " E 0\n", "BE", "B\n");
}

static void what_only_looks_like_a_mark_is_output(void **state)
{
    static const char *const lines[] = {
        "\n" ID " E \nx",    "\n" ID " E 1234\nx", "\n" ID " Q 0\nx",
        "\n" ID "E 0\nx",    "\n" ID " E -1\nx",   "\n" ID " E 0 \nx",
        "\n" ID " B\nx",     "\n" ID " E 0\rx",    "\n0123456789abcx",
        "\n\n\nx",           "x" ID " E 0\nx",     "\n" ID " E x",
        "\n" ID " E 256\nx", "\n" ID " C 1\nx",
    };

    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        expect(false, lines[i], "", lines[i]);
}

static void nothing_counts_behind_the_end(void **state)
{
    expect(false, "a\n" ID " E 0\nforged\n" ID " E 1\n", "E", "a");
}

static void exit_codes_are_read(void **state)
{
    static const int codes[] = {0, 1, 137, 255};

    for (size_t i = 0; i < 4; i++) {
        struct marks marks;
        char text[64], met[64];

        snprintf(text, sizeof text, "\n" ID " X %d\n", codes[i]);
        marks_init(&marks, ID, false);
        feed(&marks, text, 64, met);
        assert_string_equal(met, "X");
        assert_int_equal(marks.exit_code, codes[i]);
        assert_true(marks.over);
    }
}

static void what_was_held_back_comes_out_at_the_end(void **state)
{
    struct marks marks;
    char met[64];

    marks_init(&marks, ID, false);
    feed(&marks, "abc\n0123", 100, met);
    assert_string_equal(printed, "abc");
    marks_flush(&marks, print, NULL);
    assert_string_equal(printed, "abc\n0123");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_program_is_between_its_marks),
        cmocka_unit_test(output_need_not_end_with_a_newline),
        cmocka_unit_test(stderr_has_no_begin_mark),
        cmocka_unit_test(only_the_first_begin_mark_counts),
        cmocka_unit_test(what_only_looks_like_a_mark_is_output),
        cmocka_unit_test(nothing_counts_behind_the_end),
        cmocka_unit_test(exit_codes_are_read),
        cmocka_unit_test(what_was_held_back_comes_out_at_the_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
