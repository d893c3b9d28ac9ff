/* versions.c -- see versions.h. */
#include "lang-registry/versions.h"

#include <stdio.h>
#include <string.h>

#include "lang-registry/chars.h"
#include "lang-registry/image.h"

/* A version as it stands in the file. */
struct given {
    const char *version, *image, *digest;
    bool is_default;
};

static const struct charset version_chars = {LETTERS DIGITS "+._-",
                                             "letters, digits, + . _ -"};
static const struct charset image_chars = {LETTERS DIGITS "._-/:@",
                                           "letters, digits, . _ - / : @"};

static const struct field version_fields[] = {
    {"version", FIELD_TEXT, offsetof(struct given, version), 1, 32, FIELD_REQUIRED},
    {"image", FIELD_TEXT, offsetof(struct given, image), 1, 255, FIELD_REQUIRED},
    {"digest", FIELD_TEXT, offsetof(struct given, digest), 1, 128},
    {"default", FIELD_BOOL, offsetof(struct given, is_default)},
    {0},
};

static const struct field standin_fields[] = {
    {"version", FIELD_TEXT, offsetof(struct given, version), 1, 32, FIELD_REQUIRED},
    {"image", FIELD_TEXT, offsetof(struct given, image), 1, 255, FIELD_REQUIRED},
    {0},
};

static void read_version(const json_t *map, const struct field *fields, const char *pointer,
                         const struct lock *lock, struct version *version,
                         struct arena *arena, struct field_errors *errors);
static const char *by_digest(const struct given *given, const struct lock *lock,
                             const char *pointer, struct arena *arena,
                             struct field_errors *errors);
static void check_twice(const struct version *versions, size_t index, const char *pointer,
                        struct field_errors *errors);
static void choose_default(struct lang *lang, const struct version *versions, size_t count,
                           struct field_errors *errors);

void versions_read(const json_t *array, const struct lock *lock, struct lang *lang,
                   struct arena *arena, struct field_errors *errors)
{
    size_t count = json_array_size(array);
    char pointer[POINTER_BYTES];
    struct version *versions;

    if (count < 1 || count > VERSIONS_MAX) {
        fields_complain(errors, "/versions", "must be an array of 1 to %d versions",
                        VERSIONS_MAX);
        return;
    }
    versions = arena_alloc(arena, count * sizeof *versions);
    for (size_t i = 0; i < count; i++) {
        snprintf(pointer, sizeof pointer, "/versions/%zu", i);
        read_version(json_array_get(array, i), version_fields, pointer, lock, &versions[i],
                     arena, errors);
        check_twice(versions, i, pointer, errors);
    }
    choose_default(lang, versions, count, errors);
}

void versions_read_standin(const json_t *map, struct version *standin, struct arena *arena,
                           struct field_errors *errors)
{
    read_version(map, standin_fields, "/standin", NULL, standin, arena, errors);
    standin->is_default = true;
}

static void read_version(const json_t *map, const struct field *fields, const char *pointer,
                         const struct lock *lock, struct version *version,
                         struct arena *arena, struct field_errors *errors)
{
    struct given given = {0};
    char inner[POINTER_BYTES];

    fields_read(fields, map, pointer, &given, arena, errors);
    snprintf(inner, sizeof inner, "%s/version", pointer);
    chars_check(given.version, &version_chars, inner, errors);
    snprintf(inner, sizeof inner, "%s/image", pointer);
    chars_check(given.image, &image_chars, inner, errors);
    snprintf(inner, sizeof inner, "%s/digest", pointer);
    *version = (struct version){
        .version = given.version,
        .image = by_digest(&given, lock, inner, arena, errors),
        .reference = given.image,
        .is_default = given.is_default,
    };
}

/* "python:3.13" is "python@sha256:..." then. */
static const char *by_digest(const struct given *given, const struct lock *lock,
                             const char *pointer, struct arena *arena,
                             struct field_errors *errors)
{
    const char *digest = given->digest, *image = given->image;

    if (digest && !lock_check(digest, pointer, errors))
        return image;
    if (digest && image && strchr(image, '@')) {
        fields_complain(errors, pointer, "the image has a digest already");
        return image;
    }
    if (!digest && image && lock && !strchr(image, '@'))
        digest = lock_digest(lock, image);
    if (!digest || !image)
        return image;
    return arena_printf(arena, "%.*s@%s", (int)image_repository(image), image, digest);
}

static void check_twice(const struct version *versions, size_t index, const char *pointer,
                        struct field_errors *errors)
{
    char inner[POINTER_BYTES];

    for (size_t i = 0; i < index; i++)
        if (versions[i].version && versions[index].version &&
            strcmp(versions[i].version, versions[index].version) == 0) {
            snprintf(inner, sizeof inner, "%s/version", pointer);
            fields_complain(errors, inner, "is the name of a version already");
            return;
        }
}

/* The one that is marked; the only one needs no mark. */
static void choose_default(struct lang *lang, const struct version *versions, size_t count,
                           struct field_errors *errors)
{
    const struct version *chosen = count == 1 ? &versions[0] : NULL;
    char pointer[POINTER_BYTES];

    for (size_t i = 0; i < count; i++) {
        if (!versions[i].is_default)
            continue;
        snprintf(pointer, sizeof pointer, "/versions/%zu/default", i);
        if (chosen && chosen != &versions[i])
            fields_complain(errors, pointer, "a second default version");
        chosen = &versions[i];
    }
    if (!chosen)
        fields_complain(errors, "/versions", "one of the %zu versions needs default: true",
                        count);
    lang->versions = versions;
    lang->version_count = count;
    lang->version = chosen;
}
