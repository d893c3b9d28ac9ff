/* redis_url.h -- where Redis is, as people write it:
 * redis://[[user]:password@]host[:port][/db] or unix:path[?db=n]. `rediss:` is refused by
 * name: TLS is not spoken yet. */
#ifndef QUEUE_REDIS_URL_H
#define QUEUE_REDIS_URL_H

#include "lib/arena.h"
#include "lib/err.h"

struct redis_url {
    const char *path;     /* unix socket, or NULL */
    const char *host;     /* without the brackets of an IPv6 address; NULL with a path */
    int port;             /* 6379 when not given */
    int db;               /* 0 when not given */
    const char *user;     /* NULL: none; user and password are percent-decoded */
    const char *password; /* NULL: none */
    const char *shown;    /* for people: no password */
};

/* Returns 0, or -1 and an ERR_INVALID that never shows the password. */
int redis_url_read(const char *text, struct redis_url *url, struct arena *arena,
                   struct err *err);

#endif
