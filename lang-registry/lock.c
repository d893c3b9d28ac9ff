/* lock.c -- see lock.h. */
#include "lang-registry/lock.h"

#include <string.h>

enum { DIGEST_DIGITS = 64, IMAGES_MAX = 1024 };

void lock_read(const json_t *root, struct lock *lock, struct arena *arena,
               struct field_errors *errors)
{
    size_t count = json_object_size(root);
    struct locked *at;
    const char *image;
    json_t *digest;

    *lock = (struct lock){0};
    if (!json_is_object(root) || count > IMAGES_MAX) {
        fields_complain(errors, "", "must be a map of at most %d images to digests",
                        IMAGES_MAX);
        return;
    }
    at = arena_alloc(arena, (count + 1) * sizeof *at);
    json_object_foreach((json_t *)root, image, digest)
    {
        char pointer[POINTER_BYTES] = "";

        pointer_add(pointer, sizeof pointer, image, strlen(image));
        if (!json_is_string(digest))
            fields_complain(errors, pointer, "must be a digest");
        else if (lock_check(json_string_value(digest), pointer, errors))
            at[lock->count++] = (struct locked){
                arena_text(arena, image), arena_text(arena, json_string_value(digest))};
    }
    lock->at = at;
}

const char *lock_digest(const struct lock *lock, const char *image)
{
    for (size_t i = 0; i < lock->count; i++)
        if (strcmp(lock->at[i].image, image) == 0)
            return lock->at[i].digest;
    return NULL;
}

bool lock_check(const char *digest, const char *pointer, struct field_errors *errors)
{
    static const char kind[] = "sha256:";
    char shown[QUOTED_BYTES];

    if (!digest)
        return false;
    if (strncmp(digest, kind, strlen(kind)) == 0 &&
        strspn(digest + strlen(kind), "0123456789abcdef") == DIGEST_DIGITS &&
        strlen(digest) == strlen(kind) + DIGEST_DIGITS)
        return true;
    fields_complain(errors, pointer, "must be sha256: and 64 digits 0-9 a-f, is %s",
                    show_text(digest, strlen(digest), shown));
    return false;
}
