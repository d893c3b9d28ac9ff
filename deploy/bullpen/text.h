/* text.h -- what a person reads on a terminal. Foreign text goes through text_shown, so
 * that no byte of it can steer the terminal. Pure: the time is an argument.
 */
#ifndef DEPLOY_BULLPEN_TEXT_H
#define DEPLOY_BULLPEN_TEXT_H

#include <event2/buffer.h>

#include "lib/arena.h"
#include "lib/bytes.h"

/* Foreign bytes on one line: control characters and what is not UTF-8 become escapes such
 * as \n and \x1b. After `most` characters (0: no limit) "..." takes the place of the rest.
 */
const char *text_shown(struct bytes bytes, size_t most, struct arena *arena);

/* "3 s", "5 min", "2 h", "4 d": a duration, in its largest unit and rounded down. */
#define AGE_BYTES 32
const char *text_age(int64_t ms, char age[AGE_BYTES]);

/* "2026-01-02T03:04:05.678Z (5 min ago)", or "(in 5 min)". */
#define TIME_BYTES 80
const char *text_time(int64_t ms, int64_t now_ms, char time[TIME_BYTES]);

/* A table: `rows` rows of `columns` cells each, the first row being its head. Columns are
 * as wide as their widest cell; the last is not padded. */
void text_table(struct evbuffer *to, const char *const *cells, size_t rows, size_t columns);

#endif
