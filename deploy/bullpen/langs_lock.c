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

static bool is_chosen(const struct langs *langs, const struct lang *lang);
static const char *digest_of(struct langs *langs, const struct lang *lang,
                             const struct version *version, int *status);
static const char *known_digest(const struct version *version);
static int write_file(struct langs *langs, const char *text, size_t len);

/* What is not looked at keeps the digest it had; what cannot be looked at keeps all as it
 * was. */
int langs_lock(struct langs *langs)
{
    struct evbuffer *text = evbuffer_new();
    int status = EXIT_DONE, locked = 0;

    evbuffer_add_printf(text,
                        "# Written by bullpen lang lock: what each image was then.\n");
    for (size_t i = 0; i < registry_count(langs->registry); i++) {
        const struct lang *lang = registry_at(langs->registry, i);

        for (size_t v = 0; v < lang->version_count; v++) {
            const struct version *version = &lang->versions[v];
            const char *digest = digest_of(langs, lang, version, &status);

            if (!digest)
                continue;
            locked++;
            evbuffer_add_printf(text, "\"%s\": \"%s\"\n", version->reference, digest);
        }
    }
    if (!locked)
        evbuffer_add_printf(text, "{}\n");
    if (status != EXIT_DONE)
        langs_say(langs, "nothing is written");
    else if (write_file(langs, (const char *)evbuffer_pullup(text, -1),
                        evbuffer_get_length(text)))
        status = EXIT_REFUSED;
    evbuffer_free(text);
    return status;
}

static const char *digest_of(struct langs *langs, const struct lang *lang,
                             const struct version *version, int *status)
{
    struct langs_wait wait = {.langs = langs, .image = version->reference};
    const char *known = known_digest(version), *digest;

    if (!is_chosen(langs, lang) || strchr(version->reference, '@'))
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

static bool is_chosen(const struct langs *langs, const struct lang *lang)
{
    for (size_t i = 0; i < langs->count; i++)
        if (langs->chosen[i] == lang)
            return true;
    return false;
}

/* The one it was read with, if it was. */
static const char *known_digest(const struct version *version)
{
    const char *at = strchr(version->image, '@');

    return at && !strchr(version->reference, '@') ? at + 1 : NULL;
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
