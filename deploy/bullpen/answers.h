/* answers.h -- what `bullpen queue` found, as JSON for programs (as_json.c) and as text for
 * people (as_text.c). Both are pure.
 *
 * The JSON's keys are BullMQ's words; times are ms since 1970, durations ms. What is not
 * there is null. The text shows no more of long values than a person wants to read.
 */
#ifndef DEPLOY_BULLPEN_ANSWERS_H
#define DEPLOY_BULLPEN_ANSWERS_H

#include <event2/buffer.h>

#include "lib/json.h"
#include "queue/survey.h"

/* All that `counts` tells. */
struct overview {
    const char *queue; /* its name */
    const char *redis; /* where it is, without a password */
    struct queue_status status;
    struct queue_priority priorities[PRIORITIES_MAX];
    size_t priority_count;
    int64_t workers; /* -1: Redis does not let us ask */
};

json_t *json_overview(const struct overview *overview);
void text_overview(struct evbuffer *to, const struct overview *overview);

json_t *json_jobs(enum queue_state state, const struct job *const *jobs, size_t count);
void text_jobs(struct evbuffer *to, enum queue_state state, const struct job *const *jobs,
               size_t count, int64_t now_ms);

json_t *json_details(const struct queue_details *details);
void text_details(struct evbuffer *to, const struct queue_details *details, int64_t now_ms);

json_t *json_workers(const struct queue_worker *workers, size_t count);
void text_workers(struct evbuffer *to, const struct queue_worker *workers, size_t count);

json_t *json_schedulers(const struct queue_scheduler *schedulers, size_t count);
void text_schedulers(struct evbuffer *to, const struct queue_scheduler *schedulers,
                     size_t count, int64_t now_ms);

json_t *json_metrics(const struct queue_metrics *completed,
                     const struct queue_metrics *failed);
void text_metrics(struct evbuffer *to, const struct queue_metrics *completed,
                  const struct queue_metrics *failed, int64_t now_ms);

#endif
