/* ranges.h -- limits as a file says them: {"memoryMb": {"min", "default", "max"}, ...}. */
#ifndef LANG_REGISTRY_RANGES_H
#define LANG_REGISTRY_RANGES_H

#include "lang-registry/limits.h"
#include "lib/fields.h"

struct ranges {
    struct limits floor;   /* less is refused */
    struct limits usual;   /* when nobody says */
    struct limits maximum; /* more is refused */
};

/* Read `map` (NULL: nothing is said) over what is in *ranges, which are the bounds that it
 * must keep to. What it does not say stays, but for a default, which is moved between the
 * min and max that were said. Only with `floors` may it say a min. Mistakes go to `errors`
 * by their pointers. */
void ranges_read(const json_t *map, const char *pointer, bool floors, struct ranges *ranges,
                 struct arena *arena, struct field_errors *errors);

#endif
