/* defaults.c -- see defaults.h. */
#include "lang-registry/defaults.h"

struct draft {
    const json_t *run, *compile;
};

static const struct field compile_fields[] = {
    {"limits", FIELD_ANY, offsetof(struct draft, compile), 0, 65536},
    {0},
};

static const struct field defaults_fields[] = {
    {"limits", FIELD_ANY, offsetof(struct draft, run), 0, 65536},
    {"compile", FIELD_MAP, 0, .of = compile_fields},
    {0},
};

struct defaults defaults_builtin(void)
{
    return (struct defaults){
        .run = {limits_least, limits_normal, limits_most},
        .compile = {limits_least, limits_compile, limits_compile_most},
    };
}

void defaults_read(const json_t *root, struct defaults *defaults, struct arena *arena,
                   struct field_errors *errors)
{
    struct draft draft = {0};

    fields_read(defaults_fields, root, "", &draft, arena, errors);
    ranges_read(draft.run, "/limits", false, &defaults->run, arena, errors);
    ranges_read(draft.compile, "/compile/limits", false, &defaults->compile, arena, errors);
}
