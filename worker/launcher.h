/* launcher.h -- our end of what a worker and the launcher of its sandbox (launcher.sh) say
 * to each other over the container's attached stream.
 *
 *     start -> ready -> feed -> begun -> output ... -> exited -> closed
 *        \_______\________\_______\_________\ failed
 *
 * Of containers, limits and kills it knows nothing: whoever has it stops and frees it.
 */
#ifndef WORKER_LAUNCHER_H
#define WORKER_LAUNCHER_H

#include <event2/bufferevent.h>

#include "lib/err.h"
#include "worker/frames.h"
#include "worker/parcel.h"

struct launcher;

/* Heard from the event loop. When `exited`, `failed` and `closed` are called it may be
 * freed, from the others it may not. */
struct launcher_events {
    void (*ready)(void *arg); /* feed it, now or later */
    void (*begun)(void *arg); /* the program starts */
    /* It prints; `at` is valid during the call. Its stderr may be ahead of `begun`. */
    void (*output)(void *arg, enum stream stream, const char *at, size_t len);
    /* The program has ended. The launcher stays until it is freed, and what the program has
     * left running may still print. */
    void (*exited)(void *arg);
    /* It was not heard of in time, or had no program to run, or nobody could make anything
     * of it; or the stream has ended too soon. Of what it said before the program began the
     * error has the first bytes, made fit to be shown. */
    void (*failed)(void *arg, const struct err *err);
    void (*closed)(void *arg); /* the stream has ended, after `exited` or a stop */
};

/* The stream is its own from here on; nothing is read before the start. */
struct launcher *launcher_new(struct bufferevent *stream,
                              const struct launcher_events *events, void *arg);
void launcher_free(struct launcher *launcher); /* closes the stream; NULL is fine */

/* The container runs: tell the launcher its marks, and listen. */
void launcher_start(struct launcher *launcher);

/* Send a program and its stdin; once, when ready. */
void launcher_feed(struct launcher *launcher, const struct parcel *parcel);

/* Whether it has said that the program has ended, and how. */
bool launcher_ended(const struct launcher *launcher, int *exit_code);

/* Whether stdout was heard to its end. */
bool launcher_whole(const struct launcher *launcher);

/* It is to be killed: there is output yet, and `closed`, or `failed` if that is no stream
 * any more; neither waits for anything. */
void launcher_stop(struct launcher *launcher);

/* Enough: what was held back because a mark might have begun with it is told as output, and
 * no more. */
void launcher_hush(struct launcher *launcher);

#endif
