/* verbs.h -- the commands of `bullpen queue`: one table. */
#ifndef DEPLOY_BULLPEN_VERBS_H
#define DEPLOY_BULLPEN_VERBS_H

#include <stdio.h>

#include "deploy/bullpen/errand.h"
#include "lib/conf.h"

struct verb {
    const char *name;
    const char *words;   /* what stands behind the name, for people: "STATE" */
    int least, most;     /* so many words */
    unsigned options;    /* enum verb_options: which it takes besides those all take */
    const char *about;   /* for --help */
    const char *removes; /* what it removes for good, for the question; or NULL */
    int (*read)(struct errand *errand, char **words, struct err *err); /* or NULL */
    void (*run)(struct errand *errand);
};

/* Read a command line; argv[0] is not looked at. On CONF_RUN the errand has its verb, conf
 * and words; CONF_DONE: --help was answered; CONF_BAD: err says what is wrong and what is
 * possible. Texts are argv's and the environment's. */
enum conf_outcome verbs_read(int argc, char **argv, struct errand *errand, struct err *err);

#endif
