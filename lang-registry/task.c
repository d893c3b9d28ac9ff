/* task.c -- see task.h. The language is looked up first, because the bounds of the other
 * fields are its own; without one they are the system's, so that all mistakes are found.
 */
#include "lang-registry/task.h"

#include <stdio.h>
#include <string.h>

struct request {
    struct task task;
    const char *language, *version, *compare;
    const json_t *files, *tests;
    const json_t *metadata; /* only checked; who wants it takes it from the data */
};

static void read_request(const struct lang *lang, bool named, const json_t *data,
                         struct request *request, struct arena *arena,
                         struct field_errors *errors);
static void read_fields(const struct lang *lang, bool named, const json_t *data,
                        struct request *request, struct arena *arena,
                        struct field_errors *errors);
static void check_floors(const struct task *task, struct field_errors *errors);
static void choose_version(struct request *request, struct field_errors *errors);
static void read_tests(struct request *request, struct arena *arena,
                       struct field_errors *errors);
static void refuse_language(const struct registry *registry, const char *name,
                            struct field_errors *errors);
static void add_name(char *list, size_t size, const char *name);

int task_read(const json_t *data, const struct registry *registry, struct task *task,
              struct arena *arena, struct field_errors *errors)
{
    const char *name = json_string_value(json_object_get(data, "language"));
    const struct lang *lang = name ? registry_find(registry, name) : NULL;
    struct request request;
    size_t before = errors->count;

    read_request(lang, true, data, &request, arena, errors);
    if (request.language && !lang)
        refuse_language(registry, request.language, errors);
    *task = request.task;
    return errors->count > before ? -1 : 0;
}

int task_read_of(const struct lang *lang, const json_t *data, struct task *task,
                 struct arena *arena, struct field_errors *errors)
{
    struct request request;
    size_t before = errors->count;

    read_request(lang, false, data, &request, arena, errors);
    *task = request.task;
    return errors->count > before ? -1 : 0;
}

/* `named`: the data says of which language it is. */
static void read_request(const struct lang *lang, bool named, const json_t *data,
                         struct request *request, struct arena *arena,
                         struct field_errors *errors)
{
    struct task *task = &request->task;

    *request = (struct request){.task = {.lang = lang, .input = {"", 0}}};
    if (lang) {
        task->limits = lang->limits;
        task->compile_limits = lang->compile.limits;
    }
    read_fields(lang, named, data, request, arena, errors);
    if (lang) {
        choose_version(request, errors);
        check_floors(task, errors);
        task->file = source_name(lang->rule, lang->file, task->code, arena);
    }
    if (request->files)
        files_read(request->files, task->file, &task->files, arena, errors);
    read_tests(request, arena, errors);
}

static void read_fields(const struct lang *lang, bool named, const json_t *data,
                        struct request *request, struct arena *arena,
                        struct field_errors *errors)
{
    const struct limits least = limits_least, most = lang ? lang->maximum : limits_most;
    const bool compiled = !lang || lang->compile.argv.count > 0;
    const int64_t compile_most_ms =
        lang ? lang->compile.maximum.timeout_ms : limits_compile_most.timeout_ms;
    const struct field limits[] = {
        {"memoryMb", FIELD_INT, offsetof(struct request, task.limits.memory_mb),
         least.memory_mb, most.memory_mb},
        {"pids", FIELD_INT, offsetof(struct request, task.limits.pids), least.pids,
         most.pids},
        {"outputBytes", FIELD_INT, offsetof(struct request, task.limits.output_bytes),
         least.output_bytes, most.output_bytes},
        {"cpuMs", FIELD_INT, offsetof(struct request, task.limits.cpu_ms), least.cpu_ms,
         most.cpu_ms},
        {"compileTimeoutMs", FIELD_INT,
         offsetof(struct request, task.compile_limits.timeout_ms), least.timeout_ms,
         compile_most_ms},
        {0},
    };
    const struct field fields[] = {
        {"language", FIELD_TEXT, offsetof(struct request, language), 1, 32, FIELD_REQUIRED},
        {"version", FIELD_TEXT, offsetof(struct request, version), 1, 32},
        {"code", FIELD_BYTES, offsetof(struct request, task.code), 1, TASK_CODE_BYTES,
         FIELD_REQUIRED},
        {"stdin", FIELD_BYTES, offsetof(struct request, task.input), 0, TASK_STDIN_BYTES},
        {"args", FIELD_TEXTS, offsetof(struct request, task.args), 0, TASK_ARGS},
        {"files", FIELD_ANY, offsetof(struct request, files), 0, TASK_FILES_BYTES},
        {"timeoutMs", FIELD_INT, offsetof(struct request, task.limits.timeout_ms),
         least.timeout_ms, most.timeout_ms},
        {"limits", FIELD_MAP, 0, .of = limits},
        {"tests", FIELD_ANY, offsetof(struct request, tests), 0, TESTS_JSON_BYTES},
        {"compare", FIELD_TEXT, offsetof(struct request, compare), 1, 32},
        {"stopOnFail", FIELD_BOOL, offsetof(struct request, task.stop_on_fail)},
        {"priority", FIELD_INT, offsetof(struct request, task.priority), 0,
         TASK_PRIORITY_MAX},
        {"metadata", FIELD_ANY, offsetof(struct request, metadata), 0, TASK_METADATA_BYTES},
        {0},
    };

    fields_read(named ? fields : fields + 1, data, "", request, arena, errors);
    if (!compiled && json_object_get(json_object_get(data, "limits"), "compileTimeoutMs"))
        fields_complain(errors, "/limits/compileTimeoutMs", "%s is not compiled",
                        lang->name ? lang->name : "the language");
}

/* What is less than the least has been complained of. */
static void check_floors(const struct task *task, struct field_errors *errors)
{
    char pointer[POINTER_BYTES];

    for (size_t i = 0; i < LIMITS; i++) {
        int64_t floor = limit_of(&task->lang->floor, &limit_names[i]);
        bool is_timeout = limit_names[i].offset == offsetof(struct limits, timeout_ms);

        if (limit_of(&task->limits, &limit_names[i]) >= floor)
            continue;
        snprintf(pointer, sizeof pointer, "%s/%s", is_timeout ? "" : "/limits",
                 limit_names[i].name);
        fields_complain(
            errors, pointer, "must be at least %lld: %s does not start with less",
            (long long)floor, task->lang->name ? task->lang->name : "the language");
    }
}

static void choose_version(struct request *request, struct field_errors *errors)
{
    const struct lang *lang = request->task.lang;
    const char *wanted = request->version;
    char shown[QUOTED_BYTES], names[128] = "";

    request->task.version = lang_version(lang, wanted);
    if (request->task.version || !wanted || lang->version_count == 0)
        return;
    for (size_t i = 0; i < lang->version_count; i++)
        add_name(names, sizeof names, lang->versions[i].version);
    fields_complain(errors, "/version", "there is no %s of %s; there are %s",
                    show_text(wanted, strlen(wanted), shown), lang->id, names);
}

static void read_tests(struct request *request, struct arena *arena,
                       struct field_errors *errors)
{
    struct task *task = &request->task;
    const struct lang *lang = task->lang;
    struct test usual = {
        .input = task->input,
        .args = task->args,
        .timeout_ms = task->limits.timeout_ms,
        .compare = COMPARE_TRIM,
    };

    tests_read_compare(request->compare, "/compare", &usual, errors);
    if (request->tests)
        tests_read(request->tests, &usual, lang ? &lang->floor : &limits_least,
                   lang ? &lang->maximum : &limits_most,
                   lang ? task->limits.output_bytes : limits_most.output_bytes,
                   &task->tests, &task->test_count, arena, errors);
}

/* Says which there are, as far as they fit. */
static void refuse_language(const struct registry *registry, const char *name,
                            struct field_errors *errors)
{
    char shown[QUOTED_BYTES], ids[128] = "";

    for (size_t i = 0; i < registry_count(registry); i++)
        add_name(ids, sizeof ids, registry_at(registry, i)->id);
    fields_complain(errors, "/language", "there is no %s; there are %s",
                    show_text(name, strlen(name), shown), ids);
}

/* "a, b" */
static void add_name(char *list, size_t size, const char *name)
{
    size_t used = strlen(list);

    snprintf(list + used, size - used, "%s%s", used ? ", " : "", name ? name : "?");
}

struct files task_files(const struct task *task, struct arena *arena)
{
    struct files files = {.count = 1 + task->files.count};

    files.at = arena_alloc(arena, files.count * sizeof *files.at);
    files.at[0] = (struct file){task->file, task->code};
    for (size_t i = 0; i < task->files.count; i++)
        files.at[i + 1] = task->files.at[i];
    return files;
}
