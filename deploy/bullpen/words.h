/* words.h -- a command line taken apart: its flags, for conf.h, and the words among them.
 * In "list --limit 5 failed" the words are "list" and "failed".
 */
#ifndef DEPLOY_BULLPEN_WORDS_H
#define DEPLOY_BULLPEN_WORDS_H

#include <stdio.h>

#include "lib/arena.h"
#include "lib/conf.h"

struct words {
    char **at; /* ended by NULL, as is `flags` */
    int count;
    char **flags; /* argv[0], then the flags with their values, as conf_read takes them */
    int flag_count;
};

/* The table tells which flags have a value behind them; one that is not in it goes alone,
 * and conf_read will complain of it. All that follows a "--" is words. The texts are
 * argv's, the lists live in the arena. */
void words_split(const struct conf_option *table, int argc, char **argv,
                 struct words *words, struct arena *arena);

/* No word says which command: the list of them, on stdout where it is asked for (--help),
 * else as a complaint. */
enum conf_outcome words_missing(const struct words *words, void (*list)(FILE *to),
                                struct err *err);

#endif
