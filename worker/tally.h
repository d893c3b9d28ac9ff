/* tally.h -- how a job's tests went, one after the other. Pure. */
#ifndef WORKER_TALLY_H
#define WORKER_TALLY_H

#include "lang-registry/task.h"
#include "lib/json.h"
#include "worker/stage.h"

struct tally {
    size_t done, passed;
    json_t *tests; /* an object for each that is done */
};

void tally_init(struct tally *tally);
void tally_free(struct tally *tally);

/* What is to be said of a program that ran for the next test: verdict_judge's word, or
 * wrong_answer when it ended well and printed something else than was expected. */
void tally_judge(const struct tally *tally, const struct task *task,
                 const struct stage_end *end, struct judgement *judgement);

/* That was it. */
void tally_add(struct tally *tally, const struct task *task, const struct stage_end *end,
               const struct judgement *judgement);

/* Whether no more of them are to be run. */
bool tally_over(const struct tally *tally, const struct task *task);

/* Malloc'd JSON: how far it is, with the latest test. */
char *tally_progress(const struct tally *tally, const struct task *task);

#endif
