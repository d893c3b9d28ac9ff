/* registry.c -- the languages side by side: reading their folder, telling where in which
 * file a mistake stands, and seeing to it that no two of them share a name.
 */
#include "lang-registry/registry.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lang-registry/lang.h"
#include "lang-registry/yaml.h"
#include "lib/count.h"
#include "lib/log.h"
#include "lib/mem.h"

const char *const registry_image_kinds[] = {
    [IMAGES_PINNED] = "pinned",
    [IMAGES_STANDIN] = "standin",
    NULL,
};

struct registry {
    struct arena *arena; /* of the languages and the list of them */
    struct lang *langs;
    size_t count;
    size_t holders;
};

/* One registry_load on its way. */
struct loading {
    struct registry *registry;
    enum registry_images images;
    const char *folder;
    size_t mistakes; /* the first is in err */
    registry_mistake *mistake;
    void *arg;
    struct err *err;
};

static int is_language_file(const struct dirent *entry);
static void load_file(struct loading *loading, const char *name);
static char *file_read(const char *folder, const char *name, size_t *len, struct err *err);
static void log_mistake(void *arg, const char *text);
static void tell(struct loading *loading, const char *detail);
static int read_beside(const struct registry *others, const char *name, const char *text,
                       size_t len, enum registry_images images, struct lang *lang,
                       struct field_errors *errors);
static void check_names(const struct registry *others, const struct lang *lang,
                        struct field_errors *errors);
static void check_name(const struct registry *others, const char *name, const char *pointer,
                       struct field_errors *errors);
static bool is_called(const struct lang *lang, size_t aliases, const char *name);
static void place(struct field_errors *found, const char *name, struct yaml *yaml,
                  struct field_errors *errors);
static int by_place(const void *a, const void *b, void *yaml);
static int by_id(const void *a, const void *b);

struct registry *registry_load(const char *folder, enum registry_images images,
                               struct err *err)
{
    return registry_read(folder, images, log_mistake, NULL, err);
}

static void log_mistake(void *arg, const char *text)
{
    log_error("language", "mistake=%s", text);
}

struct registry *registry_read(const char *folder, enum registry_images images,
                               registry_mistake *mistake, void *arg, struct err *err)
{
    struct registry *registry;
    struct loading loading = {
        .images = images, .folder = folder, .mistake = mistake, .arg = arg, .err = err};
    struct dirent **files;
    int count = scandir(folder, &files, is_language_file, alphasort);

    if (count < 0) {
        err_set(err, ERR_INVALID, "the folder of languages, %s: %m", folder);
        return NULL;
    }
    registry = loading.registry = xcalloc(1, sizeof *registry);
    registry->holders = 1;
    registry->arena = arena_new();
    registry->langs = arena_alloc(registry->arena, (size_t)count * sizeof *registry->langs);
    for (int i = 0; i < count; i++) {
        load_file(&loading, files[i]->d_name);
        free(files[i]);
    }
    free(files);
    if (count == 0)
        tell(&loading, "no *.yaml in the folder of languages");
    if (loading.mistakes == 0) {
        qsort(registry->langs, registry->count, sizeof *registry->langs, by_id);
        return registry;
    }
    if (loading.mistakes > 1)
        err_set(err, ERR_INVALID, "%s (and %zu more)", err->text, loading.mistakes - 1);
    registry_free(registry);
    return NULL;
}

struct registry *registry_hold(struct registry *registry)
{
    registry->holders++;
    return registry;
}

void registry_free(struct registry *registry)
{
    if (!registry || --registry->holders > 0)
        return;
    arena_free(registry->arena);
    free(registry);
}

const struct lang *registry_find(const struct registry *registry, const char *name)
{
    for (size_t i = 0; i < registry->count; i++)
        if (is_called(&registry->langs[i], registry->langs[i].aliases.count, name))
            return &registry->langs[i];
    return NULL;
}

const struct version *lang_version(const struct lang *lang, const char *version)
{
    if (!version)
        return lang->version;
    for (size_t i = 0; i < lang->version_count; i++)
        if (strcmp(lang->versions[i].version, version) == 0)
            return &lang->versions[i];
    return NULL;
}

size_t registry_count(const struct registry *registry)
{
    return registry->count;
}

const struct lang *registry_at(const struct registry *registry, size_t index)
{
    return &registry->langs[index];
}

struct lang *registry_read_lang(const char *name, const char *text, size_t len,
                                enum registry_images images, struct arena *arena,
                                struct field_errors *errors)
{
    const struct registry alone = {.arena = arena};
    struct lang *lang = arena_alloc(arena, sizeof *lang);

    return read_beside(&alone, name, text, len, images, lang, errors) ? NULL : lang;
}

static int is_language_file(const struct dirent *entry)
{
    const char *dot = strrchr(entry->d_name, '.');

    return entry->d_name[0] != '.' && dot && strcmp(dot, ".yaml") == 0;
}

/* A language with mistakes is counted as well, so that the names it takes are known. The
 * whole registry is thrown away later. */
static void load_file(struct loading *loading, const char *name)
{
    struct registry *registry = loading->registry;
    struct lang *lang = &registry->langs[registry->count];
    struct field_errors errors = {.count = 0};
    struct err err;
    size_t len;
    char *text = file_read(loading->folder, name, &len, &err);

    if (!text) {
        tell(loading, err.text);
        return;
    }
    read_beside(registry, name, text, len, loading->images, lang, &errors);
    registry->count++;
    for (size_t i = 0; i < errors.count; i++)
        tell(loading, errors.list[i].detail);
    free(text);
}

/* malloc'd; a file that is too long is read as far as yaml_read needs to see that. */
static char *file_read(const char *folder, const char *name, size_t *len, struct err *err)
{
    char *path = xasprintf("%s/%s", folder, name), *text;
    FILE *file = fopen(path, "re");

    free(path);
    if (!file) {
        err_set(err, ERR_INVALID, "%s: %m", name);
        return NULL;
    }
    text = xmalloc(YAML_BYTES + 1);
    *len = fread(text, 1, YAML_BYTES + 1, file);
    if (ferror(file)) {
        err_set(err, ERR_INVALID, "%s: %m", name);
        free(text);
        text = NULL;
    }
    fclose(file);
    return text;
}

static void tell(struct loading *loading, const char *detail)
{
    loading->mistake(loading->arg, detail);
    if (loading->mistakes++ == 0)
        err_set(loading->err, ERR_INVALID, "%s", detail);
}

/* Read a language that is to stand beside others. What could be read is in *lang (zeroed)
 * even on failure. */
static int read_beside(const struct registry *others, const char *name, const char *text,
                       size_t len, enum registry_images images, struct lang *lang,
                       struct field_errors *errors)
{
    struct field_errors found = {.count = 0};
    struct err err;
    struct yaml *yaml = yaml_read(name, text, len, &err);

    if (!yaml)
        return fields_complain(errors, "", "%s", err.text);
    lang_read(yaml_root(yaml), images, lang, others->arena, &found);
    check_names(others, lang, &found);
    place(&found, name, yaml, errors);
    yaml_drop(yaml);
    return found.count ? -1 : 0;
}

/* Each name once: in the other languages, and in this one above the name. */
static void check_names(const struct registry *others, const struct lang *lang,
                        struct field_errors *errors)
{
    char pointer[POINTER_BYTES];

    if (lang->id)
        check_name(others, lang->id, "/id", errors);
    for (size_t i = 0; i < lang->aliases.count; i++) {
        const char *alias = lang->aliases.at[i].at;

        snprintf(pointer, sizeof pointer, "/aliases/%zu", i);
        if (alias && is_called(lang, i, alias))
            fields_complain(errors, pointer, "is a name of this language already");
        else if (alias)
            check_name(others, alias, pointer, errors);
    }
}

static void check_name(const struct registry *others, const char *name, const char *pointer,
                       struct field_errors *errors)
{
    const struct lang *owner = registry_find(others, name);
    char shown[QUOTED_BYTES];

    if (owner)
        fields_complain(errors, pointer, "%s is a name of %s already",
                        show_text(name, strlen(name), shown),
                        owner->id ? owner->id : "another language");
}

/* By its id or one of its first aliases. What could not be read is NULL. */
static bool is_called(const struct lang *lang, size_t aliases, const char *name)
{
    if (lang->id && strcmp(lang->id, name) == 0)
        return true;
    for (size_t i = 0; i < aliases; i++)
        if (lang->aliases.at[i].at && strcmp(lang->aliases.at[i].at, name) == 0)
            return true;
    return false;
}

/* Add what was found to `errors`, in the order and with the places of the file. */
static void place(struct field_errors *found, const char *name, struct yaml *yaml,
                  struct field_errors *errors)
{
    int line, column;

    qsort_r(found->list, found->count, sizeof *found->list, by_place, yaml);
    for (size_t i = 0; i < found->count; i++) {
        const struct field_error *error = &found->list[i];

        yaml_place(yaml, error->pointer, error->unknown, &line, &column);
        fields_complain(errors, error->pointer, "%s:%d:%d: %s%s%s", name, line, column,
                        error->pointer, *error->pointer ? ": " : "", error->detail);
    }
}

static int by_place(const void *a, const void *b, void *yaml)
{
    const struct field_error *left = a, *right = b;
    int line[2], column[2];

    yaml_place(yaml, left->pointer, left->unknown, &line[0], &column[0]);
    yaml_place(yaml, right->pointer, right->unknown, &line[1], &column[1]);
    return line[0] != line[1] ? line[0] - line[1] : column[0] - column[1];
}

static int by_id(const void *a, const void *b)
{
    const struct lang *left = a, *right = b;

    return strcmp(left->id, right->id);
}
