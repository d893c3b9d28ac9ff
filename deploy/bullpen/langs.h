/* langs.h -- one command of `bullpen lang` on its way: what was asked for, the languages it
 * is about, and the engine. langs.c reads what was asked for; the commands are in
 * langs_look.c, langs_images.c, langs_lock.c, langs_test.c and langs_reload.c.
 *
 * A command does one thing after the other and waits for each: nobody else is served here.
 */
#ifndef DEPLOY_BULLPEN_LANGS_H
#define DEPLOY_BULLPEN_LANGS_H

#include <event2/event.h>

#include "deploy/bullpen/group.h"
#include "lang-registry/options.h"
#include "worker/docker.h"

struct langs_conf {
    struct registry_options registry;
    const char *docker;   /* the engine's socket */
    const char *contexts; /* folder of the images that we build */
    bool json;
};

struct langs {
    const char *verb; /* "pull" */
    struct langs_conf conf;
    struct arena *arena;        /* of the errand */
    struct registry *registry;  /* NULL where there are mistakes in it */
    const struct lang **chosen; /* by the command's words; all of them without any */
    size_t count;
    struct event_base *base;
    struct docker *docker; /* NULL: the command has no use for it */
};

/* The commands: each gives what to exit with. */
int langs_list(struct langs *langs);
int langs_check(struct langs *langs);
int langs_show(struct langs *langs);
int langs_pull(struct langs *langs);
int langs_build(struct langs *langs);
int langs_lock(struct langs *langs);
int langs_test(struct langs *langs);
int langs_reload(struct langs *langs);

/* Tell a person, on stderr; foreign bytes are made harmless. */
void langs_say(const struct langs *langs, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Read the folder, with every mistake a line, "folder/file:line:column: what", on `to`.
 * Returns langs->registry, and NULL when there was a mistake. */
struct registry *langs_read(struct langs *langs, FILE *to);

#endif
