/* fake_queue.h -- a queue that remembers what it is asked, and answers what the test says;
 * linked in place of queue.c and read.c, as far as workers need them. */
#ifndef TESTS_SUPPORT_FAKE_QUEUE_H
#define TESTS_SUPPORT_FAKE_QUEUE_H

#include "queue/queue.h"

enum fake_verb {
    FAKE_FETCH,
    FAKE_COMPLETE,
    FAKE_FAIL,
    FAKE_RETRY,
    FAKE_RELEASE,
    FAKE_CONTINUE,
    FAKE_RECLAIM,
    FAKE_EXTEND,
    FAKE_RECOVER,
    FAKE_WAIT,
    FAKE_VERBS
};

/* One call, until it is answered. */
struct fake_ask {
    bool asked;
    char ids[128];  /* of the jobs: "1 2" */
    char text[512]; /* value, reason or token */
    int64_t ms;     /* delay, block or interval */
    bool fetch_next;
    union {
        queue_fetched *fetched;
        queue_done *done;
        queue_continued *continued;
        queue_extended *extended;
        queue_recovered *recovered;
        queue_woken *woken;
    } hear;
    void *arg;
};

struct fake_queue {
    struct fake_ask asks[FAKE_VERBS]; /* the present one of each verb */
    int count[FAKE_VERBS];            /* how many there have been */
    /* What the jobs' logs and progress were told, the latest; and who waits to hear that.
     */
    char log[512], progress[128];
    int logs, progresses;
    queue_done *logged;
    void *logger;
};

extern struct fake_queue fake_queue;

void fake_queue_forget(void);

/* A job as a fetch gives it; its hearer frees it. */
struct job *fake_job(const char *id);

/* Whoever waits to hear how its line was logged hears it. */
void fake_logged(const struct err *err);

/* Answer the present call of a verb; the test fails when there is none. */
void fake_fetched(enum fake_verb verb, const struct fetched *found);
void fake_done(
    enum fake_verb verb); /* FETCH, COMPLETE, ...: and there is no job; RELEASE */
void fake_refused(enum fake_verb verb, enum err_kind kind, const char *why);
void fake_continued(const struct continued *continued);
void fake_extended(const char *const *lost, size_t count);
void fake_woken(double at_ms);

#endif
