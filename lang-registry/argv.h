/* argv.h -- the words of a stage, with a job's own in the places that are kept for them.
 *
 * A placeholder is a whole argument, and expands to whole arguments:
 *     {source}   the main file's name
 *     {sources}  the main file, then every file of the job with the same extension
 *     {main}     the main file's name without its extension
 *     {args}     the job's arguments; they follow at the end of the run's argv where it has
 *                no {args}, and never reach a compiler
 * {{word}} is the argument {word}. Braces round anything but letters are just braces, and
 * so are those inside of a longer argument.
 */
#ifndef LANG_REGISTRY_ARGV_H
#define LANG_REGISTRY_ARGV_H

#include "lang-registry/task.h"

enum argv_stage { ARGV_COMPILE, ARGV_RUN, ARGV_VERSION /* no placeholders at all */ };

/* Complain of a first word that names no program, and of unknown placeholders, at
 * "/pointer/0" and so on. */
void argv_check(const struct texts *argv, enum argv_stage stage, const char *pointer,
                struct field_errors *errors);

/* The run's words; `args` are the job's own, or those of one of its tests. They live in
 * `arena`, the task and its language. */
struct texts argv_run(const struct task *task, struct texts args, struct arena *arena);

/* The compiler's. */
struct texts argv_compile(const struct task *task, struct arena *arena);

#endif
