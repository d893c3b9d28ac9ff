/* log.c -- a line is put together in a buffer and leaves in one write(2), so that the lines
 * of several processes on one stderr do not mix. The format is walked here, not by printf,
 * because only then is it known which part of the line is foreign.
 */
#include "lib/log.h"

#include <assert.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lib/bytes.h"
#include "lib/clock.h"
#include "lib/count.h"

#define LINE_BYTES 2048
#define LINE_SPARE sizeof("\" cut=true\n") /* kept free for the end of a full line */

struct line {
    char text[LINE_BYTES];
    size_t len;
    bool cut; /* something did not fit, and nothing more is added */
};

enum directive { TEXT, INT, UINT, LONG, ULONG, LLONG, ULLONG, SIZE, REAL, PERCENT, NONE };

static const char *const directives[] = {
    [TEXT] = "s",    [INT] = "d",      [UINT] = "u",  [LONG] = "ld",  [ULONG] = "lu",
    [LLONG] = "lld", [ULLONG] = "llu", [SIZE] = "zu", [REAL] = ".1f", [PERCENT] = "%",
};

const char *const log_levels[] = {"error", "warn", "info", "debug", NULL};

static enum log_level threshold = LOG_INFO;

static void line_start(struct line *line, enum log_level level, const char *event);
static void line_write(struct line *line);
static const char *put_argument(struct line *line, const char *fmt, va_list *args);
static void put_value(struct line *line, const char *value);
static void put(struct line *line, const char *at, size_t len);
static enum directive directive_at(const char *fmt);
static bool is_plain(const char *value);

void log_set_level(enum log_level level)
{
    threshold = level;
}

void log_event(enum log_level level, const char *event, const char *fmt, ...)
{
    struct line line;
    va_list args;

    if (level > threshold)
        return;
    line_start(&line, level, event);
    put(&line, " ", 1);
    va_start(args, fmt);
    while (*fmt) {
        size_t literal = strcspn(fmt, "%");

        put(&line, fmt, literal);
        fmt += literal;
        if (*fmt)
            fmt = put_argument(&line, fmt + 1, &args);
    }
    va_end(args);
    line_write(&line);
}

void log_pairs(enum log_level level, const char *event, const struct log_pair *pairs,
               size_t count)
{
    struct line line;

    if (level > threshold)
        return;
    line_start(&line, level, event);
    for (size_t i = 0; i < count; i++) {
        put(&line, " ", 1);
        put(&line, pairs[i].key, strlen(pairs[i].key));
        put(&line, "=", 1);
        put_value(&line, pairs[i].value);
    }
    line_write(&line);
}

static void line_start(struct line *line, enum log_level level, const char *event)
{
    int64_t now = clock_ms();
    time_t seconds = now / 1000;
    struct tm utc;
    char time[sizeof "2026-01-02T03:04:05"];

    gmtime_r(&seconds, &utc);
    strftime(time, sizeof time, "%FT%T", &utc);
    line->cut = false;
    line->len =
        (size_t)snprintf(line->text, LINE_BYTES, "time=%s.%03dZ level=%s event=", time,
                         (int)(now % 1000), log_levels[level]);
    put_value(line, event);
}

static void line_write(struct line *line)
{
    static const char mark[] = " cut=true";

    if (line->cut)
        line->len = (size_t)((char *)mempcpy(line->text + line->len, mark, strlen(mark)) -
                             line->text);
    line->text[line->len++] = '\n';
    if (write(STDERR_FILENO, line->text, line->len) < 0)
        return; /* and there is nobody left to tell */
}

/* Put the argument that the directive behind a '%' asks for. Returns what follows it. */
static const char *put_argument(struct line *line, const char *fmt, va_list *args)
{
    enum directive directive = directive_at(fmt);
    char text[64] = "";

    switch (directive) {
    case TEXT:
        put_value(line, va_arg(*args, const char *));
        break;
    case INT:
        snprintf(text, sizeof text, "%d", va_arg(*args, int));
        break;
    case UINT:
        snprintf(text, sizeof text, "%u", va_arg(*args, unsigned));
        break;
    case LONG:
        snprintf(text, sizeof text, "%ld", va_arg(*args, long));
        break;
    case ULONG:
        snprintf(text, sizeof text, "%lu", va_arg(*args, unsigned long));
        break;
    case LLONG:
        snprintf(text, sizeof text, "%lld", va_arg(*args, long long));
        break;
    case ULLONG:
        snprintf(text, sizeof text, "%llu", va_arg(*args, unsigned long long));
        break;
    case SIZE:
        snprintf(text, sizeof text, "%zu", va_arg(*args, size_t));
        break;
    case REAL:
        snprintf(text, sizeof text, "%.1f", va_arg(*args, double));
        break;
    case PERCENT:
        snprintf(text, sizeof text, "%%");
        break;
    case NONE: /* our own mistake: the rest of the line cannot be trusted */
        assert(!"log.h lists what a format may hold");
        return "";
    }
    put(line, text, strlen(text));
    return fmt + strlen(directives[directive]);
}

/* A value that is one plain word stands as it is; any other is quoted and escaped. */
static void put_value(struct line *line, const char *value)
{
    char shown[SHOWN_BYTES];
    size_t left;
    bool quoted;

    value = value ? value : "";
    quoted = !is_plain(value);
    if (quoted)
        put(line, "\"", 1);
    if (line->cut)
        return;
    for (left = strlen(value); left > 0;) {
        size_t used = show_char(value, left, '"', shown);

        put(line, shown, strlen(shown));
        value += used;
        left -= used;
    }
    if (quoted) /* in a full line too: LINE_SPARE */
        line->text[line->len++] = '"';
}

/* All of it or nothing, so that an escape is never halved. */
static void put(struct line *line, const char *at, size_t len)
{
    line->cut = line->cut || len > LINE_BYTES - LINE_SPARE - line->len;
    if (line->cut)
        return;
    memcpy(line->text + line->len, at, len);
    line->len += len;
}

static enum directive directive_at(const char *fmt)
{
    enum directive directive = TEXT;

    while (directive < NONE &&
           strncmp(fmt, directives[directive], strlen(directives[directive])) != 0)
        directive++;
    return directive;
}

static bool is_plain(const char *value)
{
    const char *at = value;

    while (*at > ' ' && *at < 0x7F && !strchr("\"=\\", *at))
        at++;
    return at > value && *at == '\0';
}
