/* marks.c -- see marks.h. Bytes that may begin a mark are held; as soon as what is held
 * cannot become one any more, its first byte is output and the rest is looked at again. */
#include "worker/marks.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum match { NEVER, PARTLY, WHOLLY };

static const char begin[] = "B\n";

static size_t plain(const struct marks *marks, const char *at, size_t len);
static enum mark push(struct marks *marks, char byte, marks_output *output, void *arg);
static enum match match_begun(const struct marks *marks);
static enum match match_end(const struct marks *marks);
static enum mark end_mark(struct marks *marks);

void marks_init(struct marks *marks, const char *id, bool begins)
{
    memset(marks, 0, sizeof *marks);
    memcpy(marks->id, id, MARKS_ID);
    marks->begins = begins;
}

enum mark marks_read(struct marks *marks, const char *at, size_t *len, marks_output *output,
                     void *arg)
{
    size_t taken = 0;

    while (taken < *len && !marks->over) {
        size_t run = marks->held_len ? 0 : plain(marks, at + taken, *len - taken);
        enum mark mark;

        if (run) {
            output(arg, at + taken, run);
            taken += run;
            continue;
        }
        mark = push(marks, at[taken++], output, arg);
        if (mark) {
            *len = taken;
            return mark;
        }
    }
    return MARK_NONE; /* also when it is over: all is taken, and dropped */
}

/* How many bytes from the beginning cannot be part of a mark. */
static size_t plain(const struct marks *marks, const char *at, size_t len)
{
    const char *end = memchr(at, '\n', len);
    const char *begun = marks->begins && !marks->begun ? memchr(at, begin[0], len) : NULL;

    if (!end || (begun && begun < end))
        end = begun;
    return end ? (size_t)(end - at) : len;
}

static enum mark push(struct marks *marks, char byte, marks_output *output, void *arg)
{
    marks->held[marks->held_len++] = byte;
    while (marks->held_len) {
        enum match begun = match_begun(marks), end = match_end(marks);

        if (begun == WHOLLY) {
            marks->begun = true;
            marks->held_len = 0;
            return MARK_BEGUN;
        }
        if (end == WHOLLY)
            return end_mark(marks);
        if (begun == PARTLY || end == PARTLY)
            return MARK_NONE;
        output(arg, marks->held, 1);
        memmove(marks->held, marks->held + 1, --marks->held_len);
    }
    return MARK_NONE;
}

static enum match match_begun(const struct marks *marks)
{
    size_t len = marks->held_len, whole = strlen(begin);

    if (!marks->begins || marks->begun || len > whole ||
        memcmp(marks->held, begin, len) != 0)
        return NEVER;
    return len == whole ? WHOLLY : PARTLY;
}

/* "\nID P RC\n" with P one of E, X and RC at most 255, of one to three digits */
static enum match match_end(const struct marks *marks)
{
    const char *held = marks->held;
    size_t len = marks->held_len, at = MARKS_ID + 1;

    if (held[0] != '\n' ||
        memcmp(held + 1, marks->id, len - 1 < MARKS_ID ? len - 1 : MARKS_ID) != 0)
        return NEVER;
    if ((len > at && held[at] != ' ') || (len > at + 1 && !strchr("EX", held[at + 1])) ||
        (len > at + 2 && held[at + 2] != ' '))
        return NEVER;
    for (size_t i = at + 3; i < len; i++) {
        if (held[i] == '\n' && i > at + 3)
            return strtol(held + at + 3, NULL, 10) < 256 ? WHOLLY : NEVER;
        if (!isdigit((unsigned char)held[i]) || i > at + 5)
            return NEVER;
    }
    return PARTLY;
}

static enum mark end_mark(struct marks *marks)
{
    const char *at = marks->held + MARKS_ID + 2;

    marks->over = true;
    marks->exit_code = 0;
    for (const char *digit = at + 2; *digit != '\n'; digit++)
        marks->exit_code = marks->exit_code * 10 + (*digit - '0');
    marks->held_len = 0;
    return *at == 'E' ? MARK_EXITED : MARK_UNPACKED;
}

void marks_flush(struct marks *marks, marks_output *output, void *arg)
{
    if (marks->held_len && !marks->over)
        output(arg, marks->held, marks->held_len);
    marks->held_len = 0;
}
