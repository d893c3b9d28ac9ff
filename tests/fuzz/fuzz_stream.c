/* The attach stream: frames, and in them the launcher's marks. However the bytes are cut,
 * the program's output is the same, and no byte of it is made up. The mark's id is known to
 * the fuzzer, as it could be to a program that reads its way into it. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"
#include "worker/frames.h"
#include "worker/marks.h"

#define ID "00000000000000000000000000000000"

struct reader {
    struct frames frames;
    struct marks marks[2];
    int ends[2];
    char *out;
    size_t len, room;
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void output(void *arg, const char *at, size_t len)
{
    struct reader *reader = arg;

    assert(reader->len + len <= reader->room);
    memcpy(reader->out + reader->len, at, len);
    reader->len += len;
}

static void payload(void *arg, enum stream stream, const char *at, size_t len)
{
    struct reader *reader = arg;
    int i = stream == STREAM_ERR;

    while (len) {
        size_t taken = len;

        reader->ends[i] +=
            marks_read(&reader->marks[i], at, &taken, output, reader) >= MARK_EXITED;
        assert(taken && taken <= len);
        at += taken;
        len -= taken;
    }
}

static int run(struct reader *reader, const uint8_t *data, size_t size, size_t piece)
{
    struct err err;
    int bad = 0;

    memset(reader, 0, sizeof *reader);
    marks_init(&reader->marks[0], ID, true);
    marks_init(&reader->marks[1], ID, false);
    reader->room = size;
    reader->out = xmalloc(size + 1);
    for (size_t at = 0; at < size && !bad; at += piece)
        bad = frames_read(&reader->frames, (const char *)data + at,
                          size - at < piece ? size - at : piece, payload, reader, &err);
    for (int i = 0; i < 2; i++)
        marks_flush(&reader->marks[i], output, reader);
    return bad;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct reader whole, cut;
    int first = run(&whole, data, size, size ? size : 1), second = run(&cut, data, size, 1);

    assert(first == second);
    assert(whole.len == cut.len);
    for (int i = 0; i < 2; i++)
        assert(whole.ends[i] == cut.ends[i] && whole.ends[i] <= 1);
    free(whole.out);
    free(cut.out);
    return 0;
}
