/* facts.h -- what an engine says of itself (GET /info): how it lays out cgroups, and what
 * it can hold a container to. */
#ifndef WORKER_FACTS_H
#define WORKER_FACTS_H

#include <jansson.h>
#include <stdbool.h>

#include "lib/err.h"
#include "worker/cgroup.h"

struct facts {
    struct cgroup_layout layout;
    bool crun;         /* it has that runtime */
    bool memory_limit; /* it can enforce these: what it does not say, it cannot */
    bool pids_limit;
    bool swap_limit;
    bool cpu_limit;
    bool seccomp;
    bool rootless;
};

void facts_read(const json_t *info, struct facts *facts);

/* What is not enforced there, as a malloc'd list for people; NULL when all is. */
char *facts_missing(const struct facts *facts);

/* -1 and ERR_INVALID when a sandbox there would be none: no memory or no pids limit. */
int facts_refuse(const struct facts *facts, struct err *err);

#endif
