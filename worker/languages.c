/* languages.c -- see languages.h.
 *
 *     TESTING -> READY
 *            \-> MISSING_IMAGE, FAILED_SELFTEST, UNKNOWN -> after a while tested again
 *
 * One set of languages serves; another, `coming`, may be on its way to take its place. One
 * self-test runs at a time, and the coming set's go first. Whatever happens is noted, and
 * go_on() decides.
 */
#include "worker/languages.h"

#include <stdlib.h>

#include "lib/clock.h"
#include "lib/json.h"
#include "lib/log.h"
#include "lib/mem.h"
#include "lib/timer.h"
#include "worker/langset.h"
#include "worker/selftest.h"
#include "worker/spec.h"

#define SECOND_US    INT64_C(1000000)
#define PAUSE_US     SECOND_US /* after a test that could not be run, twice that ... */
#define PAUSE_MAX_US (30 * SECOND_US) /* ... after the next, and no more than this */

struct languages {
    struct languages_config config;
    void (*stopped)(void *arg);
    void *arg;
    struct langset *serving;
    struct langset *coming; /* NULL: no reload is under way */
    bool wanted;            /* a reload is */
    bool begun, stopping;

    struct run_config testing;    /* what the self-test runs with */
    struct selftest_run *test;    /* NULL: none is under way */
    struct langset_entry *tested; /* by that */
    bool cut;                     /* it was stopped by us, and says nothing */
    struct event *next;           /* another is due */
    int64_t pause_us, paused_until_us;
    bool unsaid; /* states have changed since they were summed up in the log */

    struct event *beat; /* the report is repeated */
    bool linked;
    bool writing;  /* a report is on its way, */
    bool outdated; /* and says no longer what is so */
    bool reported; /* there may be one in Redis */
    bool erasing;
    struct event *end;
};

/* What an end of self-tests says, and when they are run again. */
static const struct {
    enum report_state state;
    int64_t again_us;
} ends[] = {
    [SELFTEST_PASSED] = {REPORT_READY, LANGSET_NEVER},
    [SELFTEST_FAILED] = {REPORT_FAILED_SELFTEST, 300 * SECOND_US}, /* they cost something */
    [SELFTEST_NO_IMAGE] = {REPORT_MISSING_IMAGE, 30 * SECOND_US},  /* asking is cheap */
    [SELFTEST_UNKNOWN] = {REPORT_UNKNOWN, PAUSE_US},
};

static bool tests(const struct languages *languages);
static void keep_warm(struct languages *languages, const struct langset *set, bool kept);
static void go_on(struct languages *languages);
static void read_coming(struct languages *languages);
static void take_over(struct languages *languages);
static void test_due(struct languages *languages);
static void due(evutil_socket_t fd, short what, void *arg);
static void test(struct languages *languages, struct langset *set,
                 struct langset_entry *entry);
static void tested(void *arg, enum selftest_end end, const char *why);
static void refuse(struct languages *languages, enum selftest_end end, const char *why);
static void note(struct languages *languages, enum selftest_end end, const char *why);
static void say_state(const struct langset_entry *entry, const char *why);
static void sum_up(struct languages *languages);
static void write_report(struct languages *languages);
static void written(void *arg, const struct err *err);
static void repeat(evutil_socket_t fd, short what, void *arg);
static void erased(void *arg, const struct err *err);
static void look_for_end(struct languages *languages);
static void tell_end(evutil_socket_t fd, short what, void *arg);

struct languages *languages_new(const struct languages_config *config,
                                void (*stopped)(void *arg), void *arg, struct err *err)
{
    struct languages *languages = xcalloc(1, sizeof *languages);
    struct event_base *base = config->run->base;

    languages->config = *config;
    languages->stopped = stopped;
    languages->arg = arg;
    languages->serving = langset_read(&config->where, tests(languages), err);
    if (!languages->serving) {
        free(languages);
        return NULL;
    }
    languages->config.run->registry = languages->serving->registry;
    languages->next = evtimer_new(base, due, languages);
    languages->beat = event_new(base, -1, EV_PERSIST, repeat, languages);
    languages->end = evtimer_new(base, tell_end, languages);
    return languages;
}

void languages_free(struct languages *languages)
{
    if (!languages)
        return;
    event_free(languages->next);
    event_free(languages->beat);
    event_free(languages->end);
    langset_free(languages->coming);
    langset_free(languages->serving);
    free(languages);
}

static bool tests(const struct languages *languages)
{
    return languages->config.selftest && languages->config.run->engine;
}

void languages_begin(struct languages *languages)
{
    if (languages->begun || languages->stopping)
        return;
    languages->begun = true;
    keep_warm(languages, languages->serving, true);
    if (tests(languages))
        timer_set_ms(languages->beat, languages->config.interval_ms);
    go_on(languages);
}

/* For jobs that say nothing of version or limits: a sandbox for each stage of theirs. */
static void keep_warm(struct languages *languages, const struct langset *set, bool kept)
{
    struct engine *engine = languages->config.run->engine;

    for (size_t i = 0; engine && i < set->count; i++) {
        const struct lang *lang = set->entries[i].lang;
        struct sandbox_spec spec = spec_run(lang, lang->version, &lang->limits);

        if (!lang->pool)
            continue;
        engine_keep(engine, &spec, kept ? (int)lang->pool : 0);
        if (!lang->compile.argv.count)
            continue;
        spec = spec_compile(lang, lang->version, &lang->compile.limits);
        engine_keep(engine, &spec, kept ? (int)lang->pool : 0);
    }
}

/* What the present set would still have to be tested for can wait. */
void languages_reload(struct languages *languages)
{
    if (languages->stopping)
        return;
    languages->wanted = true;
    if (languages->test && !languages->coming) {
        languages->cut = true;
        selftest_stop(languages->test);
    }
    go_on(languages);
}

static void go_on(struct languages *languages)
{
    struct langset_entry *entry;

    if (languages->test || !languages->begun || languages->stopping)
        return;
    if (languages->wanted && !languages->coming)
        read_coming(languages);
    if (!languages->coming) {
        test_due(languages);
        return;
    }
    entry = langset_on_trial(languages->coming);
    if (entry)
        test(languages, languages->coming, entry);
    else
        take_over(languages);
}

static void read_coming(struct languages *languages)
{
    struct langset *coming;
    struct err err;
    size_t changed;

    languages->wanted = false;
    coming = langset_read(&languages->config.where, tests(languages), &err);
    if (!coming) {
        log_error("reload-refused", "error=%s languages=%zu note=%s", err.text,
                  languages->serving->count, "those of before stay");
        return;
    }
    changed = langset_compare(coming, languages->serving);
    log_info("reloading", "languages=%zu changed=%zu", coming->count, changed);
    languages->coming = coming;
}

/* Kinds of sandboxes that both sets keep lose nothing: the pool looks at their numbers only
 * when we have returned. */
static void take_over(struct languages *languages)
{
    struct langset *before = languages->serving;

    languages->serving = languages->coming;
    languages->coming = NULL;
    languages->config.run->registry = languages->serving->registry;
    keep_warm(languages, before, false);
    keep_warm(languages, languages->serving, true);
    log_info("reload", "languages=%zu", languages->serving->count);
    langset_free(before);
    sum_up(languages);
    write_report(languages);
    timer_set_us(languages->next, 0);
}

/* What could not be tested waits for that to be over, and is behind the others then. */
static void test_due(struct languages *languages)
{
    struct langset_entry *entry = langset_due(languages->serving);
    int64_t at_us = entry->due_us, now_us = clock_mono_us();

    if (at_us == LANGSET_NEVER)
        return;
    if (at_us < languages->paused_until_us)
        at_us = languages->paused_until_us;
    if (at_us > now_us)
        timer_set_us(languages->next, at_us - now_us);
    else
        test(languages, languages->serving, entry);
}

static void due(evutil_socket_t fd, short what, void *arg)
{
    go_on(arg);
}

static void test(struct languages *languages, struct langset *set,
                 struct langset_entry *entry)
{
    static const struct selftest_events events = {.done = tested};

    languages->testing = *languages->config.run;
    languages->testing.registry = set->registry;
    languages->testing.cold = true;
    languages->tested = entry;
    languages->test = selftest_start(&languages->testing, entry->lang, &events, languages);
}

static void tested(void *arg, enum selftest_end end, const char *why)
{
    struct languages *languages = arg;
    bool cut = languages->cut;

    languages->test = NULL;
    languages->cut = false;
    if (languages->stopping) {
        look_for_end(languages);
        return;
    }
    if (languages->coming && end != SELFTEST_PASSED &&
        !(languages->tested->was_bad && langset_bad(ends[end].state)))
        refuse(languages, end, why);
    else if (!cut)
        note(languages, end, why);
    go_on(languages);
}

static void refuse(struct languages *languages, enum selftest_end end, const char *why)
{
    const struct lang *lang = languages->tested->lang;

    log_error("reload-refused", "id=%s state=%s image=%s why=%s languages=%zu note=%s",
              lang->id, report_states[ends[end].state], lang->version->image, why,
              languages->serving->count, "those of before stay");
    langset_free(languages->coming);
    languages->coming = NULL;
}

static void note(struct languages *languages, enum selftest_end end, const char *why)
{
    struct langset_entry *entry = languages->tested;
    enum report_state before = entry->state;
    int64_t now_us = clock_mono_us(), again_us = ends[end].again_us;

    if (end == SELFTEST_UNKNOWN) {
        again_us = languages->pause_us ? languages->pause_us * 2 : again_us;
        again_us = again_us > PAUSE_MAX_US ? PAUSE_MAX_US : again_us;
        languages->paused_until_us = now_us + again_us;
    }
    languages->pause_us = end == SELFTEST_UNKNOWN ? again_us : 0;
    entry->state = ends[end].state;
    entry->due_us = again_us == LANGSET_NEVER ? LANGSET_NEVER : now_us + again_us;
    entry->on_trial = false;
    if (entry->state == before)
        return;
    if (entry->state != REPORT_READY || before != REPORT_TESTING)
        say_state(entry, why);
    languages->unsaid = true;
    if (languages->coming)
        return;
    sum_up(languages);
    write_report(languages);
}

static void say_state(const struct langset_entry *entry, const char *why)
{
    const struct lang *lang = entry->lang;

    if (entry->state == REPORT_READY)
        log_info("language", "id=%s state=%s image=%s", lang->id,
                 report_states[entry->state], lang->version->image);
    else
        log_warn("language", "id=%s state=%s image=%s why=%s", lang->id,
                 report_states[entry->state], lang->version->image, why);
}

/* When all have been tested. */
static void sum_up(struct languages *languages)
{
    size_t ready;

    if (!languages->unsaid || !langset_sum(languages->serving, &ready))
        return;
    log_info("languages", "ready=%zu of=%zu", ready, languages->serving->count);
    languages->unsaid = false;
}

void languages_linked(struct languages *languages)
{
    languages->linked = true;
    write_report(languages);
}

static void write_report(struct languages *languages)
{
    const struct languages_config *config = &languages->config;
    json_t *described;

    if (!tests(languages) || !languages->linked || languages->stopping)
        return;
    languages->outdated = languages->writing;
    if (languages->writing)
        return;
    languages->writing = languages->reported = true;
    described = langset_describe(languages->serving);
    report_write(config->queue, config->run->worker, described, config->interval_ms * 3LL,
                 written, languages);
    json_decref(described);
}

/* Redis refuses: the next beat tries again, or the link when it is back. */
static void written(void *arg, const struct err *err)
{
    struct languages *languages = arg;

    languages->writing = false;
    if (languages->outdated && !err)
        write_report(languages);
    look_for_end(languages);
}

static void repeat(evutil_socket_t fd, short what, void *arg)
{
    write_report(arg);
}

void languages_stop(struct languages *languages)
{
    if (languages->stopping)
        return;
    languages->stopping = true;
    event_del(languages->next);
    event_del(languages->beat);
    if (languages->reported) {
        languages->erasing = true;
        report_erase(languages->config.queue, languages->config.run->worker, erased,
                     languages);
    }
    if (languages->test)
        selftest_stop(languages->test);
    look_for_end(languages);
}

static void erased(void *arg, const struct err *err)
{
    struct languages *languages = arg;

    languages->erasing = false;
    look_for_end(languages);
}

static void look_for_end(struct languages *languages)
{
    if (languages->stopping && !languages->test && !languages->writing &&
        !languages->erasing)
        timer_set_us(languages->end, 0);
}

static void tell_end(evutil_socket_t fd, short what, void *arg)
{
    struct languages *languages = arg;

    languages->stopped(languages->arg);
}
