/* conf.c -- three passes over one table: defaults, environment, flags. A later one wins,
 * but a mistake in an earlier one is told all the same. --help and --version are answered
 * first, whatever else is wrong.
 */
#include "lib/conf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/log.h"

#define NAME_BYTES 32 /* a longer flag has no nearest one */
#define SLIPS      2  /* letters that may be wrong in what is still taken for a flag */
#define SECRET     "***"

struct widths {
    int flag, env, fallback;
};

static enum conf_outcome print_help(const struct conf_option *table, const char *program,
                                    const char *about);
static void widen(struct widths *widths, const struct conf_option *option);
static void print_option(const struct widths *widths, const char *dashes,
                         const struct conf_option *option);
static int read_fallbacks(const struct conf_option *table, void *into, struct err *err);
static int read_environment(const struct conf_option *table, void *into, struct err *err);
static int read_flag(const struct conf_option *table, char **argv, void *into,
                     struct err *err);
static const struct conf_option *find(const struct conf_option *table, const char *flag,
                                      size_t len);
static int refuse_unknown(const struct conf_option *table, const char *flag, size_t len,
                          struct err *err);
static size_t distance(const char *a, size_t a_len, const char *b);
static const char *shown_value(const struct conf_option *option, const void *conf,
                               struct arena *arena);
static const char *without_secret(const char *text, struct arena *arena);

enum conf_outcome conf_read(const struct conf_option *table, const char *program,
                            const char *about, int argc, char **argv, void *into,
                            struct err *err)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--help") == 0)
            return print_help(table, program, about);
        if (strcmp(argv[i], "--version") == 0) {
            printf("%s %s\n", program, BULLPEN_VERSION);
            return CONF_DONE;
        }
    }
    if (read_fallbacks(table, into, err) || read_environment(table, into, err))
        return CONF_BAD;
    for (int i = 1, used; i < argc; i += used) {
        used = read_flag(table, argv + i, into, err);
        if (used < 0)
            return CONF_BAD;
    }
    return CONF_RUN;
}

void conf_log(const struct conf_option *table, const void *conf)
{
    struct arena *arena = arena_new();
    struct log_pair *pairs;
    size_t count = 0;

    while (table[count].field.name)
        count++;
    pairs = arena_alloc(arena, count * sizeof *pairs);
    for (size_t i = 0; i < count; i++) {
        pairs[i].key = table[i].field.name;
        pairs[i].value = shown_value(&table[i], conf, arena);
    }
    log_pairs(LOG_INFO, "configuration", pairs, count);
    arena_free(arena);
}

static enum conf_outcome print_help(const struct conf_option *table, const char *program,
                                    const char *about)
{
    static const struct conf_option head = {{"FLAG"}, "ENVIRONMENT", "DEFAULT", ""};
    static const struct conf_option last[] = {
        {{"help"}, NULL, NULL, "print this"},
        {{"version"}, NULL, NULL, "print the version"},
        {{0}},
    };
    struct widths widths = {0};

    widen(&widths, &head);
    for (const struct conf_option *o = table; o->field.name; o++)
        widen(&widths, o);
    printf("%s\n\nusage: %s [--FLAG VALUE]...\n\n", about, program);
    print_option(&widths, "  ", &head);
    for (const struct conf_option *o = table; o->field.name; o++)
        print_option(&widths, "--", o);
    for (const struct conf_option *o = last; o->field.name; o++)
        print_option(&widths, "--", o);
    return CONF_DONE;
}

static void widen(struct widths *widths, const struct conf_option *option)
{
    int flag = (int)strlen(option->field.name);
    int env = option->env ? (int)strlen(option->env) : 0;
    int fallback = option->fallback ? (int)strlen(option->fallback) : 0;

    widths->flag = flag > widths->flag ? flag : widths->flag;
    widths->env = env > widths->env ? env : widths->env;
    widths->fallback = fallback > widths->fallback ? fallback : widths->fallback;
}

static void print_option(const struct widths *widths, const char *dashes,
                         const struct conf_option *option)
{
    printf("  %s%-*s  %-*s  %-*s  %s\n", dashes, widths->flag, option->field.name,
           widths->env, option->env ? option->env : "", widths->fallback,
           option->fallback ? option->fallback : "", option->help);
}

static int read_fallbacks(const struct conf_option *table, void *into, struct err *err)
{
    for (const struct conf_option *o = table; o->field.name; o++)
        if (o->fallback && field_parse(&o->field, o->fallback, into, err))
            return err_wrap(err, "the default of --%s", o->field.name);
    return 0;
}

static int read_environment(const struct conf_option *table, void *into, struct err *err)
{
    for (const struct conf_option *o = table; o->field.name; o++) {
        const char *text = o->env ? getenv(o->env) : NULL; /* NOLINT: one thread */

        if (text && *text && field_parse(&o->field, text, into, err))
            return err_wrap(err, "%s", o->env);
    }
    return 0;
}

/* Read the flag at argv[0] and its value, which stands behind a '=' or in argv[1] (NULL at
 * the end). Returns how many of the two that took, or -1. */
static int read_flag(const struct conf_option *table, char **argv, void *into,
                     struct err *err)
{
    char shown[QUOTED_BYTES];
    size_t len = strcspn(argv[0], "=");
    const char *value = argv[0][len] ? argv[0] + len + 1 : NULL;
    const struct conf_option *option = find(table, argv[0], len);
    int used = 1;

    if (strncmp(argv[0], "--", 2) != 0)
        return err_set(err, ERR_INVALID, "%s is not a flag; see --help",
                       show_text(argv[0], strlen(argv[0]), shown));
    if (!option)
        return refuse_unknown(table, argv[0], len, err);
    if (!value && argv[1] && strncmp(argv[1], "--", 2) != 0) {
        value = argv[1];
        used = 2;
    } else if (!value && option->field.type == FIELD_BOOL) {
        value = "true";
    }
    if (!value)
        return err_set(err, ERR_INVALID, "--%s wants a value; see --help",
                       option->field.name);
    if (field_parse(&option->field, value, into, err))
        return err_wrap(err, "--%s", option->field.name);
    return used;
}

/* By its name with the dashes, of which there may be too few. */
static const struct conf_option *find(const struct conf_option *table, const char *flag,
                                      size_t len)
{
    for (const struct conf_option *o = table; o->field.name; o++)
        if (len == strlen(o->field.name) + 2 &&
            memcmp(o->field.name, flag + 2, len - 2) == 0)
            return o;
    return NULL;
}

/* Names the nearest flag when it is near enough to be what was meant. */
static int refuse_unknown(const struct conf_option *table, const char *flag, size_t len,
                          struct err *err)
{
    const char *nearest = NULL;
    size_t least = SLIPS + 1;
    char shown[QUOTED_BYTES];

    show_text(flag, len, shown);
    for (const struct conf_option *o = table; o->field.name && len <= NAME_BYTES; o++) {
        size_t slips = distance(flag + 2, len - 2, o->field.name);

        if (slips < least) {
            least = slips;
            nearest = o->field.name;
        }
    }
    if (nearest)
        return err_set(err, ERR_INVALID, "unknown flag %s; is it --%s? See --help", shown,
                       nearest);
    return err_set(err, ERR_INVALID, "unknown flag %s; see --help", shown);
}

/* How many letters to insert, drop or replace to make b out of a (Levenshtein). */
static size_t distance(const char *a, size_t a_len, const char *b)
{
    size_t row[NAME_BYTES]; /* row[i]: from the first i letters of a to those of b so far */

    for (size_t i = 0; i <= a_len; i++)
        row[i] = i;
    for (size_t j = 1; *b; b++, j++) {
        size_t diagonal = row[0];

        row[0] = j;
        for (size_t i = 1; i <= a_len; i++) {
            size_t replaced = diagonal + (a[i - 1] != *b);
            size_t shifted = (row[i] < row[i - 1] ? row[i] : row[i - 1]) + 1;

            diagonal = row[i];
            row[i] = replaced < shifted ? replaced : shifted;
        }
    }
    return row[a_len];
}

static const char *shown_value(const struct conf_option *option, const void *conf,
                               struct arena *arena)
{
    const void *member = (const char *)conf + option->field.offset;

    if (option->field.type == FIELD_INT)
        return arena_printf(arena, "%lld", (long long)*(const int64_t *)member);
    if (option->field.type == FIELD_BOOL)
        return *(const bool *)member ? "true" : "false";
    if (option->field.type == FIELD_CHOICE)
        return option->field.choices[*(const int *)member];
    return without_secret(*(const char *const *)member, arena);
}

/* Of a URL, hide what may hold a password: all between "//" and the last '@' (a password
 * may hold an '@' of its own), and the query. */
static const char *without_secret(const char *text, struct arena *arena)
{
    const char *authority = text ? strstr(text, "://") : NULL;
    const char *at, *query;

    if (!authority)
        return text;
    authority += strlen("://");
    at = strrchr(authority, '@');
    query = strchr(at ? at : authority, '?');
    return arena_printf(arena, "%.*s%s%.*s%s", (int)(authority - text), text,
                        at ? SECRET : "", (int)strcspn(at ? at : authority, "?"),
                        at ? at : authority, query ? "?" SECRET : "");
}
