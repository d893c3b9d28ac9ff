/* parcel.h -- what the launcher is sent of a job: tars with its files and a script that
 * starts the program, and the program's stdin (worker/launcher.sh). */
#ifndef WORKER_PARCEL_H
#define WORKER_PARCEL_H

#include "lang-registry/files.h"

struct evbuffer;

struct parcel {
    struct files files; /* laid into the program's folder */
    struct texts argv;  /* the program and its arguments, run in that folder */
    struct bytes input; /* stdin */
    /* A compiler's: files and folders that are packed to stdout as a tar when it has ended
     * well; all that it prints goes to stderr. */
    struct texts artifacts;
    /* What an interpreter that was started ahead (lang-registry/preload.h) is given to
     * read: the program, or when it is not to run that, one that makes it leave. */
    struct bytes preload;
    bool fits;
    struct bytes packed; /* such a tar, unpacked there before argv is run; len 0: none */
};

/* Bytes of a tmpfs that it takes until its program begins: all that is laid into the
 * folder, and about as much again as is packed. */
int64_t parcel_room(const struct parcel *parcel);

void parcel_write(struct evbuffer *text, const struct parcel *parcel);

#endif
