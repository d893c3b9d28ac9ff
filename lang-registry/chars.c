/* chars.c -- see chars.h. */
#include "lang-registry/chars.h"

#include <stdio.h>
#include <string.h>

void chars_check(const char *text, const struct charset *charset, const char *pointer,
                 struct field_errors *errors)
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

void chars_check_list(const struct texts *list, const struct charset *charset,
                      const char *pointer, struct field_errors *errors)
{
    char inner[POINTER_BYTES];

    for (size_t i = 0; i < list->count; i++) {
        snprintf(inner, sizeof inner, "%s/%zu", pointer, i);
        chars_check(list->at[i].at, charset, inner, errors);
    }
}
