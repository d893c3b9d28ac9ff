/* langs_wait.c -- see langs_wait.h. */
#include "deploy/bullpen/langs_wait.h"

#include <stdio.h>
#include <string.h>

#include "deploy/bullpen/text.h"
#include "lang-registry/image.h"
#include "lib/mem.h"

static char *digest_for(const json_t *body, const char *image);

int langs_wait(struct langs_wait *wait)
{
    if (langs_wait_quietly(wait))
        langs_say(wait->langs, "%s: %s", wait->image, wait->err.text);
    return wait->failed ? -1 : 0;
}

int langs_wait_quietly(struct langs_wait *wait)
{
    while (!wait->over)
        event_base_loop(wait->langs->base, EVLOOP_ONCE);
    return wait->failed ? -1 : 0;
}

void langs_done(void *arg, const struct err *err)
{
    struct langs_wait *wait = arg;

    wait->over = true;
    wait->failed = err;
    if (err)
        wait->err = *err;
}

void langs_told(void *arg, const json_t *body, const struct err *err)
{
    struct langs_wait *wait = arg;

    if (!err)
        wait->digest = digest_for(body, wait->image);
    langs_done(wait, err);
}

/* "sha256:..." of the repository that the image's name is of; malloc'd or NULL. */
static char *digest_for(const json_t *body, const char *image)
{
    size_t name = image_repository(image), i;
    const json_t *digest;

    json_array_foreach(json_object_get(body, "RepoDigests"), i, digest)
    {
        const char *text = json_string_value(digest);

        if (text && strncmp(text, image, name) == 0 && text[name] == '@')
            return xstrdup(text + name + 1);
    }
    return NULL;
}

/* A pull tells of each layer many times over how far it is; a build tells what its commands
 * print. A line for each new thing is enough. */
void langs_stepped(void *arg, const json_t *step)
{
    struct langs_wait *wait = arg;
    const char *status = json_string_value(json_object_get(step, "status"));
    const char *stream = json_string_value(json_object_get(step, "stream"));
    const char *id = json_string_value(json_object_get(step, "id"));
    const char *what = status ? status : stream ? stream : "";
    char text[sizeof wait->last];

    if (json_object_get(step, "progress"))
        return;
    snprintf(text, sizeof text, "%s%s%s", id ? id : "", id ? ": " : "", what);
    text[strcspn(text, "\n")] = '\0';
    if (!*text || strcmp(text, wait->last) == 0)
        return;
    snprintf(wait->last, sizeof wait->last, "%s", text);
    fprintf(stderr, "  %s\n",
            text_shown((struct bytes){text, strlen(text)}, 100, wait->langs->arena));
}
