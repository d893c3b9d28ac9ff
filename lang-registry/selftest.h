/* selftest.h -- what a language must be able to do: small jobs, each with what is to come
 * of it. They stand in the language's file.
 */
#ifndef LANG_REGISTRY_SELFTEST_H
#define LANG_REGISTRY_SELFTEST_H

#include "lang-registry/registry.h"

#define SELFTESTS 32 /* most of one language */

struct selftest {
    const char *name;    /* "hello" */
    struct bytes job;    /* the data of a job, as JSON */
    const char *verdict; /* "ok" */
    int64_t exit_code;   /* -1: any */
    const char *output;  /* the result's, exactly; NULL: any, as below */
    const char *error;   /* what the result's contains */
    const char *compile_output;
};

#endif
