/* What Redis says of its clients, with names that anybody may give: no worker is found that
 * has no line of its own, and texts hold no blank. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "queue/clients.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_new();
    const char *list = arena_copy(arena, data, size);
    struct queue_worker *workers;
    size_t count = clients_read(list, "b:cQ==", &workers, arena), lines = 1;

    for (const char *at = list; *at; at++)
        lines += *at == '\n';
    assert(count <= lines);
    for (size_t i = 0; i < count; i++) {
        assert(!strpbrk(workers[i].name, " \n"));
        assert(!strpbrk(workers[i].address, " \n"));
        assert(workers[i].age_s >= 0 && workers[i].idle_s >= 0);
    }
    arena_free(arena);
    return 0;
}
