/* langs_lock.c -- write down which images these are: a tag may be moved, a digest cannot.
 */
#include <errno.h>
#include <event2/buffer.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "deploy/bullpen/langs.h"
#include "deploy/bullpen/langs_wait.h"
#include "lang-registry/lock.h"
#include "lib/arena.h"
#include "lib/mem.h"

static void look(struct langs *langs, const struct lang *lang,
                 const struct version *version, json_t *digests, int *status);
static const char *digest_of(struct langs *langs, const struct lang *lang,
                             const struct version *version, int *status);
static bool is_chosen(const struct langs *langs, const char *image);
static const char *known_digest(const struct version *version);
static int write_lock(struct langs *langs, const json_t *digests);
static int write_file(struct langs *langs, const char *text, size_t len);

/* What is not looked at keeps the digest it had; what cannot be looked at keeps all as it
 * was. */
int langs_lock(struct langs *langs)
{
    json_t *digests;
    int status = EXIT_DONE;

    if (langs->conf.registry.images == IMAGES_STANDIN) {
        langs_say(langs, "stand-ins are made on each machine, and have no digests");
        return EXIT_USAGE;
    }
    digests = json_object();
    for (size_t i = 0; i < registry_count(langs->registry); i++) {
        const struct lang *lang = registry_at(langs->registry, i);

        for (size_t v = 0; v < lang->version_count; v++)
            look(langs, lang, &lang->versions[v], digests, &status);
    }
    if (status != EXIT_DONE)
        langs_say(langs, "nothing is written");
    else if (write_lock(langs, digests))
        status = EXIT_REFUSED;
    json_decref(digests);
    return status;
}

/* Once for each image: languages may share one. */
static void look(struct langs *langs, const struct lang *lang,
                 const struct version *version, json_t *digests, int *status)
{
    const char *digest;

    if (json_object_get(digests, version->reference))
        return;
    digest = digest_of(langs, lang, version, status);
    if (digest)
        json_object_set_new(digests, version->reference, json_string(digest));
}

static const char *digest_of(struct langs *langs, const struct lang *lang,
                             const struct version *version, int *status)
{
    struct langs_wait wait = {.langs = langs, .image = version->reference};
    const char *known = known_digest(version), *digest;

    if (!is_chosen(langs, version->reference) || strchr(version->reference, '@'))
        return known;
    docker_image(langs->docker, version->reference, langs_told, &wait);
    if (langs_wait(&wait)) {
        *status = EXIT_REFUSED;
        return known;
    }
    digest = wait.digest ? arena_text(langs->arena, wait.digest) : known;
    if (wait.digest)
        printf("%s %s: %s is %s\n", lang->id, version->version, version->reference, digest);
    else
        printf("%s %s: %s was made here, it has no digest\n", lang->id, version->version,
               version->reference);
    free(wait.digest);
    return digest;
}

static bool is_chosen(const struct langs *langs, const char *image)
{
    for (size_t i = 0; i < langs->count; i++)
        for (size_t v = 0; v < langs->chosen[i]->version_count; v++)
            if (strcmp(langs->chosen[i]->versions[v].reference, image) == 0)
                return true;
    return false;
}

/* The one it was read with, if it was. */
static const char *known_digest(const struct version *version)
{
    const char *at = strchr(version->image, '@');

    return at && !strchr(version->reference, '@') ? at + 1 : NULL;
}

static int write_lock(struct langs *langs, const json_t *digests)
{
    struct evbuffer *text = evbuffer_new();
    const char *image;
    json_t *digest;
    int failed;

    evbuffer_add_printf(text,
                        "# Written by bullpen lang lock: what each image was then.\n");
    json_object_foreach((json_t *)digests, image, digest)
    {
        evbuffer_add_printf(text, "\"%s\": \"%s\"\n", image, json_string_value(digest));
    }
    if (json_object_size(digests) == 0)
        evbuffer_add_printf(text, "{}\n");
    failed = write_file(langs, (const char *)evbuffer_pullup(text, -1),
                        evbuffer_get_length(text));
    evbuffer_free(text);
    return failed;
}

/* All of it or nothing: workers may read it at any moment. */
static int write_file(struct langs *langs, const char *text, size_t len)
{
    const char *folder = langs->conf.registry.folder;
    char *path = xasprintf("%s/" LOCK_FILE, folder);
    char *draft = xasprintf("%s/.%s", folder, LOCK_FILE);
    FILE *file = fopen(draft, "we");
    bool written = file && fwrite(text, 1, len, file) == len;

    written = file && fclose(file) == 0 && written && rename(draft, path) == 0;
    if (!written)
        /* NOLINTNEXTLINE(concurrency-mt-unsafe): there is one thread */
        langs_say(langs, "%s cannot be written: %s", path, strerror(errno));
    free(draft);
    free(path);
    return written ? 0 : -1;
}
