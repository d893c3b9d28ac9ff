/* routes.c -- which path is whose. */
#include "producer/producer.h"

const struct http_route producer_routes[] = {
    {"POST", "/v1/jobs", submit_post},
    {"GET", "/v1/jobs/:id", result_get},
    {"GET", "/v1/languages", languages_list},
    {"GET", "/v1/languages/:id", languages_get},
    {"GET", "/healthz", manage_healthz},
    {"GET", "/readyz", manage_readyz},
    {0},
};
