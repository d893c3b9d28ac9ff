/* registry.c -- the languages side by side. Each file of the folder goes the same way: its
 * text becomes values with places, a reader of its own takes them, and what was wrong is
 * told with its place.
 */
#include "lang-registry/registry.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lang-registry/lang.h"
#include "lang-registry/names.h"
#include "lang-registry/yaml.h"
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

/* One registry_read on its way. */
struct loading {
    struct registry *registry;
    struct surroundings surroundings;
    const char *folder;
    size_t mistakes; /* the first is in err */
    registry_mistake *mistake;
    void *arg;
    struct err *err;
};

/* Takes one file's text and the values in it; what is wrong with them goes to `errors`. */
typedef void taker(struct loading *loading, struct bytes text, const json_t *root,
                   struct field_errors *errors);

static int is_language_file(const struct dirent *entry);
static void load_file(struct loading *loading, const char *path, bool optional,
                      taker *take);
static void load_text(struct loading *loading, const char *name, const char *text,
                      size_t len, taker *take);
static taker take_defaults, take_lock, take_language;
static int file_read(const char *path, char **text, size_t *len);
static void tell(struct loading *loading, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
static registry_mistake log_mistake, collect_mistake;
static int by_id(const void *a, const void *b);

struct registry *registry_load(const char *folder, enum registry_images images,
                               struct err *err)
{
    return registry_read(folder, images, log_mistake, NULL, err);
}

struct registry *registry_read(const char *folder, enum registry_images images,
                               registry_mistake *mistake, void *arg, struct err *err)
{
    struct registry *registry;
    struct loading loading = {.surroundings = {images, defaults_builtin(), {0}},
                              .folder = folder,
                              .mistake = mistake,
                              .arg = arg,
                              .err = err};
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
    load_file(&loading, "../" DEFAULTS_FILE, true, take_defaults);
    load_file(&loading, LOCK_FILE, true, take_lock);
    for (int i = 0; i < count; i++) {
        load_file(&loading, files[i]->d_name, false, take_language);
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
        if (names_has(&registry->langs[i], registry->langs[i].aliases.count, name))
            return &registry->langs[i];
    return NULL;
}

const struct version *lang_version(const struct lang *lang, const char *version)
{
    if (!version)
        return lang->version;
    for (size_t i = 0; i < lang->version_count; i++)
        if (lang->versions[i].version && strcmp(lang->versions[i].version, version) == 0)
            return &lang->versions[i];
    return NULL;
}

bool lang_same(const struct lang *one, const struct lang *other)
{
    if (one->text.len != other->text.len ||
        memcmp(one->text.at, other->text.at, one->text.len) != 0)
        return false;
    if (one->version_count != other->version_count)
        return false;
    for (size_t i = 0; i < one->version_count; i++)
        if (strcmp(one->versions[i].image, other->versions[i].image) != 0)
            return false;
    return memcmp(&one->limits, &other->limits, sizeof one->limits) == 0 &&
           memcmp(&one->maximum, &other->maximum, sizeof one->maximum) == 0 &&
           memcmp(&one->compile.limits, &other->compile.limits,
                  sizeof one->compile.limits) == 0 &&
           memcmp(&one->compile.maximum, &other->compile.maximum,
                  sizeof one->compile.maximum) == 0;
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
    struct registry alone = {.arena = arena,
                             .langs = arena_alloc(arena, sizeof *alone.langs)};
    struct err err;
    struct loading loading = {.registry = &alone,
                              .surroundings = {images, defaults_builtin(), {0}},
                              .mistake = collect_mistake,
                              .arg = errors,
                              .err = &err};

    load_text(&loading, name, text, len, take_language);
    return loading.mistakes ? NULL : alone.langs;
}

static int is_language_file(const struct dirent *entry)
{
    const char *dot = strrchr(entry->d_name, '.');

    return entry->d_name[0] != '.' && dot && strcmp(dot, ".yaml") == 0;
}

/* `path` is as seen from the folder, and so in a mistake. */
static void load_file(struct loading *loading, const char *path, bool optional, taker *take)
{
    char *whole = xasprintf("%s/%s", loading->folder, path), *text;
    size_t len;

    if (file_read(whole, &text, &len) == 0) {
        load_text(loading, path, text, len, take);
        free(text);
    } else if (!optional || errno != ENOENT) {
        tell(loading, "%s: %m", path);
    }
    free(whole);
}

static void load_text(struct loading *loading, const char *name, const char *text,
                      size_t len, taker *take)
{
    struct mistakes mistakes = {.count = 0};
    struct field_errors errors = {.count = 0};
    struct yaml *yaml = yaml_read(text, len, &mistakes);

    if (yaml) {
        take(loading, (struct bytes){text, len}, yaml_root(yaml), &errors);
        mistakes_place(&mistakes, yaml, &errors);
    }
    for (size_t i = 0; i < mistakes.count; i++)
        tell(loading, "%s:%d:%d: %s", name, mistakes.list[i].line, mistakes.list[i].column,
             mistakes.list[i].what);
    yaml_drop(yaml);
}

static void take_defaults(struct loading *loading, struct bytes text, const json_t *root,
                          struct field_errors *errors)
{
    defaults_read(root, &loading->surroundings.defaults, loading->registry->arena, errors);
}

static void take_lock(struct loading *loading, struct bytes text, const json_t *root,
                      struct field_errors *errors)
{
    lock_read(root, &loading->surroundings.lock, loading->registry->arena, errors);
}

/* One with mistakes is counted as well, so that the names it takes are known. The whole
 * registry is thrown away later. */
static void take_language(struct loading *loading, struct bytes text, const json_t *root,
                          struct field_errors *errors)
{
    struct registry *registry = loading->registry;
    struct lang *lang = &registry->langs[registry->count];

    lang_read(root, &loading->surroundings, lang, registry->arena, errors);
    lang->text = (struct bytes){arena_copy(registry->arena, text.at, text.len), text.len};
    names_check(registry, lang, errors);
    registry->count++;
}

/* A text that is malloc'd. A file that is too long is read as far as yaml_read needs to see
 * that. Returns 0, or -1 and errno. */
static int file_read(const char *path, char **text, size_t *len)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a pipe would not open */
    FILE *file = fd < 0 ? NULL : fdopen(fd, "r");
    int failed;

    if (!file)
        return -1;
    *text = xmalloc(YAML_BYTES + 1);
    *len = fread(*text, 1, YAML_BYTES + 1, file);
    failed = ferror(file) ? errno : 0;
    fclose(file);
    if (!failed)
        return 0;
    free(*text);
    errno = failed;
    return -1;
}

static void tell(struct loading *loading, const char *fmt, ...)
{
    char text[512];
    va_list args;

    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    loading->mistake(loading->arg, text);
    if (loading->mistakes++ == 0)
        err_set(loading->err, ERR_INVALID, "%s", text);
}

static void log_mistake(void *arg, const char *text)
{
    log_error("language", "mistake=%s", text);
}

static void collect_mistake(void *arg, const char *text)
{
    fields_complain(arg, "", "%s", text);
}

static int by_id(const void *a, const void *b)
{
    const struct lang *left = a, *right = b;

    return strcmp(left->id, right->id);
}
