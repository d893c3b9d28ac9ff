/* stages.c -- see stages.h. */
#include "lang-registry/stages.h"

#include <stdio.h>
#include <string.h>

#include "lang-registry/argv.h"
#include "lang-registry/chars.h"

static void check_env(const struct texts *env, const char *pointer,
                      struct field_errors *errors);
static bool is_assignment(const char *text);
static void check_artifacts(const struct texts *artifacts, struct field_errors *errors);
static const char *fault_of(const char *artifact);

void stages_check(const struct lang *lang, struct field_errors *errors)
{
    argv_check(&lang->compile.argv, ARGV_COMPILE, "/compile/argv", errors);
    check_env(&lang->compile.env, "/compile/env", errors);
    check_artifacts(&lang->compile.artifacts, errors);
    argv_check(&lang->argv, ARGV_RUN, "/run/argv", errors);
    check_env(&lang->env, "/run/env", errors);
    argv_check(&lang->version_argv, ARGV_VERSION, "/version_argv", errors);
}

static void check_env(const struct texts *env, const char *pointer,
                      struct field_errors *errors)
{
    char inner[POINTER_BYTES], shown[QUOTED_BYTES];

    for (size_t i = 0; i < env->count; i++) {
        if (!env->at[i].at || is_assignment(env->at[i].at))
            continue;
        snprintf(inner, sizeof inner, "%s/%zu", pointer, i);
        fields_complain(errors, inner, "must be NAME=value, is %s",
                        show_text(env->at[i].at, env->at[i].len, shown));
    }
}

static bool is_assignment(const char *text)
{
    size_t name = strspn(text, LETTERS DIGITS "_");

    return name > 0 && !strchr(DIGITS, text[0]) && text[name] == '=';
}

static void check_artifacts(const struct texts *artifacts, struct field_errors *errors)
{
    char pointer[POINTER_BYTES], shown[QUOTED_BYTES];

    for (size_t i = 0; i < artifacts->count; i++) {
        struct bytes artifact = artifacts->at[i];
        const char *fault = artifact.at ? fault_of(artifact.at) : NULL;

        if (!fault)
            continue;
        snprintf(pointer, sizeof pointer, "/compile/artifacts/%zu", i);
        fields_complain(errors, pointer, "%s, is %s", fault,
                        show_text(artifact.at, artifact.len, shown));
    }
}

/* It is an argument of tar's and then a name in the sandbox; NULL when it is a good one. */
static const char *fault_of(const char *artifact)
{
    static const char chars[] = LETTERS DIGITS "._-/";

    if (artifact[strspn(artifact, chars)])
        return "must be made of letters, digits, . _ - /";
    return *artifact == '-' ? "must not begin with '-'" : files_name_fault(artifact);
}
