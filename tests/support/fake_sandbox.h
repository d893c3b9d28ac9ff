/* fake_sandbox.h -- a sandbox that does what the test says; linked in place of
 * sandbox_docker.c and engine.c. One at a time. */
#ifndef TESTS_SUPPORT_FAKE_SANDBOX_H
#define TESTS_SUPPORT_FAKE_SANDBOX_H

#include "worker/sandbox.h"

struct fake_sandbox {
    const struct sandbox_events *events; /* NULL while none is open */
    void *arg;
    char code[64]; /* the first file it was fed */
    bool fed, stopped;
    struct usage usage; /* what sandbox_usage tells */
};

extern struct fake_sandbox fake_sandbox;

/* What happens to the sandbox. */
void fake_ready(void);
void fake_begun(void);
void fake_prints(enum stream stream, const char *text);
void fake_exits(int exit_code);
void fake_dies(void); /* after sandbox_stop */
void fake_breaks(enum fault fault, enum err_kind kind, const char *why);

#endif
