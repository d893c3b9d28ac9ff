/* lang.c -- tables read the file into a draft; what a table cannot say (characters, one
 * default version, default <= max) is checked behind them, and the draft becomes a
 * language.
 */
#include "lang-registry/lang.h"

#include <stdio.h>
#include <string.h>

#include "lib/count.h"

#define VERSIONS 32 /* most of one language */

#define LOWER   "abcdefghijklmnopqrstuvwxyz"
#define LETTERS LOWER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS  "0123456789"

struct draft {
    struct lang lang;
    struct version standin;
    const json_t *versions, *limits; /* read by functions of their own */
};

/* The characters of a name. None begins with one of ".-/:@": they mean something to a
 * shell, a path or an image's name. */
struct charset {
    const char *chars;
    const char *words;
};

static const struct charset id_chars = {LOWER DIGITS "+-", "a-z 0-9 + -"};
static const struct charset alias_chars = {LOWER DIGITS "+-#._", "a-z 0-9 + - # . _"};
static const struct charset extension_chars = {LETTERS DIGITS "+_-",
                                               "letters, digits, + _ -"};
static const struct charset file_chars = {LETTERS DIGITS "._-", "letters, digits, . _ -"};
static const struct charset image_chars = {LETTERS DIGITS "._-/:@",
                                           "letters, digits, . _ - / : @"};

static const struct field standin_fields[] = {
    {"version", FIELD_TEXT, offsetof(struct version, version), 1, 32, FIELD_REQUIRED},
    {"image", FIELD_TEXT, offsetof(struct version, image), 1, 255, FIELD_REQUIRED},
    {0},
};

static const struct field version_fields[] = {
    {"version", FIELD_TEXT, offsetof(struct version, version), 1, 32, FIELD_REQUIRED},
    {"image", FIELD_TEXT, offsetof(struct version, image), 1, 255, FIELD_REQUIRED},
    {"default", FIELD_BOOL, offsetof(struct version, is_default)},
    {0},
};

static const struct field source_fields[] = {
    {"file", FIELD_TEXT, offsetof(struct lang, file), 1, 64, FIELD_REQUIRED},
    {0},
};

static const struct field run_fields[] = {
    {"argv", FIELD_TEXTS, offsetof(struct lang, argv), 1, 64, FIELD_REQUIRED},
    {"env", FIELD_TEXTS, offsetof(struct lang, env), 0, 64},
    {0},
};

static const struct field lang_fields[] = {
    {"id", FIELD_TEXT, offsetof(struct draft, lang.id), 1, 32, FIELD_REQUIRED},
    {"name", FIELD_TEXT, offsetof(struct draft, lang.name), 1, 64, FIELD_REQUIRED},
    {"aliases", FIELD_TEXTS, offsetof(struct draft, lang.aliases), 0, 32},
    {"extensions", FIELD_TEXTS, offsetof(struct draft, lang.extensions), 0, 32},
    {"versions", FIELD_ANY, offsetof(struct draft, versions), 0, 65536, FIELD_REQUIRED},
    {"standin", FIELD_MAP, offsetof(struct draft, standin), .of = standin_fields},
    {"source", FIELD_MAP, offsetof(struct draft, lang), 0, 0, FIELD_REQUIRED,
     source_fields},
    {"run", FIELD_MAP, offsetof(struct draft, lang), 0, 0, FIELD_REQUIRED, run_fields},
    {"limits", FIELD_ANY, offsetof(struct draft, limits), 0, 65536},
    {0},
};

static void read_versions(struct draft *draft, struct arena *arena,
                          struct field_errors *errors);
static void choose_default(struct draft *draft, const struct version *versions,
                           size_t count, struct field_errors *errors);
static void choose_standin(struct draft *draft, struct arena *arena,
                           struct field_errors *errors);
static void read_limits(struct draft *draft, struct arena *arena,
                        struct field_errors *errors);
static void settle_limits(struct lang *lang, struct field_errors *errors);
static void check_names(const struct draft *draft, struct field_errors *errors);
static void check_list(const struct texts *list, const struct charset *charset,
                       const char *pointer, struct field_errors *errors);
static void check_chars(const char *text, const struct charset *charset,
                        const char *pointer, struct field_errors *errors);
static void check_env(const struct texts *env, struct field_errors *errors);
static bool is_assignment(const char *text);

int lang_read(const json_t *root, enum registry_images images, struct lang *lang,
              struct arena *arena, struct field_errors *errors)
{
    struct draft draft = {.lang = {.maximum = limits_most,
                                   .floor = limits_least,
                                   .compile.limits = limits_compile,
                                   .compile.maximum = limits_compile_most}};
    size_t before = errors->count;

    fields_read(lang_fields, root, "", &draft, arena, errors);
    read_versions(&draft, arena, errors);
    if (images == IMAGES_STANDIN)
        choose_standin(&draft, arena, errors);
    read_limits(&draft, arena, errors);
    settle_limits(&draft.lang, errors);
    check_names(&draft, errors);
    check_env(&draft.lang.env, errors);
    *lang = draft.lang;
    return errors->count > before ? -1 : 0;
}

static void read_versions(struct draft *draft, struct arena *arena,
                          struct field_errors *errors)
{
    struct version *versions;
    size_t count = json_array_size(draft->versions);
    char pointer[POINTER_BYTES];

    if (!draft->versions)
        return;
    if (count < 1 || count > VERSIONS) {
        fields_complain(errors, "/versions", "must be an array of 1 to %d versions",
                        VERSIONS);
        return;
    }
    versions = arena_alloc(arena, count * sizeof *versions);
    for (size_t i = 0; i < count; i++) {
        snprintf(pointer, sizeof pointer, "/versions/%zu", i);
        fields_read(version_fields, json_array_get(draft->versions, i), pointer,
                    &versions[i], arena, errors);
        pointer_add(pointer, sizeof pointer, "image", strlen("image"));
        check_chars(versions[i].image, &image_chars, pointer, errors);
    }
    choose_default(draft, versions, count, errors);
}

/* The one that is marked; the only one needs no mark. */
static void choose_default(struct draft *draft, const struct version *versions,
                           size_t count, struct field_errors *errors)
{
    const struct version *chosen = count == 1 ? &versions[0] : NULL;
    char pointer[POINTER_BYTES];

    for (size_t i = 0; i < count; i++) {
        if (!versions[i].is_default)
            continue;
        snprintf(pointer, sizeof pointer, "/versions/%zu/default", i);
        if (chosen && chosen != &versions[i])
            fields_complain(errors, pointer, "a second default version");
        chosen = &versions[i];
    }
    if (!chosen) {
        fields_complain(errors, "/versions", "one of the %zu versions needs default: true",
                        count);
        return;
    }
    draft->lang.versions = versions;
    draft->lang.version_count = count;
    draft->lang.version = chosen;
}

static void choose_standin(struct draft *draft, struct arena *arena,
                           struct field_errors *errors)
{
    struct version *standin = arena_alloc(arena, sizeof *standin);

    if (!draft->standin.version && !draft->standin.image)
        fields_complain(errors, "/standin", "is required where stand-ins are used");
    *standin = draft->standin;
    standin->is_default = true;
    draft->lang.versions = draft->lang.version = standin;
    draft->lang.version_count = 1;
}

/* Each limit is a map of its own, {default, max}, within the system's. */
static void read_limits(struct draft *draft, struct arena *arena,
                        struct field_errors *errors)
{
    struct field fields[LIMITS + 1] = {{0}}, ranges[LIMITS][3] = {{{0}}};

    if (!draft->limits)
        return;
    for (size_t i = 0; i < LIMITS; i++) {
        size_t at = limit_names[i].offset;
        struct field value = {.type = FIELD_INT};

        value.min = limit_of(&limits_least, &limit_names[i]);
        value.max = limit_of(&limits_most, &limit_names[i]);
        ranges[i][0] = ranges[i][1] = value;
        ranges[i][0].name = "default";
        ranges[i][0].offset = offsetof(struct lang, limits) + at;
        ranges[i][1].name = "max";
        ranges[i][1].offset = offsetof(struct lang, maximum) + at;
        fields[i] = (struct field){limit_names[i].name, FIELD_MAP, .of = ranges[i]};
    }
    fields_read(fields, draft->limits, "/limits", &draft->lang, arena, errors);
}

/* A default that is not said is the system's, or the language's maximum if that is less. */
static void settle_limits(struct lang *lang, struct field_errors *errors)
{
    char pointer[POINTER_BYTES];

    for (size_t i = 0; i < LIMITS; i++) {
        int64_t *value = limit_in(&lang->limits, &limit_names[i]);
        int64_t most = limit_of(&lang->maximum, &limit_names[i]);

        if (*value == 0) {
            *value = limit_of(&limits_normal, &limit_names[i]);
            *value = *value < most ? *value : most;
        } else if (*value > most) {
            snprintf(pointer, sizeof pointer, "/limits/%s/default", limit_names[i].name);
            fields_complain(errors, pointer, "must be at most the max, %lld, is %lld",
                            (long long)most, (long long)*value);
        }
    }
}

static void check_names(const struct draft *draft, struct field_errors *errors)
{
    const struct lang *lang = &draft->lang;

    check_chars(lang->id, &id_chars, "/id", errors);
    check_list(&lang->aliases, &alias_chars, "/aliases", errors);
    check_list(&lang->extensions, &extension_chars, "/extensions", errors);
    check_chars(lang->file, &file_chars, "/source/file", errors);
    check_chars(draft->standin.image, &image_chars, "/standin/image", errors);
    if (lang->argv.count > 0 && lang->argv.at[0].at && lang->argv.at[0].len == 0)
        fields_complain(errors, "/run/argv/0", "must name a program");
}

static void check_list(const struct texts *list, const struct charset *charset,
                       const char *pointer, struct field_errors *errors)
{
    char inner[POINTER_BYTES];

    for (size_t i = 0; i < list->count; i++) {
        snprintf(inner, sizeof inner, "%s/%zu", pointer, i);
        check_chars(list->at[i].at, charset, inner, errors);
    }
}

/* NULL is one that could not be read, of which the tables have complained. */
static void check_chars(const char *text, const struct charset *charset,
                        const char *pointer, struct field_errors *errors)
{
    char shown[QUOTED_BYTES];

    if (!text)
        return;
    show_text(text, strlen(text), shown);
    if (text[0] == '\0' || text[strspn(text, charset->chars)] != '\0')
        fields_complain(errors, pointer, "must be made of %s, is %s", charset->words,
                        shown);
    else if (strchr(".-/:@", text[0]))
        fields_complain(errors, pointer, "must not begin with '%c', is %s", text[0], shown);
}

static void check_env(const struct texts *env, struct field_errors *errors)
{
    char pointer[POINTER_BYTES], shown[QUOTED_BYTES];

    for (size_t i = 0; i < env->count; i++) {
        if (!env->at[i].at || is_assignment(env->at[i].at))
            continue;
        snprintf(pointer, sizeof pointer, "/run/env/%zu", i);
        fields_complain(errors, pointer, "must be NAME=value, is %s",
                        show_text(env->at[i].at, env->at[i].len, shown));
    }
}

static bool is_assignment(const char *text)
{
    size_t name = strspn(text, LETTERS DIGITS "_");

    return name > 0 && !strchr(DIGITS, text[0]) && text[name] == '=';
}
