/* redis_server.c -- see redis_server.h. */
#include "tests/support/redis_server.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static void spawn(struct redis_server *server, const char *option, const char *value);
static redisContext *reach(struct redis_server *server);
static redisReply *ask(struct redis_server *server, const char *format, va_list args);

void redis_server_start(struct redis_server *server, const char *option, const char *value)
{
    if (folder_make(server->folder)) {
        perror("mkdtemp");
        abort();
    }
    snprintf(server->socket, sizeof server->socket, "%s/redis.sock", server->folder);
    snprintf(server->url, sizeof server->url, "unix:%s", server->socket);
    spawn(server, option, value);
}

void redis_server_again(struct redis_server *server)
{
    spawn(server, NULL, NULL);
}

static void spawn(struct redis_server *server, const char *option, const char *value)
{
    server->pid = fork();
    if (!server->pid) {
        prctl(PR_SET_PDEATHSIG, SIGKILL); /* a test that is killed leaves none behind */
        execlp("redis-server", "redis-server", "--port", "0", "--unixsocket",
               server->socket, "--dir", server->folder, "--save", "", "--logfile",
               "redis.log", option, value, (char *)NULL);
        perror("redis-server");
        _exit(127);
    }
    redisFree(reach(server));
}

/* Waiting for a process of another's making: it can only be asked. */
static redisContext *reach(struct redis_server *server)
{
    for (int tries = 0; tries < 500; tries++) {
        redisContext *redis = redisConnectUnix(server->socket);

        if (redis && !redis->err)
            return redis;
        redisFree(redis);
        usleep(10000);
    }
    fprintf(stderr, "redis-server at %s does not answer\n", server->socket);
    abort();
}

void redis_server_stop(struct redis_server *server)
{
    if (!server->pid)
        return;
    kill(server->pid, SIGKILL);
    waitpid(server->pid, NULL, 0);
    server->pid = 0;
    unlink(server->socket);
}

void redis_server_free(struct redis_server *server)
{
    redis_server_stop(server);
    folder_remove(server->folder);
}

redisReply *redis_server_ask(struct redis_server *server, const char *format, ...)
{
    redisReply *reply;
    va_list args;

    va_start(args, format);
    reply = ask(server, format, args);
    va_end(args);
    return reply;
}

long long redis_server_count(struct redis_server *server, const char *format, ...)
{
    redisReply *reply;
    long long count;
    va_list args;

    va_start(args, format);
    reply = ask(server, format, args);
    va_end(args);
    count = reply->type == REDIS_REPLY_ARRAY ? (long long)reply->elements : reply->integer;
    freeReplyObject(reply);
    return count;
}

static redisReply *ask(struct redis_server *server, const char *format, va_list args)
{
    redisContext *redis = reach(server);
    redisReply *reply = redisvCommand(redis, format, args);

    redisFree(redis);
    if (!reply)
        abort();
    return reply;
}
