/* stage.h -- one program in one sandbox: opened, fed, timed and watched, and begun anew,
 * once, when its sandbox is lost. A run is made of stages.
 *
 * There are two kinds of stop. The program's own doing (deadline, flood, bomb) kills the
 * sandbox and is evidence; stage_stop() gives the stage up, and no evidence counts.
 */
#ifndef WORKER_STAGE_H
#define WORKER_STAGE_H

#include "worker/verdict.h"

struct stage;

struct stage_spec {
    struct sandbox_spec sandbox; /* with all the program's limits */
    struct parcel parcel;
    size_t data_bytes;  /* 0: stdout is text; else it is data, at most so much */
    const char *job_id; /* for labels and the log */
};

/* What there is to say of a stage that has ended, valid during the call. */
struct stage_end {
    struct evidence evidence;
    struct output *output; /* the same as the evidence's; it may be taken (output_take) */
    int64_t begun_us;      /* clock_mono_us at the program's start */
    int64_t duration_ms;   /* from then to its end */
};

/* Hears how it ended; or an error, then `end` is NULL: our own failure, its text begins
 * with the fault's name. What it says of a stage that was given up is of no worth. */
typedef void stage_ended(void *arg, const struct stage_end *end, const struct err *err);

/* Begin; what the spec points to is borrowed until the end. `ended` comes once, never
 * before this returns, and the stage is gone when it returns. */
struct stage *stage_start(struct event_base *base, struct engine *engine,
                          const struct stage_spec *spec, stage_ended *ended, void *arg);

/* Give it up; `ended` follows. */
void stage_stop(struct stage *stage);

#endif
