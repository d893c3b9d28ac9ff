/* facts.c -- see facts.h. */
#include "worker/facts.h"

#include <stdlib.h>
#include <string.h>

#include "lib/count.h"
#include "lib/mem.h"

static bool has_security(const json_t *info, const char *name);

void facts_read(const json_t *info, struct facts *facts)
{
    const char *version = json_string_value(json_object_get(info, "CgroupVersion"));
    const char *driver = json_string_value(json_object_get(info, "CgroupDriver"));

    *facts = (struct facts){
        .layout = {.version = version && *version == '2' ? 2 : 1,
                   .systemd = driver && !strcmp(driver, "systemd")},
        .crun = json_object_get(json_object_get(info, "Runtimes"), "crun"),
        .memory_limit = json_is_true(json_object_get(info, "MemoryLimit")),
        .pids_limit = json_is_true(json_object_get(info, "PidsLimit")),
        .swap_limit = json_is_true(json_object_get(info, "SwapLimit")),
        .cpu_limit = json_is_true(json_object_get(info, "CpuCfsQuota")),
        .seccomp = has_security(info, "seccomp"),
        .rootless = has_security(info, "rootless"),
    };
}

/* SecurityOptions are "name=seccomp,profile=default", "name=rootless" ... */
static bool has_security(const json_t *info, const char *name)
{
    const json_t *option;
    size_t i, len = strlen(name);

    json_array_foreach(json_object_get(info, "SecurityOptions"), i, option)
    {
        const char *text = json_string_value(option);

        if (text && !strncmp(text, "name=", 5) && !strncmp(text + 5, name, len) &&
            (text[5 + len] == '\0' || text[5 + len] == ','))
            return true;
    }
    return false;
}

char *facts_missing(const struct facts *facts)
{
    const struct {
        bool enforced;
        const char *what;
    } rows[] = {
        {facts->memory_limit, "no memory limit"},
        {facts->pids_limit, "no limit of processes"},
        {facts->swap_limit, "no limit of swap: memory beyond the limit is swapped out"},
        {facts->cpu_limit, "no limit of CPUs: a job may burn them all"},
        {facts->seccomp, "no seccomp profile: all system calls are open"},
    };
    char *list = NULL;

    for (size_t i = 0; i < COUNT(rows); i++) {
        char *longer;

        if (rows[i].enforced)
            continue;
        longer = list ? xasprintf("%s; %s", list, rows[i].what) : xstrdup(rows[i].what);
        free(list);
        list = longer;
    }
    return list;
}

int facts_refuse(const struct facts *facts, struct err *err)
{
    char *missing;

    if (facts->memory_limit && facts->pids_limit)
        return 0;
    missing = facts_missing(facts);
    err_set(err, ERR_INVALID,
            "the engine cannot hold jobs: %s; %s, or let them run unheld with "
            "--allow-weak-sandbox",
            missing,
            facts->rootless ? "delegate the memory and pids controllers to its user"
                            : "enable the memory and pids cgroup controllers");
    free(missing);
    return -1;
}
