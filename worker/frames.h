/* frames.h -- the engine's attach stream taken apart: 8 bytes of head (stream, 3 zeros,
 * length in big-endian), payload, and again. Cut anywhere by the transport. Pure. */
#ifndef WORKER_FRAMES_H
#define WORKER_FRAMES_H

#include <stddef.h>
#include <stdint.h>

#include "lib/err.h"

enum stream { STREAM_OUT = 1, STREAM_ERR = 2 };

struct frames {
    unsigned char head[8];
    size_t head_len;
    uint32_t left; /* of the payload */
};

/* Hears a piece of payload; `at` is valid during the call. */
typedef void frames_payload(void *arg, enum stream stream, const char *at, size_t len);

/* Take bytes; zero the struct first. ERR_BACKEND when this is no such stream. */
int frames_read(struct frames *frames, const char *at, size_t len, frames_payload *payload,
                void *arg, struct err *err);

#endif
