/* tar.h -- a POSIX ustar archive of regular files, in memory. */
#ifndef WORKER_TAR_H
#define WORKER_TAR_H

#include <stddef.h>

struct evbuffer;

/* Append a file. `name` is relative, at most 100 bytes, checked by whoever took it in. */
void tar_file(struct evbuffer *tar, const char *name, const char *at, size_t len);

/* Append the two blocks of zeros that end an archive. */
void tar_end(struct evbuffer *tar);

#endif
