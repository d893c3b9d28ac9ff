/* What a program printed beside what was expected. Each row is a test of its own. */
#include "tests/support/unit.h"

#include "worker/compare.h"

#define TEXT(text)             \
    {                          \
        text, sizeof(text) - 1 \
    }

static struct row {
    const char *name;
    enum compare how;
    double epsilon;
    struct bytes printed, expected;
    bool same;
} rows[] = {
    {"exact_is_every_byte", COMPARE_EXACT, 0, TEXT("a\0b\n"), TEXT("a\0b\n"), true},
    {"exact_nothing_is_nothing", COMPARE_EXACT, 0, TEXT(""), TEXT(""), true},
    {"exact_minds_a_newline", COMPARE_EXACT, 0, TEXT("a"), TEXT("a\n"), false},
    {"exact_minds_a_byte_behind_a_nul", COMPARE_EXACT, 0, TEXT("a\0b"), TEXT("a\0c"),
     false},

    {"trim_forgives_a_newline_at_the_end", COMPARE_TRIM, 0, TEXT("4\n"), TEXT("4"), true},
    {"trim_forgives_many_on_either_side", COMPARE_TRIM, 0, TEXT("4"), TEXT("4\n\n \n"),
     true},
    {"trim_forgives_blanks_at_the_end_of_lines", COMPARE_TRIM, 0, TEXT("1 2 \t\n3\r\n"),
     TEXT("1 2\n3"), true},
    {"trim_takes_nothing_and_blanks_for_the_same", COMPARE_TRIM, 0, TEXT(" \r\n\n"),
     TEXT(""), true},
    {"trim_minds_blanks_at_the_beginning", COMPARE_TRIM, 0, TEXT(" 4"), TEXT("4"), false},
    {"trim_minds_blanks_between_words", COMPARE_TRIM, 0, TEXT("1  2"), TEXT("1 2"), false},
    {"trim_minds_an_empty_line_in_between", COMPARE_TRIM, 0, TEXT("1\n\n2"), TEXT("1\n2"),
     false},
    {"trim_minds_a_missing_line", COMPARE_TRIM, 0, TEXT("1\n2\n"), TEXT("1\n2\n3\n"),
     false},
    {"trim_minds_a_line_too_many", COMPARE_TRIM, 0, TEXT("1\n2\n3\n"), TEXT("1\n2\n"),
     false},
    {"trim_a_nul_is_no_blank", COMPARE_TRIM, 0, TEXT("4\0"), TEXT("4"), false},
    {"trim_minds_case", COMPARE_TRIM, 0, TEXT("Yes"), TEXT("YES"), false},

    {"tokens_forgive_all_blanks", COMPARE_TOKENS, 0, TEXT("\n 1\t2\r\n\n3 "), TEXT("1 2 3"),
     true},
    {"tokens_nothing_is_blanks", COMPARE_TOKENS, 0, TEXT(""), TEXT(" \n"), true},
    {"tokens_mind_a_word_too_many", COMPARE_TOKENS, 0, TEXT("1 2 3"), TEXT("1 2"), false},
    {"tokens_mind_a_missing_word", COMPARE_TOKENS, 0, TEXT("1"), TEXT("1 2"), false},
    {"tokens_mind_where_words_end", COMPARE_TOKENS, 0, TEXT("1 23"), TEXT("12 3"), false},
    {"tokens_are_texts", COMPARE_TOKENS, 0, TEXT("1.0"), TEXT("1"), false},

    {"float_within_epsilon", COMPARE_FLOAT, 1e-6, TEXT("0.3333333"), TEXT("0.33333333333"),
     true},
    {"float_beyond_epsilon", COMPARE_FLOAT, 1e-6, TEXT("0.33333"), TEXT("0.33333333333"),
     false},
    {"float_of_large_numbers_is_relative", COMPARE_FLOAT, 1e-6, TEXT("1000000.5"),
     TEXT("1000000"), true},
    {"float_of_small_numbers_is_absolute", COMPARE_FLOAT, 1e-6, TEXT("0.0000005"),
     TEXT("0"), true},
    {"float_forms_of_one_number", COMPARE_FLOAT, 1e-9, TEXT("1e3 +2 -.5 3."),
     TEXT("1000 2 -0.5 3"), true},
    {"float_words_that_are_no_numbers_are_texts", COMPARE_FLOAT, 1, TEXT("yes 1"),
     TEXT("no 1"), false},
    {"float_the_same_words_are_the_same", COMPARE_FLOAT, 1e-6, TEXT("nan inf x"),
     TEXT("nan inf x"), true},
    {"float_infinity_is_not_near_anything", COMPARE_FLOAT, 1, TEXT("5"), TEXT("inf"),
     false},
    {"float_nor_is_a_number_too_large", COMPARE_FLOAT, 1, TEXT("5"), TEXT("1e999"), false},
    {"float_nan_is_not_near_anything", COMPARE_FLOAT, 1, TEXT("nan"), TEXT("0"), false},
    {"float_hexadecimal_is_text", COMPARE_FLOAT, 1, TEXT("0x10"), TEXT("16"), false},
    {"float_two_numbers_glued_are_text", COMPARE_FLOAT, 1, TEXT("1-1"), TEXT("1"), false},
    {"float_minds_a_missing_number", COMPARE_FLOAT, 1, TEXT("1"), TEXT("1 1"), false},
};

static void compared(void **state)
{
    const struct row *row = *state;

    assert_int_equal(compare_output(row->how, row->epsilon, row->printed, row->expected),
                     row->same);
}

/* Foreign bytes have no NUL behind them: the last word is read no further than its end. */
static void a_number_ends_where_its_text_does(void **state)
{
    const struct bytes printed = {"12345", 2}, expected = {"13", 2};

    assert_true(compare_output(COMPARE_FLOAT, 1, printed, expected));
    assert_false(compare_output(COMPARE_FLOAT, 0.01, printed, expected));
}

/* The longest that is read as a number has 400 bytes. */
static void a_number_of_any_length_is_read_or_compared_as_text(void **state)
{
    char digits[1000];

    memset(digits, '3', sizeof digits);
    digits[1] = '.';
    for (size_t len = 3; len < sizeof digits; len++) {
        struct bytes longer = {digits, len}, shorter = {digits, len - 1};

        assert_int_equal(compare_output(COMPARE_FLOAT, 0.1, shorter, longer), len <= 400);
        assert_true(compare_output(COMPARE_FLOAT, 0.1, longer, longer));
    }
}

int main(void)
{
    enum { ROWS = sizeof rows / sizeof *rows };
    struct CMUnitTest tests[ROWS + 2] = {
        cmocka_unit_test(a_number_ends_where_its_text_does),
        cmocka_unit_test(a_number_of_any_length_is_read_or_compared_as_text)};

    for (size_t i = 0; i < ROWS; i++)
        tests[i + 2] = (struct CMUnitTest){rows[i].name, compared, NULL, NULL, &rows[i]};
    return cmocka_run_group_tests_name("compare", tests, NULL, NULL);
}
