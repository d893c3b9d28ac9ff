/* langs_wait.h -- a call of the engine that is waited for. */
#ifndef DEPLOY_BULLPEN_LANGS_WAIT_H
#define DEPLOY_BULLPEN_LANGS_WAIT_H

#include "deploy/bullpen/langs.h"

struct langs_wait {
    const struct langs *langs;
    const char *image; /* the call is about */
    bool over, failed;
    struct err err;
    char *digest;   /* of the image, malloc'd; NULL: it has none, or that was not asked */
    char last[128]; /* the step that was told last */
};

/* Hearers for docker.h, `arg` being the wait. Of a step a line is told on stderr. */
void langs_told(void *arg, const json_t *body, const struct err *err); /* docker_image */
void langs_done(void *arg, const struct err *err);
void langs_stepped(void *arg, const json_t *step);

/* Run the loop until the call has ended. Returns 0, or -1 when it failed. */
int langs_wait_quietly(struct langs_wait *wait);

/* The same, and say why it failed. */
int langs_wait(struct langs_wait *wait);

#endif
