/* lang.h -- one language, from the values in its file. */
#ifndef LANG_REGISTRY_LANG_H
#define LANG_REGISTRY_LANG_H

#include "lang-registry/defaults.h"
#include "lang-registry/lock.h"
#include "lang-registry/registry.h"

/* What a language is read with, beside its own file. */
struct surroundings {
    enum registry_images images;
    struct defaults defaults;
    struct lock lock;
};

/* Read and check all but what other languages have a say in. Mistakes go to `errors` by
 * their JSON pointers; what could be read is in *lang even then, texts may be NULL. Returns
 * 0 or -1. */
int lang_read(const json_t *root, const struct surroundings *surroundings,
              struct lang *lang, struct arena *arena, struct field_errors *errors);

#endif
