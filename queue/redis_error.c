/* redis_error.c -- see redis_error.h. */
#include "queue/redis_error.h"

#include <stdio.h>
#include <string.h>

#include "lib/count.h"

/* Which errors are Redis' momentary state, and which of these end the link. */
static const struct {
    const char *code;
    bool reset;
} unable[] = {
    {"LOADING", true},     {"READONLY", true},     {"MASTERDOWN", true}, {"NOAUTH", true},
    {"WRONGPASS", true},   {"OOM", false},         {"MISCONF", false},   {"BUSY", false},
    {"NOREPLICAS", false}, {"CLUSTERDOWN", false}, {"MOVED", false},     {"ASK", false},
    {"TRYAGAIN", false},   {"UNBLOCKED", false},   {"EXECABORT", false},
};

static bool says(const char *text, const char *code);

bool redis_error_read(const char *text, const char *where, struct err *err)
{
    const char *hint = "";

    for (size_t i = 0; i < COUNT(unable); i++)
        if (says(text, unable[i].code)) {
            err_set(err, ERR_BACKEND, "%s (Redis at %s)", text, where);
            return unable[i].reset;
        }
    if (strstr(text, "WRONGTYPE")) /* inside, too; and Redis does not say which key */
        hint = "; redis-cli's TYPE tells which of the queue's keys is not BullMQ's";
    err_set(err, ERR_BUG, "%s (Redis at %s)%s", text, where, hint);
    return false;
}

/* Redis 6 wraps the error of a command inside a script in one of its own. */
static bool says(const char *text, const char *code)
{
    size_t len = strlen(code);
    char inside[24];

    snprintf(inside, sizeof inside, ": -%s ", code);
    return (!strncmp(text, code, len) && text[len] == ' ') || strstr(text, inside);
}
