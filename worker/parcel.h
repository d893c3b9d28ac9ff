/* parcel.h -- what the launcher is sent: a line, a tar with files and a script that starts
 * the program, and the program's stdin (worker/launcher.sh). */
#ifndef WORKER_PARCEL_H
#define WORKER_PARCEL_H

#include "lang-registry/files.h"

struct evbuffer;

struct parcel {
    struct files files; /* laid into the program's folder */
    struct texts argv;  /* the program and its arguments, run in that folder */
    struct bytes input; /* stdin */
};

/* `id` is the job's mark (marks.h). */
void parcel_write(struct evbuffer *text, const char *id, const struct parcel *parcel);

#endif
