/* parcel.h -- what the launcher is sent for one job: a line, a tar with the code and a
 * script that starts it, and the program's stdin (worker/launcher.sh). */
#ifndef WORKER_PARCEL_H
#define WORKER_PARCEL_H

#include "lang-registry/task.h"

struct evbuffer;

/* `id` is the job's mark (marks.h). */
void parcel_write(struct evbuffer *parcel, const char *id, const struct task *task);

#endif
