/* frames.c -- see frames.h. */
#include "worker/frames.h"

static int read_head(struct frames *frames, struct err *err);

int frames_read(struct frames *frames, const char *at, size_t len, frames_payload *payload,
                void *arg, struct err *err)
{
    while (len) {
        if (frames->head_len < sizeof frames->head) {
            frames->head[frames->head_len++] = (unsigned char)*at++;
            len--;
            if (frames->head_len == sizeof frames->head && read_head(frames, err))
                return -1;
        } else {
            size_t piece = len < frames->left ? len : frames->left;

            payload(arg, frames->head[0], at, piece);
            at += piece;
            len -= piece;
            frames->left -= (uint32_t)piece;
        }
        if (frames->head_len == sizeof frames->head && !frames->left)
            frames->head_len = 0;
    }
    return 0;
}

static int read_head(struct frames *frames, struct err *err)
{
    const unsigned char *head = frames->head;

    if ((head[0] != STREAM_OUT && head[0] != STREAM_ERR) || head[1] || head[2] || head[3])
        return err_set(
            err, ERR_BACKEND,
            "the engine's attach stream has a frame that begins %02x%02x%02x%02x", head[0],
            head[1], head[2], head[3]);
    frames->left = (uint32_t)head[4] << 24 | (uint32_t)head[5] << 16 |
                   (uint32_t)head[6] << 8 | head[7];
    return 0;
}
