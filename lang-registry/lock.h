/* lock.h -- the digests of images that somebody has looked at: a tag may be moved to
 * another image, a digest cannot.
 *
 * They stand in languages.lock in the folder of languages, as YAML:
 *     "python:3.13-alpine3.22": "sha256:..."
 */
#ifndef LANG_REGISTRY_LOCK_H
#define LANG_REGISTRY_LOCK_H

#include "lib/fields.h"

#define LOCK_FILE "languages.lock"

struct locked {
    const char *image, *digest;
};

struct lock {
    const struct locked *at;
    size_t count;
};

/* Mistakes go to `errors` by their pointers; texts are copied to `arena`. */
void lock_read(const json_t *root, struct lock *lock, struct arena *arena,
               struct field_errors *errors);

/* NULL when there is none for the image. */
const char *lock_digest(const struct lock *lock, const char *image);

/* Complain of what is no digest, "sha256:" and 64 digits a-f 0-9. NULL is one that could
 * not be read. Returns whether it is one. */
bool lock_check(const char *digest, const char *pointer, struct field_errors *errors);

#endif
