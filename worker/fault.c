/* fault.c -- see fault.h. */
#include "worker/fault.h"

const char *fault_name(enum fault fault)
{
    static const char *const names[] = {
        [FAULT_ENGINE] = "engine_unavailable", [FAULT_IMAGE] = "image_missing",
        [FAULT_START] = "sandbox_start",       [FAULT_LOST] = "sandbox_lost",
        [FAULT_INTERNAL] = "internal",
    };

    return names[fault];
}
