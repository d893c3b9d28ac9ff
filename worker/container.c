/* container.c -- see container.h. Everything that keeps a program in is said here:
 * read-only root, no network, no capability, no device, no IPC, nobody's uid, hard limits,
 * our seccomp profile. Nothing of the host is mounted.
 */
#include "worker/container.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "lib/count.h"
#include "lib/json.h"
#include "lib/mem.h"
#include "worker/assets.h"
#include "worker/owner.h"

enum {
    OPEN_FILES = 256,
    FILE_BYTES = 16 * 1024 * 1024,
    TMPFS_INODES = 4096,
    CPU_MERCY_S = 5 /* beyond the wall time; our deadline comes first unless we are dead */
};

static json_t *command(const struct container_spec *spec);
static json_t *host_config(const struct container_spec *spec);
static char *tmpfs_options(const struct sandbox_spec *spec);
static json_t *masked_paths(void);
static json_t *readonly_paths(void);
static json_t *environment(const struct texts *own);
static void append_texts(json_t *list, const struct texts *texts);
static json_t *ulimits(const struct limits *limits);
static json_t *security(void);
static json_t *labels(const struct container_spec *spec);
static json_t *made(json_t *json);

char *container_body(const struct container_spec *spec)
{
    /* An empty comment ends a line, so that names and values stay in pairs. */
    json_t *body = made(json_pack(
        "{s:s, s:[], s:o, s:s, s:s, s:o, s:b, s:b, s:b, s:b, s:b, s:b, s:b, s:s, s:o, "
        "s:o}",
        "Image", spec->sandbox->image, "Entrypoint",            /**/
        "Cmd", command(spec),                                   /**/
        "User", "65534:65534", "WorkingDir", "/tmp",            /**/
        "Env", environment(&spec->sandbox->env),                /**/
        "AttachStdin", 1, "AttachStdout", 1, "AttachStderr", 1, /**/
        /* StdinOnce: when we are gone the launcher's stdin ends, and so does it. */
        "OpenStdin", 1, "StdinOnce", 1, "Tty", 0,      /**/
        "NetworkDisabled", 1, "StopSignal", "SIGKILL", /**/
        "Labels", labels(spec), "HostConfig", host_config(spec)));
    char *text = json_write(body, NULL);

    json_decref(body);
    return text;
}

/* Behind the launcher's text stand its name and its words. */
static json_t *command(const struct container_spec *spec)
{
    const struct preload *preload = &spec->sandbox->preload;
    json_t *list = made(json_pack("[ssss]", "/bin/sh", "-c", asset_launcher, "sh"));

    if (spec->ahead && preload->file) {
        json_array_append_new(list, json_text(preload->file, strlen(preload->file)));
        append_texts(list, &preload->argv);
    }
    return list;
}

static json_t *host_config(const struct container_spec *spec)
{
    const struct limits *limits = &spec->sandbox->limits;
    json_int_t memory = limits->memory_mb * 1024 * 1024;
    char *tmpfs = tmpfs_options(spec->sandbox);
    json_t *config = made(json_pack(
        "{s:b, s:s, s:s, s:b, s:o, s:I, s:I, s:I, s:I, s:[s], s:o, s:{s:s}, s:o, "
        "s:{s:s, s:{}}}",
        "AutoRemove", 1, "NetworkMode", "none", "IpcMode", "none", "ReadonlyRootfs", 1, /**/
        "MaskedPaths", masked_paths(),                                                  /**/
        "Memory", memory, "MemorySwap", memory, "NanoCpus", (json_int_t)1000000000,     /**/
        "PidsLimit", (json_int_t)limits->pids, "CapDrop", "ALL",                        /**/
        "SecurityOpt", security(), "Tmpfs", "/tmp", tmpfs, "Ulimits", ulimits(limits),  /**/
        "LogConfig", "Type", "none", "Config"));

    if (spec->crun) {
        json_object_set_new(config, "Runtime", json_string("crun"));
        json_object_set_new(config, "ReadonlyPaths", readonly_paths());
    }
    free(tmpfs);
    return config;
}

/* What lies in it counts as the container's memory. */
static char *tmpfs_options(const struct sandbox_spec *spec)
{
    return xasprintf("rw,nosuid,nodev,%s,size=%lldm,nr_inodes=%d,mode=1777",
                     spec->tmpfs.exec ? "exec" : "noexec",
                     (long long)sandbox_tmpfs_mb(spec), TMPFS_INODES);
}

/* What engines mask of their own, and the memory of process 1: a program of the same user
 * could end it, which looks like a sandbox that was lost, or find its mark there. */
static json_t *masked_paths(void)
{
    static const char *const paths[] = {
        "/proc/1/mem",
        "/proc/1/task/1/mem",
        "/proc/acpi",
        "/proc/asound",
        "/proc/interrupts",
        "/proc/kcore",
        "/proc/keys",
        "/proc/latency_stats",
        "/proc/sched_debug",
        "/proc/scsi",
        "/proc/timer_list",
        "/proc/timer_stats",
        "/sys/devices/virtual/powercap",
        "/sys/firmware",
    };
    json_t *list = json_array();

    for (size_t i = 0; i < COUNT(paths); i++)
        json_array_append_new(list, json_string(paths[i]));
    return list;
}

/* The engine's own list, and the tmpfs into which crun mounts cgroups of version 1: it
 * leaves that open to everybody. */
static json_t *readonly_paths(void)
{
    return made(json_pack("[ssssss]", "/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys",
                          "/proc/sysrq-trigger", "/sys/fs/cgroup"));
}

static json_t *environment(const struct texts *own)
{
    json_t *env = made(json_pack("[sss]", "HOME=/tmp", "TMPDIR=/tmp", "LANG=C.UTF-8"));

    append_texts(env, own);
    return env;
}

static void append_texts(json_t *list, const struct texts *texts)
{
    for (size_t i = 0; i < texts->count; i++)
        json_array_append_new(list, json_text(texts->at[i].at, texts->at[i].len));
}

static json_t *ulimits(const struct limits *limits)
{
    const struct {
        const char *name;
        json_int_t limit;
    } table[] = {
        {"nofile", OPEN_FILES},
        {"core", 0},
        {"fsize", FILE_BYTES},
        {"cpu", limits->timeout_ms / 1000 + CPU_MERCY_S},
    };
    json_t *list = json_array();

    for (size_t i = 0; i < COUNT(table); i++)
        json_array_append_new(list,
                              json_pack("{s:s, s:I, s:I}", "Name", table[i].name, "Soft",
                                        table[i].limit, "Hard", table[i].limit));
    return list;
}

/* The profile is written for x86-64; elsewhere the engine's own has to do. */
static json_t *security(void)
{
    json_t *list = json_array();

    json_array_append_new(list, json_string("no-new-privileges"));
#ifdef __x86_64__
    char *seccomp = xasprintf("seccomp=%s", asset_seccomp);

    json_array_append_new(list, json_string(seccomp));
    free(seccomp);
#endif
    return list;
}

static json_t *labels(const struct container_spec *spec)
{
    char *deadline = xasprintf("%lld", (long long)spec->deadline_ms);
    char owner[OWNER_BYTES];
    json_t *list =
        made(json_pack("{s:s, s:s, s:s, s:s, s:s}", "bullpen", "1", "bullpen.queue",
                       spec->queue, "bullpen.worker", spec->worker, "bullpen.owner",
                       owner_self(owner), "bullpen.deadline", deadline));

    if (spec->job_id)
        json_object_set_new(list, "bullpen.job",
                            json_text(spec->job_id, strlen(spec->job_id)));
    free(deadline);
    return list;
}

/* json_pack fails for a format of ours that is wrong, or a text that is not UTF-8: both are
 * checked before we get here. */
static json_t *made(json_t *json)
{
    assert(json);
    return json;
}
