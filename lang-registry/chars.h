/* chars.h -- which characters a name may be made of. */
#ifndef LANG_REGISTRY_CHARS_H
#define LANG_REGISTRY_CHARS_H

#include "lib/fields.h"

#define LOWER   "abcdefghijklmnopqrstuvwxyz"
#define LETTERS LOWER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS  "0123456789"

/* None begins with one of ".-/:@": they mean something to a shell, a path or an image's
 * name. */
struct charset {
    const char *chars;
    const char *words; /* "a-z 0-9 + -" */
};

/* Complain of `text` at `pointer` if it has others. NULL is one that could not be read, and
 * of which somebody has complained. */
void chars_check(const char *text, const struct charset *charset, const char *pointer,
                 struct field_errors *errors);

/* Each of them, at "/pointer/0" and so on. */
void chars_check_list(const struct texts *list, const struct charset *charset,
                      const char *pointer, struct field_errors *errors);

#endif
