/* zone.c -- see zone.h. There is one thread, so nobody sees TZ in between; what it was
 * before is kept here from zone_enter to zone_leave.
 */
#include "queue/zone.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "lib/bytes.h"
#include "lib/mem.h"

#define ZONES "/usr/share/zoneinfo"

/* The first bytes of a zone's file (RFC 9636). */
#define MAGIC "TZif"

static char *before; /* TZ, malloc'd; NULL when it was not set */

static const char *file_name(const char *name);
static bool is_zone(const char *name);
static long offset_at(int64_t utc_s);

int zone_enter(const char *name, struct err *err)
{
    const char *own = getenv("TZ"); /* NOLINT(concurrency-mt-unsafe): one thread */
    char shown[QUOTED_BYTES], tz[80];

    before = own ? xstrdup(own) : NULL;
    if (!name || !strcasecmp(name, "local") || !strcasecmp(name, "system")) {
        tzset();
        return 0;
    }
    name = file_name(name);
    if (!is_zone(name)) {
        free(before);
        before = NULL;
        return err_set(err, ERR_INVALID,
                       "there is no time zone %s in " ZONES
                       " (Debian's package tzdata; of old names, tzdata-legacy)",
                       show_text(name, strlen(name), shown));
    }
    snprintf(tz, sizeof tz, ":%s", name);
    setenv("TZ", tz, 1); /* NOLINT(concurrency-mt-unsafe) */
    tzset();
    return 0;
}

void zone_leave(void)
{
    if (before)
        setenv("TZ", before, 1); /* NOLINT(concurrency-mt-unsafe) */
    else
        unsetenv("TZ"); /* NOLINT(concurrency-mt-unsafe) */
    tzset();
    free(before);
    before = NULL;
}

/* The one name that people write in any case. */
static const char *file_name(const char *name)
{
    return strcasecmp(name, "utc") ? name : "UTC";
}

/* A name out of the queue must not lead to other files. */
static bool is_zone(const char *name)
{
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+-/";
    char path[128], magic[sizeof MAGIC - 1];
    ssize_t got;
    int fd;

    if (!*name || *name == '/' || name[strspn(name, letters)] || strlen(name) > 64)
        return false;
    snprintf(path, sizeof path, ZONES "/%s", name);
    fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return false;
    got = read(fd, magic, sizeof magic);
    close(fd);
    return got == sizeof magic && !memcmp(magic, MAGIC, sizeof magic);
}

void zone_read(int64_t utc_s, struct tm *clock)
{
    const time_t at = utc_s;

    if (!localtime_r(&at, clock))
        memset(clock, 0, sizeof *clock); /* a year beyond an int's: nobody gets there */
}

/* Guess with one offset, then with the one that holds at the guess. In a gap neither holds
 * where it leads; then the smaller takes us to behind the gap. */
int64_t zone_find(const struct tm *clock, long near_s)
{
    struct tm copy = *clock;
    int64_t shown_s = timegm(&copy);
    long first = offset_at(shown_s - near_s), second;

    if (first == near_s)
        return shown_s - near_s;
    second = offset_at(shown_s - first);
    if (second == first)
        return shown_s - first;
    return shown_s - (first < second ? first : second);
}

static long offset_at(int64_t utc_s)
{
    struct tm clock;

    zone_read(utc_s, &clock);
    return clock.tm_gmtoff;
}
