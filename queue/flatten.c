/* flatten.c -- a build tool: `flatten lua/NAME-KEYS.lua` prints the Lua of one command with
 * the includes taken in.
 *
 * A line that holds nothing but `--@include NAME` is replaced by the file NAME.lua of the
 * folder `includes` beside the command: once per command, a later mention becomes an empty
 * line. Files are read line by line and written as they are read; the first error ends the
 * program, and says file:line: what.
 */
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define INCLUDES_MAX 64
#define NAME_MAX_LEN 63
#define WORD         "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"

/* One command on its way out. */
struct command {
    const char *path;
    int dir_len; /* of path, with the last slash; 0 without one */
    char taken[INCLUDES_MAX][NAME_MAX_LEN + 1];
    int taken_count;
};

/* Where we are, for errors and for the way back. */
struct place {
    const char *path;
    int line; /* 0: the file as a whole */
};

static void take_file(struct command *command, const char *path, struct place from);
static void take_include(struct command *command, const char *name, struct place from);
static bool include_name(const char *line, char name[NAME_MAX_LEN + 1], struct place at);
static void fail(struct place at, const char *fmt, ...)
    __attribute__((format(printf, 2, 3), noreturn));

int main(int argc, char **argv)
{
    const char *slash = argc == 2 ? strrchr(argv[1], '/') : NULL;
    struct command command = {.path = argv[1]};

    if (argc != 2) {
        fputs("usage: flatten FILE\n", stderr);
        return 2;
    }
    command.dir_len = slash ? (int)(slash + 1 - argv[1]) : 0;
    take_file(&command, argv[1], (struct place){argv[1], 0});
    if (fflush(stdout) != 0 || ferror(stdout))
        fail((struct place){"stdout", 0}, "%m");
    return 0;
}

/* `from` is where the file was asked for. */
static void take_file(struct command *command, const char *path, struct place from)
{
    FILE *file = fopen(path, "r");
    struct place at = {path, 0};
    char name[NAME_MAX_LEN + 1];
    char *line = NULL;
    size_t size = 0;
    ssize_t len;

    if (!file)
        fail(from, "%s: %m", path);
    while ((len = getline(&line, &size, file)) != -1) {
        at.line++;
        if (line[len - 1] == '\n')
            line[--len] = '\0';
        if (strlen(line) != (size_t)len)
            fail(at, "a NUL byte");
        if (include_name(line, name, at))
            take_include(command, name, at);
        else
            puts(line);
    }
    if (ferror(file))
        fail(at, "%m");
    free(line);
    fclose(file);
}

static void take_include(struct command *command, const char *name, struct place from)
{
    char path[4096];

    for (int i = 0; i < command->taken_count; i++) {
        if (strcmp(command->taken[i], name) == 0) {
            puts("");
            return;
        }
    }
    if (command->taken_count == INCLUDES_MAX)
        fail(from, "more than %d includes", INCLUDES_MAX);
    snprintf(command->taken[command->taken_count++], NAME_MAX_LEN + 1, "%s", name);
    snprintf(path, sizeof path, "%.*sincludes/%s.lua", command->dir_len, command->path,
             name);
    take_file(command, path, from);
}

/* True when the line is an include, and then whose. */
static bool include_name(const char *line, char name[NAME_MAX_LEN + 1], struct place at)
{
    static const char directive[] = "--@include";
    size_t len;

    line += strspn(line, " \t");
    if (strncmp(line, directive, sizeof directive - 1) != 0)
        return false;
    line += sizeof directive - 1;
    len = strspn(line, " \t");
    if (len == 0)
        return false;
    line += len;
    len = strspn(line, WORD);
    if (len == 0 || line[len + strspn(line + len, " \t\r")] != '\0')
        return false;
    if (len > NAME_MAX_LEN)
        fail(at, "an include's name is at most %d long", NAME_MAX_LEN);
    memcpy(name, line, len);
    name[len] = '\0';
    return true;
}

static void fail(struct place at, const char *fmt, ...)
{
    va_list args;

    if (at.line)
        fprintf(stderr, "%s:%d: ", at.path, at.line);
    else
        fprintf(stderr, "%s: ", at.path);
    va_start(args, fmt);
    vfprintf(stderr, fmt, args);
    va_end(args);
    fputc('\n', stderr);
    exit(1); /* NOLINT(concurrency-mt-unsafe): there is one thread */
}
