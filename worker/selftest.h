/* selftest.h -- whether a language does what it has to: its self-tests are run one after
 * the other, each a job like any other, and its result is held against what is expected.
 */
#ifndef WORKER_SELFTEST_H
#define WORKER_SELFTEST_H

#include "lang-registry/selftest.h"
#include "worker/run.h"

struct selftest_run; /* those of one language */

enum selftest_end {
    SELFTEST_PASSED,
    SELFTEST_FAILED,   /* the language does not what it has to */
    SELFTEST_NO_IMAGE, /* the engine does not have its image; no more were tried */
    SELFTEST_UNKNOWN   /* the engine or we have failed, or it was stopped; no more either */
};

struct selftest_events {
    /* One of them has run; `why` it failed, NULL when it has passed. May be NULL. */
    void (*ran)(void *arg, const struct selftest *test, int64_t ms, const char *why);
    /* That was the last. `why` is the first that did not pass, with its name; NULL when all
     * have. The run is gone when this returns. */
    void (*done)(void *arg, enum selftest_end end, const char *why);
};

/* Run all of a language in config's registry, which is held until the end; where there are
 * none, its version_argv, or nothing: its image is there, and a sandbox starts. `done`
 * comes once, never before this returns. */
struct selftest_run *selftest_start(const struct run_config *config,
                                    const struct lang *lang,
                                    const struct selftest_events *events, void *arg);

/* Run no more of them; `done` follows. */
void selftest_stop(struct selftest_run *run);

/* In what a job's result differs from what is expected: malloc'd; NULL when it does not.
 * Pure. */
char *selftest_differs(const struct selftest *test, const char *result);

#endif
