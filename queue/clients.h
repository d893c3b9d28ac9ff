/* clients.h -- Redis' CLIENT LIST, as far as it tells of workers. */
#ifndef QUEUE_CLIENTS_H
#define QUEUE_CLIENTS_H

#include "queue/survey.h"

/* Find the workers in `list`, one "id=3 addr=127.0.0.1:50312 name=... age=5 idle=0 ..." a
 * line. Theirs are the names `base` and "`base`:w:<name>", with `base` as keys_client_name
 * makes it. What is not understood is left out. Returns how many there are; *workers and
 * their texts live in the arena. */
size_t clients_read(const char *list, const char *base, struct queue_worker **workers,
                    struct arena *arena);

#endif
