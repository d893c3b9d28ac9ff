/* outcome.c -- see outcome.h. */
#include "worker/outcome.h"

#include <inttypes.h>
#include <stdlib.h>

#include "lib/mem.h"

static char *what_follows(const struct outcome *outcome);

void outcome_set(struct outcome *outcome, enum outcome_kind kind, const char *text)
{
    *outcome = (struct outcome){.kind = kind, .text = xstrdup(text), .why = ""};
}

void outcome_clear(struct outcome *outcome)
{
    free(outcome->text);
    outcome->text = NULL;
}

bool outcome_refuse(const struct job *job, int64_t max_started, struct outcome *outcome)
{
    const char *reason = job->deferred_fail;

    if (!reason && max_started && job->attempts_started > max_started)
        reason = "job started more than allowable limit";
    if (!reason)
        return false;
    outcome_set(outcome, OUTCOME_FAIL, reason);
    outcome->why = "it was not run";
    return true;
}

void outcome_of_failure(const struct job *job, const struct err *err, int64_t max_started,
                        double random, struct outcome *outcome)
{
    const struct opts *opts = &job->opts;
    int64_t made = job->attempts_made + 1;

    outcome_set(outcome, OUTCOME_FAIL, err->text);
    if (err->kind == ERR_INVALID) {
        outcome->why = "it can never run";
    } else if (made >= opts->attempts) {
        outcome->why = "no attempt is left";
    } else if (max_started && job->attempts_started >= max_started) {
        outcome->why = "it may not be started once more";
    } else if (opts->backoff == BACKOFF_UNKNOWN) {
        outcome->why = "this worker does not know its backoff";
        free(outcome->text);
        outcome->text = xasprintf("%s (no retry: this worker knows no backoff \"%.60s\")",
                                  err->text, opts->backoff_name);
    } else {
        outcome->kind = OUTCOME_RETRY;
        outcome->delay_ms = opts_backoff_ms(opts, made, random);
    }
}

char *outcome_note(const struct outcome *outcome, const struct job *job, const char *worker)
{
    int64_t allowed = job->opts.attempts > 1 ? job->opts.attempts : 1;
    char *follows, *note;

    if (outcome->kind == OUTCOME_COMPLETE)
        return NULL;
    follows = what_follows(outcome);
    note = xasprintf("attempt %" PRId64 " of %" PRId64 " by %s: %s; %s",
                     job->attempts_made + 1, allowed, worker, outcome->text, follows);
    for (char *at = note; *at; at++)
        if ((unsigned char)*at < ' ')
            *at = ' '; /* a reason may have several lines, the note is one */
    free(follows);
    return note;
}

static char *what_follows(const struct outcome *outcome)
{
    switch (outcome->kind) {
    case OUTCOME_FAIL:
        return xasprintf("the job has failed: %s", outcome->why);
    case OUTCOME_RETRY:
        if (outcome->delay_ms)
            return xasprintf("the next attempt begins in %" PRId64 " ms",
                             outcome->delay_ms);
        return xstrdup("it goes back to waiting");
    case OUTCOME_RELEASE:
        return xstrdup("it goes back to waiting, at no cost of an attempt");
    default:
        return xstrdup("what this run did is not stored");
    }
}
