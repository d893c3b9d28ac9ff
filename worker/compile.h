/* compile.h -- what a compile stage is made of, and what came of it.
 *
 * Source goes into a sandbox of its own; what the language calls its artefacts come out as
 * a tar on stdout, whatever the compiler says on stderr. Nobody here looks into that tar:
 * it is bytes, at most so many, for the sandbox of the program that was compiled.
 */
#ifndef WORKER_COMPILE_H
#define WORKER_COMPILE_H

#include "lang-registry/task.h"
#include "worker/stage.h"

#define COMPILE_ARTIFACT_BYTES (16 * 1024 * 1024)

struct compiled {
    struct bytes artifacts; /* malloc'd; NULL and 0 when there are none */
    struct bytes said; /* malloc'd UTF-8; the compiler's, without the sandbox's folder */
    int64_t duration_ms;
};

/* Words live in `arena`, the rest in the task. */
void compile_spec(const struct task *task, const char *job_id, struct arena *arena,
                  struct stage_spec *spec);

/* Takes what the stage has printed; the judgement is ok or compile_error. */
void compile_read(const struct stage_end *end, struct compiled *compiled,
                  struct judgement *judgement);

void compiled_free(struct compiled *compiled); /* of zeros is fine */

#endif
