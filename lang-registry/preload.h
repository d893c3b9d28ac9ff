/* preload.h -- interpreters that are started before there is a program for them.
 *
 * One is started with the run's words, finds a fifo in its program's place, and waits in
 * reading that (worker/launcher.sh). From there on it is what a fresh one would be, as long
 * as nothing that it has looked at by then comes with the job; what does is in a table.
 */
#ifndef LANG_REGISTRY_PRELOAD_H
#define LANG_REGISTRY_PRELOAD_H

#include "lang-registry/task.h"

/* Set lang->preload, or complain at "/pool/preload" of a language whose interpreter cannot
 * be started ahead. The rest of it has been read without a mistake. */
void preload_read(struct lang *lang, struct arena *arena, struct field_errors *errors);

/* Whether its language's, which has one, may be given the job's program, run by `argv`. */
bool preload_fits(const struct task *task, struct texts argv);

/* The program that makes it leave, at once and without a word. */
struct bytes preload_leave(const struct lang *lang);

#endif
