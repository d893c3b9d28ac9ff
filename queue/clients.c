/* clients.c -- see clients.h. Names cannot hold a blank or a newline: Redis refuses them.
 */
#include "queue/clients.h"

#include <string.h>

static bool read_line(const char *line, size_t len, const char *base,
                      struct queue_worker *worker, struct arena *arena);
static const char *value_of(const char *line, size_t len, const char *name,
                            struct arena *arena);
static int64_t number_of(const char *line, size_t len, const char *name,
                         struct arena *arena);

size_t clients_read(const char *list, const char *base, struct queue_worker **workers,
                    struct arena *arena)
{
    size_t lines = 1, count = 0;

    for (const char *at = list; *at; at++)
        lines += *at == '\n';
    *workers = arena_alloc(arena, lines * sizeof **workers);
    for (size_t len; *list; list += len + (list[len] == '\n')) {
        len = strcspn(list, "\n");
        count += read_line(list, len, base, *workers + count, arena);
    }
    return count;
}

/* False when it is no worker of this queue. */
static bool read_line(const char *line, size_t len, const char *base,
                      struct queue_worker *worker, struct arena *arena)
{
    const char *name = value_of(line, len, "name", arena);
    size_t base_len = strlen(base);

    if (strncmp(name, base, base_len) != 0)
        return false;
    name += base_len;
    if (*name && strncmp(name, ":w:", 3) != 0)
        return false; /* QueueEvents ":qe", or a queue whose name goes on */
    worker->name = *name ? name + 3 : name;
    worker->address = value_of(line, len, "addr", arena);
    worker->age_s = number_of(line, len, "age", arena);
    worker->idle_s = number_of(line, len, "idle", arena);
    return true;
}

/* The text behind "name=", "" when it is not there. */
static const char *value_of(const char *line, size_t len, const char *name,
                            struct arena *arena)
{
    size_t name_len = strlen(name);
    const char *end = line + len;

    for (const char *at = line; at < end;) {
        size_t field = strcspn(at, " \n");

        if (field > name_len && at[name_len] == '=' && !strncmp(at, name, name_len))
            return arena_copy(arena, at + name_len + 1, field - name_len - 1);
        at += field + 1;
    }
    return "";
}

static int64_t number_of(const char *line, size_t len, const char *name,
                         struct arena *arena)
{
    int64_t number = 0;

    number_read(value_of(line, len, name, arena), 0, INT64_MAX, &number);
    return number;
}
