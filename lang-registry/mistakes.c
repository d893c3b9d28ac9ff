/* mistakes.c -- see mistakes.h. */
#include "lang-registry/mistakes.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lang-registry/yaml.h"
#include "lib/count.h"

static bool is_there(const struct mistakes *mistakes, size_t count, int line, int column);
static int by_place(const void *a, const void *b);

void mistakes_add(struct mistakes *mistakes, int line, int column, const char *fmt, ...)
{
    struct mistake *mistake = &mistakes->list[mistakes->count];
    va_list args;

    if (mistakes->count == COUNT(mistakes->list))
        return;
    mistakes->count++;
    mistake->line = line;
    mistake->column = column;
    va_start(args, fmt);
    vsnprintf(mistake->what, sizeof mistake->what, fmt, args);
    va_end(args);
}

void mistakes_place(struct mistakes *mistakes, const struct yaml *yaml,
                    const struct field_errors *errors)
{
    size_t before = mistakes->count;

    for (size_t i = 0; i < errors->count; i++) {
        const struct field_error *error = &errors->list[i];
        int line, column;

        yaml_place(yaml, error->pointer, error->unknown, &line, &column);
        if (!is_there(mistakes, before, line, column))
            mistakes_add(mistakes, line, column, "%s%s%s", error->pointer,
                         *error->pointer ? ": " : "", error->detail);
    }
    qsort(mistakes->list, mistakes->count, sizeof *mistakes->list, by_place);
}

/* Among the first `count`. */
static bool is_there(const struct mistakes *mistakes, size_t count, int line, int column)
{
    for (size_t i = 0; i < count; i++)
        if (mistakes->list[i].line == line && mistakes->list[i].column == column)
            return true;
    return false;
}

static int by_place(const void *a, const void *b)
{
    const struct mistake *left = a, *right = b;

    if (left->line != right->line)
        return left->line - right->line;
    if (left->column != right->column)
        return left->column - right->column;
    return strcmp(left->what, right->what);
}
