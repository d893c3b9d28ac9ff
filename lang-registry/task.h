/* task.h -- what a job asks for: the data of an `execute` job, checked the same way at the
 * HTTP door and by the worker, since data in Redis is as foreign as a request's body.
 */
#ifndef LANG_REGISTRY_TASK_H
#define LANG_REGISTRY_TASK_H

#include "lang-registry/files.h"
#include "lang-registry/registry.h"
#include "lang-registry/tests.h"

#define TASK_CODE_BYTES     (128 * 1024) /* most bytes of code */
#define TASK_STDIN_BYTES    (1024 * 1024)
#define TASK_ARGS           64
#define TASK_FILES_BYTES    (8 * 1024 * 1024) /* as JSON: a byte may stand as \u0001 */
#define TASK_METADATA_BYTES 4096
#define TASK_PRIORITY_MAX   2097151 /* BullMQ's: larger ones do not fit a score */

struct task {
    const struct lang *lang;       /* borrowed from the registry, as the version is */
    const struct version *version; /* the one that the job chose, or the default */
    const char *file;              /* the code's own, by the language's rule (source.h) */
    struct bytes code;
    struct bytes input; /* stdin */
    struct texts args;
    struct files files;
    struct limits limits; /* the job's own or the language's, within the maximum */
    struct limits compile_limits;
    struct test *tests; /* tests.h */
    size_t test_count;  /* 0: the program runs once, with the job's own input */
    bool stop_on_fail;  /* the first test that is not ok is the last */
    int64_t priority;   /* for who adds the job; a worker takes its order from the queue */
};

/* Read a job's data:
 *     {"language", "version", "code", "stdin", "args",
 *      "files": [{"name", "content", "encoding"}], "timeoutMs",
 *      "limits": {"memoryMb", "pids", "outputBytes", "cpuMs", "compileTimeoutMs"},
 *      "tests": [{"name", "stdin", "args", "expected", "compare", "timeoutMs"}],
 *      "compare", "stopOnFail", "priority", "metadata"}
 * Only language and code are needed. `language` is an id or an alias. Everything wrong
 * goes to `errors`, empty before, by its pointer; a language that is not there is one of
 * them. Texts are copied to `arena`. Returns 0 or -1. */
int task_read(const json_t *data, const struct registry *registry, struct task *task,
              struct arena *arena, struct field_errors *errors);

/* The same of data that does not say a language, since it is `lang`'s: a self-test. */
int task_read_of(const struct lang *lang, const json_t *data, struct task *task,
                 struct arena *arena, struct field_errors *errors);

/* All that lies in the program's folder: the code is a file like the others. The list lives
 * in `arena`. */
struct files task_files(const struct task *task, struct arena *arena);

#endif
