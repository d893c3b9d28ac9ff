/* fake_queue.c -- see fake_queue.h. */
#include "tests/support/fake_queue.h"

#include <stdlib.h>
#include <string.h>

#include "tests/support/unit.h"

struct fake_queue fake_queue;

static struct fake_ask *ask(enum fake_verb verb, void *arg);
static struct fake_ask take(enum fake_verb verb);
static void ask_about(struct fake_ask *asked, const struct job *job, const char *text);

void fake_queue_forget(void)
{
    memset(&fake_queue, 0, sizeof fake_queue);
}

struct job *fake_job(const char *id)
{
    struct arena *arena = arena_new();
    struct job *job = arena_alloc(arena, sizeof *job);

    job->arena = arena;
    job->id = arena_text(arena, id);
    job->name = "execute";
    job->token = "token";
    job->state = JOB_ACTIVE;
    opts_init(&job->opts);
    return job;
}

static struct fake_ask *ask(enum fake_verb verb, void *arg)
{
    struct fake_ask *asked = &fake_queue.asks[verb];

    assert_false(asked->asked); /* the worker asks one after the other */
    memset(asked, 0, sizeof *asked);
    asked->asked = true;
    asked->arg = arg;
    fake_queue.count[verb]++;
    return asked;
}

static void ask_about(struct fake_ask *asked, const struct job *job, const char *text)
{
    snprintf(asked->ids, sizeof asked->ids, "%s", job->id);
    snprintf(asked->text, sizeof asked->text, "%s", text);
}

void queue_fetch(struct queue *queue, const char *token, queue_fetched *fetched, void *arg)
{
    struct fake_ask *asked = ask(FAKE_FETCH, arg);

    snprintf(asked->text, sizeof asked->text, "%s", token);
    asked->hear.fetched = fetched;
}

void queue_complete(struct queue *queue, const struct job *job, const char *value,
                    bool fetch_next, queue_fetched *fetched, void *arg)
{
    struct fake_ask *asked = ask(FAKE_COMPLETE, arg);

    ask_about(asked, job, value);
    asked->fetch_next = fetch_next;
    asked->hear.fetched = fetched;
}

void queue_fail(struct queue *queue, const struct job *job, const char *reason,
                bool fetch_next, queue_fetched *fetched, void *arg)
{
    struct fake_ask *asked = ask(FAKE_FAIL, arg);

    ask_about(asked, job, reason);
    asked->fetch_next = fetch_next;
    asked->hear.fetched = fetched;
}

void queue_retry(struct queue *queue, const struct job *job, const char *reason,
                 int64_t delay_ms, bool fetch_next, queue_fetched *fetched, void *arg)
{
    struct fake_ask *asked = ask(FAKE_RETRY, arg);

    ask_about(asked, job, reason);
    asked->ms = delay_ms;
    asked->fetch_next = fetch_next;
    asked->hear.fetched = fetched;
}

void queue_release(struct queue *queue, const struct job *job, queue_done *done, void *arg)
{
    struct fake_ask *asked = ask(FAKE_RELEASE, arg);

    ask_about(asked, job, "");
    asked->hear.done = done;
}

void queue_continue(struct queue *queue, const struct job *job, queue_continued *continued,
                    void *arg)
{
    struct fake_ask *asked = ask(FAKE_CONTINUE, arg);

    ask_about(asked, job, job->scheduler);
    asked->hear.continued = continued;
}

void queue_reclaim(struct queue *queue, const char *token, queue_fetched *fetched,
                   void *arg)
{
    struct fake_ask *asked = ask(FAKE_RECLAIM, arg);

    snprintf(asked->text, sizeof asked->text, "%s", token);
    asked->hear.fetched = fetched;
}

void queue_log(struct queue *queue, const struct job *job, const char *line,
               queue_done *done, void *arg)
{
    snprintf(fake_queue.log, sizeof fake_queue.log, "%s: %s", job->id, line);
    fake_queue.logs++;
    fake_queue.logged = done;
    fake_queue.logger = arg;
}

void queue_progress(struct queue *queue, const struct job *job, const char *progress,
                    queue_done *done, void *arg)
{
    assert_null(done);
    snprintf(fake_queue.progress, sizeof fake_queue.progress, "%s: %s", job->id, progress);
    fake_queue.progresses++;
}

void queue_extend_locks(struct queue *queue, const struct job *const *jobs, size_t count,
                        queue_extended *extended, void *arg)
{
    struct fake_ask *asked = ask(FAKE_EXTEND, arg);

    for (size_t i = 0; i < count; i++)
        snprintf(asked->ids + strlen(asked->ids), sizeof asked->ids - strlen(asked->ids),
                 "%s%s", i ? " " : "", jobs[i]->id);
    asked->hear.extended = extended;
}

void queue_recover(struct queue *queue, int64_t interval_ms, int max_stalled,
                   queue_recovered *recovered, void *arg)
{
    struct fake_ask *asked = ask(FAKE_RECOVER, arg);

    asked->ms = interval_ms;
    asked->hear.recovered = recovered;
}

void queue_wait(struct queue *queue, struct redis *blocking, int block_ms,
                queue_woken *woken, void *arg)
{
    struct fake_ask *asked = ask(FAKE_WAIT, arg);

    asked->ms = block_ms;
    asked->hear.woken = woken;
}

/* It may be asked again from inside the answer. */
static struct fake_ask take(enum fake_verb verb)
{
    struct fake_ask taken = fake_queue.asks[verb];

    assert_true(taken.asked);
    fake_queue.asks[verb].asked = false;
    return taken;
}

void fake_fetched(enum fake_verb verb, const struct fetched *found)
{
    struct fake_ask asked = take(verb);

    asked.hear.fetched(asked.arg, found, NULL);
}

void fake_done(enum fake_verb verb)
{
    const struct fetched nothing = {0};

    if (verb == FAKE_RELEASE) {
        struct fake_ask asked = take(verb);

        asked.hear.done(asked.arg, NULL);
    } else if (verb == FAKE_RECOVER) {
        struct fake_ask asked = take(verb);

        asked.hear.recovered(asked.arg, 0, NULL);
    } else {
        fake_fetched(verb, &nothing);
    }
}

void fake_refused(enum fake_verb verb, enum err_kind kind, const char *why)
{
    struct fake_ask asked = take(verb);
    struct err err;

    err_set(&err, kind, "%s", why);
    switch (verb) {
    case FAKE_RELEASE:
        asked.hear.done(asked.arg, &err);
        break;
    case FAKE_CONTINUE:
        asked.hear.continued(asked.arg, NULL, &err);
        break;
    case FAKE_EXTEND:
        asked.hear.extended(asked.arg, NULL, 0, &err);
        break;
    case FAKE_RECOVER:
        asked.hear.recovered(asked.arg, 0, &err);
        break;
    case FAKE_WAIT:
        asked.hear.woken(asked.arg, -1, &err);
        break;
    default:
        asked.hear.fetched(asked.arg, NULL, &err);
    }
}

void fake_logged(const struct err *err)
{
    queue_done *logged = fake_queue.logged;

    fake_queue.logged = NULL;
    if (logged)
        logged(fake_queue.logger, err);
}

void fake_continued(const struct continued *continued)
{
    struct fake_ask asked = take(FAKE_CONTINUE);

    asked.hear.continued(asked.arg, continued, NULL);
}

void fake_extended(const char *const *lost, size_t count)
{
    struct fake_ask asked = take(FAKE_EXTEND);

    asked.hear.extended(asked.arg, lost, count, NULL);
}

void fake_woken(double at_ms)
{
    struct fake_ask asked = take(FAKE_WAIT);

    asked.hear.woken(asked.arg, at_ms, NULL);
}
