/* pointer.c -- pointers are built member by member; pointer_at finds the members by
 * walking the text from its beginning, with a level for each bracket that is open.
 */
#include "lib/pointer.h"

#include <assert.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "lib/json.h"

struct level {
    bool list;
    size_t index;    /* in a list */
    const char *key; /* in an object: as it is written, with quotes; NULL between members */
    size_t key_len;
};

static void walk(struct level *levels, size_t *depth, const char *at, size_t len);
static bool add_level(char *pointer, size_t size, const struct level *level);
static bool append(char *pointer, size_t size, const char *at, size_t len);
static size_t string_len(const char *at, size_t len);

void pointer_add(char *pointer, size_t size, const char *name, size_t len)
{
    bool fits = append(pointer, size, "/", 1);

    for (size_t done = 0, step; fits && done < len; done += step) {
        step = utf8_char(name + done, len - done);
        step = step ? step : 1;
        if (name[done] == '~')
            fits = append(pointer, size, "~0", 2);
        else if (name[done] == '/')
            fits = append(pointer, size, "~1", 2);
        else
            fits = append(pointer, size, name + done, step);
    }
}

void pointer_add_index(char *pointer, size_t size, size_t index)
{
    char name[24];

    snprintf(name, sizeof name, "%zu", index);
    pointer_add(pointer, size, name, strlen(name));
}

void pointer_at(const char *text, size_t len, size_t where, char *pointer, size_t size)
{
    struct level levels[JSON_DEPTH + 1];
    size_t depth = 0;

    for (size_t at = 0, step; at < where; at += step) {
        step = text[at] == '"' ? string_len(text + at, len - at) : 1;
        walk(levels, &depth, text + at, step);
    }
    pointer[0] = '\0';
    for (size_t i = 0; i < depth; i++)
        if (!add_level(pointer, size, &levels[i]))
            return;
}

/* One character outside of strings, or a whole string. */
static void walk(struct level *levels, size_t *depth, const char *at, size_t len)
{
    struct level *level = *depth ? &levels[*depth - 1] : NULL;

    if (*at == '[' || *at == '{') {
        assert(*depth < JSON_DEPTH);
        levels[(*depth)++] = (struct level){.list = *at == '['};
    } else if (!level) {
        return;
    } else if (*at == ']' || *at == '}') {
        (*depth)--;
    } else if (*at == ',') {
        level->index++;
        level->key = NULL;
    } else if (*at == '"' && !level->list && !level->key) {
        level->key = at;
        level->key_len = len;
    }
}

/* False where the road ends: between members, or at a key that cannot be read. */
static bool add_level(char *pointer, size_t size, const struct level *level)
{
    json_t *name = NULL;

    if (level->list) {
        pointer_add_index(pointer, size, level->index);
        return true;
    }
    if (level->key)
        name = json_loadb(level->key, level->key_len, JSON_DECODE_ANY, NULL);
    if (!name)
        return false;
    pointer_add(pointer, size, json_string_value(name), json_string_length(name));
    json_decref(name);
    return true;
}

/* All of it, or nothing and false. */
static bool append(char *pointer, size_t size, const char *at, size_t len)
{
    size_t used = strlen(pointer);

    if (len >= size - used)
        return false;
    memcpy(pointer + used, at, len);
    pointer[used + len] = '\0';
    return true;
}

/* With both quotes; up to the end of the text if the second is missing. */
static size_t string_len(const char *at, size_t len)
{
    size_t end = 1;

    while (end < len && at[end] != '"')
        end += at[end] == '\\' ? 2 : 1;
    return end < len ? end + 1 : len;
}
