/* langset.c -- see langset.h. */
#include "worker/langset.h"

#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"

static const struct langset_entry *find(const struct langset *set, const char *id);

struct langset *langset_read(const struct registry_options *where, bool tested,
                             struct err *err)
{
    struct registry *registry =
        registry_load(where->folder, (enum registry_images)where->images, err);
    struct langset *set;

    if (!registry)
        return NULL;
    set = xcalloc(1, sizeof *set);
    set->registry = registry;
    set->tested = tested;
    set->count = registry_count(registry);
    set->entries = xcalloc(set->count, sizeof *set->entries);
    for (size_t i = 0; i < set->count; i++)
        set->entries[i] = (struct langset_entry){
            .lang = registry_at(registry, i),
            .state = tested ? REPORT_TESTING : REPORT_UNKNOWN,
            .due_us = tested ? 0 : LANGSET_NEVER,
        };
    return set;
}

void langset_free(struct langset *set)
{
    if (!set)
        return;
    registry_free(set->registry);
    free(set->entries);
    free(set);
}

size_t langset_compare(struct langset *set, const struct langset *before)
{
    size_t changed = 0;

    for (size_t i = 0; i < set->count; i++) {
        struct langset_entry *entry = &set->entries[i];
        const struct langset_entry *old = find(before, entry->lang->id);

        if (!old || !lang_same(old->lang, entry->lang)) {
            entry->on_trial = set->tested;
            entry->was_bad = old && langset_bad(old->state);
            changed++;
            continue;
        }
        entry->state = old->state;
        if (old->state == REPORT_READY)
            entry->due_us = LANGSET_NEVER;
    }
    return changed;
}

static const struct langset_entry *find(const struct langset *set, const char *id)
{
    for (size_t i = 0; i < set->count; i++)
        if (strcmp(set->entries[i].lang->id, id) == 0)
            return &set->entries[i];
    return NULL;
}

bool langset_bad(enum report_state state)
{
    return state == REPORT_MISSING_IMAGE || state == REPORT_FAILED_SELFTEST;
}

struct langset_entry *langset_on_trial(const struct langset *set)
{
    for (size_t i = 0; i < set->count; i++)
        if (set->entries[i].on_trial)
            return &set->entries[i];
    return NULL;
}

struct langset_entry *langset_due(const struct langset *set)
{
    struct langset_entry *first = set->entries;

    for (size_t i = 1; i < set->count; i++)
        if (set->entries[i].due_us < first->due_us)
            first = &set->entries[i];
    return first;
}

bool langset_sum(const struct langset *set, size_t *ready)
{
    *ready = 0;
    for (size_t i = 0; i < set->count; i++) {
        if (set->entries[i].state == REPORT_TESTING)
            return false;
        *ready += set->entries[i].state == REPORT_READY;
    }
    return true;
}

json_t *langset_describe(const struct langset *set)
{
    json_t *languages = json_object();

    for (size_t i = 0; i < set->count; i++) {
        const struct langset_entry *entry = &set->entries[i];

        json_object_set_new(languages, entry->lang->id,
                            json_pack("{s:s,s:s}", "state", report_states[entry->state],
                                      "version", entry->lang->version->version));
    }
    return languages;
}
