/* output.c -- see output.h. */
#include "worker/output.h"

#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"

static size_t kept(const struct output *output);

void output_init(struct output *output, size_t limit)
{
    memset(output, 0, sizeof *output);
    output->limit = limit;
    for (int i = 0; i < 2; i++)
        output->kept[i] = xmalloc(limit);
}

void output_done(struct output *output)
{
    for (int i = 0; i < 2; i++)
        free(output->kept[i]);
}

void output_add(struct output *output, enum stream stream, const char *at, size_t len)
{
    int i = stream == STREAM_ERR;
    size_t room = output->limit - kept(output);
    size_t piece = len < room ? len : room;

    memcpy(output->kept[i] + output->kept_len[i], at, piece);
    output->kept_len[i] += piece;
    output->seen += (int64_t)len;
}

static size_t kept(const struct output *output)
{
    return output->kept_len[0] + output->kept_len[1];
}

struct bytes output_of(const struct output *output, enum stream stream)
{
    int i = stream == STREAM_ERR;

    return (struct bytes){output->kept[i], output->kept_len[i]};
}

bool output_truncated(const struct output *output)
{
    return output->seen > (int64_t)kept(output);
}

bool output_flood(const struct output *output)
{
    int64_t far = (int64_t)output->limit * 64;

    return output->seen > (far < 1024 * 1024 ? 1024 * 1024 : far);
}
