/* engine.c -- see engine.h, and sandbox.h for its public part. */
#include "worker/engine.h"

#include <stdlib.h>
#include <string.h>

#include "lib/bytes.h"
#include "lib/clock.h"
#include "lib/log.h"
#include "lib/mem.h"
#include "worker/owner.h"
#include "worker/pool.h"

/* Who asked for GET /info. */
struct asking {
    struct engine *engine;
    engine_checked *checked;
    void *arg;
};

static void told(void *arg, const json_t *info, const struct err *err);
static void say_weak(struct engine *engine);
static void gone(void *arg, const struct err *err);
static void listed(void *arg, const json_t *body, const struct err *err);
static bool orphaned(const json_t *labels);

struct engine *engine_new(struct event_base *base, const struct engine_config *config,
                          struct err *err)
{
    struct docker *docker = docker_new(base, config->host, err);
    struct engine *engine;

    if (!docker)
        return NULL;
    engine = xcalloc(1, sizeof *engine);
    engine->base = base;
    engine->docker = docker;
    engine->queue = xstrdup(config->queue);
    engine->worker = xstrdup(config->worker);
    engine->allow_weak = config->allow_weak;
    if (config->warm) {
        const struct pool_config pool = {config->warm, config->cores};

        engine->pool = pool_new(engine, &pool);
    }
    return engine;
}

void engine_free(struct engine *engine)
{
    if (!engine)
        return;
    pool_free(engine->pool);
    docker_free(engine->docker);
    free(engine->queue);
    free(engine->worker);
    free(engine);
}

void engine_keep(struct engine *engine, const struct sandbox_spec *spec, int count)
{
    if (engine->pool)
        pool_keep(engine->pool, spec, count);
}

bool engine_away(const struct engine *engine)
{
    return engine->away;
}

void engine_drain(struct engine *engine)
{
    if (engine->pool)
        pool_drain(engine->pool);
}

int engine_busy(const struct engine *engine)
{
    return engine->busy;
}

void engine_check(struct engine *engine, engine_checked *checked, void *arg)
{
    struct asking *asking = xcalloc(1, sizeof *asking);

    *asking = (struct asking){engine, checked, arg};
    engine->busy++;
    docker_info(engine->docker, told, asking);
}

static void told(void *arg, const json_t *info, const struct err *err)
{
    struct asking *asking = arg;
    struct engine *engine = asking->engine;
    struct err weak;

    engine->busy--;
    engine_said(engine, err);
    if (!err) {
        facts_read(info, &engine->facts);
        say_weak(engine);
        if (!engine->allow_weak && facts_refuse(&engine->facts, &weak))
            err = &weak;
    }
    engine->known = !err;
    asking->checked(asking->arg, err);
    free(asking);
}

static void say_weak(struct engine *engine)
{
    char *missing = facts_missing(&engine->facts);

    if (missing && !engine->weak)
        log_warn("sandbox-weak", "missing=%s", missing);
    engine->weak = missing;
    free(missing);
}

void engine_said(struct engine *engine, const struct err *err)
{
    bool away = err && (err->kind == ERR_BACKEND || err->kind == ERR_TIMEOUT);

    if (away && !engine->away)
        log_error("engine-away", "error=%s", err->text);
    if (!away && engine->away)
        log_info("engine-back", "queue=%s", engine->queue);
    if (err && err->kind != ERR_MISSING)
        engine->known = false; /* another may have come, or come back, in its place */
    engine->away = away;
}

void engine_kill(struct engine *engine, const char *container)
{
    engine->busy++;
    docker_kill(engine->docker, container, gone, engine);
}

void engine_remove(struct engine *engine, const char *container)
{
    engine->busy++;
    docker_remove(engine->docker, container, gone, engine);
}

static void gone(void *arg, const struct err *err)
{
    struct engine *engine = arg;

    engine->busy--;
    engine_said(engine, err);
}

void engine_sweep(struct engine *engine)
{
    char *label = xasprintf("bullpen.queue=%s", engine->queue);

    engine->busy++;
    docker_list(engine->docker, label, listed, engine);
    free(label);
}

static void listed(void *arg, const json_t *body, const struct err *err)
{
    struct engine *engine = arg;
    const json_t *container;
    size_t i;

    engine->busy--;
    engine_said(engine, err);
    json_array_foreach(body, i, container)
    {
        const json_t *labels = json_object_get(container, "Labels");
        const char *id = json_string_value(json_object_get(container, "Id"));
        const char *job = json_string_value(json_object_get(labels, "bullpen.job"));

        if (!id || !orphaned(labels))
            continue;
        log_warn("orphan-removed", "container=%s job=%s", id, job ? job : "");
        engine_remove(engine, id);
    }
}

/* Every container says when it is over at the latest, and which process made it. */
static bool orphaned(const json_t *labels)
{
    const char *owner = json_string_value(json_object_get(labels, "bullpen.owner"));
    const char *deadline = json_string_value(json_object_get(labels, "bullpen.deadline"));
    int64_t at_ms;

    return (owner && owner_gone(owner)) ||
           (deadline && !number_read(deadline, 0, INT64_MAX, &at_ms) && at_ms < clock_ms());
}
