/* tests.h -- the tests of a job: the same program once for each, with another input and
 * with what is expected of it.
 */
#ifndef LANG_REGISTRY_TESTS_H
#define LANG_REGISTRY_TESTS_H

#include "lang-registry/limits.h"
#include "lib/fields.h"

#define TESTS_MAX   100
#define TESTS_BYTES (1024 * 1024) /* of all texts of all tests together */

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

#endif
