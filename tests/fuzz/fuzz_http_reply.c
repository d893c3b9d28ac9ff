/* The engine's HTTP replies: whatever comes, and however it is cut, the reader ends, within
 * its bounds, and with the same answer. */
#include <assert.h>
#include <event2/buffer.h>
#include <stdint.h>
#include <string.h>

#include "worker/http_reply.h"

enum { LIMIT = 4096 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int read_pieces(struct http_reply *reply, const uint8_t *data, size_t size,
                       size_t piece)
{
    struct evbuffer *input = evbuffer_new();
    struct err err;
    int got = 0;

    for (size_t at = 0; at < size && !got; at += piece) {
        evbuffer_add(input, data + at, size - at < piece ? size - at : piece);
        got = http_reply_read(reply, input, &err);
    }
    evbuffer_free(input);
    return got ? got : http_reply_end(reply, &err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct http_reply *whole = http_reply_new(LIMIT, false),
                      *cut = http_reply_new(LIMIT, false);
    int first = read_pieces(whole, data, size, size ? size : 1);
    int second = read_pieces(cut, data, size, 1);
    size_t len, cut_len;

    assert(first == second && first != 0);
    if (first > 0) {
        const char *body = http_reply_body(whole, &len),
                   *other = http_reply_body(cut, &cut_len);

        assert(len == cut_len && len <= LIMIT && !memcmp(body, other, len));
    }
    http_reply_free(whole);
    http_reply_free(cut);
    return 0;
}
