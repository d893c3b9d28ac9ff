/* langs_images.c -- the images of the languages: pull and build, one after the other. */
#include <dirent.h>
#include <errno.h>
#include <event2/buffer.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "deploy/bullpen/langs_wait.h"
#include "lib/arena.h"
#include "lib/mem.h"
#include "worker/tar.h"

enum {
    CONTEXT_FILE_MAX = 1 << 20, /* bytes of one file of an image's folder */
    NAME_MAX_TAR = 100          /* what a tar's header has room for */
};

/* Does something about the image of one version; `id` is the language's. */
typedef int image_act(struct langs *langs, const char *id, const struct version *version);

static image_act pull_one, build_one;
static int for_each_image(struct langs *langs, image_act *act);
static int build(struct langs *langs, const char *image, struct evbuffer *context);
static int read_context(struct langs *langs, const char *folder, const char *inner,
                        struct evbuffer *tar);
static int read_entry(struct langs *langs, const char *folder, const char *name,
                      struct evbuffer *tar);
static int read_file(struct langs *langs, const char *path, const char *name, off_t size,
                     struct evbuffer *tar);

int langs_pull(struct langs *langs)
{
    return for_each_image(langs, pull_one);
}

int langs_build(struct langs *langs)
{
    return for_each_image(langs, build_one);
}

/* None of them makes stand-ins. All are done as far as they can be; one that failed fails
 * the command. */
static int for_each_image(struct langs *langs, image_act *act)
{
    int status = EXIT_DONE;

    if (langs->conf.registry.images == IMAGES_STANDIN) {
        langs_say(langs, "stand-ins are made from Debian's packages: "
                         "deploy/images.sh standin");
        return EXIT_USAGE;
    }
    for (size_t i = 0; i < langs->count; i++)
        for (size_t v = 0; v < langs->chosen[i]->version_count; v++)
            if (act(langs, langs->chosen[i]->id, &langs->chosen[i]->versions[v]))
                status = EXIT_REFUSED;
    return status;
}

static int pull_one(struct langs *langs, const char *id, const struct version *version)
{
    struct langs_wait look = {.langs = langs, .image = version->image};
    struct langs_wait pull = look;

    docker_image(langs->docker, version->image, langs_told, &look);
    if (!langs_wait_quietly(&look)) {
        printf("%s %s: %s is here\n", id, version->version, version->image);
        free(look.digest);
        return 0;
    }
    if (look.err.kind != ERR_MISSING)
        return langs_wait(&look);
    docker_pull(langs->docker, version->image, langs_stepped, langs_done, &pull);
    if (langs_wait(&pull))
        return -1;
    printf("%s %s: %s is pulled\n", id, version->version, version->image);
    return 0;
}

/* A language without a folder of its own has its image from a registry. */
static int build_one(struct langs *langs, const char *id, const struct version *version)
{
    char *folder = xasprintf("%s/%s", langs->conf.contexts, id);
    struct evbuffer *tar = evbuffer_new();
    struct stat found;
    int failed = 0;

    if (stat(folder, &found)) {
        printf("%s %s: %s is not built here\n", id, version->version, version->reference);
    } else {
        failed = read_context(langs, folder, "", tar);
        tar_end(tar);
        if (!failed)
            failed = build(langs, version->reference, tar);
        if (!failed)
            printf("%s %s: %s is built\n", id, version->version, version->reference);
    }
    evbuffer_free(tar);
    free(folder);
    return failed;
}

static int build(struct langs *langs, const char *image, struct evbuffer *context)
{
    struct langs_wait wait = {.langs = langs, .image = image};

    docker_build(langs->docker, image, context, langs_stepped, langs_done, &wait);
    return langs_wait(&wait);
}

/* The regular files of a folder and of those in it. */
static int read_context(struct langs *langs, const char *folder, const char *inner,
                        struct evbuffer *tar)
{
    char *path = xasprintf("%s%s%s", folder, *inner ? "/" : "", inner);
    struct dirent **entries;
    int count = scandir(path, &entries, NULL, alphasort), failed = 0;

    if (count < 0) {
        langs_say(langs, "%s: %s", path,
                  strerror(errno)); /* NOLINT(concurrency-mt-unsafe) */
        failed = -1;
    }
    for (int i = 0; i < count; i++) {
        const char *name = entries[i]->d_name;
        char *inside = xasprintf("%s%s%s", inner, *inner ? "/" : "", name);

        if (strcmp(name, ".") != 0 && strcmp(name, "..") != 0 && !failed)
            failed = read_entry(langs, folder, inside, tar);
        free(inside);
        free(entries[i]);
    }
    if (count >= 0)
        free(entries);
    free(path);
    return failed;
}

static int read_entry(struct langs *langs, const char *folder, const char *name,
                      struct evbuffer *tar)
{
    char *path = xasprintf("%s/%s", folder, name);
    struct stat stat_of;
    int failed = -1;

    if (lstat(path, &stat_of))
        langs_say(langs, "%s: %s", path,
                  strerror(errno)); /* NOLINT(concurrency-mt-unsafe) */
    else if (S_ISDIR(stat_of.st_mode))
        failed = read_context(langs, folder, name, tar);
    else if (!S_ISREG(stat_of.st_mode) || stat_of.st_size > CONTEXT_FILE_MAX ||
             strlen(name) > NAME_MAX_TAR)
        langs_say(langs,
                  "%s: only regular files up to %d bytes, with names up to %d, go "
                  "into an image",
                  path, CONTEXT_FILE_MAX, NAME_MAX_TAR);
    else
        failed = read_file(langs, path, name, stat_of.st_size, tar);
    free(path);
    return failed;
}

static int read_file(struct langs *langs, const char *path, const char *name, off_t size,
                     struct evbuffer *tar)
{
    char *text = xmalloc((size_t)size + 1);
    FILE *file = fopen(path, "re");
    size_t len = file ? fread(text, 1, (size_t)size, file) : 0;
    bool whole = file && len == (size_t)size;

    if (whole)
        tar_file(tar, name, text, len);
    else
        langs_say(langs, "%s cannot be read", path);
    if (file)
        fclose(file);
    free(text);
    return whole ? 0 : -1;
}
