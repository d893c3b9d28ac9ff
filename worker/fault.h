/* fault.h -- which part of ours has failed a job, as its reason begins: for programs that
 * read reasons, and for operators who count them. */
#ifndef WORKER_FAULT_H
#define WORKER_FAULT_H

#include <stdbool.h>

#include "lib/err.h"

enum fault {
    FAULT_ENGINE,  /* it cannot be reached, or cannot serve */
    FAULT_IMAGE,   /* it has no such image */
    FAULT_START,   /* a sandbox was made, and the program never began */
    FAULT_LOST,    /* a sandbox was gone while its program ran */
    FAULT_INTERNAL /* the engine found our request wrong */
};

/* "engine_unavailable", "image_missing", "sandbox_start", "sandbox_lost", "internal" */
const char *fault_name(enum fault fault);

/* Whether a reason is of this kind. */
bool fault_begins(enum fault fault, const char *reason);

#endif
