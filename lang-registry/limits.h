/* limits.h -- what a sandbox is held to. Zero never means unlimited: it is below the least.
 */
#ifndef LANG_REGISTRY_LIMITS_H
#define LANG_REGISTRY_LIMITS_H

#include <stddef.h>
#include <stdint.h>

struct limits {
    int64_t timeout_ms;   /* wall time of the program */
    int64_t memory_mb;    /* with the tmpfs it writes to; no swap */
    int64_t pids;         /* processes and threads, the launcher among them */
    int64_t output_bytes; /* kept of stdout and stderr together */
    int64_t cpu_ms;       /* CPU time of all its processes together */
};

/* The system's: the least that makes sense, what a job gets when neither it nor its
 * language says, and the most that a language can allow. */
extern const struct limits limits_least, limits_normal, limits_most;

/* The same of a compile stage, where output is what the compiler says. */
extern const struct limits limits_compile, limits_compile_most;

/* Their names in YAML and JSON: "timeoutMs", "memoryMb" ... */
extern const struct limit_name {
    const char *name;
    size_t offset; /* in struct limits */
} limit_names[];
enum { LIMITS = 5 }; /* how many there are */

int64_t *limit_in(struct limits *limits, const struct limit_name *name);
int64_t limit_of(const struct limits *limits, const struct limit_name *name);

#endif
