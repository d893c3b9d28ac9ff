/* output.h -- what a program printed: the first bytes of stdout and stderr together, in
 * order of arrival, are kept; the rest is counted. A compiler's stdout is no text but data,
 * which is wanted whole or not at all; it has a limit of its own then. */
#ifndef WORKER_OUTPUT_H
#define WORKER_OUTPUT_H

#include <stdbool.h>

#include "lib/bytes.h"
#include "worker/frames.h"

struct output {
    char *kept[2]; /* stdout, stderr; each has room for `limit` */
    size_t kept_len[2];
    size_t limit; /* for both together */
    int64_t seen; /* bytes printed in all */
    /* Where stdout is data it has no part in the above but kept[0], which grows. */
    size_t data_limit; /* 0: it is text */
    size_t data_room;
    bool data_over; /* there was more of it */
};

void output_init(struct output *output, size_t limit);
void output_init_data(struct output *output, size_t data_limit, size_t limit);
void output_done(struct output *output); /* frees what is kept */
void output_add(struct output *output, enum stream stream, const char *at, size_t len);

/* Hand over what is kept; `from` has nothing then, and needs no output_done. */
void output_take(struct output *output, struct output *from);

struct bytes output_of(const struct output *output, enum stream stream);
bool output_truncated(const struct output *output);

/* The program prints far beyond what is kept: 64 times that, or 1 MiB if that is more; or
 * any data beyond its limit. */
bool output_flood(const struct output *output);

#endif
