/* fake_sandbox.h -- a sandbox that does what the test says; linked in place of
 * sandbox_docker.c and engine.c. One at a time. */
#ifndef TESTS_SUPPORT_FAKE_SANDBOX_H
#define TESTS_SUPPORT_FAKE_SANDBOX_H

#include "worker/sandbox.h"

struct fake_sandbox {
    const struct sandbox_events *events; /* NULL while none is open */
    void *arg;
    struct sandbox_spec spec; /* what it was opened with; borrowed */
    /* What it was fed, words with a blank between them. */
    bool fed;
    char code[64], argv[128], artifacts[64], input[64];
    char preload[64];
    bool fits;
    size_t packed; /* bytes */
    bool stopped;
    struct usage usage; /* what sandbox_usage tells */
};

extern struct fake_sandbox fake_sandbox;
extern int fake_sandboxes; /* that were opened in all */

/* What happens to the sandbox. */
void fake_ready(void);
void fake_begun(void);
void fake_prints(enum stream stream, const char *text);
void fake_prints_bytes(enum stream stream, const char *at, size_t len);
void fake_exits(int exit_code);
void fake_exits_cut(int exit_code); /* before its stdout was heard to the end */
void fake_dies(void);               /* after sandbox_stop */
void fake_breaks(enum fault fault, enum err_kind kind, const char *why);

#endif
