/* main.c -- bullpen, the operator's tool: find the group of commands that is meant. */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "deploy/bullpen/group.h"
#include "lib/bytes.h"
#include "lib/count.h"

static const struct group groups[] = {
    {"queue", "look at a queue and steer it", queue_group},
    {"lang", "look at the languages, get their images, test them", lang_group},
    {"doctor", "look at all that a worker needs, and say what is wrong", doctor_group},
};

static int help(FILE *to, int status);

int main(int argc, char **argv)
{
    char shown[QUOTED_BYTES];

    signal(SIGPIPE, SIG_IGN);
    if (argc < 2)
        return help(stderr, EXIT_USAGE);
    if (strcmp(argv[1], "--help") == 0)
        return help(stdout, EXIT_DONE);
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (strcmp(argv[i], "--version") == 0) {
            printf("bullpen %s\n", BULLPEN_VERSION);
            return EXIT_DONE;
        }
    for (size_t i = 0; i < COUNT(groups); i++)
        if (strcmp(argv[1], groups[i].name) == 0)
            return groups[i].run(argc - 1, argv + 1);
    fprintf(stderr, "bullpen: there is no %s\n\n",
            show_text(argv[1], strlen(argv[1]), shown));
    return help(stderr, EXIT_USAGE);
}

static int help(FILE *to, int status)
{
    fputs("The operator's hand on Bullpen.\n\nusage: bullpen COMMAND ...\n\n", to);
    for (size_t i = 0; i < COUNT(groups); i++)
        fprintf(to, "  %-10s  %s\n", groups[i].name, groups[i].about);
    fputs("  --version   print the version\n\nbullpen COMMAND --help says more.\n", to);
    return status;
}
