/* tests.c -- see tests.h. */
#include "lang-registry/tests.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/count.h"

/* A test as it stands in the JSON. */
struct given {
    struct test test;
    const char *compare;
};

static void read_test(const json_t *value, const char *pointer, const struct field *fields,
                      int64_t output_bytes, const struct test *usual, struct test *test,
                      struct arena *arena, struct field_errors *errors);
static size_t size_of(const struct test *test, const struct test *usual);
static int read_epsilon(const char *text, double *epsilon);

void tests_read(const json_t *array, const struct test *usual, const struct limits *floor,
                const struct limits *maximum, int64_t output_bytes, struct test **tests,
                size_t *count, struct arena *arena, struct field_errors *errors)
{
    const struct field fields[] = {
        {"name", FIELD_TEXT, offsetof(struct given, test.name), 1, 64},
        {"stdin", FIELD_BYTES, offsetof(struct given, test.input), 0, TESTS_BYTES},
        {"args", FIELD_TEXTS, offsetof(struct given, test.args), 0, TESTS_ARGS},
        {"expected", FIELD_BYTES, offsetof(struct given, test.expected), 0, TESTS_BYTES},
        {"compare", FIELD_TEXT, offsetof(struct given, compare), 1, 32},
        {"timeoutMs", FIELD_INT, offsetof(struct given, test.timeout_ms), floor->timeout_ms,
         maximum->timeout_ms},
        {0},
    };
    size_t given = json_array_size(array), bytes = 0;
    char pointer[POINTER_BYTES];

    *count = 0;
    if (!json_is_array(array) || given < 1) {
        fields_complain(errors, "/tests", "must be an array of 1 to %d tests", TESTS_MAX);
        return;
    }
    if (given > TESTS_MAX) {
        fields_complain_over(errors, "/tests", "must have at most %d members, has %zu",
                             TESTS_MAX, given);
        return;
    }
    *tests = arena_alloc(arena, given * sizeof **tests);
    for (size_t i = 0; i < given; i++) {
        snprintf(pointer, sizeof pointer, "/tests/%zu", i);
        read_test(json_array_get(array, i), pointer, fields, output_bytes, usual,
                  &(*tests)[i], arena, errors);
        bytes += size_of(&(*tests)[i], usual);
    }
    *count = given;
    if (bytes > TESTS_BYTES)
        fields_complain_over(errors, "/tests",
                             "must have at most %d bytes together, have %zu", TESTS_BYTES,
                             bytes);
}

static void read_test(const json_t *value, const char *pointer, const struct field *fields,
                      int64_t output_bytes, const struct test *usual, struct test *test,
                      struct arena *arena, struct field_errors *errors)
{
    struct given given = {.test = *usual};
    char inner[POINTER_BYTES];

    fields_read(fields, value, pointer, &given, arena, errors);
    snprintf(inner, sizeof inner, "%s/compare", pointer);
    tests_read_compare(given.compare, inner, &given.test, errors);
    given.test.has_expected = given.test.expected.at;
    snprintf(inner, sizeof inner, "%s/expected", pointer);
    if (given.test.expected.len > (size_t)output_bytes)
        fields_complain_over(errors, inner,
                             "must be at most limits.outputBytes, %lld bytes, has %zu",
                             (long long)output_bytes, given.test.expected.len);
    *test = given.test;
}

/* Of its own texts. */
static size_t size_of(const struct test *test, const struct test *usual)
{
    size_t bytes = test->expected.len;

    if (test->input.at != usual->input.at)
        bytes += test->input.len;
    if (test->args.at != usual->args.at)
        for (size_t i = 0; i < test->args.count; i++)
            bytes += test->args.at[i].len;
    return bytes;
}

int tests_read_compare(const char *text, const char *pointer, struct test *test,
                       struct field_errors *errors)
{
    static const char *const words[] = {
        [COMPARE_EXACT] = "exact", [COMPARE_TRIM] = "trim", [COMPARE_TOKENS] = "tokens"};
    static const char with_epsilon[] = "float:";
    char shown[QUOTED_BYTES];

    if (!text)
        return 0;
    for (size_t i = 0; i < COUNT(words); i++)
        if (strcmp(text, words[i]) == 0) {
            test->compare = (enum compare)i;
            return 0;
        }
    if (strncmp(text, with_epsilon, strlen(with_epsilon)) == 0 &&
        read_epsilon(text + strlen(with_epsilon), &test->epsilon) == 0) {
        test->compare = COMPARE_FLOAT;
        return 0;
    }
    return fields_complain(errors, pointer,
                           "must be exact, trim, tokens or float:EPSILON with an EPSILON "
                           "over 0 and up to 1, is %s",
                           show_text(text, strlen(text), shown));
}

/* Decimal digits only: strtod knows hexadecimal and infinity as well. */
static int read_epsilon(const char *text, double *epsilon)
{
    char *end;
    double value = strtod(text, &end);

    if (text[strspn(text, "0123456789.eE-+")] || end == text || *end)
        return -1;
    if (!isfinite(value) || value <= 0 || value > 1)
        return -1;
    *epsilon = value;
    return 0;
}
