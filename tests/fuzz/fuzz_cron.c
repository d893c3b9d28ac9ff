/* A pattern out of the queue, in UTC and where clocks are set: what is read comes round
 * later, at a time of its own, or never; what is refused is refused in printable words.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/bytes.h"
#include "lib/count.h"
#include "lib/mem.h"
#include "queue/cron.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const zones[] = {"UTC",
                                    "Europe/Berlin",
                                    "America/Havana",
                                    "America/Nuuk",
                                    "Australia/Lord_Howe",
                                    "Pacific/Chatham",
                                    "Antarctica/Troll"};

static void check_words(const char *words)
{
    assert(*words && utf8_valid(words, strlen(words)) &&
           !has_control(words, strlen(words)));
}

/* In UTC clocks show nothing but what the pattern wants. */
static void check_fields(const struct cron *cron, int64_t next_ms)
{
    const time_t at = next_ms / 1000;
    struct tm clock;

    gmtime_r(&at, &clock);
    assert(cron->seconds >> clock.tm_sec & 1);
    assert(cron->minutes >> clock.tm_min & 1);
    assert(cron->hours >> clock.tm_hour & 1);
    assert(cron->months >> (clock.tm_mon + 1) & 1);
}

/* `next` comes round behind any time before it, too. */
static void check_next(const struct cron *cron, const char *zone, int64_t after_ms,
                       int64_t next_ms)
{
    int64_t again_ms;
    struct err err;

    assert(next_ms > after_ms && next_ms % 1000 == 0);
    if (strcmp(zone, "UTC"))
        return;
    check_fields(cron, next_ms);
    assert(!cron_next(cron, (after_ms + next_ms) / 2, zone, &again_ms, &err));
    assert(again_ms == next_ms || (after_ms + next_ms) / 2 >= next_ms);
}

/* Byte 0: the zone; bytes 1..4: seconds since 1970; the rest: the pattern. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cron cron;
    struct err err;
    char *pattern;
    uint32_t after_s;
    int64_t next_ms;

    if (size < 5)
        return 0;
    memcpy(&after_s, data + 1, sizeof after_s);
    pattern = xmemdup0(data + 5, size - 5);
    if (cron_read(&cron, pattern, &err)) {
        check_words(err.text);
    } else {
        const char *zone = zones[data[0] % COUNT(zones)];

        if (cron_next(&cron, after_s * 1000LL, zone, &next_ms, &err))
            check_words(err.text);
        else
            check_next(&cron, zone, after_s * 1000LL, next_ms);
    }
    free(pattern);
    return 0;
}
