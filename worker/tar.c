/* tar.c -- see tar.h. One 512-byte header a file, then its bytes, padded (POSIX.1, pax:
 * "ustar Interchange Format"). */
#include "worker/tar.h"

#include <assert.h>
#include <event2/buffer.h>
#include <stdio.h>
#include <string.h>

enum { BLOCK = 512 };

struct header {
    char name[100], mode[8], uid[8], gid[8], size[12], mtime[12], checksum[8], type,
        link[100], magic[6], version[2], user[32], group[32], major[8], minor[8],
        prefix[155], rest[12];
};
_Static_assert(sizeof(struct header) == BLOCK, "a tar header is one block");

void tar_file(struct evbuffer *tar, const char *name, const char *at, size_t len)
{
    static const char zeros[BLOCK];
    struct header header = {.mode = "0000644",
                            .uid = "0000000",
                            .gid = "0000000",
                            .mtime = "00000000000",
                            .checksum = "       ",
                            .type = '0',
                            .magic = "ustar",
                            .version = {'0', '0'}};
    unsigned int sum = 0;

    assert(strlen(name) <= sizeof header.name);
    memcpy(header.name, name, strlen(name));
    snprintf(header.size, sizeof header.size, "%011zo", len);
    header.checksum[7] = ' '; /* counts as eight blanks */
    for (size_t i = 0; i < sizeof header; i++)
        sum += ((const unsigned char *)&header)[i];
    /* Six digits and a NUL; the last blank stays. */
    snprintf(header.checksum, sizeof header.checksum, "%06o", sum);
    evbuffer_add(tar, &header, sizeof header);
    evbuffer_add(tar, at, len);
    evbuffer_add(tar, zeros, (BLOCK - len % BLOCK) % BLOCK);
}

void tar_end(struct evbuffer *tar)
{
    static const char zeros[2 * BLOCK];

    evbuffer_add(tar, zeros, sizeof zeros);
}
