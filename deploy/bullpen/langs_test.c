/* langs_test.c -- whether the languages work: their self-tests, in real sandboxes, one
 * language after the other.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "deploy/bullpen/langs.h"
#include "deploy/bullpen/text.h"
#include "lib/mem.h"
#include "worker/selftest.h"

/* One language on its way. */
struct trial {
    struct langs *langs;
    const struct lang *lang;
    int passed, failed;
    bool over;
    enum selftest_end end;
    char *why; /* malloc'd; NULL when all is well */
};

static struct engine *open_engine(struct langs *langs);
static bool try_language(struct langs *langs, struct engine *engine,
                         const struct lang *lang);
static void ran(void *arg, const struct selftest *test, int64_t ms, const char *why);
static void done(void *arg, enum selftest_end end, const char *why);
static void print_outcome(const struct trial *trial);

int langs_test(struct langs *langs)
{
    struct engine *engine = open_engine(langs);
    size_t good = 0;

    if (!engine)
        return EXIT_USAGE;
    for (size_t i = 0; i < langs->count; i++)
        good += try_language(langs, engine, langs->chosen[i]);
    while (engine_busy(engine))
        event_base_loop(langs->base, EVLOOP_ONCE);
    engine_free(engine);
    printf("%zu of %zu languages work\n", good, langs->count);
    return good == langs->count ? EXIT_DONE : EXIT_REFUSED;
}

/* The label is ours: a worker that sweeps its own queue leaves these containers alone. */
static struct engine *open_engine(struct langs *langs)
{
    const struct engine_config config = {.host = langs->conf.docker,
                                         .queue = "bullpen:selftest",
                                         .worker = "bullpen lang test"};
    struct err err;
    struct engine *engine = engine_new(langs->base, &config, &err);

    if (!engine)
        langs_say(langs, "%s", err.text);
    return engine;
}

static bool try_language(struct langs *langs, struct engine *engine,
                         const struct lang *lang)
{
    static const struct selftest_events events = {ran, done};
    const struct run_config config = {langs->base, engine, langs->registry,
                                      "bullpen lang test"};
    struct trial trial = {.langs = langs, .lang = lang};

    selftest_start(&config, lang, &events, &trial);
    while (!trial.over)
        event_base_loop(langs->base, EVLOOP_ONCE);
    print_outcome(&trial);
    free(trial.why);
    return trial.end == SELFTEST_PASSED && trial.passed > 0;
}

static void ran(void *arg, const struct selftest *test, int64_t ms, const char *why)
{
    struct trial *trial = arg;

    if (why)
        trial->failed++;
    else
        trial->passed++;
    printf("  %-7s %-10s %-24s %6lld ms%s%s\n", why ? "failed" : "ok", trial->lang->id,
           test->name, (long long)ms, why ? "  " : "",
           why ? text_shown((struct bytes){why, strlen(why)}, 0, trial->langs->arena) : "");
    fflush(stdout);
}

static void done(void *arg, enum selftest_end end, const char *why)
{
    struct trial *trial = arg;

    trial->over = true;
    trial->end = end;
    trial->why = why ? xstrdup(why) : NULL;
}

static void print_outcome(const struct trial *trial)
{
    const struct lang *lang = trial->lang;
    bool standin = trial->langs->conf.registry.images == IMAGES_STANDIN;
    const char *said = trial->end == SELFTEST_PASSED && !trial->passed
                           ? "it has no self-tests"
                       : trial->why ? trial->why
                                    : "";

    printf("%s %s%s: %d passed, %d failed%s%s\n", lang->id, lang->version->version,
           standin ? " (stand-in)" : "", trial->passed, trial->failed, *said ? "; " : "",
           text_shown((struct bytes){said, strlen(said)}, 0, trial->langs->arena));
    fflush(stdout);
}
