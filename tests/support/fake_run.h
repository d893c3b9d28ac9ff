/* fake_run.h -- runs that end when and how the test says; linked in place of run.c. */
#ifndef TESTS_SUPPORT_FAKE_RUN_H
#define TESTS_SUPPORT_FAKE_RUN_H

#include "worker/run.h"

void fake_run_forget(void);

/* Whether a run of this job is under way, and whether it was told to stop. */
bool fake_running(const char *job);
bool fake_stopped(const char *job);
const struct run_config *fake_config(const char *job); /* it was started with */
int fake_runs(void);                                   /* that have been started in all */

/* It says how far it is. */
void fake_run_progresses(const char *job, const char *progress);

/* It ends; the test fails when there is none. */
void fake_run_returns(const char *job, const char *result);
void fake_run_fails(const char *job, enum err_kind kind, const char *why);
void fake_run_dies(const char *job); /* as it was told to by run_stop */

#endif
