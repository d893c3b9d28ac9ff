/* words.c -- see words.h. */
#include "deploy/bullpen/words.h"

#include <stdbool.h>
#include <string.h>

static bool is_flag(const char *text);
static bool wants_value(const struct conf_option *table, const char *flag);

void words_split(const struct conf_option *table, int argc, char **argv,
                 struct words *words, struct arena *arena)
{
    size_t size = ((size_t)argc + 1) * sizeof(char *);
    bool flags_over = false;

    *words = (struct words){arena_alloc(arena, size), 0, arena_alloc(arena, size), 1};
    words->flags[0] = argv[0];
    for (int i = 1; i < argc; i++) {
        if (flags_over || !is_flag(argv[i])) {
            words->at[words->count++] = argv[i];
        } else if (!argv[i][2]) {
            flags_over = true;
        } else {
            words->flags[words->flag_count++] = argv[i];
            if (wants_value(table, argv[i]) && i + 1 < argc && !is_flag(argv[i + 1]))
                words->flags[words->flag_count++] = argv[++i];
        }
    }
}

static bool is_flag(const char *text)
{
    return strncmp(text, "--", 2) == 0;
}

/* Not one that has it behind a '='. */
static bool wants_value(const struct conf_option *table, const char *flag)
{
    for (const struct conf_option *o = table; o->field.name; o++)
        if (strcmp(o->field.name, flag + 2) == 0)
            return o->field.type != FIELD_BOOL;
    return false;
}

enum conf_outcome words_missing(const struct words *words, void (*list)(FILE *to),
                                struct err *err)
{
    for (int i = 1; i < words->flag_count; i++)
        if (strcmp(words->flags[i], "--help") == 0) {
            list(stdout);
            return CONF_DONE;
        }
    list(stderr);
    err_set(err, ERR_INVALID, "which command?");
    return CONF_BAD;
}
