/* compare.h -- whether a program printed what was expected. Pure. */
#ifndef WORKER_COMPARE_H
#define WORKER_COMPARE_H

#include "lang-registry/tests.h"
#include "lib/bytes.h"

/* White space is what isspace says in the C locale. A number is a decimal one, finite, with
 * or without an exponent; whatever else stands there is compared as text. */
bool compare_output(enum compare how, double epsilon, struct bytes printed,
                    struct bytes expected);

#endif
