/* text.c -- see text.h. */
#include "deploy/bullpen/text.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "lib/count.h"

#define CUT         "..."
#define COLUMNS_MAX 8

static size_t width_of(const char *text);

const char *text_shown(struct bytes bytes, size_t most, struct arena *arena)
{
    char *shown = arena_alloc(arena, bytes.len * (SHOWN_BYTES - 1) + sizeof CUT);
    char one[SHOWN_BYTES];
    size_t used = 0, characters = 0;

    for (size_t done = 0; done < bytes.len; characters++) {
        if (most && characters == most) {
            memcpy(shown + used, CUT, sizeof CUT);
            return shown;
        }
        done += show_char(bytes.at + done, bytes.len - done, 0, one);
        used += (size_t)snprintf(shown + used, SHOWN_BYTES, "%s", one);
    }
    return shown;
}

const char *text_age(int64_t ms, char age[AGE_BYTES])
{
    static const struct {
        int64_t ms;
        const char *unit;
    } units[] = {{86400000, "d"}, {3600000, "h"}, {60000, "min"}, {1000, "s"}, {1, "ms"}};
    size_t i = 0;

    if (ms < 0)
        ms = 0; /* clocks differ */
    while (i < COUNT(units) - 1 && ms < units[i].ms)
        i++;
    snprintf(age, AGE_BYTES, "%lld %s", (long long)(ms / units[i].ms), units[i].unit);
    return age;
}

const char *text_time(int64_t ms, int64_t now_ms, char time[TIME_BYTES])
{
    const time_t seconds = (time_t)(ms / 1000);
    char date[32] = "", age[AGE_BYTES];
    struct tm parts;

    if (gmtime_r(&seconds, &parts))
        strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &parts);
    text_age(ms > now_ms ? ms - now_ms : now_ms - ms, age);
    snprintf(time, TIME_BYTES, "%s.%03dZ (%s%s%s)", date, (int)(ms % 1000),
             ms > now_ms ? "in " : "", age, ms > now_ms ? "" : " ago");
    return time;
}

void text_table(struct evbuffer *to, const char *const *cells, size_t rows, size_t columns)
{
    size_t widest[COLUMNS_MAX] = {0};

    assert(columns <= COLUMNS_MAX);
    for (size_t i = 0; i < rows * columns; i++) {
        size_t width = width_of(cells[i]);

        if (width > widest[i % columns])
            widest[i % columns] = width;
    }
    for (size_t i = 0; i < rows * columns; i++) {
        if (i % columns == columns - 1)
            evbuffer_add_printf(to, "%s\n", cells[i]);
        else
            evbuffer_add_printf(to, "%s%*s", cells[i],
                                (int)(widest[i % columns] - width_of(cells[i]) + 2), "");
    }
}

/* In characters, which is what a terminal makes columns of, by and large. */
static size_t width_of(const char *text)
{
    size_t width = 0;

    for (; *text; text++)
        width += ((unsigned char)*text & 0xC0) != 0x80;
    return width;
}
