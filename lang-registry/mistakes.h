/* mistakes.h -- what is wrong with a file, and where. All of it is told at once, in the
 * order of the file.
 */
#ifndef LANG_REGISTRY_MISTAKES_H
#define LANG_REGISTRY_MISTAKES_H

#include "lib/fields.h"

struct yaml;

struct mistake {
    int line, column; /* from 1 */
    char what[384];
};

/* More than fit are dropped. */
struct mistakes {
    struct mistake list[96]; /* of the YAML, and of the values */
    size_t count;
};

void mistakes_add(struct mistakes *mistakes, int line, int column, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* Add what fields_read and its kind said of the file's values, "/pointer: what", each at
 * its own place. Where something is wrong already, this would only be a consequence, and is
 * left out. Then all are put in order. */
void mistakes_place(struct mistakes *mistakes, const struct yaml *yaml,
                    const struct field_errors *errors);

#endif
