/* redis_url.c -- see redis_url.h. The rest of the text is taken apart from left to right;
 * every piece is cut off before the next is looked for. */
#include "queue/redis_url.h"

#include <ctype.h>
#include <string.h>
#include <sys/un.h>

#include "lib/bytes.h"

static int read_tcp(char *rest, struct redis_url *url, struct arena *arena,
                    struct err *err);
static int read_user(char *userinfo, struct redis_url *url, struct err *err);
static int read_host(char *host, struct redis_url *url, struct err *err);
static int read_unix(char *rest, struct redis_url *url, struct arena *arena,
                     struct err *err);
static int read_db(const char *text, struct redis_url *url, struct err *err);
static int hex(char digit);
static int decode(char *text, struct err *err);

int redis_url_read(const char *text, struct redis_url *url, struct arena *arena,
                   struct err *err)
{
    memset(url, 0, sizeof *url);
    url->port = 6379;
    if (!strncmp(text, "redis://", 8))
        return read_tcp(arena_text(arena, text + 8), url, arena, err);
    if (!strncmp(text, "unix://", 7))
        return read_unix(arena_text(arena, text + 7), url, arena, err);
    if (!strncmp(text, "unix:", 5))
        return read_unix(arena_text(arena, text + 5), url, arena, err);
    if (!strncmp(text, "rediss:", 7))
        return err_set(err, ERR_INVALID, "rediss: is not supported, TLS is not spoken yet");
    return err_set(err, ERR_INVALID,
                   "a Redis URL begins with redis:// or unix:, for example "
                   "redis://127.0.0.1:6379/0");
}

static int read_tcp(char *rest, struct redis_url *url, struct arena *arena, struct err *err)
{
    char *at, *slash;
    bool six;

    if (strpbrk(rest, "?#"))
        return err_set(err, ERR_INVALID, "a redis:// URL takes no '?' or '#'");
    /* The password may hold a slash, but an '@' can only be the last one. */
    at = strrchr(rest, '@');
    slash = strchr(at ? at : rest, '/');
    if (slash) {
        *slash = '\0';
        if (slash[1] && read_db(slash + 1, url, err))
            return -1;
    }
    if (at) {
        *at = '\0';
        if (read_user(rest, url, err))
            return -1;
        rest = at + 1;
    }
    if (read_host(rest, url, err))
        return -1;
    six = strchr(url->host, ':');
    url->shown = arena_printf(arena, "redis://%s%s%s:%d/%d", six ? "[" : "", url->host,
                              six ? "]" : "", url->port, url->db);
    return 0;
}

static int read_user(char *userinfo, struct redis_url *url, struct err *err)
{
    char *colon = strchr(userinfo, ':');

    if (colon)
        *colon = '\0';
    if (decode(userinfo, err) || (colon && decode(colon + 1, err)))
        return -1;
    url->user = *userinfo ? userinfo : NULL;
    url->password = colon && colon[1] ? colon + 1 : NULL;
    if (url->user && !url->password)
        return err_set(err, ERR_INVALID, "a Redis URL with a user wants a password, too");
    return 0;
}

static int read_host(char *host, struct redis_url *url, struct err *err)
{
    char *port = strrchr(host, ':');
    int64_t number;

    if (*host == '[') {
        char *end = strchr(host, ']');

        if (!end || (end[1] && end[1] != ':'))
            return err_set(err, ERR_INVALID,
                           "an IPv6 address in a Redis URL wants [ and ]");
        port = end[1] ? end + 1 : NULL;
        *end = '\0';
        host++;
    }
    if (port) {
        *port++ = '\0';
        if (number_read(port, 1, 65535, &number))
            return err_set(err, ERR_INVALID,
                           "a Redis URL's port is a number from 1 to 65535, not '%.20s'",
                           port);
        url->port = (int)number;
    }
    url->host = *host ? host : "127.0.0.1";
    return 0;
}

static int read_unix(char *rest, struct redis_url *url, struct arena *arena,
                     struct err *err)
{
    char *query = strchr(rest, '?');

    if (query) {
        *query++ = '\0';
        if (strncmp(query, "db=", 3) != 0)
            return err_set(err, ERR_INVALID, "a unix: URL takes ?db=N and nothing else");
        if (read_db(query + 3, url, err))
            return -1;
    }
    if (!*rest || strlen(rest) >= sizeof((struct sockaddr_un *)0)->sun_path)
        return err_set(err, ERR_INVALID, "a unix: URL wants a path of 1 to %zu bytes",
                       sizeof((struct sockaddr_un *)0)->sun_path - 1);
    url->path = rest;
    url->shown = url->db ? arena_printf(arena, "unix:%s?db=%d", rest, url->db)
                         : arena_printf(arena, "unix:%s", rest);
    return 0;
}

static int read_db(const char *text, struct redis_url *url, struct err *err)
{
    int64_t number;

    if (number_read(text, 0, 1000000, &number))
        return err_set(err, ERR_INVALID, "a Redis database is a number, not '%.20s'", text);
    url->db = (int)number;
    return 0;
}

static int hex(char digit)
{
    return isdigit((unsigned char)digit) ? digit - '0' : (digit | 32) - 'a' + 10;
}

/* Undo percent-encoding in place. */
static int decode(char *text, struct err *err)
{
    char *to = text;

    for (const char *from = text; *from; to++) {
        if (*from != '%') {
            *to = *from++;
            continue;
        }
        if (!isxdigit((unsigned char)from[1]) || !isxdigit((unsigned char)from[2]))
            return err_set(err, ERR_INVALID,
                           "a '%%' in a Redis URL's user or password wants two hex digits");
        *to = (char)(hex(from[1]) << 4 | hex(from[2]));
        from += 3;
    }
    *to = '\0';
    return 0;
}
