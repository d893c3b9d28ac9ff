/* fault.c -- see fault.h. */
#include "worker/fault.h"

#include <string.h>

const char *fault_name(enum fault fault)
{
    static const char *const names[] = {
        [FAULT_ENGINE] = "engine_unavailable", [FAULT_IMAGE] = "image_missing",
        [FAULT_START] = "sandbox_start",       [FAULT_LOST] = "sandbox_lost",
        [FAULT_INTERNAL] = "internal",
    };

    return names[fault];
}

bool fault_begins(enum fault fault, const char *reason)
{
    const char *name = fault_name(fault);
    size_t len = strlen(name);

    return !strncmp(reason, name, len) && reason[len] == ':';
}
