/* task.c -- see task.h. The language is looked up first, because the bounds of the other
 * fields are its own; without one they are the system's, so that all mistakes are found.
 */
#include "lang-registry/task.h"

#include <stdio.h>
#include <string.h>

struct request {
    struct task task;
    const char *language;
    const json_t *files;
    const json_t *metadata; /* only checked; who wants it takes it from the data */
};

static int refuse_language(const struct registry *registry, const char *name,
                           struct field_errors *errors);

int task_read(const json_t *data, const struct registry *registry, struct task *task,
              struct arena *arena, struct field_errors *errors)
{
    const char *name = json_string_value(json_object_get(data, "language"));
    const struct lang *lang = name ? registry_find(registry, name) : NULL;
    const struct limits least = limits_least, most = lang ? lang->maximum : limits_most;
    struct request request = {.task = {.lang = lang, .input = {"", 0}}};
    const struct field limits[] = {
        {"memoryMb", FIELD_INT, offsetof(struct limits, memory_mb), least.memory_mb,
         most.memory_mb},
        {"pids", FIELD_INT, offsetof(struct limits, pids), least.pids, most.pids},
        {"outputBytes", FIELD_INT, offsetof(struct limits, output_bytes),
         least.output_bytes, most.output_bytes},
        {"cpuMs", FIELD_INT, offsetof(struct limits, cpu_ms), least.cpu_ms, most.cpu_ms},
        {0},
    };
    const struct field fields[] = {
        {"language", FIELD_TEXT, offsetof(struct request, language), 1, 32, FIELD_REQUIRED},
        {"code", FIELD_BYTES, offsetof(struct request, task.code), 1, TASK_CODE_BYTES,
         FIELD_REQUIRED},
        {"stdin", FIELD_BYTES, offsetof(struct request, task.input), 0, TASK_STDIN_BYTES},
        {"args", FIELD_TEXTS, offsetof(struct request, task.args), 0, TASK_ARGS},
        {"files", FIELD_ANY, offsetof(struct request, files), 0, TASK_FILES_BYTES},
        {"timeoutMs", FIELD_INT, offsetof(struct request, task.limits.timeout_ms),
         least.timeout_ms, most.timeout_ms},
        {"limits", FIELD_MAP, offsetof(struct request, task.limits), .of = limits},
        {"priority", FIELD_INT, offsetof(struct request, task.priority), 0,
         TASK_PRIORITY_MAX},
        {"metadata", FIELD_ANY, offsetof(struct request, metadata), 0, TASK_METADATA_BYTES},
        {0},
    };
    int result;

    if (lang) {
        request.task.limits = lang->limits;
        request.task.compile_limits = lang->compile.limits;
        request.task.version = lang->version;
        request.task.file = lang->file;
    }
    result = fields_read(fields, data, "", &request, arena, errors);
    if (request.language && !lang)
        result = refuse_language(registry, request.language, errors);
    if (request.files)
        result |= files_read(request.files, lang ? lang->file : NULL, &request.task.files,
                             arena, errors);
    *task = request.task;
    return result;
}

/* Says which there are, as far as they fit. */
static int refuse_language(const struct registry *registry, const char *name,
                           struct field_errors *errors)
{
    char shown[QUOTED_BYTES], ids[128];
    size_t used = 0;

    for (size_t i = 0; i < registry_count(registry) && used < sizeof ids; i++)
        used += (size_t)snprintf(ids + used, sizeof ids - used, "%s%s", i ? ", " : "",
                                 registry_at(registry, i)->id);
    return fields_complain(errors, "/language", "there is no %s; there are %s",
                           show_text(name, strlen(name), shown), ids);
}
