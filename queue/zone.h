/* zone.h -- local time in any time zone, from the system's tzdata.
 *
 * The C library has one zone, that of the variable TZ. So a zone is entered, asked, and
 * left again before anything else is done: between the two all local time of the process is
 * that zone's. Our programs have one thread, and elsewhere no local time.
 */
#ifndef QUEUE_ZONE_H
#define QUEUE_ZONE_H

#include <stdint.h>
#include <time.h>

#include "lib/err.h"

/* An IANA name, "Europe/Berlin", "UTC"; NULL, "local" and "system" are the process's own
 * zone. ERR_INVALID: there is no such zone; none is entered. */
int zone_enter(const char *name, struct err *err);
void zone_leave(void);

/* What clocks show at utc_s, seconds since 1970; tm_gmtoff is the offset east of UTC. */
void zone_read(int64_t utc_s, struct tm *clock);

/* When clocks show what `clock` says; fields beyond their ranges carry over. Of two such
 * times it is the one with the offset near_s, if there is; where clocks leave the time out
 * they are read as if they had not been set yet. */
int64_t zone_find(const struct tm *clock, long near_s);

#endif
