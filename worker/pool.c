/* pool.c -- see pool.h.
 *
 *     make -> warming -> ready -> taken
 *                 \________\___ ended: it failed, died or was stopped
 *
 * What changes a kind's numbers only asks for the filling, which is done from the event
 * loop: nobody is called back from within a call of his own.
 */
#include "worker/pool.h"

#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "lib/arena.h"
#include "lib/clock.h"
#include "lib/log.h"
#include "lib/mem.h"
#include "lib/timer.h"
#include "worker/engine.h"

enum {
    PULSE_MS = 1000,       /* how often ages are looked at */
    KINDS = 64,            /* that are remembered */
    LIMIT_STEP_MS = 20000, /* limits of time are rounded up to these, to be of one kind */
};

#define SECOND_US    INT64_C(1000000)
#define PATIENCE_US  (SECOND_US / 30) /* a job that has just begun has the machine */
#define REVIEW_US    (30 * SECOND_US) /* those that nobody wanted for so long are too many */
#define FORGET_US    (300 * SECOND_US) /* a kind that nobody used for so long has none */
#define PAUSE_US     SECOND_US         /* after a failure, twice that after the next, */
#define PAUSE_MAX_US (10 * SECOND_US)  /* and no more than this */
#define YOUNG_US     SECOND_US         /* a death before that is a failure as well */

/* One sandbox. */
struct warm {
    TAILQ_ENTRY(warm) link;
    struct kind *kind;
    struct sandbox *sandbox;
    bool ready, stopped;
    int64_t ready_us; /* clock_mono_us */
};

struct kind {
    LIST_ENTRY(kind) link;
    struct pool *pool;
    struct arena *arena; /* of the spec's texts */
    struct sandbox_spec spec;
    TAILQ_HEAD(warm_list, warm) warm; /* the oldest first */
    int there;                        /* in that list */
    int ready;                        /* of these */
    int kept;                         /* at least so many, by configuration */
    int wanted;                       /* by demand */
    int spare;                        /* the least that was ready since the last review */
    int64_t used_us, reviewed_us;
    int64_t pause_us, paused_until_us; /* it could not be made */
};

struct pool {
    struct engine *engine;
    struct pool_config config;
    LIST_HEAD(kind_list, kind) kinds;
    int kind_count;
    int there, making; /* of all kinds */
    int64_t taken_us;  /* the last time that one was */
    bool draining;
    struct event *filling; /* zero delay */
    struct event *pulse;
};

static struct kind *find(struct pool *pool, const struct sandbox_spec *spec);
static struct kind *add(struct pool *pool, const struct sandbox_spec *spec);
static void copy_spec(struct kind *kind, const struct sandbox_spec *spec);
static struct texts copy_texts(struct arena *arena, struct texts texts);
static bool is_of(const struct kind *kind, const struct sandbox_spec *spec);
static int64_t rounded_ms(int64_t timeout_ms);
static bool forget_one(struct pool *pool);
static void drop(struct kind *kind);
static void fill(evutil_socket_t fd, short what, void *arg);
static int most_at_once(const struct pool *pool);
static struct kind *neediest(const struct pool *pool);
static void make_room(struct pool *pool, const struct kind *needy);
static struct kind *richest(const struct pool *pool, const struct kind *needy);
static int target(const struct kind *kind);
static void make(struct kind *kind);
static void ready(void *arg);
static void ended(void *arg, const struct sandbox_end *end, const struct err *err);
static void pause_kind(struct kind *kind, const struct err *err);
static void leave(struct warm *warm);
static void stop(struct warm *warm);
static void beat(evutil_socket_t fd, short what, void *arg);
static void review(struct kind *kind, int64_t now_us);

/* A warm one is fed nothing, so it neither begins nor prints. */
static const struct sandbox_events warm_events = {.ready = ready, .ended = ended};

struct pool *pool_new(struct engine *engine, const struct pool_config *config)
{
    struct pool *pool = xcalloc(1, sizeof *pool);

    pool->engine = engine;
    pool->config = *config;
    LIST_INIT(&pool->kinds);
    pool->filling = evtimer_new(engine->base, fill, pool);
    pool->pulse = event_new(engine->base, -1, EV_PERSIST, beat, pool);
    return pool;
}

void pool_free(struct pool *pool)
{
    struct kind *kind;

    if (!pool)
        return;
    while ((kind = LIST_FIRST(&pool->kinds)))
        drop(kind); /* NOLINT(clang-analyzer-unix.Malloc): LIST_REMOVE does remove it */
    event_free(pool->filling);
    event_free(pool->pulse);
    free(pool);
}

struct sandbox *pool_take(struct pool *pool, const struct sandbox_spec *spec)
{
    struct kind *kind = find(pool, spec);
    struct sandbox *sandbox;
    struct warm *warm;

    if (!kind)
        return NULL;
    kind->used_us = clock_mono_us();
    pool_poke(pool);
    TAILQ_FOREACH (warm, &kind->warm, link) {
        if (!warm->ready || warm->stopped)
            continue;
        sandbox = warm->sandbox;
        leave(warm);
        kind->pause_us = 0;
        pool->taken_us = kind->used_us;
        return sandbox;
    }
    if (kind->wanted < pool->config.most)
        kind->wanted++;
    return NULL;
}

void pool_keep(struct pool *pool, const struct sandbox_spec *spec, int count)
{
    struct kind *kind = find(pool, spec);

    if (!kind)
        return;
    kind->kept = count;
    pool_poke(pool);
}

int pool_ready(const struct pool *pool)
{
    const struct kind *kind;
    int ready = 0;

    LIST_FOREACH (kind, &pool->kinds, link)
        ready += kind->ready;
    return ready;
}

/* The kind of a spec, made when it is new; NULL when there are too many. */
static struct kind *find(struct pool *pool, const struct sandbox_spec *spec)
{
    struct kind *kind;

    if (pool->draining)
        return NULL;
    LIST_FOREACH (kind, &pool->kinds, link)
        if (is_of(kind, spec))
            return kind;
    if (pool->kind_count >= KINDS && !forget_one(pool))
        return NULL;
    return add(pool, spec);
}

static struct kind *add(struct pool *pool, const struct sandbox_spec *spec)
{
    struct kind *kind = xcalloc(1, sizeof *kind);

    kind->pool = pool;
    kind->arena = arena_new();
    copy_spec(kind, spec);
    TAILQ_INIT(&kind->warm);
    kind->used_us = kind->reviewed_us = clock_mono_us();
    if (!pool->kind_count++)
        timer_set_ms(pool->pulse, PULSE_MS);
    LIST_INSERT_HEAD(&pool->kinds, kind, link);
    return kind;
}

/* The job's spec ends with the job. */
static void copy_spec(struct kind *kind, const struct sandbox_spec *spec)
{
    kind->spec = *spec;
    kind->spec.image = arena_text(kind->arena, spec->image);
    kind->spec.env = copy_texts(kind->arena, spec->env);
    if (spec->preload.file)
        kind->spec.preload.file = arena_text(kind->arena, spec->preload.file);
    kind->spec.preload.argv = copy_texts(kind->arena, spec->preload.argv);
    kind->spec.limits.timeout_ms = rounded_ms(spec->limits.timeout_ms);
}

static struct texts copy_texts(struct arena *arena, struct texts texts)
{
    struct bytes *at = arena_alloc(arena, texts.count * sizeof *at);

    for (size_t i = 0; i < texts.count; i++) {
        at[i].at = arena_copy(arena, texts.at[i].at, texts.at[i].len);
        at[i].len = texts.at[i].len;
    }
    return (struct texts){at, texts.count};
}

/* All that the container's create call has of it. */
static bool is_of(const struct kind *kind, const struct sandbox_spec *spec)
{
    const struct sandbox_spec *own = &kind->spec;

    return own->limits.memory_mb == spec->limits.memory_mb &&
           own->limits.pids == spec->limits.pids &&
           own->limits.timeout_ms == rounded_ms(spec->limits.timeout_ms) &&
           own->tmpfs.size_mb == spec->tmpfs.size_mb &&
           own->tmpfs.exec == spec->tmpfs.exec && strcmp(own->image, spec->image) == 0 &&
           texts_same(own->env, spec->env) &&
           texts_same(own->preload.argv, spec->preload.argv) &&
           (!own->preload.file || strcmp(own->preload.file, spec->preload.file) == 0);
}

/* The container knows it as a bound for the time that its worker is dead. */
static int64_t rounded_ms(int64_t timeout_ms)
{
    return (timeout_ms + LIMIT_STEP_MS - 1) / LIMIT_STEP_MS * LIMIT_STEP_MS;
}

/* The one that was not used for longest, of those that nothing depends on. */
static bool forget_one(struct pool *pool)
{
    struct kind *kind, *oldest = NULL;

    LIST_FOREACH (kind, &pool->kinds, link)
        if (!kind->there && !kind->kept && (!oldest || kind->used_us < oldest->used_us))
            oldest = kind;
    if (!oldest)
        return false;
    drop(oldest);
    return true;
}

static void drop(struct kind *kind)
{
    if (!--kind->pool->kind_count)
        event_del(kind->pool->pulse);
    LIST_REMOVE(kind, link);
    arena_free(kind->arena);
    free(kind);
}

void pool_poke(struct pool *pool)
{
    if (!pool->draining)
        timer_set_us(pool->filling, 0);
}

static void fill(evutil_socket_t fd, short what, void *arg)
{
    struct pool *pool = arg;
    int64_t patience_us = pool->taken_us + PATIENCE_US - clock_mono_us();
    struct kind *kind;

    if (pool->engine->jobs && patience_us > 0) {
        timer_set_us(pool->filling, patience_us);
        return;
    }
    while (!pool->draining && pool->making < most_at_once(pool) &&
           (kind = neediest(pool))) {
        if (pool->there >= pool->config.most) {
            make_room(pool, kind);
            return;
        }
        make(kind);
    }
}

/* A job that waits for a sandbox of its own goes first. */
static int most_at_once(const struct pool *pool)
{
    if (pool->engine->cold)
        return 0;
    return pool->engine->jobs ? 1 : pool->config.cores;
}

/* The one that has the fewest, of those that want more. */
static struct kind *neediest(const struct pool *pool)
{
    int64_t now_us = clock_mono_us();
    struct kind *kind, *found = NULL;

    LIST_FOREACH (kind, &pool->kinds, link)
        if (kind->there < target(kind) && now_us >= kind->paused_until_us &&
            (!found || kind->there < found->there ||
             (kind->there == found->there && kind->used_us > found->used_us)))
            found = kind;
    return found;
}

/* All places are taken: one of the kind that has most gives way, if it still has as many as
 * the needy one then; or the last of one that was not used for longer. Its place is free
 * when it has ended, which brings us back here. */
static void make_room(struct pool *pool, const struct kind *needy)
{
    struct kind *kind = richest(pool, needy);
    struct warm *warm;

    if (!kind)
        return;
    if (kind->there <= needy->there + 1 && (needy->there || kind->used_us > needy->used_us))
        return;
    TAILQ_FOREACH (warm, &kind->warm, link)
        if (warm->ready) {
            stop(warm);
            return;
        }
}

/* Of the others, as far as they have more than is kept. */
static struct kind *richest(const struct pool *pool, const struct kind *needy)
{
    struct kind *kind, *found = NULL;

    LIST_FOREACH (kind, &pool->kinds, link)
        if (kind != needy && kind->ready > kind->kept &&
            (!found || kind->there > found->there ||
             (kind->there == found->there && kind->used_us < found->used_us)))
            found = kind;
    return found;
}

static int target(const struct kind *kind)
{
    return kind->wanted > kind->kept ? kind->wanted : kind->kept;
}

static void make(struct kind *kind)
{
    struct warm *warm = xcalloc(1, sizeof *warm);

    warm->kind = kind;
    TAILQ_INSERT_TAIL(&kind->warm, warm, link);
    kind->there++;
    kind->pool->there++;
    kind->pool->making++;
    warm->sandbox = sandbox_make(kind->pool->engine, &kind->spec, NULL, &warm_events, warm);
}

static void ready(void *arg)
{
    struct warm *warm = arg;

    warm->ready = true;
    warm->ready_us = clock_mono_us();
    warm->kind->ready++;
    warm->kind->pool->making--;
    pool_poke(warm->kind->pool);
}

static void ended(void *arg, const struct sandbox_end *end, const struct err *err)
{
    struct warm *warm = arg;
    struct kind *kind = warm->kind;
    bool lived = warm->ready && clock_mono_us() - warm->ready_us > YOUNG_US;

    if (!lived && !warm->stopped)
        pause_kind(kind, err);
    leave(warm);
    pool_poke(kind->pool);
}

/* One could not be made, or was of no use, and the next will hardly fare better right now.
 * Said once, until there is one that lives. */
static void pause_kind(struct kind *kind, const struct err *err)
{
    const struct preload *preload = &kind->spec.preload;

    kind->pause_us = kind->pause_us ? kind->pause_us * 2 : PAUSE_US;
    if (kind->pause_us > PAUSE_MAX_US)
        kind->pause_us = PAUSE_MAX_US;
    kind->paused_until_us = clock_mono_us() + kind->pause_us;
    if (err && kind->pause_us == PAUSE_US)
        log_warn("pool", "image=%s preload=%s error=%s note=%s", kind->spec.image,
                 preload->file ? preload->argv.at[0].at : "no", err->text,
                 "none is made ahead for some seconds, jobs wait for one of their own");
}

/* It is not ours any more. */
static void leave(struct warm *warm)
{
    struct kind *kind = warm->kind;

    TAILQ_REMOVE(&kind->warm, warm, link);
    kind->there--;
    kind->pool->there--;
    if (warm->ready)
        kind->ready--;
    else
        kind->pool->making--;
    if (kind->ready < kind->spare)
        kind->spare = kind->ready;
    free(warm);
}

static void stop(struct warm *warm)
{
    if (warm->stopped)
        return;
    warm->stopped = true;
    sandbox_stop(warm->sandbox);
}

static void beat(evutil_socket_t fd, short what, void *arg)
{
    struct pool *pool = arg;
    int64_t now_us = clock_mono_us();
    struct kind *kind;
    struct warm *warm;

    LIST_FOREACH (kind, &pool->kinds, link) {
        review(kind, now_us);
        TAILQ_FOREACH (warm, &kind->warm, link) {
            if (warm->ready && now_us - warm->ready_us > YOUNG_US)
                kind->pause_us = 0;
            if (warm->ready && now_us - warm->ready_us > POOL_AGE_MS * INT64_C(1000))
                stop(warm);
        }
    }
    pool_poke(pool);
}

/* What nobody wanted goes, but for one while the kind is in use at all. */
static void review(struct kind *kind, int64_t now_us)
{
    struct warm *warm;
    int least = now_us - kind->used_us < FORGET_US ? 1 : 0;
    int surplus;

    if (least == 0)
        kind->wanted = 0;
    if (now_us - kind->reviewed_us > REVIEW_US) {
        kind->wanted = kind->wanted - kind->spare;
        kind->spare = kind->ready;
        kind->reviewed_us = now_us;
    }
    if (kind->wanted < least)
        kind->wanted = least;
    surplus = kind->ready - target(kind);
    TAILQ_FOREACH (warm, &kind->warm, link)
        if (warm->ready && surplus-- > 0)
            stop(warm);
}

void pool_drain(struct pool *pool)
{
    struct kind *kind;
    struct warm *warm;

    pool->draining = true;
    event_del(pool->filling);
    event_del(pool->pulse);
    LIST_FOREACH (kind, &pool->kinds, link) {
        TAILQ_FOREACH (warm, &kind->warm, link) {
            stop(warm);
        }
    }
}
