/* tests.h -- the tests of a job: the same program once for each, with another input and
 * with what is expected of it.
 */
#ifndef LANG_REGISTRY_TESTS_H
#define LANG_REGISTRY_TESTS_H

#include "lang-registry/limits.h"
#include "lib/fields.h"

#define TESTS_MAX        100
#define TESTS_ARGS       64                /* of one test, as of a job */
#define TESTS_BYTES      (1024 * 1024)     /* of all texts of all tests together */
#define TESTS_JSON_BYTES (8 * 1024 * 1024) /* as JSON: a byte may stand as \u0001 */

/* How output and expectation are compared. */
enum compare {
    COMPARE_EXACT,  /* every byte */
    COMPARE_TRIM,   /* but for white space at the ends of lines and of the whole */
    COMPARE_TOKENS, /* words between white space */
    COMPARE_FLOAT   /* words; numbers may differ by epsilon * max(1, |expected|) */
};

struct test {
    const char *name;             /* NULL: it has none */
    struct bytes input, expected; /* stdin and stdout */
    bool has_expected;            /* else it is enough that the program ends well */
    struct texts args;
    int64_t timeout_ms;
    enum compare compare;
    double epsilon; /* of COMPARE_FLOAT */
};

/* Read [{"name", "stdin", "args", "expected", "compare", "timeoutMs"}]. What a test does
 * not say is as in `usual`. No timeout is outside of floor and maximum, and no expectation
 * longer than `output_bytes`, since no output would ever be. Mistakes go to `errors` as
 * "/tests/0/stdin" and so on; texts are copied to `arena`. *tests has *count of them. */
void tests_read(const json_t *array, const struct test *usual, const struct limits *floor,
                const struct limits *maximum, int64_t output_bytes, struct test **tests,
                size_t *count, struct arena *arena, struct field_errors *errors);

/* Read "exact", "trim", "tokens" or "float:EPSILON", where 0 < EPSILON <= 1, into *test;
 * NULL leaves it as it was. Returns 0, or -1 when it has complained. */
int tests_read_compare(const char *text, const char *pointer, struct test *test,
                       struct field_errors *errors);

#endif
