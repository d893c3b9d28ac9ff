/* limits.c -- see limits.h. */
#include "lang-registry/limits.h"

const struct limits limits_least = {
    .timeout_ms = 1,
    .memory_mb = 6, /* Docker starts nothing with less */
    .pids = 2,      /* the launcher is the first */
    .output_bytes = 1,
    .cpu_ms = 1,
};
const struct limits limits_normal = {
    .timeout_ms = 3000,
    .memory_mb = 128,
    .pids = 50,
    .output_bytes = 4096,
    .cpu_ms = 15000, /* one CPU burns no more than the wall time, which is less */
};
const struct limits limits_most = {
    .timeout_ms = 15000,
    .memory_mb = 512,
    .pids = 256,
    .output_bytes = 65536,
    .cpu_ms = 15000,
};
const struct limits limits_compile = {
    .timeout_ms = 10000,
    .memory_mb = 512,
    .pids = 64,
    .output_bytes = 4096,
    .cpu_ms = 30000,
};
const struct limits limits_compile_most = {
    .timeout_ms = 30000,
    .memory_mb = 1024,
    .pids = 256,
    .output_bytes = 65536,
    .cpu_ms = 30000,
};

const struct limit_name limit_names[LIMITS] = {
    {"timeoutMs", offsetof(struct limits, timeout_ms)},
    {"memoryMb", offsetof(struct limits, memory_mb)},
    {"pids", offsetof(struct limits, pids)},
    {"outputBytes", offsetof(struct limits, output_bytes)},
    {"cpuMs", offsetof(struct limits, cpu_ms)},
};

int64_t *limit_in(struct limits *limits, const struct limit_name *name)
{
    return (int64_t *)((char *)limits + name->offset);
}

int64_t limit_of(const struct limits *limits, const struct limit_name *name)
{
    return *(const int64_t *)((const char *)limits + name->offset);
}
