/* argv.c -- see argv.h. */
#include "lang-registry/argv.h"

struct texts argv_run(const struct task *task, struct texts args, struct arena *arena)
{
    const struct texts *argv = &task->lang->argv;
    struct bytes *words =
        arena_alloc(arena, (argv->count + args.count + 1) * sizeof *words);
    size_t count = 0;

    for (size_t i = 0; i < argv->count; i++)
        words[count++] = argv->at[i];
    for (size_t i = 0; i < args.count; i++)
        words[count++] = args.at[i];
    return (struct texts){words, count};
}

struct texts argv_compile(const struct task *task, struct arena *arena)
{
    return task->lang->compile.argv;
}
