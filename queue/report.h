/* report.h -- what workers say of their languages, for whoever wants to know where a job
 * would run.
 *
 * A hash of ours beside the queue's keys, `bull:jobs:bullpen:languages`: a field for each
 * worker, by its name, and in it
 *     {"at": 1700000000000, "validMs": 90000,
 *      "languages": {"python": {"state": "ready", "version": "3.13"}, ...}}
 * A worker writes its own at its start, on a change, and before it is no longer valid. Who
 * reads one that is no longer valid removes it: that worker is gone.
 */
#ifndef QUEUE_REPORT_H
#define QUEUE_REPORT_H

#include "lib/json.h"
#include "queue/queue.h"

/* The worse before the better: what one worker can do is what can be done. */
enum report_state {
    REPORT_UNKNOWN, /* nobody says */
    REPORT_TESTING,
    REPORT_MISSING_IMAGE,
    REPORT_FAILED_SELFTEST,
    REPORT_READY
};

/* Their words: "failed-selftest". */
extern const char *const report_states[];

struct report; /* of all workers together */

/* `languages` is the member of that name; borrowed during the call. */
void report_write(struct queue *queue, const char *worker, const json_t *languages,
                  int64_t valid_ms, queue_done *done, void *arg);

/* Of a worker that stops. */
void report_erase(struct queue *queue, const char *worker, queue_done *done, void *arg);

/* Hears the reports, valid during the call; or NULL and an error. */
typedef void report_heard(void *arg, const struct report *report, const struct err *err);

void report_read(struct queue *queue, report_heard *reported, void *arg);

/* What the workers say of one language (`report` NULL: nothing). *ready gets how many are
 * ready for it. */
enum report_state report_of(const struct report *report, const char *language, int *ready);

/* What report_read does with what it is told; the tests' door. */
struct report *report_new(void);
void report_free(struct report *report);

/* Take in one worker's text. Returns whether it was a report, and is valid at now_ms. */
bool report_take(struct report *report, const char *text, size_t len, int64_t now_ms);

#endif
