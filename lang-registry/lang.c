/* lang.c -- tables read the file into a draft; what a table cannot say is read and checked
 * behind them by a module for each part of the file, and the draft becomes a language.
 */
#include "lang-registry/lang.h"

#include "lang-registry/chars.h"
#include "lang-registry/preload.h"
#include "lang-registry/selftest.h"
#include "lang-registry/stages.h"
#include "lang-registry/versions.h"

enum { POOL_MAX = 16, TMPFS_MB_MAX = 1024, TEMPLATE_BYTES = 16384 };

struct draft {
    struct lang lang;
    int rule; /* FIELD_CHOICE */
    struct bytes template;
    bool preload;
    const json_t *versions, *standin, *limits, *compile_limits, *pool, *selftest;
};

static const struct charset id_chars = {LOWER DIGITS "+-", "a-z 0-9 + -"};
static const struct charset alias_chars = {LOWER DIGITS "+-#._", "a-z 0-9 + - # . _"};
static const struct charset extension_chars = {LETTERS DIGITS "+_-",
                                               "letters, digits, + _ -"};
static const struct charset file_chars = {LETTERS DIGITS "._-", "letters, digits, . _ -"};

static const struct field source_fields[] = {
    {"file", FIELD_TEXT, offsetof(struct draft, lang.file), 1, 64, FIELD_REQUIRED},
    {"rule", FIELD_CHOICE, offsetof(struct draft, rule), .choices = source_rules},
    {0},
};

static const struct field tmpfs_fields[] = {
    {"sizeMb", FIELD_INT, offsetof(struct tmpfs, size_mb), 1, TMPFS_MB_MAX},
    {"exec", FIELD_BOOL, offsetof(struct tmpfs, exec)},
    {0},
};

static const struct field compile_fields[] = {
    {"argv", FIELD_TEXTS, offsetof(struct draft, lang.compile.argv), 1, 64, FIELD_REQUIRED},
    {"env", FIELD_TEXTS, offsetof(struct draft, lang.compile.env), 0, 64},
    {"tmpfs", FIELD_MAP, offsetof(struct draft, lang.compile.tmpfs), .of = tmpfs_fields},
    {"limits", FIELD_ANY, offsetof(struct draft, compile_limits), 0, 65536},
    {"artifacts", FIELD_TEXTS, offsetof(struct draft, lang.compile.artifacts), 1, 64,
     FIELD_REQUIRED},
    {0},
};

static const struct field run_fields[] = {
    {"argv", FIELD_TEXTS, offsetof(struct draft, lang.argv), 1, 64, FIELD_REQUIRED},
    {"env", FIELD_TEXTS, offsetof(struct draft, lang.env), 0, 64},
    {"tmpfs", FIELD_MAP, offsetof(struct draft, lang.tmpfs), .of = tmpfs_fields},
    {0},
};

/* A number, or a map. */
static const struct field pool_number_fields[] = {
    {"pool", FIELD_INT, offsetof(struct draft, lang.pool), 0, POOL_MAX},
    {0},
};

static const struct field pool_fields[] = {
    {"size", FIELD_INT, offsetof(struct draft, lang.pool), 0, POOL_MAX},
    {"preload", FIELD_BOOL, offsetof(struct draft, preload)},
    {0},
};

static const struct field lang_fields[] = {
    {"id", FIELD_TEXT, offsetof(struct draft, lang.id), 1, 32, FIELD_REQUIRED},
    {"name", FIELD_TEXT, offsetof(struct draft, lang.name), 1, 64, FIELD_REQUIRED},
    {"aliases", FIELD_TEXTS, offsetof(struct draft, lang.aliases), 0, 32},
    {"extensions", FIELD_TEXTS, offsetof(struct draft, lang.extensions), 0, 32},
    {"versions", FIELD_ANY, offsetof(struct draft, versions), 0, 65536, FIELD_REQUIRED},
    {"standin", FIELD_ANY, offsetof(struct draft, standin), 0, 4096},
    {"source", FIELD_MAP, 0, 0, 0, FIELD_REQUIRED, source_fields},
    {"compile", FIELD_MAP, 0, .of = compile_fields},
    {"run", FIELD_MAP, 0, 0, 0, FIELD_REQUIRED, run_fields},
    {"limits", FIELD_ANY, offsetof(struct draft, limits), 0, 65536},
    {"pool", FIELD_ANY, offsetof(struct draft, pool), 0, 4096},
    {"template", FIELD_BYTES, offsetof(struct draft, template), 0, TEMPLATE_BYTES},
    {"version_argv", FIELD_TEXTS, offsetof(struct draft, lang.version_argv), 1, 64},
    {"selftest", FIELD_ANY, offsetof(struct draft, selftest), 0, 1 << 20},
    {0},
};

static void read_versions(struct draft *draft, const struct surroundings *surroundings,
                          struct arena *arena, struct field_errors *errors);
static void read_limits(struct draft *draft, const struct defaults *defaults,
                        struct arena *arena, struct field_errors *errors);
static void read_pool(struct draft *draft, struct arena *arena,
                      struct field_errors *errors);

int lang_read(const json_t *root, const struct surroundings *surroundings,
              struct lang *lang, struct arena *arena, struct field_errors *errors)
{
    struct draft draft = {.rule = SOURCE_FIXED};
    size_t before = errors->count;

    fields_read(lang_fields, root, "", &draft, arena, errors);
    draft.lang.rule = (enum source_rule)draft.rule;
    draft.lang.template = draft.template.at;
    read_versions(&draft, surroundings, arena, errors);
    read_limits(&draft, &surroundings->defaults, arena, errors);
    read_pool(&draft, arena, errors);
    chars_check(draft.lang.id, &id_chars, "/id", errors);
    chars_check_list(&draft.lang.aliases, &alias_chars, "/aliases", errors);
    chars_check_list(&draft.lang.extensions, &extension_chars, "/extensions", errors);
    chars_check(draft.lang.file, &file_chars, "/source/file", errors);
    stages_check(&draft.lang, errors);
    if (draft.preload && errors->count == before)
        preload_read(&draft.lang, arena, errors);
    if (draft.selftest)
        selftest_read(draft.selftest, &draft.lang, arena, errors);
    *lang = draft.lang;
    return errors->count > before ? -1 : 0;
}

/* All are checked, whichever are used. */
static void read_versions(struct draft *draft, const struct surroundings *surroundings,
                          struct arena *arena, struct field_errors *errors)
{
    struct version *standin = arena_alloc(arena, sizeof *standin);

    if (draft->versions)
        versions_read(draft->versions, &surroundings->lock, &draft->lang, arena, errors);
    if (draft->standin)
        versions_read_standin(draft->standin, standin, arena, errors);
    if (surroundings->images != IMAGES_STANDIN)
        return;
    if (!draft->standin)
        fields_complain(errors, "/standin", "is required where stand-ins are used");
    draft->lang.versions = draft->lang.version = standin;
    draft->lang.version_count = 1;
}

static void read_limits(struct draft *draft, const struct defaults *defaults,
                        struct arena *arena, struct field_errors *errors)
{
    struct ranges run = defaults->run, compile = defaults->compile;

    ranges_read(draft->limits, "/limits", true, &run, arena, errors);
    ranges_read(draft->compile_limits, "/compile/limits", false, &compile, arena, errors);
    draft->lang.floor = run.floor;
    draft->lang.limits = run.usual;
    draft->lang.maximum = run.maximum;
    draft->lang.compile.limits = compile.usual;
    draft->lang.compile.maximum = compile.maximum;
}

static void read_pool(struct draft *draft, struct arena *arena, struct field_errors *errors)
{
    json_t *root;

    if (json_is_object(draft->pool)) {
        fields_read(pool_fields, draft->pool, "/pool", draft, arena, errors);
    } else if (draft->pool) {
        root = json_pack("{s:O}", "pool", draft->pool);
        fields_read(pool_number_fields, root, "", draft, arena, errors);
        json_decref(root);
    }
}
