/* spec.h -- what the sandboxes of a language are made of. One place says it for the stages
 * of a job and for those that are kept ready, so that the one kind does for the other.
 */
#ifndef WORKER_SPEC_H
#define WORKER_SPEC_H

#include "worker/sandbox.h"

/* Of a compiled language's compiler, and of a program; texts are borrowed from the
 * language. */
struct sandbox_spec spec_compile(const struct lang *lang, const struct version *version,
                                 const struct limits *limits);
struct sandbox_spec spec_run(const struct lang *lang, const struct version *version,
                             const struct limits *limits);

#endif
