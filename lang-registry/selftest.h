/* selftest.h -- what a language must be able to do: small jobs, each with what is to come
 * of it. They stand in the language's file.
 */
#ifndef LANG_REGISTRY_SELFTEST_H
#define LANG_REGISTRY_SELFTEST_H

#include "lang-registry/registry.h"

#define SELFTESTS_MAX 32 /* of one language */

struct selftest {
    const char *name;    /* "hello" */
    struct bytes job;    /* the data of a job, as JSON, that task_read takes */
    const char *verdict; /* "ok" */
    int64_t exit_code;   /* -1: any */
    const char *output;  /* the result's, exactly; NULL: any, as of the next two */
    const char *error, *compile_output; /* the result's contains it */
};

/* Read [{"name", "expect": {"verdict", "exitCode", "output", "error", "compileOutput"}, and
 * the members of a job but its language}] into lang->selftests; the rest of *lang has been
 * read. Mistakes, those of task_read among them, go to `errors` as "/selftest/0/code". */
void selftest_read(const json_t *array, struct lang *lang, struct arena *arena,
                   struct field_errors *errors);

#endif
