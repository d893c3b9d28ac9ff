/* langs_reload.c -- have the programs of this machine, and this user, that have the same
 * folder of languages read it again: SIGHUP. They read and judge for themselves; what we
 * have read ourselves before only keeps a folder with mistakes from being tried.
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
#include "lib/mem.h"

#define FLAG     "--" REGISTRY_FOLDER_FLAG
#define VARIABLE REGISTRY_FOLDER_VARIABLE "="

enum { TEXT_BYTES = 1 << 20 }; /* of what is read of a command line or an environment */

static const char *const programs[] = {"bullpen-worker", "bullpen-producer"};

static int tell(struct langs *langs, const char *pid, const char *program);
static const char *program_of(const char *pid);
static bool has_folder(const char *pid, const char *folder);
static char *proc_text(const char *pid, const char *name, size_t *len);
static const char *flag_in(const char *text, size_t len);
static const char *variable_in(const char *text, size_t len);

int langs_reload(struct langs *langs)
{
    const char *folder = langs->conf.registry.folder;
    DIR *proc = opendir("/proc");
    const struct dirent *entry;
    int told = 0, status = EXIT_DONE;
    int64_t pid;

    /* NOLINTNEXTLINE(concurrency-mt-unsafe): there is one thread */
    while (proc && (entry = readdir(proc))) {
        const char *program = number_read(entry->d_name, 1, INT32_MAX, &pid)
                                  ? NULL
                                  : program_of(entry->d_name);

        if (!program || !has_folder(entry->d_name, folder))
            continue;
        if (tell(langs, entry->d_name, program))
            status = EXIT_REFUSED;
        told++;
    }
    if (proc)
        closedir(proc);
    if (told)
        return status;
    langs_say(langs,
              "no worker and no producer of this user has %s for its languages; send those "
              "that run elsewhere, or in containers, SIGHUP",
              folder);
    return EXIT_REFUSED;
}

static int tell(struct langs *langs, const char *pid, const char *program)
{
    int64_t number;

    if (number_read(pid, 1, INT32_MAX, &number))
        return -1;
    if (kill((pid_t)number, SIGHUP)) {
        /* NOLINTNEXTLINE(concurrency-mt-unsafe) */
        langs_say(langs, "%s %s: %s", program, pid, strerror(errno));
        return -1;
    }
    printf("%s %s is reading the languages again; its log says how that went\n", program,
           pid);
    return 0;
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

/* Whether a process reads the languages of this folder, whatever it calls it: as it was
 * told by its flag, else by its environment, seen from where it stands. */
static bool has_folder(const char *pid, const char *folder)
{
    size_t args_len, env_len;
    char *args = proc_text(pid, "cmdline", &args_len);
    char *env = proc_text(pid, "environ", &env_len);
    const char *named = flag_in(args, args_len);
    struct stat theirs, ours;
    bool same;
    char *path;

    if (!named)
        named = variable_in(env, env_len);
    if (!named)
        named = REGISTRY_FOLDER;
    path = xasprintf("/proc/%.16s/%s/%s", pid, *named == '/' ? "root" : "cwd", named);
    same = !stat(path, &theirs) && !stat(folder, &ours) && theirs.st_dev == ours.st_dev &&
           theirs.st_ino == ours.st_ino;
    free(path);
    free(args);
    free(env);
    return same;
}

/* Words that each end with NUL, malloc'd; nothing of a process that is gone. */
static char *proc_text(const char *pid, const char *name, size_t *len)
{
    char *text = xmalloc(TEXT_BYTES), path[64];
    FILE *file;

    *len = 0;
    snprintf(path, sizeof path, "/proc/%.16s/%s", pid, name);
    file = fopen(path, "re");
    if (file) {
        *len = fread(text, 1, TEXT_BYTES - 1, file);
        fclose(file);
    }
    text[*len] = '\0';
    return text;
}

/* The last one counts; its value stands behind a '=' or is the next word. */
static const char *flag_in(const char *text, size_t len)
{
    const size_t flag = strlen(FLAG);
    const char *value = NULL;

    for (const char *word = text, *next; word < text + len; word = next) {
        next = word + strlen(word) + 1;
        if (strncmp(word, FLAG "=", flag + 1) == 0)
            value = word + flag + 1;
        else if (strcmp(word, FLAG) == 0 && next < text + len)
            value = next;
    }
    return value;
}

/* An empty one counts as not set. */
static const char *variable_in(const char *text, size_t len)
{
    const size_t variable = strlen(VARIABLE);

    for (const char *word = text; word < text + len; word += strlen(word) + 1)
        if (strncmp(word, VARIABLE, variable) == 0)
            return word[variable] ? word + variable : NULL;
    return NULL;
}
