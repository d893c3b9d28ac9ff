/* cron.h -- when a cron pattern comes round next, as cron-parser says: that is what
 * BullMQ's job schedulers ask, so that they go on alike whoever runs their jobs.
 *
 *     [second] minute hour day-of-month month day-of-week
 *
 * A field is a list of numbers, ranges and steps: `5`, `1-5`, `*`/`?`, `1-30/5`, `5/10` (to
 * the end), `*`+`/10`. Months and weekdays have names (JAN, MON; any case), Sunday is 0
 * and 7. `L` is a month's last day; `5L` its last Friday, `5#2` its second one. When day of
 * month and day of week are both given, either will do. Fields that are missing stand at
 * the front: second 0, then `*`. @yearly and its like stand for a whole pattern.
 *
 * As cron-parser 5.10 (BullMQ 6) has it; 4.9 (BullMQ 5) knows less, and takes a full range
 * for a `*` when it joins the two days. `H` is refused: only a hash of cron-parser's own
 * says what it stands for. So is `W`, as there. tests/interop/cron.test.mjs compares.
 */
#ifndef QUEUE_CRON_H
#define QUEUE_CRON_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/err.h"

/* Sets of numbers, as bits. */
struct cron {
    uint64_t seconds, minutes, hours, days, months, weekdays; /* Sunday is 0 alone */
    bool any_day, any_weekday;                                /* was a `*` */
    bool last_day;                                            /* also the month's last */
    uint64_t last_weekdays; /* also the month's last ones */
    int nth_weekday;        /* `#`; 0: all of them */
};

/* ERR_INVALID names the field, and says what is wrong with it. */
int cron_read(struct cron *cron, const char *pattern, struct err *err);

/* The first time after `after_ms`, both in milliseconds since 1970, at which clocks in the
 * time zone show what the pattern wants; `zone` as zone_enter has it. Where clocks are set
 * forward, what falls into the gap comes with the next hour; where they are set back, the
 * repeated hour counts once, unless the pattern wants every hour. ERR_INVALID: there is no
 * such zone, or no such time within some years (the 30th of February). */
int cron_next(const struct cron *cron, int64_t after_ms, const char *zone, int64_t *next_ms,
              struct err *err);

#endif
