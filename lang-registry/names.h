/* names.h -- what a language is called, and that no two are called the same. */
#ifndef LANG_REGISTRY_NAMES_H
#define LANG_REGISTRY_NAMES_H

#include "lang-registry/registry.h"

/* Whether it is the language's id, or one of its first `aliases` aliases. What could not be
 * read is NULL. */
bool names_has(const struct lang *lang, size_t aliases, const char *name);

/* Complain of names that others have, and of aliases that the language itself has above. */
void names_check(const struct registry *others, const struct lang *lang,
                 struct field_errors *errors);

#endif
