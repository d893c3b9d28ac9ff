/* cgroup.h -- what the kernel counted of a container, read from its cgroup's files while
 * its PID 1 is still there. */
#ifndef WORKER_CGROUP_H
#define WORKER_CGROUP_H

#include <stdbool.h>
#include <stdint.h>

/* -1: could not be had. */
struct usage {
    int64_t oom_kills;    /* processes the OOM killer ended */
    int64_t pids_refused; /* forks and threads the pids limit refused */
    int64_t processes;    /* there now, the launcher among them */
    int64_t memory_bytes; /* at its peak */
    int64_t cpu_us;
};

enum { USAGE_NONE = -1 };

/* How the engine lays cgroups out: GET /info. */
struct cgroup_layout {
    int version;  /* 1 or 2; 0: unknown, nothing can be read */
    bool systemd; /* the driver; else cgroupfs */
};

void usage_init(struct usage *usage);

/* Read what there is for container `id`; `root` is /sys/fs/cgroup. Files that cannot be
 * read leave USAGE_NONE. */
void cgroup_read(const struct cgroup_layout *layout, const char *root, const char *id,
                 struct usage *usage);

/* The number behind `key` in "key N" lines; with a NULL key the number the text is.
 * USAGE_NONE when it is not there. Pure. */
int64_t cgroup_number(const char *text, const char *key);

#endif
