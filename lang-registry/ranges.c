/* ranges.c -- see ranges.h. In what was said, 0 is what was not said. */
#include "lang-registry/ranges.h"

#include <stdio.h>

static const struct field *describe(const struct limit_name *name, bool floors,
                                    const struct ranges *ranges, struct field *fields);
static void settle(const struct limit_name *name, const char *pointer,
                   const struct ranges *said, struct ranges *ranges,
                   struct field_errors *errors);
static void refuse(const char *pointer, const char *name, const char *bound,
                   const char *why, int64_t limit, int64_t is, struct field_errors *errors);

void ranges_read(const json_t *map, const char *pointer, bool floors, struct ranges *ranges,
                 struct arena *arena, struct field_errors *errors)
{
    struct field fields[LIMITS + 1] = {{0}}, bounds[LIMITS][4] = {{{0}}};
    struct ranges said = {{0}};

    if (!map)
        return;
    for (size_t i = 0; i < LIMITS; i++)
        fields[i] =
            (struct field){limit_names[i].name, FIELD_MAP,
                           .of = describe(&limit_names[i], floors, ranges, bounds[i])};
    fields_read(fields, map, pointer, &said, arena, errors);
    for (size_t i = 0; i < LIMITS; i++)
        settle(&limit_names[i], pointer, &said, ranges, errors);
}

/* The table of one limit's members. */
static const struct field *describe(const struct limit_name *name, bool floors,
                                    const struct ranges *ranges, struct field *fields)
{
    struct field value = {.type = FIELD_INT}, *field = fields;

    value.min = limit_of(&ranges->floor, name);
    value.max = limit_of(&ranges->maximum, name);
    if (floors) {
        *field = value;
        field->name = "min";
        field++->offset = offsetof(struct ranges, floor) + name->offset;
    }
    *field = value;
    field->name = "default";
    field++->offset = offsetof(struct ranges, usual) + name->offset;
    *field = value;
    field->name = "max";
    field->offset = offsetof(struct ranges, maximum) + name->offset;
    return fields;
}

static void settle(const struct limit_name *name, const char *pointer,
                   const struct ranges *said, struct ranges *ranges,
                   struct field_errors *errors)
{
    int64_t *floor = limit_in(&ranges->floor, name);
    int64_t *usual = limit_in(&ranges->usual, name);
    int64_t *most = limit_in(&ranges->maximum, name);
    int64_t is = limit_of(&said->usual, name);

    *floor = limit_of(&said->floor, name) ? limit_of(&said->floor, name) : *floor;
    *most = limit_of(&said->maximum, name) ? limit_of(&said->maximum, name) : *most;
    *usual = is ? is : *usual;
    if (*floor > *most)
        refuse(pointer, name->name, "min", "at most the max", *most, *floor, errors);
    else if (is > *most)
        refuse(pointer, name->name, "default", "at most the max", *most, is, errors);
    else if (is && is < *floor)
        refuse(pointer, name->name, "default", "at least the min", *floor, is, errors);
    else if (*usual > *most)
        *usual = *most;
    else if (*usual < *floor)
        *usual = *floor;
}

static void refuse(const char *pointer, const char *name, const char *bound,
                   const char *why, int64_t limit, int64_t is, struct field_errors *errors)
{
    char inner[POINTER_BYTES];

    snprintf(inner, sizeof inner, "%s/%s/%s", pointer, name, bound);
    fields_complain(errors, inner, "must be %s, %lld, is %lld", why, (long long)limit,
                    (long long)is);
}
