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
#include "lang-registry/source.h"
#include "lib/err.h"
#include "lib/fields.h"

struct version {
    const char *version;   /* "3.13" */
    const char *image;     /* "python:3.13-alpine3.22", "python@sha256:..." when pinned */
    const char *reference; /* the image as the file names it: what a digest is asked of */
    bool is_default;
};

/* The folder that a program works in. */
struct tmpfs {
    int64_t size_mb; /* 0: half of the memory */
    bool exec;       /* whether programs may be started from it */
};

/* An interpreter that is started ahead of a job, where a sandbox is (preload.h). */
struct preload {
    const char *file;  /* its program's; NULL: there is none */
    struct texts argv; /* without a job's words */
};

/* What happens once, in a sandbox of its own, before the program runs. */
struct compile {
    struct texts argv; /* with placeholders (argv.h); count 0: there is no such stage */
    struct texts env;  /* "NAME=value" */
    struct texts artifacts; /* files and folders that go on to the run: "prog", "classes" */
    struct tmpfs tmpfs;
    struct limits limits; /* when the job does not say */
    struct limits maximum;
};

struct lang {
    const char *id;   /* "python": [a-z0-9+-]{1,32} */
    const char *name; /* "Python" */
    struct texts aliases;
    struct texts extensions;        /* "py": no dot */
    const struct version *versions; /* at least one; with stand-ins it is the stand-in */
    size_t version_count;
    const struct version *version; /* the default one of them */
    const char *file;      /* the code's file name in the sandbox, "main.py", unless ... */
    enum source_rule rule; /* ... this finds another one in the code (source.h) */
    struct compile compile;
    struct texts argv; /* with placeholders; run by the launcher in the folder of `file` */
    struct texts env;  /* "NAME=value" */
    struct tmpfs tmpfs;
    struct limits limits;   /* when the job does not say */
    struct limits maximum;  /* over it is an error */
    struct limits floor;    /* below it the language does not start */
    int64_t pool;           /* sandboxes kept warm for it */
    struct preload preload; /* what is started in these, and in all that are made ahead */
    const char *template;   /* what an editor begins with; NULL: nothing */
    struct texts version_argv;  /* prints the version, says whether it starts at all */
    struct selftest *selftests; /* selftest.h */
    size_t selftest_count;
    struct bytes text; /* of its file */
};

/* Which images to use: the pinned ones, or the stand-ins made from Debian's packages on
 * machines that reach no image registry. */
enum registry_images { IMAGES_PINNED, IMAGES_STANDIN };

/* Their names, ended by NULL. */
extern const char *const registry_image_kinds[];

struct registry;

/* Hears a mistake: "file:line:column: what", the file as seen from the folder. */
typedef void registry_mistake(void *arg, const char *text);

/* Read every *.yaml in `folder`, in alphabetical order. Any mistake refuses the whole
 * registry; err has the first and says how many more there are, and `mistake` hears each.
 * Also refused: an empty folder, an id or alias used twice, a language without a stand-in
 * when those are asked for. The caller holds what it gets. */
struct registry *registry_read(const char *folder, enum registry_images images,
                               registry_mistake *mistake, void *arg, struct err *err);

/* The same, with the mistakes logged. */
struct registry *registry_load(const char *folder, enum registry_images images,
                               struct err *err);

/* A registry lives until everybody who holds it has freed it: a job that runs holds the one
 * it began with. registry_hold gives what it was given; NULL is fine for registry_free. */
struct registry *registry_hold(struct registry *registry);
void registry_free(struct registry *registry);

/* By id or alias; NULL if there is none. */
const struct lang *registry_find(const struct registry *registry, const char *name);

/* By its name, or the default one when that is NULL; NULL if there is none. */
const struct version *lang_version(const struct lang *lang, const char *version);

/* Whether a language of two registries is the same: its file, the images that it uses by
 * what is locked, and the system's limits. Then a self-test would go as before. */
bool lang_same(const struct lang *one, const struct lang *other);

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
