/* pack.c -- see pack.h. Heads are the shortest the format has (msgpack spec, "Formats"). */
#include "queue/pack.h"

#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"

static void put_object(struct pack *pack, const json_t *object);
static void put_count(struct pack *pack, unsigned char fixed, unsigned char head,
                      uint32_t count);
static void put_head(struct pack *pack, unsigned char head, uint64_t value, int width);
static void put(struct pack *pack, const void *bytes, size_t len);

void pack_free(struct pack *pack)
{
    free(pack->at);
    memset(pack, 0, sizeof *pack);
}

void pack_array(struct pack *pack, uint32_t count)
{
    put_count(pack, 0x90, 0xdc, count);
}

void pack_map(struct pack *pack, uint32_t pairs)
{
    put_count(pack, 0x80, 0xde, pairs);
}

void pack_nil(struct pack *pack)
{
    put_head(pack, 0xc0, 0, 0);
}

void pack_bool(struct pack *pack, bool value)
{
    put_head(pack, value ? 0xc3 : 0xc2, 0, 0);
}

void pack_int(struct pack *pack, int64_t value)
{
    if (value >= 0 && value < 128)
        put_head(pack, (unsigned char)value, 0, 0);
    else if (value >= 0 && value <= UINT32_MAX)
        put_head(pack, 0xce, value, 4);
    else
        put_head(pack, 0xd3, (uint64_t)value, 8);
}

void pack_real(struct pack *pack, double value)
{
    uint64_t bits;

    memcpy(&bits, &value, sizeof bits);
    put_head(pack, 0xcb, bits, 8);
}

void pack_bytes(struct pack *pack, const char *at, size_t len)
{
    if (len < 32)
        put_head(pack, 0xa0 | (unsigned char)len, 0, 0);
    else if (len <= UINT8_MAX)
        put_head(pack, 0xd9, len, 1);
    else if (len <= UINT16_MAX)
        put_head(pack, 0xda, len, 2);
    else
        put_head(pack, 0xdb, len, 4);
    put(pack, at, len);
}

void pack_text(struct pack *pack, const char *text)
{
    if (text)
        pack_bytes(pack, text, strlen(text));
    else
        pack_nil(pack);
}

void pack_json(struct pack *pack, const json_t *value)
{
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        put_object(pack, value);
        break;
    case JSON_ARRAY:
        pack_array(pack, (uint32_t)json_array_size(value));
        for (size_t i = 0; i < json_array_size(value); i++)
            pack_json(pack, json_array_get(value, i));
        break;
    case JSON_STRING:
        pack_bytes(pack, json_string_value(value), json_string_length(value));
        break;
    case JSON_INTEGER:
        pack_int(pack, json_integer_value(value));
        break;
    case JSON_REAL:
        pack_real(pack, json_real_value(value));
        break;
    case JSON_TRUE:
    case JSON_FALSE:
        pack_bool(pack, json_is_true(value));
        break;
    case JSON_NULL:
        pack_nil(pack);
        break;
    }
}

static void put_object(struct pack *pack, const json_t *object)
{
    const char *name;
    json_t *member;

    pack_map(pack, (uint32_t)json_object_size(object));
    json_object_foreach((json_t *)object, name, member)
    {
        pack_text(pack, name);
        pack_json(pack, member);
    }
}

/* A container's head: `fixed` has its count in itself; behind `head` come two bytes of it,
 * behind the next one four. */
static void put_count(struct pack *pack, unsigned char fixed, unsigned char head,
                      uint32_t count)
{
    if (count < 16)
        put_head(pack, fixed | (unsigned char)count, 0, 0);
    else if (count <= UINT16_MAX)
        put_head(pack, head, count, 2);
    else
        put_head(pack, head + 1, count, 4);
}

/* One head byte and `width` bytes of a number, big-endian. */
static void put_head(struct pack *pack, unsigned char head, uint64_t value, int width)
{
    unsigned char bytes[9] = {head};

    for (int i = 0; i < width; i++)
        bytes[1 + i] = (unsigned char)(value >> 8 * (width - 1 - i));
    put(pack, bytes, 1 + (size_t)width);
}

static void put(struct pack *pack, const void *bytes, size_t len)
{
    if (pack->len + len > pack->size) {
        pack->size = (pack->len + len) * 2;
        pack->at = xrealloc(pack->at, pack->size);
    }
    if (len)
        memcpy(pack->at + pack->len, bytes, len);
    pack->len += len;
}
