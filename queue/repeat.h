/* repeat.h -- when a scheduler's next job is due, and with which options: what the options
 * of its present job say (contract 17). A pure function but for the time zone files.
 */
#ifndef QUEUE_REPEAT_H
#define QUEUE_REPEAT_H

#include "queue/job.h"

struct repeat {
    bool ended;       /* the limit or the end is reached: there is no next job, nor more */
    int64_t due_ms;   /* 0 with `every`: updateJobScheduler computes it from the last one */
    struct pack opts; /* of the next job, for updateJobScheduler; pack_free */
};

/* Look at a job that has just been fetched. Options that are not understood are carried
 * over as they are. ERR_INVALID says which setting cannot be followed, and why; then, and
 * when it has ended, there is nothing to free. */
int repeat_next(const struct job *job, int64_t now_ms, struct repeat *repeat,
                struct err *err);

#endif
