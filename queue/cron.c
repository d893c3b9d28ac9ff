/* cron.c -- see cron.h.
 *
 * Reading makes a set of numbers of each field. Looking goes along the calendar: while the
 * month is not wanted, to the next month; while the day is not, to the next day; and so on
 * down to seconds. The two ways of setting clocks are noticed in going from hour to hour.
 */
#include "queue/cron.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "lib/bytes.h"
#include "lib/count.h"
#include "queue/zone.h"

enum { SECOND, MINUTE, HOUR, DAY, MONTH, WEEKDAY, FIELDS };
enum { PATTERN_BYTES = 256, STEP_MAX = 1000000 };

/* More than the rarest pattern takes to come round, the 29th of February. */
enum { MOVES_MAX = 10000 };

#define BLANKS    " \t\n\v\f\r"
#define ALL_HOURS ((UINT64_C(1) << 24) - 1)

static const struct kind {
    const char *name;
    int min, max;
    const char *words; /* of three letters each, for min and on; or NULL */
} kinds[FIELDS] = {
    [SECOND] = {"second", 0, 59, NULL},
    [MINUTE] = {"minute", 0, 59, NULL},
    [HOUR] = {"hour", 0, 23, NULL},
    [DAY] = {"day of month", 1, 31, NULL},
    [MONTH] = {"month", 1, 12, "janfebmaraprmayjunjulaugsepoctnovdec"},
    [WEEKDAY] = {"day of week", 0, 7, "sunmontuewedthufrisat"},
};

/* On the way through the calendar. */
struct moment {
    int64_t utc_s;
    struct tm clock;  /* what clocks show */
    uint64_t skipped; /* hours they left out just before this one */
    bool repeated;    /* it is an hour they have shown before */
};

static const char *expand(const char *pattern);
static int split(char *pattern, const char *words[FIELDS], struct err *err);
static int read_field(struct cron *cron, int field, const char *text, struct err *err);
static uint64_t *set_of(struct cron *cron, int field);
static int read_item(struct cron *cron, int field, const char *item, struct err *err);
static int read_range(int field, const char *text, uint64_t *set, struct err *err);
static const char *read_value(int field, const char *text, int *value);
static int complain(int field, const char *text, const char *why, struct err *err);
static int look(const struct cron *cron, struct moment *at);
static bool look_in_hour(const struct cron *cron, struct moment *at);
static bool wants_day(const struct cron *cron, const struct tm *clock);
static bool wants_weekday(const struct cron *cron, const struct tm *clock);
static bool wants_hour(const struct cron *cron, const struct moment *at);
static void go_to(struct moment *at, int64_t utc_s);
static void go_to_clock(struct moment *at, struct tm clock);
static void next_month(struct moment *at);
static void next_day(struct moment *at);
static void start_day(struct moment *at, struct tm clock);
static void next_hour(struct moment *at, bool wanted);
static int month_days(const struct tm *clock);
static bool has(uint64_t set, int number);
static int from(uint64_t set, int number);

int cron_read(struct cron *cron, const char *pattern, struct err *err)
{
    char copy[PATTERN_BYTES];
    const char *words[FIELDS] = {"0", "*", "*", "*", "*", "*"};

    memset(cron, 0, sizeof *cron);
    pattern = expand(pattern);
    if (strlen(pattern) >= sizeof copy)
        return err_set(err, ERR_INVALID, "a cron pattern has at most %d bytes, is %zu",
                       PATTERN_BYTES - 1, strlen(pattern));
    snprintf(copy, sizeof copy, "%s", pattern);
    if (split(copy, words, err))
        return -1;
    for (int i = 0; i < FIELDS; i++)
        if (read_field(cron, i, words[i], err))
            return -1;
    return 0;
}

static const char *expand(const char *pattern)
{
    static const struct {
        const char *name, *pattern;
    } short_ones[] = {
        {"@yearly", "0 0 0 1 1 *"},     {"@annually", "0 0 0 1 1 *"},
        {"@monthly", "0 0 0 1 * *"},    {"@weekly", "0 0 0 * * 0"},
        {"@daily", "0 0 0 * * *"},      {"@hourly", "0 0 * * * *"},
        {"@minutely", "0 * * * * *"},   {"@secondly", "* * * * * *"},
        {"@weekdays", "0 0 0 * * 1-5"}, {"@weekends", "0 0 0 * * 0,6"},
    };

    for (size_t i = 0; i < COUNT(short_ones); i++)
        if (!strcmp(pattern, short_ones[i].name))
            return short_ones[i].pattern;
    return pattern;
}

/* What there is are the last fields; the first stay as they were. */
static int split(char *pattern, const char *words[FIELDS], struct err *err)
{
    const char *found[FIELDS];
    char *rest;
    int count = 0;

    for (char *word = strtok_r(pattern, BLANKS, &rest); word;
         word = strtok_r(NULL, BLANKS, &rest)) {
        if (count == FIELDS)
            return err_set(err, ERR_INVALID, "a cron pattern has at most 6 fields");
        found[count++] = word;
    }
    for (int i = 0; i < count; i++)
        words[FIELDS - count + i] = found[i];
    return 0;
}

static int read_field(struct cron *cron, int field, const char *text, struct err *err)
{
    bool any = !strcmp(text, "*") || !strcmp(text, "?");
    char items[PATTERN_BYTES];

    if (field == DAY)
        cron->any_day = any;
    if (field == WEEKDAY)
        cron->any_weekday = any;
    snprintf(items, sizeof items, "%s", text);
    for (char *item = items, *end; item; item = end) {
        end = strchr(item, ',');
        if (end)
            *end++ = '\0';
        if (read_item(cron, field, item, err))
            return -1;
    }
    if (field == WEEKDAY && strchr(text, ',') && cron->nth_weekday)
        return complain(field, text, "'#' goes with a single day only", err);
    return 0;
}

static uint64_t *set_of(struct cron *cron, int field)
{
    uint64_t *const sets[FIELDS] = {
        [SECOND] = &cron->seconds, [MINUTE] = &cron->minutes, [HOUR] = &cron->hours,
        [DAY] = &cron->days,       [MONTH] = &cron->months,   [WEEKDAY] = &cron->weekdays,
    };

    return sets[field];
}

/* `L`, `5L`, `5#2`, or a range. */
static int read_item(struct cron *cron, int field, const char *item, struct err *err)
{
    const char *rest;
    int value;

    if (field == DAY && !strcmp(item, "L")) {
        cron->last_day = true;
        return 0;
    }
    if (field != WEEKDAY)
        return read_range(field, item, set_of(cron, field), err);
    rest = *item == '*' ? item + 1 : read_value(field, item, &value);
    if (rest && *rest == '#') {
        if (rest[1] < '1' || rest[1] > '5' || rest[2])
            return complain(field, item, "from #1 to #5, that is", err);
        cron->nth_weekday = rest[1] - '0';
        cron->any_weekday = false;
        cron->weekdays |= *item == '*' ? 0x7f : UINT64_C(1) << value % 7;
        return 0;
    }
    if (rest && *item != '*' && !strcmp(rest, "L")) {
        cron->last_weekdays |= UINT64_C(1) << value % 7;
        return 0;
    }
    return read_range(field, item, &cron->weekdays, err);
}

/* `*`, `5`, `1-5`, each with a step or without: `5/10` goes on to the end. */
static int read_range(int field, const char *text, uint64_t *set, struct err *err)
{
    const struct kind *kind = &kinds[field];
    const char *rest = text;
    int first = kind->min, last = kind->max;
    int64_t step = 1;

    if (*rest == '*' || *rest == '?') {
        rest++;
    } else {
        rest = read_value(field, rest, &first);
        last = rest && *rest == '/' ? kind->max : first;
        if (rest && *rest == '-')
            rest = read_value(field, rest + 1, &last);
    }
    if (!rest || (*rest && *rest != '/'))
        return complain(field, text, "not a number, a range, or a step of these", err);
    if (*rest && number_read(rest + 1, 1, STEP_MAX, &step))
        return complain(field, text, "its step is no number above 0", err);
    if (first < kind->min || last > kind->max)
        return complain(field, text, "out of range", err);
    if (first > last)
        return complain(field, text, "a range goes up", err);
    for (int64_t i = first; i <= last; i += step)
        *set |= UINT64_C(1) << (field == WEEKDAY ? i % 7 : i);
    return 0;
}

/* A number or a name; returns what stands behind it, NULL when it is neither. */
static const char *read_value(int field, const char *text, int *value)
{
    const struct kind *kind = &kinds[field];
    size_t digits = strspn(text, "0123456789");

    *value = 0;
    if (digits > 0 && digits < 9) {
        for (size_t i = 0; i < digits; i++)
            *value = *value * 10 + (text[i] - '0');
        return text + digits;
    }
    for (const char *word = kind->words; word && *word; word += 3)
        if (!strncasecmp(text, word, 3)) {
            *value = kind->min + (int)(word - kind->words) / 3;
            return text + 3;
        }
    return NULL;
}

static int complain(int field, const char *text, const char *why, struct err *err)
{
    const struct kind *kind = &kinds[field];
    char shown[QUOTED_BYTES];

    return err_set(err, ERR_INVALID, "a cron pattern's %s, from %d to %d, is %s: %s",
                   kind->name, kind->min, kind->max, show_text(text, strlen(text), shown),
                   why);
}

int cron_next(const struct cron *cron, int64_t after_ms, const char *zone, int64_t *next_ms,
              struct err *err)
{
    struct moment at = {0};
    int failed;

    if (zone_enter(zone, err))
        return -1;
    go_to(&at, after_ms / 1000 + 1);
    failed = look(cron, &at);
    zone_leave();
    if (failed)
        return err_set(err, ERR_INVALID, "the cron pattern never comes round");
    *next_ms = at.utc_s * 1000;
    return 0;
}

static int look(const struct cron *cron, struct moment *at)
{
    for (int moves = 0; moves < MOVES_MAX; moves++) {
        bool wanted = wants_hour(cron, at);
        bool over = !wanted && from(cron->hours, at->clock.tm_hour) < 0;

        if (!has(cron->months, at->clock.tm_mon + 1))
            next_month(at);
        else if (!wants_day(cron, &at->clock) || over)
            next_day(at);
        else if (!wanted)
            next_hour(at, false);
        else if (look_in_hour(cron, at))
            return 0;
    }
    return -1;
}

/* True when it is a minute and a second that are wanted; else one move to where they may
 * be. */
static bool look_in_hour(const struct cron *cron, struct moment *at)
{
    const struct tm *clock = &at->clock;
    int second = from(cron->seconds, clock->tm_sec);
    int minute = from(cron->minutes, second < 0 ? clock->tm_min + 1 : clock->tm_min);

    if (minute < 0)
        next_hour(at, true);
    else if (minute != clock->tm_min)
        go_to(at, at->utc_s + (minute - clock->tm_min) * 60 - clock->tm_sec);
    else if (second != clock->tm_sec)
        go_to(at, at->utc_s + second - clock->tm_sec);
    else
        return true;
    return false;
}

static bool wants_day(const struct cron *cron, const struct tm *clock)
{
    bool day = has(cron->days, clock->tm_mday) ||
               (cron->last_day && clock->tm_mday == month_days(clock));

    if (cron->any_weekday)
        return day;
    return wants_weekday(cron, clock) || (day && !cron->any_day);
}

static bool wants_weekday(const struct cron *cron, const struct tm *clock)
{
    int nth = (clock->tm_mday - 1) / 7 + 1;
    bool last = clock->tm_mday + 7 > month_days(clock);

    if (has(cron->last_weekdays, clock->tm_wday) && last)
        return true;
    return has(cron->weekdays, clock->tm_wday) &&
           (!cron->nth_weekday || cron->nth_weekday == nth);
}

static bool wants_hour(const struct cron *cron, const struct moment *at)
{
    if (at->repeated && cron->hours != ALL_HOURS)
        return false;
    return has(cron->hours, at->clock.tm_hour) || cron->hours & at->skipped;
}

static void go_to(struct moment *at, int64_t utc_s)
{
    at->utc_s = utc_s;
    zone_read(utc_s, &at->clock);
}

/* To where clocks show `clock`, of two such times the one nearer in offset. */
static void go_to_clock(struct moment *at, struct tm clock)
{
    go_to(at, zone_find(&clock, at->clock.tm_gmtoff));
}

/* By way of the same time of a day in the next month, the last one if it is shorter; that
 * decides which one of two midnights it is. */
static void next_month(struct moment *at)
{
    struct tm clock = at->clock;
    struct tm next = {.tm_year = clock.tm_year, .tm_mon = clock.tm_mon + 1, .tm_mday = 1};
    int last = month_days(&next);

    clock.tm_mon++;
    if (clock.tm_mday > last)
        clock.tm_mday = last;
    go_to_clock(at, clock);
    clock = at->clock;
    clock.tm_mday = 1;
    start_day(at, clock);
}

/* Likewise. */
static void next_day(struct moment *at)
{
    struct tm clock = at->clock;

    clock.tm_mday++;
    go_to_clock(at, clock);
    start_day(at, at->clock);
}

static void start_day(struct moment *at, struct tm clock)
{
    clock.tm_hour = clock.tm_min = clock.tm_sec = 0;
    go_to_clock(at, clock);
    at->skipped = 0;
    at->repeated = false;
}

/* Going on from an hour that was not wanted, cron-parser does not see hours left out around
 * midnight; nor do we. */
static void next_hour(struct moment *at, bool wanted)
{
    int64_t left_s = at->utc_s;
    int left = at->clock.tm_hour, hour, ahead;
    struct tm clock;

    go_to(at, left_s + 3600);
    clock = at->clock;
    clock.tm_min = clock.tm_sec = 0;
    go_to_clock(at, clock);
    if (at->utc_s <= left_s) /* clocks were set back by less than an hour */
        go_to(at, left_s + 3600);
    hour = at->clock.tm_hour;
    ahead = (hour + 24 - left) % 24; /* 23: clocks were set back by two hours */
    at->repeated = ahead == 0;
    at->skipped = 0;
    for (int i = 1; i < ahead && ahead < 12 && (wanted || hour > left); i++)
        at->skipped |= UINT64_C(1) << (left + i) % 24;
}

static int month_days(const struct tm *clock)
{
    struct tm last = {.tm_year = clock->tm_year, .tm_mon = clock->tm_mon + 1};

    timegm(&last); /* day 0 of the next month */
    return last.tm_mday;
}

static bool has(uint64_t set, int number)
{
    return set >> number & 1;
}

/* The first from `number` on; -1: there is none. */
static int from(uint64_t set, int number)
{
    uint64_t rest = set >> number;

    return rest ? number + __builtin_ctzll(rest) : -1;
}
