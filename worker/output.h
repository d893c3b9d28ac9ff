/* output.h -- what a program printed: the first bytes of stdout and stderr together, in
 * order of arrival, are kept; the rest is counted. */
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
};

void output_init(struct output *output, size_t limit);
void output_done(struct output *output); /* frees what is kept */
void output_add(struct output *output, enum stream stream, const char *at, size_t len);

struct bytes output_of(const struct output *output, enum stream stream);
bool output_truncated(const struct output *output);

/* The program prints far beyond what is kept: 64 times that, or 1 MiB if that is more. */
bool output_flood(const struct output *output);

#endif
