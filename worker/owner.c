/* owner.c -- see owner.h. A process is its id and the moment of its start: ids are used
 * again.
 */
#include "worker/owner.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/bytes.h"

enum { HERE_BYTES = 96, START_FIELD = 22 /* of /proc/PID/stat, see proc(5) */ };

static void read_here(char text[HERE_BYTES]);
static bool read_start(const char *pid, char *start, size_t size);

const char *owner_self(char text[OWNER_BYTES])
{
    char here[HERE_BYTES], pid[16], start[24] = "0";

    read_here(here);
    snprintf(pid, sizeof pid, "%d", (int)getpid());
    read_start(pid, start, sizeof start);
    snprintf(text, OWNER_BYTES, "%s/%s/%s", here, pid, start);
    return text;
}

bool owner_gone(const char *label)
{
    char here[HERE_BYTES], pid[16], start[24], is[24];
    size_t len;
    int64_t number;

    read_here(here);
    len = strlen(here);
    if (strncmp(label, here, len) != 0 || label[len] != '/' ||
        sscanf(label + len + 1, "%15[0-9]/%23[0-9]", pid, start) != 2 ||
        number_read(pid, 1, INT32_MAX, &number))
        return false;
    return !read_start(pid, is, sizeof is) || strcmp(start, is) != 0;
}

/* "BOOT/NAMESPACE": within it a process id means one process. */
static void read_here(char text[HERE_BYTES])
{
    char boot[40] = "", namespace[32] = "";
    FILE *file = fopen("/proc/sys/kernel/random/boot_id", "re");

    if (file) {
        if (!fgets(boot, sizeof boot, file))
            *boot = '\0';
        fclose(file);
    }
    boot[strcspn(boot, "\n")] = '\0';
    if (readlink("/proc/self/ns/pid", namespace, sizeof namespace - 1) < 0)
        *namespace = '\0';
    snprintf(text, HERE_BYTES, "%s/%s", boot, namespace);
}

/* When it started, in clock ticks since boot; false when there is no such process, or it is
 * dead and only not buried yet. Its name, in parentheses, may hold anything. */
static bool read_start(const char *pid, char *start, size_t size)
{
    char path[40], stat[1024], *at;
    FILE *file;
    size_t len;

    snprintf(path, sizeof path, "/proc/%s/stat", pid);
    file = fopen(path, "re");
    if (!file)
        return false;
    len = fread(stat, 1, sizeof stat - 1, file);
    fclose(file);
    stat[len] = '\0';
    at = strrchr(stat, ')');
    if (!at || at[1] != ' ' || at[2] == 'Z' || at[2] == 'X')
        return false;
    for (int field = 2; at && field < START_FIELD; field++)
        at = strchr(at + 1, ' ');
    if (!at)
        return false;
    snprintf(start, size, "%.*s", (int)strcspn(at + 1, " "), at + 1);
    return true;
}
