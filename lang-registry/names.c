/* names.c -- see names.h. */
#include "lang-registry/names.h"

#include <stdio.h>
#include <string.h>

static void check_name(const struct registry *others, const char *name, const char *pointer,
                       struct field_errors *errors);

bool names_has(const struct lang *lang, size_t aliases, const char *name)
{
    if (lang->id && strcmp(lang->id, name) == 0)
        return true;
    for (size_t i = 0; i < aliases; i++)
        if (lang->aliases.at[i].at && strcmp(lang->aliases.at[i].at, name) == 0)
            return true;
    return false;
}

void names_check(const struct registry *others, const struct lang *lang,
                 struct field_errors *errors)
{
    char pointer[POINTER_BYTES];

    if (lang->id)
        check_name(others, lang->id, "/id", errors);
    for (size_t i = 0; i < lang->aliases.count; i++) {
        const char *alias = lang->aliases.at[i].at;

        snprintf(pointer, sizeof pointer, "/aliases/%zu", i);
        if (alias && names_has(lang, i, alias))
            fields_complain(errors, pointer, "is a name of this language already");
        else if (alias)
            check_name(others, alias, pointer, errors);
    }
}

static void check_name(const struct registry *others, const char *name, const char *pointer,
                       struct field_errors *errors)
{
    const struct lang *owner = registry_find(others, name);
    char shown[QUOTED_BYTES];

    if (owner)
        fields_complain(errors, pointer, "%s is a name of %s already",
                        show_text(name, strlen(name), shown),
                        owner->id ? owner->id : "another language");
}
