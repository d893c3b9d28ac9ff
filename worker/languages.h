/* languages.h -- a worker's languages while it runs: whether they work, which is told to
 * whoever asks, and others in their place.
 *
 * Beside the slots, one after the other, each language's self-tests are run (selftest.h).
 * What they say is its state in Redis (queue/report.h), and keeps no job away: a job in a
 * language that has failed is run and says itself what happens. An image that is missing is
 * looked for again and again; what has failed is tried again after minutes; what could not
 * be tried, as the engine was away, soon.
 *
 * A reload reads the folder once more and runs the self-tests of what has changed. All
 * well, and the new set takes the place of the old for jobs that begin from then on; those
 * that run keep the set they began with. Anything wrong, and nothing changes; but a
 * language that was known not to work before may go on like that.
 */
#ifndef WORKER_LANGUAGES_H
#define WORKER_LANGUAGES_H

#include "lang-registry/options.h"
#include "queue/queue.h"
#include "worker/run.h"

struct languages_config {
    struct queue *queue;
    struct run_config *run; /* its registry is ours, and replaced by a reload */
    struct registry_options where;
    bool selftest;   /* if not, nothing is tried nor reported, and every reload trusted */
    int interval_ms; /* a report is repeated after so long, and valid for three times that
                      */
};

struct languages;

/* Read the folder; everything borrowed. NULL and an error when there are mistakes, which
 * are logged. `stopped` is called once, some time after languages_stop: no self-test runs,
 * and nothing is in flight. */
struct languages *languages_new(const struct languages_config *config,
                                void (*stopped)(void *arg), void *arg, struct err *err);
void languages_free(struct languages *languages); /* NULL is fine */

/* The engine has been asked what it is, whatever it said; or there is none. Before that
 * nothing is run. */
void languages_begin(struct languages *languages);

/* The queue's link is usable again. */
void languages_linked(struct languages *languages);

/* Read the folder again. One that comes while another is under way is done after it. */
void languages_reload(struct languages *languages);

/* Give up what is under way and take back the report. */
void languages_stop(struct languages *languages);

#endif
