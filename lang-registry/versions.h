/* versions.h -- the versions of a language, and the image of each. */
#ifndef LANG_REGISTRY_VERSIONS_H
#define LANG_REGISTRY_VERSIONS_H

#include "lang-registry/lock.h"
#include "lang-registry/registry.h"

#define VERSIONS_MAX 32

/* Read [{"version", "image", "digest", "default"}] into lang->versions. An image with a
 * digest, its own or one of `lock` (NULL: there are none), is used by that. */
void versions_read(const json_t *array, const struct lock *lock, struct lang *lang,
                   struct arena *arena, struct field_errors *errors);

/* Read {"version", "image"}, the stand-in, into *standin. */
void versions_read_standin(const json_t *map, struct version *standin, struct arena *arena,
                           struct field_errors *errors);

#endif
