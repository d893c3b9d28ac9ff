/* log.h -- one logfmt line per event, on stderr.
 *
 *     log_info("active", "job=%s attempt=%d", job->id, attempt);
 *     time=2026-01-02T03:04:05.678Z level=info event=active job=42 attempt=1
 *
 * The format is one key=value pair or more. Each %s value is quoted and escaped when it
 * needs to be, so that foreign text can neither add a pair nor break the line. Understood
 * are %s %d %u %ld %lu %lld %llu %zu %.1f and %%. A line is cut at 2 KiB, and says so
 * (cut=true).
 */
#ifndef LIB_LOG_H
#define LIB_LOG_H

#include <stddef.h>

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };

/* Lines above this level are dropped. The default is LOG_INFO. */
void log_set_level(enum log_level level);

/* The levels' names, as lines have them; ended by NULL. */
extern const char *const log_levels[];

void log_event(enum log_level level, const char *event, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* The same for pairs that are known at run time only; the values are treated as %s. */
struct log_pair {
    const char *key;
    const char *value;
};
void log_pairs(enum log_level level, const char *event, const struct log_pair *pairs,
               size_t count);

#define log_error(event, ...) log_event(LOG_ERROR, event, __VA_ARGS__)
#define log_warn(event, ...)  log_event(LOG_WARN, event, __VA_ARGS__)
#define log_info(event, ...)  log_event(LOG_INFO, event, __VA_ARGS__)
#define log_debug(event, ...) log_event(LOG_DEBUG, event, __VA_ARGS__)

#endif
