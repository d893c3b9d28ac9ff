/* ask.h -- inside queue/ only: a verb's call on its way to Redis and back. */
#ifndef QUEUE_ASK_H
#define QUEUE_ASK_H

#include "lib/count.h"
#include "queue/admin.h"
#include "queue/finish.h"
#include "queue/list.h"
#include "queue/pack.h"
#include "queue/queue.h"
#include "queue/report.h"
#include "queue/script.h"
#include "queue/survey.h"

struct queue {
    struct arena *arena;
    struct redis *redis;
    struct keys keys;
    const char *worker_name; /* or NULL */
    int lock_ms;
    struct keep on_complete, on_fail;
    struct limiter limiter;
    int64_t metrics_size;
    struct ends ends;
};

/* A call in flight. */
struct ask {
    struct arena *arena;
    struct queue *queue;
    union {
        queue_done *done;
        queue_added *added;
        queue_fetched *fetched;
        queue_continued *continued;
        queue_extended *extended;
        queue_recovered *recovered;
        queue_read_done *read;
        queue_woken *woken;
        queue_counted *counted;
        queue_found *found;
        queue_listed *listed;
        queue_inspected *inspected;
        queue_surveyed *surveyed;
        queue_prioritized *prioritized;
        queue_attended *attended;
        queue_scheduled *scheduled;
        queue_measured *measured;
        report_heard *reported;
    } hear;
    void *arg;
    const char *script; /* the one that was called; "" when none was */
    const char *tried;  /* for people: "promote job 42"; or NULL */
    struct script_args args;
    struct pack packs[2];  /* MessagePack arguments, until the call is sent */
    const char *token;     /* of the lock a fetched job gets */
    const struct job *job; /* queue_continue: borrowed */
    const char *id;        /* of the job it is about */
    struct ending ending;  /* queue_complete, queue_fail */
    TAILQ_ENTRY(ask) next; /* among those that are sent together */
    struct asks together;  /* of the call that is sent for them */
    uint32_t count;        /* how many they are */
    bool locked;           /* queue_read: what EXISTS said */

    /* Of a verb that sends several commands at once: */
    void *parts; /* what their replies fill */
    int open;    /* replies still to come */
    bool failed; /* one did, and `err` is the first that did */
    struct err err;

    /* Of a verb whose script works in portions, and is called until all is done: */
    const char *state; /* what the script is told to work on */
    int64_t until_ms;  /* jobs of that time and before */
    int64_t left;      /* how many more at most */
    int64_t taken;     /* how many so far */
};

struct ask *ask_new(struct queue *queue, void *arg);
void ask_free(struct ask *ask); /* at the end of its hearer */

void ask_keys(struct ask *ask, const char *const *keys, size_t count);
void ask_pack(struct ask *ask, const struct pack *pack); /* an empty one is an empty text */

/* How to fetch (lua/moveToActive-11.lua); `more` pairs of the caller's may follow. */
void ask_pack_fetch(struct pack *pack, const struct queue *queue, const char *token,
                    uint32_t more);

/* What a failed attempt writes into the job's hash. */
void ask_pack_failure(struct pack *pack, const struct job *job, const char *reason);

/* Call the script with the arguments put together so far; `replied` hears the ask. */
void ask_send(struct ask *ask, const char *script, redis_replied *replied);

/* The hearer of a verb that tells no more than whether it worked. */
void ask_done(void *arg, const redisReply *reply, const struct err *err);

/* The hearer of what a fetch gives (lua/includes/fetch.lua); or 0, the job is stored and
 * nothing more was asked for or found. */
void ask_fetched(void *arg, const redisReply *reply, const struct err *err);

/* -1 and the reason when the script's answer is one of its refusals; else 0. */
int ask_refused(const struct ask *ask, const redisReply *reply, struct err *err);

/* One reply less is to come, of which `err` may be the error. True for the last. */
bool ask_was_last(struct ask *ask, const struct err *err);

/* A reply's number, 0 when it is none. */
int64_t ask_number(const redisReply *reply);

/* A score over `steps`, from 0 to 2^53: anybody can write another, infinity too. */
int64_t ask_score(const redisReply *reply, double steps);

#endif
