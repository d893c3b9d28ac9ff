/* argv.h -- the words of a stage, with a job's own in the places that are kept for them.
 *
 * A placeholder is a whole argument, and expands to whole arguments:
 *     {source}   the main file's name
 *     {sources}  the main file, then every file of the job with the same extension
 *     {main}     the main file's name without its extension
 *     {args}     the job's arguments; they follow at the end of the run's argv where it has
 *                no {args}, and do not reach the compiler
 * {{word}} is the argument {word}. Braces inside of a longer argument are just braces.
 */
#ifndef LANG_REGISTRY_ARGV_H
#define LANG_REGISTRY_ARGV_H

#include "lang-registry/task.h"

/* The run's words; `args` are the job's own, or those of one of its tests. They live in
 * `arena`, the task and its language. */
struct texts argv_run(const struct task *task, struct texts args, struct arena *arena);

/* The compiler's. */
struct texts argv_compile(const struct task *task, struct arena *arena);

#endif
