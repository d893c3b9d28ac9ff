/* argv.c -- see argv.h. */
#include "lang-registry/argv.h"

#include <stdio.h>
#include <string.h>

#include "lang-registry/chars.h"
#include "lib/count.h"

/* Words on their way. */
struct words {
    struct bytes *at;
    size_t count;
    const struct task *task;
    struct texts args;
    struct arena *arena;
};

typedef void expander(struct words *words);

static void check_first(const struct texts *argv, const char *pointer,
                        struct field_errors *errors);
static bool is_placeholder(struct bytes word);
static bool is_literal(struct bytes word);
static const struct placeholder *find(struct bytes word, enum argv_stage stage);
static void refuse(struct bytes word, enum argv_stage stage, const char *pointer,
                   struct field_errors *errors);
static struct texts expand(const struct texts *argv, enum argv_stage stage,
                           const struct task *task, struct texts args, struct arena *arena);
static bool expand_word(struct words *words, struct bytes word, enum argv_stage stage);
static void add(struct words *words, const char *text);
static expander add_source, add_sources, add_main, add_args;
static const char *extension_of(const char *name);

static const struct placeholder {
    const char *name;
    expander *expand;
    unsigned stages; /* in which it may stand */
} placeholders[] = {
    {"{source}", add_source, 1 << ARGV_COMPILE | 1 << ARGV_RUN},
    {"{sources}", add_sources, 1 << ARGV_COMPILE | 1 << ARGV_RUN},
    {"{main}", add_main, 1 << ARGV_COMPILE | 1 << ARGV_RUN},
    {"{args}", add_args, 1 << ARGV_RUN},
};

void argv_check(const struct texts *argv, enum argv_stage stage, const char *pointer,
                struct field_errors *errors)
{
    char inner[POINTER_BYTES];

    check_first(argv, pointer, errors);
    for (size_t i = 0; i < argv->count; i++) {
        struct bytes word = argv->at[i];

        if (!word.at || !is_placeholder(word) || find(word, stage))
            continue;
        snprintf(inner, sizeof inner, "%s/%zu", pointer, i);
        refuse(word, stage, inner, errors);
    }
}

/* A shell's `exec` starts it, and has options of its own. */
static void check_first(const struct texts *argv, const char *pointer,
                        struct field_errors *errors)
{
    struct bytes first = argv->count > 0 ? argv->at[0] : (struct bytes){0};
    char inner[POINTER_BYTES];

    snprintf(inner, sizeof inner, "%s/0", pointer);
    if (first.at && (first.len == 0 || *first.at == '-' || is_placeholder(first)))
        fields_complain(errors, inner, "must name a program");
}

/* {letters} */
static bool is_placeholder(struct bytes word)
{
    return word.len > 2 && *word.at == '{' && word.at[word.len - 1] == '}' &&
           strspn(word.at + 1, LETTERS "_") == word.len - 2;
}

/* {{letters}} */
static bool is_literal(struct bytes word)
{
    return word.len > 4 && *word.at == '{' && word.at[word.len - 1] == '}' &&
           is_placeholder((struct bytes){word.at + 1, word.len - 2});
}

static const struct placeholder *find(struct bytes word, enum argv_stage stage)
{
    for (size_t i = 0; i < COUNT(placeholders); i++)
        if (strcmp(word.at, placeholders[i].name) == 0 &&
            placeholders[i].stages >> stage & 1)
            return &placeholders[i];
    return NULL;
}

static void refuse(struct bytes word, enum argv_stage stage, const char *pointer,
                   struct field_errors *errors)
{
    char shown[QUOTED_BYTES], names[64] = "";
    size_t used = 0;

    for (size_t i = 0; i < COUNT(placeholders) && used < sizeof names; i++)
        if (placeholders[i].stages >> stage & 1)
            used += (size_t)snprintf(names + used, sizeof names - used, "%s%s",
                                     used ? ", " : "", placeholders[i].name);
    fields_complain(errors, pointer, "no placeholder here is called %s; there %s%s",
                    show_text(word.at, word.len, shown), used ? "are " : "is none", names);
}

struct texts argv_run(const struct task *task, struct texts args, struct arena *arena)
{
    return expand(&task->lang->argv, ARGV_RUN, task, args, arena);
}

struct texts argv_compile(const struct task *task, struct arena *arena)
{
    return expand(&task->lang->compile.argv, ARGV_COMPILE, task, (struct texts){0}, arena);
}

static struct texts expand(const struct texts *argv, enum argv_stage stage,
                           const struct task *task, struct texts args, struct arena *arena)
{
    struct words words = {.task = task, .args = args, .arena = arena};
    size_t most = 1 + task->files.count + args.count; /* that one word can become */
    bool args_placed = false;

    words.at = arena_alloc(arena, (argv->count + 1) * most * sizeof *words.at);
    for (size_t i = 0; i < argv->count; i++)
        args_placed |= expand_word(&words, argv->at[i], stage);
    if (stage == ARGV_RUN && !args_placed)
        add_args(&words);
    return (struct texts){words.at, words.count};
}

/* Whether it was {args}. */
static bool expand_word(struct words *words, struct bytes word, enum argv_stage stage)
{
    const struct placeholder *placeholder = is_placeholder(word) ? find(word, stage) : NULL;

    if (placeholder)
        placeholder->expand(words);
    else if (is_literal(word))
        add(words, arena_copy(words->arena, word.at + 1, word.len - 2));
    else
        words->at[words->count++] = word;
    return placeholder && placeholder->expand == add_args;
}

static void add(struct words *words, const char *text)
{
    words->at[words->count++] = (struct bytes){text, strlen(text)};
}

static void add_source(struct words *words)
{
    add(words, words->task->file);
}

/* A name that begins with '-' is none of the compiler's flags, and one with '@' no list of
 * them. */
static void add_sources(struct words *words)
{
    const struct files *files = &words->task->files;
    const char *wanted = extension_of(words->task->file);

    add(words, words->task->file);
    for (size_t i = 0; i < files->count; i++) {
        const char *name = files->at[i].name;

        if (strcmp(extension_of(name), wanted) == 0)
            add(words, *name == '-' || *name == '@'
                           ? arena_printf(words->arena, "./%s", name)
                           : name);
    }
}

static void add_main(struct words *words)
{
    const struct task *task = words->task;
    size_t len = strlen(task->file) - strlen(extension_of(task->file));
    const char *usual = arena_copy(words->arena, task->file, len);

    add(words, source_main(task->lang->rule, usual, task->code, words->arena));
}

static void add_args(struct words *words)
{
    for (size_t i = 0; i < words->args.count; i++)
        words->at[words->count++] = words->args.at[i];
}

/* With its dot; "" if it has none. */
static const char *extension_of(const char *name)
{
    const char *slash = strrchr(name, '/'), *base = slash ? slash + 1 : name;
    const char *dot = strrchr(base, '.');

    return dot ? dot : base + strlen(base);
}
