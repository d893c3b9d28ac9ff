/* err.c -- see err.h. New texts are made aside, since their arguments may point into the
 * old one.
 */
#include "lib/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int err_set(struct err *err, enum err_kind kind, const char *fmt, ...)
{
    char text[sizeof err->text];
    va_list args;

    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    err->kind = kind;
    memcpy(err->text, text, sizeof text);
    return -1;
}

int err_wrap(struct err *err, const char *fmt, ...)
{
    char text[sizeof err->text];
    va_list args;
    size_t len;

    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    len = strlen(text);
    snprintf(text + len, sizeof text - len, ": %s", err->text);
    memcpy(err->text, text, sizeof text);
    return -1;
}
