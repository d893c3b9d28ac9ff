/* output.c -- see output.h. */
#include "worker/output.h"

#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"

enum { DATA_ROOM = 64 * 1024 }; /* at first; it doubles */

static void add_data(struct output *output, const char *at, size_t len);
static size_t kept(const struct output *output);

void output_init(struct output *output, size_t limit)
{
    memset(output, 0, sizeof *output);
    output->limit = limit;
    for (int i = 0; i < 2; i++)
        output->kept[i] = xmalloc(limit);
}

void output_init_data(struct output *output, size_t data_limit, size_t limit)
{
    memset(output, 0, sizeof *output);
    output->limit = limit;
    output->kept[1] = xmalloc(limit);
    output->data_limit = data_limit;
}

void output_done(struct output *output)
{
    for (int i = 0; i < 2; i++)
        free(output->kept[i]);
}

void output_take(struct output *output, struct output *from)
{
    *output = *from;
    memset(from, 0, sizeof *from);
}

void output_add(struct output *output, enum stream stream, const char *at, size_t len)
{
    int i = stream == STREAM_ERR;
    size_t room = output->limit - kept(output);
    size_t piece = len < room ? len : room;

    if (output->data_limit && stream == STREAM_OUT) {
        add_data(output, at, len);
        return;
    }
    memcpy(output->kept[i] + output->kept_len[i], at, piece);
    output->kept_len[i] += piece;
    output->seen += (int64_t)len;
}

static void add_data(struct output *output, const char *at, size_t len)
{
    size_t room = output->data_limit - output->kept_len[0];
    size_t piece = len < room ? len : room, needed = output->kept_len[0] + piece;

    if (needed > output->data_room) {
        output->data_room = output->data_room ? output->data_room * 2 : DATA_ROOM;
        if (output->data_room < needed)
            output->data_room = needed;
        output->kept[0] = xrealloc(output->kept[0], output->data_room);
    }
    memcpy(output->kept[0] + output->kept_len[0], at, piece);
    output->kept_len[0] = needed;
    output->data_over |= piece < len;
}

static size_t kept(const struct output *output)
{
    return output->kept_len[1] + (output->data_limit ? 0 : output->kept_len[0]);
}

struct bytes output_of(const struct output *output, enum stream stream)
{
    int i = stream == STREAM_ERR;

    return (struct bytes){output->kept[i] ? output->kept[i] : "", output->kept_len[i]};
}

bool output_truncated(const struct output *output)
{
    return output->data_over || output->seen > (int64_t)kept(output);
}

bool output_flood(const struct output *output)
{
    int64_t far = (int64_t)output->limit * 64;

    return output->data_over || output->seen > (far < 1024 * 1024 ? 1024 * 1024 : far);
}
