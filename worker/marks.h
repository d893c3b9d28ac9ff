/* marks.h -- the launcher's marks found in a program's output (worker/launcher.sh).
 *
 * An end mark is a whole line with the sandbox's random id, so no program prints one by
 * chance; the mark of the beginning needs none, because nobody prints before it. A mark may
 * be cut anywhere; text that could still become one is held back until it is decided. The
 * newline before an end mark belongs to the mark. Pure, one per stream.
 */
#ifndef WORKER_MARKS_H
#define WORKER_MARKS_H

#include <stdbool.h>
#include <stddef.h>

#define MARKS_ID 32 /* hex digits */

enum mark {
    MARK_NONE,
    MARK_BEGUN,   /* "B": the program starts */
    MARK_EXITED,  /* "ID E RC": it has ended */
    MARK_UNPACKED /* "ID X RC": it was never started, unpacking failed */
};

struct marks {
    char id[MARKS_ID + 1];
    bool begins; /* this stream carries B (stdout): what comes before it is no output */
    bool begun;
    bool over; /* the end mark was seen: nothing counts any more */
    int exit_code;
    char held[48]; /* what may be the beginning of a mark */
    size_t held_len;
};

/* Hears the program's own bytes, valid during the call. */
typedef void marks_output(void *arg, const char *at, size_t len);

void marks_init(struct marks *marks, const char *id, bool begins);

/* Take bytes up to the next mark, at most *len of them; *len becomes how many were taken.
 * Gives the mark that ended them: call again with the rest. */
enum mark marks_read(struct marks *marks, const char *at, size_t *len, marks_output *output,
                     void *arg);

/* The stream has ended without a mark, or nobody waits for one any more: what was held
 * back is output after all. */
void marks_flush(struct marks *marks, marks_output *output, void *arg);

#endif
