/* langs.c -- see langs.h. */
#include "deploy/bullpen/langs.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "deploy/bullpen/text.h"
#include "deploy/bullpen/words.h"
#include "lang-registry/lock.h"
#include "lib/count.h"
#include "lib/mem.h"

enum needs { LANGUAGES = 1, ENGINE = 2, JSON = 4 /* takes --json */ };

struct verb {
    const char *name;
    const char *words; /* for --help; "" for none */
    int most;          /* words, -1: any number */
    enum needs needs;  /* before it can begin */
    const char *about;
    int (*run)(struct langs *langs);
};

static const struct verb verbs[] = {
    {"list", "", 0, LANGUAGES | JSON, "the languages, their versions and images",
     langs_list},
    {"check", "[FOLDER]", 1, 0,
     "whether the files are right; every mistake, with its place", langs_check},
    {"show", "[ID...]", -1, LANGUAGES | JSON, "all that is set for a language, in JSON",
     langs_show},
    {"pull", "[ID...]", -1, LANGUAGES | ENGINE, "fetch the images that are not there",
     langs_pull},
    {"build", "[ID...]", -1, LANGUAGES | ENGINE,
     "build the images that have a folder of their own in --contexts", langs_build},
    {"lock", "[ID...]", -1, LANGUAGES | ENGINE,
     "write the digests of the images that are there to " LOCK_FILE, langs_lock},
    {"test", "[ID...]", -1, LANGUAGES | ENGINE, "run the self-tests, in real sandboxes",
     langs_test},
    {"reload", "", 0, LANGUAGES,
     "have this machine's workers and producers of the folder read it again", langs_reload},
};

#define CONF(name, type, member, ...)                                \
    {                                                                \
        name, type, offsetof(struct langs_conf, member), __VA_ARGS__ \
    }
/* The first is for the commands that take it, all others begin behind it. */
static const struct conf_option options[] = {
    {CONF("json", FIELD_BOOL, json), NULL, "no", "answer in JSON"},
    REGISTRY_OPTIONS(struct langs_conf, registry),
    {CONF("docker", FIELD_TEXT, docker, 1, 128), "DOCKER_HOST",
     "unix:///var/run/docker.sock", "the engine's socket"},
    {CONF("contexts", FIELD_TEXT, contexts, 1, 4096), "BULLPEN_CONTEXTS", "deploy/images",
     "folder of the images that are built here, one folder a language"},
    {{0}},
};

static enum conf_outcome read_command(int argc, char **argv, struct langs *langs,
                                      const struct verb **verb, struct words *words,
                                      struct err *err);
static void print_verbs(FILE *to);
static const struct verb *find(const char *name, struct err *err);
static int prepare(struct langs *langs, const struct verb *verb, const struct words *words);
static int choose(struct langs *langs, const struct words *words);
static void hear_mistake(void *arg, const char *text);

int lang_group(int argc, char **argv)
{
    struct langs langs = {.arena = arena_new()};
    const struct verb *verb = NULL;
    struct words words;
    struct err err;
    int status = EXIT_DONE;

    switch (read_command(argc, argv, &langs, &verb, &words, &err)) {
    case CONF_DONE:
        break;
    case CONF_BAD:
        langs_say(&langs, "%s", err.text);
        status = EXIT_USAGE;
        break;
    case CONF_RUN:
        assert(verb);
        log_set_level(LOG_WARN);
        langs.base = event_base_new();
        status = prepare(&langs, verb, &words);
        if (status == EXIT_DONE)
            status = verb->run(&langs);
        docker_free(langs.docker);
        registry_free(langs.registry);
        event_base_free(langs.base);
        libevent_global_shutdown();
    }
    arena_free(langs.arena);
    return status;
}

static enum conf_outcome read_command(int argc, char **argv, struct langs *langs,
                                      const struct verb **verb, struct words *words,
                                      struct err *err)
{
    const char *program;
    enum conf_outcome outcome;

    words_split(options, argc, argv, words, langs->arena);
    if (!words->count)
        return words_missing(words, print_verbs, err);
    *verb = find(words->at[0], err);
    if (!*verb)
        return CONF_BAD;
    langs->verb = (*verb)->name;
    program = arena_printf(langs->arena, "bullpen lang %s%s%s", (*verb)->name,
                           *(*verb)->words ? " " : "", (*verb)->words);
    outcome = conf_read((*verb)->needs & JSON ? options : options + 1, program,
                        (*verb)->about, words->flag_count, words->flags, &langs->conf, err);
    if (outcome == CONF_RUN && (*verb)->most >= 0 && words->count - 1 > (*verb)->most) {
        err_set(err, ERR_INVALID, "it takes %d word%s at most; bullpen lang %s --help",
                (*verb)->most, (*verb)->most == 1 ? "" : "s", (*verb)->name);
        return CONF_BAD;
    }
    return outcome;
}

static void print_verbs(FILE *to)
{
    fputs("Languages: their files, their images, whether they work.\n\n"
          "usage: bullpen lang COMMAND ...\n\n",
          to);
    for (size_t i = 0; i < COUNT(verbs); i++)
        fprintf(to, "  %-6s %-9s  %s\n", verbs[i].name, verbs[i].words, verbs[i].about);
    fputs("\nbullpen lang COMMAND --help says more.\n", to);
}

static const struct verb *find(const char *name, struct err *err)
{
    char shown[QUOTED_BYTES];

    for (size_t i = 0; i < COUNT(verbs); i++)
        if (strcmp(name, verbs[i].name) == 0)
            return &verbs[i];
    err_set(err, ERR_INVALID, "there is no command %s; bullpen lang --help lists them",
            show_text(name, strlen(name), shown));
    return NULL;
}

static int prepare(struct langs *langs, const struct verb *verb, const struct words *words)
{
    struct err err;

    if (verb->run == langs_check && words->count > 1)
        langs->conf.registry.folder = words->at[1];
    if (!(verb->needs & LANGUAGES))
        return EXIT_DONE;
    if (!langs_read(langs, stderr))
        return EXIT_REFUSED;
    if (choose(langs, words))
        return EXIT_USAGE;
    if (verb->needs & ENGINE) {
        langs->docker = docker_new(langs->base, langs->conf.docker, &err);
        if (!langs->docker) {
            langs_say(langs, "%s", err.text);
            return EXIT_USAGE;
        }
    }
    return EXIT_DONE;
}

/* The languages that the words name, by id or alias. */
static int choose(struct langs *langs, const struct words *words)
{
    size_t all = registry_count(langs->registry), named = (size_t)words->count - 1;

    langs->count = named ? named : all;
    langs->chosen = arena_alloc(langs->arena, langs->count * sizeof(void *));
    for (size_t i = 0; i < langs->count; i++) {
        const char *name = named ? words->at[i + 1] : NULL;

        langs->chosen[i] =
            name ? registry_find(langs->registry, name) : registry_at(langs->registry, i);
        if (!langs->chosen[i]) {
            langs_say(langs, "there is no language %s in %s; bullpen lang list has them",
                      name, langs->conf.registry.folder);
            return -1;
        }
    }
    return 0;
}

/* Who hears of mistakes. */
struct hearer {
    const struct langs *langs;
    FILE *to;
    int count;
};

struct registry *langs_read(struct langs *langs, FILE *to)
{
    struct hearer hearer = {langs, to, 0};
    struct err err;

    langs->registry = registry_read(langs->conf.registry.folder,
                                    (enum registry_images)langs->conf.registry.images,
                                    hear_mistake, &hearer, &err);
    if (langs->registry)
        return langs->registry;
    if (hearer.count)
        langs_say(langs, "%d mistake%s in the languages of %s", hearer.count,
                  hearer.count == 1 ? "" : "s", langs->conf.registry.folder);
    else
        langs_say(langs, "%s", err.text);
    return NULL;
}

static void hear_mistake(void *arg, const char *text)
{
    struct hearer *hearer = arg;

    hearer->count++;
    fprintf(hearer->to, "%s%c%s\n", hearer->langs->conf.registry.folder,
            strchr(text, ':') ? '/' : ' ', /* a file's, or the folder's own */
            text_shown((struct bytes){text, strlen(text)}, 0, hearer->langs->arena));
}

void langs_say(const struct langs *langs, const char *fmt, ...)
{
    va_list args;
    char *text;

    va_start(args, fmt);
    text = xvasprintf(fmt, args);
    va_end(args);
    fprintf(stderr, "bullpen lang%s%s: %s\n", langs->verb ? " " : "",
            langs->verb ? langs->verb : "",
            text_shown((struct bytes){text, strlen(text)}, 0, langs->arena));
    free(text);
}
