/* commands.h -- the commands of `bullpen queue`. Each asks the queue, and ends by
 * errand_done. */
#ifndef DEPLOY_BULLPEN_COMMANDS_H
#define DEPLOY_BULLPEN_COMMANDS_H

#include "deploy/bullpen/errand.h"

/* look.c */
void command_counts(struct errand *errand);
void command_list(struct errand *errand);
void command_show(struct errand *errand);
void command_workers(struct errand *errand);
void command_schedulers(struct errand *errand);
void command_metrics(struct errand *errand);

/* act.c */
void command_pause(struct errand *errand);
void command_resume(struct errand *errand);
void command_promote(struct errand *errand);
void command_retry(struct errand *errand);
void command_retry_failed(struct errand *errand);
void command_remove(struct errand *errand);
void command_clean(struct errand *errand);
void command_drain(struct errand *errand);
void command_obliterate(struct errand *errand);
void command_concurrency(struct errand *errand);
void command_rate_limit(struct errand *errand);

#endif
