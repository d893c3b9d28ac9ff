/* spec.c -- see spec.h. */
#include "worker/spec.h"

/* What waits for a job beside an interpreter: two shells, dd and tar. */
enum { LAUNCHERS_PIDS = 4 };

struct sandbox_spec spec_compile(const struct lang *lang, const struct version *version,
                                 const struct limits *limits)
{
    return (struct sandbox_spec){.image = version->image,
                                 .env = lang->compile.env,
                                 .tmpfs = lang->compile.tmpfs,
                                 .limits = *limits};
}

struct sandbox_spec spec_run(const struct lang *lang, const struct version *version,
                             const struct limits *limits)
{
    struct sandbox_spec spec = {
        .image = version->image, .env = lang->env, .tmpfs = lang->tmpfs, .limits = *limits};

    if (limits->pids >= lang->floor.pids + LAUNCHERS_PIDS)
        spec.preload = lang->preload;
    return spec;
}
