/* command.h -- a command in the form that Redis reads (RESP). */
#ifndef QUEUE_COMMAND_H
#define QUEUE_COMMAND_H

#include <stddef.h>

/* Malloc'd, *len bytes of it. `lens` may be NULL when all arguments are texts. The same as
 * redisFormatCommandArgv of hiredis, which spends most of its time in printing lengths. */
char *command_write(size_t argc, const char *const *argv, const size_t *lens, size_t *len);

#endif
