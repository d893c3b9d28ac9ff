/* redis_error.h -- what an error reply of Redis is to those who asked: a state of Redis
 * that passes, or a mistake of ours. */
#ifndef QUEUE_REDIS_ERROR_H
#define QUEUE_REDIS_ERROR_H

#include <stdbool.h>

#include "lib/err.h"

/* Set *err to what the reply says: ERR_BACKEND when Redis cannot serve now, otherwise
 * ERR_BUG. `where` is Redis' address, for people. Returns whether the link is to be made
 * anew: whoever answers there next may serve (a restarted server, the new primary). */
bool redis_error_read(const char *text, const char *where, struct err *err);

#endif
