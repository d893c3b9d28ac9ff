/* keys.c -- see keys.h. */
#include "queue/keys.h"

#include <stdlib.h>
#include <string.h>

#include "lib/bytes.h"
#include "lib/count.h"

int keys_init(struct keys *keys, const char *prefix, const char *queue, struct arena *arena,
              struct err *err)
{
    const struct {
        const char **key;
        const char *name;
    } names[] = {
        {&keys->base, ""},
        {&keys->wait, "wait"},
        {&keys->paused, "paused"},
        {&keys->active, "active"},
        {&keys->prioritized, "prioritized"},
        {&keys->delayed, "delayed"},
        {&keys->completed, "completed"},
        {&keys->failed, "failed"},
        {&keys->waiting_children, "waiting-children"},
        {&keys->id, "id"},
        {&keys->pc, "pc"},
        {&keys->marker, "marker"},
        {&keys->meta, "meta"},
        {&keys->events, "events"},
        {&keys->stalled, "stalled"},
        {&keys->stalled_check, "stalled-check"},
        {&keys->limiter, "limiter"},
        {&keys->repeat, "repeat"},
        {&keys->metrics_completed, "metrics:completed"},
        {&keys->metrics_failed, "metrics:failed"},
    };

    if (!*queue || strchr(queue, ':'))
        return err_set(err, ERR_INVALID,
                       "a queue's name must not be empty nor have a ':', is '%.100s'",
                       queue);
    for (size_t i = 0; i < COUNT(names); i++)
        *names[i].key = arena_printf(arena, "%s:%s:%s", prefix, queue, names[i].name);
    keys->client = keys_client_name(prefix, queue, NULL, arena);
    return 0;
}

const char *keys_job(const struct keys *keys, const char *id, struct arena *arena)
{
    return arena_printf(arena, "%s%s", keys->base, id);
}

const char *keys_lock(const struct keys *keys, const char *id, struct arena *arena)
{
    return keys_part(keys, id, "lock", arena);
}

const char *keys_part(const struct keys *keys, const char *id, const char *part,
                      struct arena *arena)
{
    return arena_printf(arena, "%s%s:%s", keys->base, id, part);
}

const char *keys_client_name(const char *prefix, const char *queue, const char *worker,
                             struct arena *arena)
{
    char *name = base64_write(queue, strlen(queue));
    const char *full = arena_printf(arena, "%s:%s%s%s", prefix, name, worker ? ":w:" : "",
                                    worker ? worker : "");

    free(name);
    return full;
}
