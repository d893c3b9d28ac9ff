/* doctor_redis.c -- is Redis there, and is it set up so that no job is lost? */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "deploy/bullpen/doctor.h"
#include "lib/clock.h"
#include "lib/mem.h"
#include "queue/redis.h"

enum { LINK_MS = 4000, OLDEST = 602, SLOW_US = 2000 };

/* A look on its way. */
struct look {
    struct doctor *doctor;
    bool linked, over;
    struct err err; /* of the link, or the call */
    bool failed;
    char *info; /* what INFO said; malloc'd */
};

static void linked(void *arg, const struct err *err);
static void told(void *arg, const redisReply *reply, const struct err *err);
static bool ask(struct look *look, struct redis *redis);
static void read_version(struct doctor *doctor, struct redis *redis, const char *info,
                         int64_t took_us);
static void read_settings(struct doctor *doctor, const char *info);
static const char *value_of(struct doctor *doctor, const char *info, const char *name);

void doctor_redis(struct doctor *doctor)
{
    const struct redis_config config = {doctor->conf.queue.redis, NULL, LINK_MS};
    struct look look = {.doctor = doctor};
    struct redis *redis = redis_new(doctor->base, &config, linked, &look, &look.err);
    int64_t asked_us;

    if (!redis) {
        doctor_say(doctor, FINDING_BAD, "redis", "%s", look.err.text);
        return;
    }
    while (!look.linked && !look.failed)
        event_base_loop(doctor->base, EVLOOP_ONCE);
    if (!look.failed)
        ask(&look, redis); /* the first one wakes everybody up */
    free(look.info);
    look.info = NULL;
    asked_us = clock_mono_us();
    if (!look.failed && ask(&look, redis)) {
        read_version(doctor, redis, look.info, clock_mono_us() - asked_us);
        read_settings(doctor, look.info);
    }
    if (look.failed)
        doctor_say(doctor, FINDING_BAD, "redis", "%s: %s", redis_where(redis),
                   look.err.text);
    free(look.info);
    redis_free(redis);
}

static void linked(void *arg, const struct err *err)
{
    struct look *look = arg;

    look->linked = !err;
    look->failed = err;
    if (err)
        look->err = *err;
}

static bool ask(struct look *look, struct redis *redis)
{
    look->over = false;
    redis_callf(redis, 0, told, look, "INFO");
    while (!look->over)
        event_base_loop(look->doctor->base, EVLOOP_ONCE);
    return !look->failed;
}

static void told(void *arg, const redisReply *reply, const struct err *err)
{
    struct look *look = arg;

    look->over = true;
    look->failed = err;
    if (err)
        look->err = *err;
    else
        look->info = xmemdup0(reply->str ? reply->str : "", reply->str ? reply->len : 0);
}

static void read_version(struct doctor *doctor, struct redis *redis, const char *info,
                         int64_t took_us)
{
    const char *version = value_of(doctor, info, "redis_version");
    const char *role = value_of(doctor, info, "role");
    char *end;
    long major = strtol(version, &end, 10);
    long minor = *end == '.' ? strtol(end + 1, NULL, 10) : 0;

    if (major * 100 + minor < OLDEST)
        doctor_say(doctor, FINDING_BAD, "redis", "%s is version %s; 6.2 or newer is needed",
                   redis_where(redis), version);
    else if (strcmp(role, "master") != 0)
        doctor_say(doctor, FINDING_BAD, "redis",
                   "%s is a replica: it takes no jobs; say where the primary is",
                   redis_where(redis));
    else
        doctor_say(doctor, took_us > SLOW_US ? FINDING_NOTE : FINDING_OK, "redis",
                   "%s, version %s, answers in %.1f ms%s", redis_where(redis), version,
                   (double)took_us / 1000,
                   took_us > SLOW_US ? ": far away or busy; each job waits for it twice"
                                     : "");
}

static void read_settings(struct doctor *doctor, const char *info)
{
    const char *policy = value_of(doctor, info, "maxmemory_policy");
    bool limited = strcmp(value_of(doctor, info, "maxmemory"), "0") != 0;

    if (strcmp(policy, "noeviction") != 0)
        doctor_say(doctor, limited ? FINDING_BAD : FINDING_NOTE, "redis",
                   "maxmemory-policy is %s: a full Redis would throw jobs away; set "
                   "noeviction",
                   policy);
    if (strcmp(value_of(doctor, info, "aof_enabled"), "1") != 0)
        doctor_say(doctor, FINDING_NOTE, "redis",
                   "appendonly is off: jobs since the last snapshot are lost if it dies; "
                   "set appendonly yes");
}

/* "name:value\r\n" in what INFO said; "" if it is not there. */
static const char *value_of(struct doctor *doctor, const char *info, const char *name)
{
    size_t len = strlen(name);

    for (const char *at = info; at; at = strchr(at, '\n')) {
        at += *at == '\n';
        if (strncmp(at, name, len) == 0 && at[len] == ':')
            return arena_copy(doctor->arena, at + len + 1, strcspn(at + len + 1, "\r\n"));
    }
    return "";
}
