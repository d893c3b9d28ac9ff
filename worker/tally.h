/* tally.h -- how a job's tests went, one after the other. Pure. */
#ifndef WORKER_TALLY_H
#define WORKER_TALLY_H

#include "lang-registry/task.h"
#include "lib/json.h"
#include "worker/stage.h"

#define TALLY_MOST_MS 300000 /* that the tests of a job may take together */

struct tally {
    size_t done, passed;
    int64_t ms;    /* that they have taken */
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

/* Tests that cannot be run any more for want of time make a job that was ok so far one that
 * has run too long. */
void tally_judge_rest(const struct tally *tally, const struct task *task,
                      struct judgement *judgement);

/* Whether no more of them are to be run. */
bool tally_over(const struct tally *tally, const struct task *task);

/* Malloc'd JSON: how far it is, with the latest test. */
char *tally_progress(const struct tally *tally, const struct task *task);

#endif
