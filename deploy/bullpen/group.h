/* group.h -- a group of the operator's commands, as `bullpen queue` is one. The table of
 * them is in main.c.
 */
#ifndef DEPLOY_BULLPEN_GROUP_H
#define DEPLOY_BULLPEN_GROUP_H

/* What a command's process exits with. */
enum {
    EXIT_DONE,
    EXIT_REFUSED, /* asked for rightly, and not done: stderr says why */
    EXIT_USAGE    /* asked for wrongly: stderr says what is wrong and what is possible */
};

struct group {
    const char *name;                  /* "queue" */
    const char *about;                 /* for --help */
    int (*run)(int argc, char **argv); /* argv[0] is the name; gives what to exit with */
};

int queue_group(int argc, char **argv);
int lang_group(int argc, char **argv);
int doctor_group(int argc, char **argv);

#endif
