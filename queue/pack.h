/* pack.h -- MessagePack for script arguments: only what cmsgpack reads back, so text is str
 * and never bin. Grows as it needs; out of memory aborts. */
#ifndef QUEUE_PACK_H
#define QUEUE_PACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/json.h"

struct pack {
    char *at; /* free with pack_free */
    size_t len, size;
};

void pack_free(struct pack *pack);

/* A container's head; its members (a map's: key, value, key, value ...) follow. */
void pack_array(struct pack *pack, uint32_t count);
void pack_map(struct pack *pack, uint32_t pairs);

void pack_nil(struct pack *pack);
void pack_bool(struct pack *pack, bool value);
void pack_int(struct pack *pack, int64_t value);
void pack_real(struct pack *pack, double value);
void pack_bytes(struct pack *pack, const char *at, size_t len);
void pack_text(struct pack *pack, const char *text); /* NULL packs nil */

/* Any JSON value: null as nil, integers as integers, other numbers as reals. */
void pack_json(struct pack *pack, const json_t *value);

#endif
