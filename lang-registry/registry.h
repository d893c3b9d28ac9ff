/* registry.h -- the languages: a folder of YAML files, one language a file, read into
 * structs that do not change until the whole registry is freed.
 *
 * Precedence of limits: a job's own wish, within the language's maximum, within the
 * system's (limits.h). Zero never means unlimited.
 */
#ifndef LANG_REGISTRY_REGISTRY_H
#define LANG_REGISTRY_REGISTRY_H

#include <stddef.h>
#include <stdint.h>

#include "lang-registry/limits.h"
#include "lib/err.h"
#include "lib/fields.h"

struct lang {
    const char *id;   /* "python": [a-z0-9+-]{1,32} */
    const char *name; /* "Python" */
    struct texts aliases;
    struct texts extensions;
    const char *version;   /* of the image that is used: "3.13" */
    const char *image;     /* "python:3.13-alpine3.22", or the stand-in's name */
    const char *file;      /* the code's file name in the sandbox: "main.py" */
    struct texts argv;     /* run by the launcher in the folder of `file` */
    struct texts env;      /* "NAME=value" */
    struct limits limits;  /* when the job does not say */
    struct limits maximum; /* over it is an error */
};

/* Which images to use: the pinned ones, or the stand-ins made from Debian's packages on
 * machines that reach no image registry. */
enum registry_images { IMAGES_PINNED, IMAGES_STANDIN };

/* Their names, ended by NULL. */
extern const char *const registry_image_kinds[];

struct registry;

/* Read every *.yaml in `folder`, in alphabetical order. Any mistake refuses the whole
 * registry; err has the first as "file:line:column: what" and says how many more there are,
 * and each is logged. Also refused: an empty folder, an id or alias used twice, a language
 * without a stand-in when those are asked for. */
struct registry *registry_load(const char *folder, enum registry_images images,
                               struct err *err);
void registry_free(struct registry *registry); /* NULL is fine */

/* By id or alias; NULL if there is none. */
const struct lang *registry_find(const struct registry *registry, const char *name);

/* All of them, by id in alphabetical order. */
size_t registry_count(const struct registry *registry);
const struct lang *registry_at(const struct registry *registry, size_t index);

/* Read one language file's text; the fuzzer's door. Strings live in `arena`. Mistakes go
 * to `errors` as ready "name:line:column: what" details, in the order of their places. NULL
 * if there was any. */
struct lang *registry_read_lang(const char *name, const char *text, size_t len,
                                enum registry_images images, struct arena *arena,
                                struct field_errors *errors);

#endif
