/* fields.c -- a reader for each type of field; fields_read leads every member of an object
 * to its own. Foreign values reach a message only through show_text.
 */
#include "lib/fields.h"

#include <assert.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/count.h"

#define EXACT        9007199254740992.0 /* 2^53: up to here a double is an exact integer */
#define WANTED_BYTES 80

struct reading {
    struct arena *arena;
    struct field_errors *errors;
};

/* Reads `value` into `member`. Returns 0, or -1 when it has complained. */
typedef int reader(const struct field *field, const json_t *value, const char *pointer,
                   void *member, struct reading *reading);

static reader read_text, read_bytes, read_int, read_bool, read_choice, read_texts, read_map,
    read_any;
static int refuse_unknown(const struct field *table, const json_t *object,
                          const char *pointer, struct field_errors *errors);
static int refuse(const struct field *field, const json_t *value, const char *pointer,
                  struct field_errors *errors);
static int refuse_size(const struct field *field, size_t size, const char *pointer,
                       struct field_errors *errors);
static int mark_over(struct field_errors *errors, size_t before, bool over);
static void complain(struct field_errors *errors, const char *pointer, bool over,
                     const char *fmt, va_list args) __attribute__((format(printf, 4, 0)));
static const char *wanted(const struct field *field, char text[WANTED_BYTES]);
static const char *found(const json_t *value, char text[QUOTED_BYTES]);
static bool is_known(const struct field *table, const char *name);
static void names_of(const struct field *table, char *text, size_t size);
static bool within(const struct field *field, size_t size);
static int parse_bool(const char *text, bool *value);
static int parse_choice(const struct field *field, const char *text, int *index);
static void list_choices(const struct field *field, char text[WANTED_BYTES]);

static reader *const readers[] = {
    [FIELD_TEXT] = read_text, [FIELD_BYTES] = read_bytes,   [FIELD_INT] = read_int,
    [FIELD_BOOL] = read_bool, [FIELD_CHOICE] = read_choice, [FIELD_TEXTS] = read_texts,
    [FIELD_MAP] = read_map,   [FIELD_ANY] = read_any,
};

int fields_complain(struct field_errors *errors, const char *pointer, const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    complain(errors, pointer, false, fmt, args);
    va_end(args);
    return -1;
}

int fields_complain_over(struct field_errors *errors, const char *pointer, const char *fmt,
                         ...)
{
    va_list args;

    va_start(args, fmt);
    complain(errors, pointer, true, fmt, args);
    va_end(args);
    return -1;
}

static void complain(struct field_errors *errors, const char *pointer, bool over,
                     const char *fmt, va_list args)
{
    struct field_error *error = &errors->list[errors->count];

    if (errors->count == COUNT(errors->list))
        return;
    errors->count++;
    *error = (struct field_error){.over = over};
    snprintf(error->pointer, sizeof error->pointer, "%s", pointer);
    vsnprintf(error->detail, sizeof error->detail, fmt, args);
}

bool field_errors_over(const struct field_errors *errors)
{
    for (size_t i = 0; i < errors->count; i++)
        if (!errors->list[i].over)
            return false;
    return errors->count > 0;
}

int fields_read(const struct field *table, const json_t *object, const char *pointer,
                void *into, struct arena *arena, struct field_errors *errors)
{
    struct reading reading = {arena, errors};
    char inner[POINTER_BYTES], is[QUOTED_BYTES];
    int result = 0;

    if (!json_is_object(object))
        return fields_complain(errors, pointer, "must be an object, is %s",
                               found(object, is));
    for (const struct field *field = table; field->type != FIELD_END; field++) {
        const json_t *value = json_object_get(object, field->name);

        if (!value && !(field->flags & FIELD_REQUIRED))
            continue;
        snprintf(inner, sizeof inner, "%s", pointer);
        pointer_add(inner, sizeof inner, field->name, strlen(field->name));
        if (value)
            result |= readers[field->type](field, value, inner,
                                           (char *)into + field->offset, &reading);
        else
            result = fields_complain(errors, inner, "is required");
    }
    return result | refuse_unknown(table, object, pointer, errors);
}

int field_parse(const struct field *field, const char *text, void *into, struct err *err)
{
    char must[WANTED_BYTES], is[QUOTED_BYTES];
    void *member = (char *)into + field->offset;

    switch (field->type) {
    case FIELD_TEXT:
        if (!within(field, strlen(text)))
            return err_set(err, ERR_INVALID, "must be %s, has %zu", wanted(field, must),
                           strlen(text));
        if (has_control(text, strlen(text)))
            return err_set(err, ERR_INVALID, "must not hold control characters");
        *(const char **)member = text;
        return 0;
    case FIELD_INT:
        if (number_read(text, field->min, field->max, member) == 0)
            return 0;
        break;
    case FIELD_BOOL:
        if (parse_bool(text, member) == 0)
            return 0;
        break;
    case FIELD_CHOICE:
        if (parse_choice(field, text, member) == 0)
            return 0;
        break;
    default:
        assert(!"a type that has no form as text");
    }
    return err_set(err, ERR_INVALID, "must be %s, is %s", wanted(field, must),
                   show_text(text, strlen(text), is));
}

static int read_text(const struct field *field, const json_t *value, const char *pointer,
                     void *member, struct reading *reading)
{
    struct bytes text = {0};
    char is[QUOTED_BYTES];

    if (read_bytes(field, value, pointer, &text, reading))
        return -1;
    if (has_control(text.at, text.len))
        return fields_complain(reading->errors, pointer,
                               "must not hold control characters, is %s",
                               show_text(text.at, text.len, is));
    *(const char **)member = text.at;
    return 0;
}

static int read_bytes(const struct field *field, const json_t *value, const char *pointer,
                      void *member, struct reading *reading)
{
    const char *at = json_string_value(value);
    size_t len = json_string_length(value);

    if (!at)
        return refuse(field, value, pointer, reading->errors);
    if (!within(field, len))
        return refuse_size(field, len, pointer, reading->errors);
    if (memchr(at, '\0', len))
        return fields_complain(reading->errors, pointer, "must not hold U+0000");
    *(struct bytes *)member = (struct bytes){arena_copy(reading->arena, at, len), len};
    return 0;
}

/* 3.0 and 3e0 are the same number as 3 to most who write JSON. */
static int read_int(const struct field *field, const json_t *value, const char *pointer,
                    void *member, struct reading *reading)
{
    double real = json_real_value(value);
    int64_t number = json_integer_value(value);
    size_t before = reading->errors->count;

    if (json_is_real(value) && fabs(real) <= EXACT && real == trunc(real))
        number = (int64_t)real;
    else if (!json_is_integer(value))
        return refuse(field, value, pointer, reading->errors);
    if (number < field->min || number > field->max) {
        refuse(field, value, pointer, reading->errors);
        return mark_over(reading->errors, before, number > field->max);
    }
    *(int64_t *)member = number;
    return 0;
}

static int read_bool(const struct field *field, const json_t *value, const char *pointer,
                     void *member, struct reading *reading)
{
    if (!json_is_boolean(value))
        return refuse(field, value, pointer, reading->errors);
    *(bool *)member = json_is_true(value);
    return 0;
}

static int read_choice(const struct field *field, const json_t *value, const char *pointer,
                       void *member, struct reading *reading)
{
    const char *text = json_string_value(value);

    return text && parse_choice(field, text, member) == 0
               ? 0
               : refuse(field, value, pointer, reading->errors);
}

static int read_texts(const struct field *field, const json_t *value, const char *pointer,
                      void *member, struct reading *reading)
{
    static const struct field item = {.type = FIELD_BYTES, .max = FIELD_ITEM};
    size_t count = json_array_size(value);
    char inner[POINTER_BYTES];
    struct bytes *list;
    int result = 0;

    if (!json_is_array(value))
        return refuse(field, value, pointer, reading->errors);
    if (!within(field, count))
        return refuse_size(field, count, pointer, reading->errors);
    list = arena_alloc(reading->arena, count * sizeof *list);
    for (size_t i = 0; i < count; i++) {
        snprintf(inner, sizeof inner, "%s", pointer);
        pointer_add_index(inner, sizeof inner, i);
        result |= read_bytes(&item, json_array_get(value, i), inner, &list[i], reading);
    }
    *(struct texts *)member = (struct texts){list, count};
    return result;
}

static int read_map(const struct field *field, const json_t *value, const char *pointer,
                    void *member, struct reading *reading)
{
    return fields_read(field->of, value, pointer, member, reading->arena, reading->errors);
}

static int read_any(const struct field *field, const json_t *value, const char *pointer,
                    void *member, struct reading *reading)
{
    size_t size;

    free(json_write(value, &size));
    if (!within(field, size))
        return refuse_size(field, size, pointer, reading->errors);
    *(const json_t **)member = value;
    return 0;
}

static int refuse_unknown(const struct field *table, const json_t *object,
                          const char *pointer, struct field_errors *errors)
{
    char inner[POINTER_BYTES], names[192];
    size_t before = errors->count;
    const char *name;
    json_t *value;
    int result = 0;

    json_object_foreach((json_t *)object, name, value)
    {
        if (is_known(table, name))
            continue;
        names_of(table, names, sizeof names);
        snprintf(inner, sizeof inner, "%s", pointer);
        pointer_add(inner, sizeof inner, name, strlen(name));
        result = fields_complain(errors, inner, "unknown field; fields are %s", names);
    }
    for (size_t i = before; i < errors->count; i++)
        errors->list[i].unknown = true;
    return result;
}

static int refuse(const struct field *field, const json_t *value, const char *pointer,
                  struct field_errors *errors)
{
    char must[WANTED_BYTES], is[QUOTED_BYTES];

    return fields_complain(errors, pointer, "must be %s, is %s", wanted(field, must),
                           found(value, is));
}

static int refuse_size(const struct field *field, size_t size, const char *pointer,
                       struct field_errors *errors)
{
    char must[WANTED_BYTES];
    size_t before = errors->count;

    fields_complain(errors, pointer, "must be %s, has %zu", wanted(field, must), size);
    return mark_over(errors, before, size > (size_t)field->max);
}

/* Say of the complaints since `before` whether they are only of too much. */
static int mark_over(struct field_errors *errors, size_t before, bool over)
{
    for (size_t i = before; i < errors->count; i++)
        errors->list[i].over = over;
    return -1;
}

static const char *wanted(const struct field *field, char text[WANTED_BYTES])
{
    long long min = field->min, max = field->max;

    switch (field->type) {
    case FIELD_TEXT:
    case FIELD_BYTES:
        snprintf(text, WANTED_BYTES, "a text of %lld to %lld bytes", min, max);
        break;
    case FIELD_INT:
        snprintf(text, WANTED_BYTES, "an integer from %lld to %lld", min, max);
        break;
    case FIELD_BOOL:
        snprintf(text, WANTED_BYTES, "true or false");
        break;
    case FIELD_CHOICE:
        list_choices(field, text);
        break;
    case FIELD_TEXTS:
        snprintf(text, WANTED_BYTES, "an array of %lld to %lld texts", min, max);
        break;
    default:
        snprintf(text, WANTED_BYTES, "a value of %lld to %lld bytes", min, max);
    }
    return text;
}

static const char *found(const json_t *value, char text[QUOTED_BYTES])
{
    static const char *const names[] = {
        [JSON_OBJECT] = "an object", [JSON_ARRAY] = "an array", [JSON_TRUE] = "true",
        [JSON_FALSE] = "false",      [JSON_NULL] = "null",
    };

    if (!value)
        return "missing";
    if (json_is_string(value))
        return show_text(json_string_value(value), json_string_length(value), text);
    if (json_is_integer(value))
        snprintf(text, QUOTED_BYTES, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    else if (json_is_real(value))
        snprintf(text, QUOTED_BYTES, "%.15g", json_real_value(value));
    else
        return names[json_typeof(value)];
    return text;
}

static bool is_known(const struct field *table, const char *name)
{
    for (const struct field *field = table; field->type != FIELD_END; field++)
        if (strcmp(name, field->name) == 0)
            return true;
    return false;
}

static void names_of(const struct field *table, char *text, size_t size)
{
    size_t used = 0;

    for (const struct field *field = table; field->type != FIELD_END && used < size;
         field++)
        used += (size_t)snprintf(text + used, size - used, "%s%s", used ? ", " : "",
                                 field->name);
}

static bool within(const struct field *field, size_t size)
{
    return size <= INT64_MAX && (int64_t)size >= field->min && (int64_t)size <= field->max;
}

static int parse_bool(const char *text, bool *value)
{
    static const char *const words[][2] = {
        {"0", "1"}, {"false", "true"}, {"no", "yes"}, {"off", "on"}};

    for (size_t i = 0; i < COUNT(words); i++)
        for (int truth = 0; truth < 2; truth++)
            if (strcmp(text, words[i][truth]) == 0) {
                *value = truth;
                return 0;
            }
    return -1;
}

static int parse_choice(const struct field *field, const char *text, int *index)
{
    for (int i = 0; field->choices[i]; i++)
        if (strcmp(text, field->choices[i]) == 0) {
            *index = i;
            return 0;
        }
    return -1;
}

/* "error, warn, info or debug" */
static void list_choices(const struct field *field, char text[WANTED_BYTES])
{
    size_t used = 0;

    for (int i = 0; field->choices[i] && used < WANTED_BYTES; i++)
        used += (size_t)snprintf(text + used, WANTED_BYTES - used, "%s%s",
                                 i == 0                  ? ""
                                 : field->choices[i + 1] ? ", "
                                                         : " or ",
                                 field->choices[i]);
}

bool texts_same(struct texts a, struct texts b)
{
    if (a.count != b.count)
        return false;
    for (size_t i = 0; i < a.count; i++)
        if (a.at[i].len != b.at[i].len || memcmp(a.at[i].at, b.at[i].at, a.at[i].len) != 0)
            return false;
    return true;
}
