/* yaml.c -- libyaml's events become two trees of one shape: the JSON values, and for each
 * of them a node that remembers where it stands. The reader sees one event at a time, and
 * each read_x() begins at its value's first event and ends at the last.
 */
#include "lang-registry/yaml.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <yaml.h>

#include "lib/arena.h"
#include "lib/count.h"
#include "lib/mem.h"
#include "lib/pointer.h"

struct node {
    const char *name; /* the key, or the number in a list, as it is in a pointer */
    yaml_mark_t key, value;
    struct node *children, *next;
};

struct yaml {
    struct arena *arena; /* of the nodes */
    json_t *root;
    struct node place; /* of the root; its key is its value */
};

struct reader {
    yaml_parser_t parser;
    yaml_event_t event;
    const char *text;
    struct arena *arena;
    struct mistakes *mistakes;
    bool failed; /* there are no more events */
};

static json_t *read_document(struct reader *reader, struct node *node);
static json_t *read_value(struct reader *reader, struct node *node, int depth);
static json_t *read_map(struct reader *reader, struct node *node, int depth);
static json_t *read_list(struct reader *reader, struct node *node, int depth);
static json_t *read_scalar(struct reader *reader);
static const char *read_key(struct reader *reader, const json_t *map);
static struct node *node_add(struct reader *reader, struct node ***end, const char *name);
static json_t *plain_value(const char *text, size_t len);
static bool is_real(const char *text);
static void skip(struct reader *reader);
static void too_deep(struct reader *reader);
static int next_event(struct reader *reader);
static int next_events(struct reader *reader, int count);
static void refuse_extras(struct reader *reader);
static void complain(struct reader *reader, yaml_mark_t at, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
static void parser_failed(struct reader *reader);
static const struct node *find_child(const struct node *node, const char *pointer);

struct yaml *yaml_read(const char *text, size_t len, struct mistakes *mistakes)
{
    struct yaml *yaml = xcalloc(1, sizeof *yaml);
    struct reader reader = {.text = text, .mistakes = mistakes};

    reader.arena = yaml->arena = arena_new();
    if (!yaml_parser_initialize(&reader.parser))
        abort(); /* out of memory */
    yaml_parser_set_encoding(&reader.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&reader.parser, (const unsigned char *)text, len);
    if (len > YAML_BYTES)
        complain(&reader, (yaml_mark_t){0}, "a file of %zu bytes, %d are allowed", len,
                 YAML_BYTES);
    else
        yaml->root = read_document(&reader, &yaml->place);
    yaml_event_delete(&reader.event);
    yaml_parser_delete(&reader.parser);
    if (yaml->root)
        return yaml;
    yaml_drop(yaml);
    return NULL;
}

void yaml_drop(struct yaml *yaml)
{
    if (!yaml)
        return;
    json_decref(yaml->root);
    arena_free(yaml->arena);
    free(yaml);
}

const json_t *yaml_root(const struct yaml *yaml)
{
    return yaml->root;
}

void yaml_place(const struct yaml *yaml, const char *pointer, bool of_key, int *line,
                int *column)
{
    const struct node *node = &yaml->place, *child = node;
    const yaml_mark_t *mark;

    while (*pointer == '/' && (child = find_child(node, pointer))) {
        node = child;
        pointer += strcspn(pointer + 1, "/") + 1;
    }
    mark = of_key && child ? &node->key : &node->value;
    *line = (int)mark->line + 1;
    *column = (int)mark->column + 1;
}

/* Stream, one document, end of stream. */
static json_t *read_document(struct reader *reader, struct node *node)
{
    json_t *root;

    if (next_events(reader, 2))
        return NULL;
    if (reader->event.type == YAML_STREAM_END_EVENT) {
        complain(reader, reader->event.start_mark, "the file is empty");
        return NULL;
    }
    root = next_event(reader) ? NULL : read_value(reader, node, 1);
    node->key = node->value;
    if (root && !next_events(reader, 2)) {
        if (reader->event.type != YAML_STREAM_END_EVENT)
            complain(reader, reader->event.start_mark, "a second document");
        return root;
    }
    json_decref(root);
    return NULL;
}

static json_t *read_value(struct reader *reader, struct node *node, int depth)
{
    node->value = reader->event.start_mark;
    refuse_extras(reader);
    if (reader->event.type == YAML_ALIAS_EVENT)
        return json_null();
    if (reader->event.type == YAML_SCALAR_EVENT)
        return read_scalar(reader);
    if (depth > YAML_DEPTH) {
        too_deep(reader);
        return NULL;
    }
    if (reader->event.type == YAML_MAPPING_START_EVENT)
        return read_map(reader, node, depth);
    return read_list(reader, node, depth);
}

static json_t *read_map(struct reader *reader, struct node *node, int depth)
{
    json_t *map = json_object(), *value;
    struct node **end = &node->children;

    while (!next_event(reader)) {
        struct node *child, unwanted = {.name = ""};
        const char *key;

        if (reader->event.type == YAML_MAPPING_END_EVENT)
            return map;
        key = read_key(reader, map);
        child = key ? node_add(reader, &end, key) : &unwanted;
        value = next_event(reader) ? NULL : read_value(reader, child, depth + 1);
        if (!value)
            break;
        if (key)
            json_object_set_new(map, key, value);
        else
            json_decref(value);
    }
    json_decref(map);
    return NULL;
}

static json_t *read_list(struct reader *reader, struct node *node, int depth)
{
    json_t *list = json_array(), *value;
    struct node **end = &node->children;

    while (!next_event(reader)) {
        const char *name = arena_printf(reader->arena, "%zu", json_array_size(list));

        if (reader->event.type == YAML_SEQUENCE_END_EVENT)
            return list;
        value = read_value(reader, node_add(reader, &end, name), depth + 1);
        if (!value)
            break;
        json_array_append_new(list, value);
    }
    json_decref(list);
    return NULL;
}

static json_t *read_scalar(struct reader *reader)
{
    const char *text = (const char *)reader->event.data.scalar.value;
    size_t len = reader->event.data.scalar.length;

    if (reader->event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE)
        return plain_value(text, len);
    return json_stringn(text, len);
}

/* The key at hand, copied; NULL when it cannot be one. */
static const char *read_key(struct reader *reader, const json_t *map)
{
    yaml_mark_t at = reader->event.start_mark;
    char shown[QUOTED_BYTES];
    const char *key;
    size_t len;

    refuse_extras(reader);
    if (reader->event.type != YAML_SCALAR_EVENT) {
        complain(reader, at, "a key must be a text");
        skip(reader);
        return NULL;
    }
    key = (const char *)reader->event.data.scalar.value;
    len = reader->event.data.scalar.length;
    if (has_control(key, len))
        complain(reader, at, "a control character in a key");
    else if (json_object_get(map, key))
        complain(reader, at, "the key %s for the second time", show_text(key, len, shown));
    else
        return arena_copy(reader->arena, key, len);
    return NULL;
}

/* A node for what stands at the event at hand, behind those that *end has seen. */
static struct node *node_add(struct reader *reader, struct node ***end, const char *name)
{
    struct node *node = arena_alloc(reader->arena, sizeof *node);

    node->name = name;
    node->key = reader->event.start_mark;
    **end = node;
    *end = &node->next;
    return node;
}

/* The core schema: null, booleans and decimal numbers; anything else is a text. */
static json_t *plain_value(const char *text, size_t len)
{
    static const char *const nulls[] = {"", "~", "null", "Null", "NULL"};
    static const char *const booleans[] = {"false", "False", "FALSE",
                                           "true",  "True",  "TRUE"};
    int64_t number;

    for (size_t i = 0; i < COUNT(nulls); i++)
        if (strcmp(text, nulls[i]) == 0)
            return json_null();
    for (size_t i = 0; i < COUNT(booleans); i++)
        if (strcmp(text, booleans[i]) == 0)
            return json_boolean(i >= 3);
    if (number_read(text, INT64_MIN, INT64_MAX, &number) == 0)
        return json_integer(number);
    if (is_real(text) && isfinite(strtod(text, NULL)))
        return json_real(strtod(text, NULL));
    return json_stringn(text, len);
}

/* [-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )? */
static bool is_real(const char *text)
{
    static const char digits[] = "0123456789";
    size_t whole, fraction = 0;

    text += *text == '-' || *text == '+';
    whole = strspn(text, digits);
    text += whole;
    if (*text == '.') {
        fraction = strspn(++text, digits);
        text += fraction;
    }
    if (whole + fraction == 0)
        return false;
    if (*text == 'e' || *text == 'E') {
        text++;
        text += *text == '-' || *text == '+';
        if (strspn(text, digits) == 0)
            return false;
        text += strspn(text, digits);
    }
    return *text == '\0';
}

/* To the last event of the list or map at hand. */
static void skip(struct reader *reader)
{
    int open = 0;

    do {
        yaml_event_type_t type = reader->event.type;

        if (type == YAML_MAPPING_START_EVENT || type == YAML_SEQUENCE_START_EVENT)
            open++;
        if (type == YAML_MAPPING_END_EVENT || type == YAML_SEQUENCE_END_EVENT)
            open--;
        if (open > YAML_DEPTH)
            too_deep(reader);
    } while (open > 0 && !next_event(reader));
}

/* The end of the reading: libyaml's time grows with the square of the depth. */
static void too_deep(struct reader *reader)
{
    complain(reader, reader->event.start_mark, "more than %d levels", YAML_DEPTH);
    reader->failed = true;
}

static int next_event(struct reader *reader)
{
    yaml_event_delete(&reader->event);
    if (!reader->failed && yaml_parser_parse(&reader->parser, &reader->event))
        return 0;
    if (!reader->failed)
        parser_failed(reader);
    reader->failed = true;
    return -1;
}

static int next_events(struct reader *reader, int count)
{
    while (count > 0 && !next_event(reader))
        count--;
    return count > 0 ? -1 : 0;
}

/* What would make one value out of another, or a type out of a name. */
static void refuse_extras(struct reader *reader)
{
    const yaml_event_t *event = &reader->event;
    const unsigned char *anchor = NULL, *tag = NULL;

    if (event->type == YAML_SCALAR_EVENT) {
        anchor = event->data.scalar.anchor;
        tag = event->data.scalar.tag;
    } else if (event->type == YAML_MAPPING_START_EVENT) {
        anchor = event->data.mapping_start.anchor;
        tag = event->data.mapping_start.tag;
    } else if (event->type == YAML_SEQUENCE_START_EVENT) {
        anchor = event->data.sequence_start.anchor;
        tag = event->data.sequence_start.tag;
    }
    if (event->type == YAML_ALIAS_EVENT)
        complain(reader, event->start_mark, "aliases are not understood");
    else if (anchor)
        complain(reader, event->start_mark, "anchors are not understood");
    else if (tag)
        complain(reader, event->start_mark, "tags are not understood");
}

static void complain(struct reader *reader, yaml_mark_t at, const char *fmt, ...)
{
    char what[256];
    va_list args;

    va_start(args, fmt);
    vsnprintf(what, sizeof what, fmt, args);
    va_end(args);
    mistakes_add(reader->mistakes, (int)at.line + 1, (int)at.column + 1, "%s", what);
}

/* In libyaml's own words. A byte that it cannot read has an offset and no mark yet. */
static void parser_failed(struct reader *reader)
{
    const yaml_parser_t *parser = &reader->parser;
    int line, column;

    if (parser->error == YAML_MEMORY_ERROR)
        abort();
    if (parser->error == YAML_READER_ERROR) {
        text_place(reader->text, parser->problem_offset, &line, &column);
        mistakes_add(reader->mistakes, line, column, "%s", parser->problem);
    } else {
        complain(reader, parser->problem_mark, "%s%s%s", parser->problem,
                 parser->context ? " " : "", parser->context ? parser->context : "");
    }
}

/* By the first name of the pointer, or NULL. */
static const struct node *find_child(const struct node *node, const char *pointer)
{
    char wanted[POINTER_BYTES], name[POINTER_BYTES];

    snprintf(wanted, sizeof wanted, "/%.*s", (int)strcspn(pointer + 1, "/"), pointer + 1);
    for (const struct node *child = node->children; child; child = child->next) {
        name[0] = '\0';
        pointer_add(name, sizeof name, child->name, strlen(child->name));
        if (strcmp(name, wanted) == 0)
            return child;
    }
    return NULL;
}
