/* langset.h -- one set of languages, as it was read from its folder, and what is known of
 * each. languages.c has one that serves and, at times, one that is to take its place.
 */
#ifndef WORKER_LANGSET_H
#define WORKER_LANGSET_H

#include "lang-registry/options.h"
#include "queue/report.h"

#define LANGSET_NEVER INT64_MAX

struct langset_entry {
    const struct lang *lang;
    enum report_state state;
    int64_t due_us; /* clock_mono_us: its self-tests are to be run then; LANGSET_NEVER */
    bool on_trial;  /* it is new: until it is tested, its set may not serve; ... */
    bool was_bad;   /* ... but it need not pass: nor would what it replaces */
};

struct langset {
    struct registry *registry;
    struct langset_entry *entries; /* one for each language */
    size_t count;                  /* at least 1 */
    bool tested;                   /* there are self-tests at all */
};

/* Read a folder. Everything is to be tested at once, and nothing is on trial. NULL and an
 * error when there are mistakes, which are logged. */
struct langset *langset_read(const struct registry_options *where, bool tested,
                             struct err *err);
void langset_free(struct langset *set); /* NULL is fine */

/* Take over what is known of languages that are the same in the set before; the others are
 * on trial. What is not ready is tested again all the same: somebody may have seen to it.
 * Returns how many are not the same. */
size_t langset_compare(struct langset *set, const struct langset *before);

/* The next on trial; NULL when there is none. */
struct langset_entry *langset_on_trial(const struct langset *set);

/* The one whose tests are due first. */
struct langset_entry *langset_due(const struct langset *set);

/* Whether all have been tested, and how many are ready then. */
bool langset_sum(const struct langset *set, size_t *ready);

/* Whether a language is known not to work. */
bool langset_bad(enum report_state state);

/* For report_write; the caller's. */
json_t *langset_describe(const struct langset *set);

#endif
