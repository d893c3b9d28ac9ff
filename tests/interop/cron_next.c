/* cron_next.c -- our cron for a test in another language: a line "after_ms TAB zone TAB
 * pattern" on stdin becomes a line on stdout, the next time in ms, or "error: " and why. An
 * empty zone is the process's own.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "queue/cron.h"

int main(void)
{
    char line[1024];

    while (fgets(line, sizeof line, stdin)) {
        char *rest = line;
        int64_t after_ms = strtoll(strsep(&rest, "\t"), NULL, 10), next_ms;
        const char *zone = strsep(&rest, "\t");
        const char *pattern = strsep(&rest, "\n");
        struct cron cron;
        struct err err;

        if (cron_read(&cron, pattern, &err) ||
            cron_next(&cron, after_ms, *zone ? zone : NULL, &next_ms, &err))
            printf("error: %s\n", err.text);
        else
            printf("%" PRId64 "\n", next_ms);
        fflush(stdout);
    }
    return 0;
}
