/* cgroup.c -- see cgroup.h. Where each figure stands is a table of the two versions. */
#include "worker/cgroup.h"

#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct figure {
    size_t offset;          /* in struct usage */
    const char *controller; /* version 1 has a tree for each, version 2 one for all */
    const char *file;
    const char *key; /* "key N"; NULL: the file is the number */
    int64_t divisor;
};

static const struct figure figures_v1[] = {
    {offsetof(struct usage, oom_kills), "memory", "memory.oom_control", "oom_kill", 1},
    {offsetof(struct usage, pids_refused), "pids", "pids.events", "max", 1},
    {offsetof(struct usage, processes), "pids", "pids.current", NULL, 1},
    {offsetof(struct usage, memory_bytes), "memory", "memory.max_usage_in_bytes", NULL, 1},
    {offsetof(struct usage, cpu_us), "cpuacct", "cpuacct.usage", NULL, 1000},
    {0},
};

static const struct figure figures_v2[] = {
    {offsetof(struct usage, oom_kills), NULL, "memory.events", "oom_kill", 1},
    {offsetof(struct usage, pids_refused), NULL, "pids.events", "max", 1},
    {offsetof(struct usage, processes), NULL, "pids.current", NULL, 1},
    {offsetof(struct usage, memory_bytes), NULL, "memory.peak", NULL, 1},
    {offsetof(struct usage, cpu_us), NULL, "cpu.stat", "usage_usec", 1},
    {0},
};

static int64_t read_figure(const struct cgroup_layout *layout, const char *root,
                           const char *id, const struct figure *figure);
static int read_file(const char *path, char *text, size_t size);

void usage_init(struct usage *usage)
{
    *usage = (struct usage){USAGE_NONE, USAGE_NONE, USAGE_NONE, USAGE_NONE, USAGE_NONE};
}

void cgroup_read(const struct cgroup_layout *layout, const char *root, const char *id,
                 struct usage *usage)
{
    const struct figure *figure = layout->version == 1   ? figures_v1
                                  : layout->version == 2 ? figures_v2
                                                         : NULL;

    usage_init(usage);
    for (; figure && figure->file; figure++)
        *(int64_t *)((char *)usage + figure->offset) =
            read_figure(layout, root, id, figure);
}

static int64_t read_figure(const struct cgroup_layout *layout, const char *root,
                           const char *id, const struct figure *figure)
{
    const char *controller = figure->controller ? figure->controller : "";
    char path[512], text[4096];
    int64_t number;

    snprintf(path, sizeof path,
             layout->systemd ? "%s/%s/system.slice/docker-%s.scope/%s"
                             : "%s/%s/docker/%s/%s",
             root, controller, id, figure->file);
    if (read_file(path, text, sizeof text))
        return USAGE_NONE;
    number = cgroup_number(text, figure->key);
    return number < 0 ? USAGE_NONE : number / figure->divisor;
}

static int read_file(const char *path, char *text, size_t size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t len;

    if (fd < 0)
        return -1;
    len = read(fd, text, size - 1);
    close(fd);
    if (len < 0)
        return -1;
    text[len] = '\0';
    return 0;
}

int64_t cgroup_number(const char *text, const char *key)
{
    size_t len = key ? strlen(key) : 0;
    char *end;
    long long number;

    for (; len && text; text = strchr(text, '\n')) {
        text += *text == '\n';
        if (!strncmp(text, key, len) && text[len] == ' ')
            break;
    }
    if (!text)
        return USAGE_NONE;
    text += len ? len + 1 : 0;
    number = strtoll(text, &end, 10);
    return end == text || number < 0 ? USAGE_NONE : number;
}
