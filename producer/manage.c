/* manage.c -- health. */
#include "producer/producer.h"

void manage_healthz(void *arg, struct http_request *request, const char *parameter)
{
    http_reply(request, 200, json_pack("{s:s}", "status", "ok"));
}

/* Whether a job that is posted now would be taken. */
void manage_readyz(void *arg, struct http_request *request, const char *parameter)
{
    const struct producer *producer = arg;

    if (redis_ready(producer->redis))
        http_reply(request, 200, json_pack("{s:s}", "status", "ready"));
    else
        http_problem(request, 503, "not connected to Redis at %s",
                     redis_where(producer->redis));
}
