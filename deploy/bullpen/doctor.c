/* doctor.c -- see doctor.h. */
#include "deploy/bullpen/doctor.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "deploy/bullpen/text.h"
#include "lib/log.h"
#include "lib/mem.h"

#define CONF(name, type, member, ...)                                 \
    {                                                                 \
        name, type, offsetof(struct doctor, conf.member), __VA_ARGS__ \
    }
static const struct conf_option options[] = {
    QUEUE_OPTIONS(struct doctor, conf.queue),
    REGISTRY_OPTIONS(struct doctor, conf.registry),
    {CONF("docker", FIELD_TEXT, docker, 1, 128), "DOCKER_HOST",
     "unix:///var/run/docker.sock", "the engine's socket"},
    {{0}},
};

static int examine(struct doctor *doctor);
static void look_at_languages(struct doctor *doctor);
static void hear_mistake(void *arg, const char *text);

int doctor_group(int argc, char **argv)
{
    struct doctor doctor = {0};
    struct err err;

    switch (conf_read(options, "bullpen doctor",
                      "Looks at all that a worker here would need, and says what is wrong.",
                      argc, argv, &doctor, &err)) {
    case CONF_DONE:
        return EXIT_DONE;
    case CONF_BAD:
        fprintf(stderr, "bullpen doctor: %s\n", err.text);
        return EXIT_USAGE;
    case CONF_RUN:
        break;
    }
    return examine(&doctor);
}

static int examine(struct doctor *doctor)
{
    log_set_level(LOG_ERROR);
    doctor->arena = arena_new();
    doctor->base = event_base_new();
    look_at_languages(doctor);
    doctor_redis(doctor);
    doctor_engine(doctor);
    if (doctor->bad)
        printf("%d thing%s to be mended\n", doctor->bad,
               doctor->bad == 1 ? " is" : "s are");
    registry_free(doctor->registry);
    event_base_free(doctor->base);
    arena_free(doctor->arena);
    libevent_global_shutdown();
    return doctor->bad ? EXIT_REFUSED : EXIT_DONE;
}

static void look_at_languages(struct doctor *doctor)
{
    const struct registry_options *where = &doctor->conf.registry;
    struct err err;

    doctor->registry = registry_read(where->folder, (enum registry_images)where->images,
                                     hear_mistake, doctor, &err);
    if (doctor->registry)
        doctor_say(doctor, FINDING_OK, "languages", "%zu in %s, %s images",
                   registry_count(doctor->registry), where->folder,
                   registry_image_kinds[where->images]);
    else if (!doctor->bad)
        doctor_say(doctor, FINDING_BAD, "languages", "%s; say where with --languages",
                   err.text);
}

static void hear_mistake(void *arg, const char *text)
{
    doctor_say(arg, FINDING_BAD, "languages", "%s", text);
}

void doctor_say(struct doctor *doctor, enum finding finding, const char *what,
                const char *fmt, ...)
{
    static const char *const words[] = {
        [FINDING_OK] = "ok", [FINDING_NOTE] = "note", [FINDING_BAD] = "bad"};
    va_list args;
    char *text;

    va_start(args, fmt);
    text = xvasprintf(fmt, args);
    va_end(args);
    printf("%-4s  %-10s  %s\n", words[finding], what,
           text_shown((struct bytes){text, strlen(text)}, 0, doctor->arena));
    fflush(stdout);
    free(text);
    doctor->bad += finding == FINDING_BAD;
}
