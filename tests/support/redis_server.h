/* redis_server.h -- a real redis-server of the test's own, on a unix socket in a temporary
 * folder. */
#ifndef TESTS_SUPPORT_REDIS_SERVER_H
#define TESTS_SUPPORT_REDIS_SERVER_H

#include <hiredis/hiredis.h>
#include <sys/types.h>

#include "tests/support/folder.h"

struct redis_server {
    char folder[FOLDER_BYTES];
    char socket[96];
    char url[104]; /* unix:<socket> */
    pid_t pid;     /* 0: stopped */
};

/* Aborts with a message when redis-server is not there or does not answer in time. `option`
 * and `value` are one more pair of arguments, or NULLs. */
void redis_server_start(struct redis_server *server, const char *option, const char *value);
void redis_server_stop(struct redis_server *server); /* killed: data is gone */
/* After a stop: in the same place, empty. */
void redis_server_again(struct redis_server *server);
void redis_server_free(struct redis_server *server);

/* Ask over a connection of its own; free the reply. */
redisReply *redis_server_ask(struct redis_server *server, const char *format, ...);
/* The integer, or the length of the array, that a command answers. */
long long redis_server_count(struct redis_server *server, const char *format, ...);

#endif
