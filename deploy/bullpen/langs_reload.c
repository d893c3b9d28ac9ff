/* langs_reload.c -- have the programs of this machine, and this user, read the languages
 * again: SIGHUP. They read and judge for themselves; what we have read ourselves before
 * only keeps a folder with mistakes from being tried.
 */
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "deploy/bullpen/langs.h"
#include "lib/bytes.h"
#include "lib/count.h"

static const char *const programs[] = {"bullpen-worker", "bullpen-producer"};

static const char *program_of(const char *pid);

int langs_reload(struct langs *langs)
{
    DIR *proc = opendir("/proc");
    const struct dirent *entry;
    int told = 0, status = EXIT_DONE;
    int64_t pid;

    /* NOLINTNEXTLINE(concurrency-mt-unsafe): there is one thread */
    while (proc && (entry = readdir(proc))) {
        const char *program = number_read(entry->d_name, 1, INT32_MAX, &pid)
                                  ? NULL
                                  : program_of(entry->d_name);

        if (!program)
            continue;
        if (kill((pid_t)pid, SIGHUP)) {
            /* NOLINTNEXTLINE(concurrency-mt-unsafe) */
            langs_say(langs, "%s %s: %s", program, entry->d_name, strerror(errno));
            status = EXIT_REFUSED;
            continue;
        }
        told++;
        printf("%s %s is reading the languages again; its log says how that went\n",
               program, entry->d_name);
    }
    if (proc)
        closedir(proc);
    if (told || status != EXIT_DONE)
        return status;
    langs_say(langs,
              "no worker and no producer of this user runs here; send those that run "
              "elsewhere, or in containers, SIGHUP");
    return EXIT_REFUSED;
}

/* The name of one of our programs, if this process runs it for the same user; else NULL. */
static const char *program_of(const char *pid)
{
    char path[64], exe[4096];
    struct stat found;
    const char *name;
    ssize_t len;

    snprintf(path, sizeof path, "/proc/%.16s/exe", pid);
    len = readlink(path, exe, sizeof exe - 1);
    if (len <= 0)
        return NULL;
    exe[len] = '\0';
    if (len > 10 && strcmp(exe + len - 10, " (deleted)") == 0)
        exe[len - 10] = '\0'; /* it was replaced since, by an upgrade */
    snprintf(path, sizeof path, "/proc/%.16s", pid);
    if (stat(path, &found) || found.st_uid != geteuid())
        return NULL;
    name = strrchr(exe, '/');
    for (size_t i = 0; name && i < COUNT(programs); i++)
        if (strcmp(name + 1, programs[i]) == 0)
            return programs[i];
    return NULL;
}
