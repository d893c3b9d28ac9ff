/* Language files: a language that is read keeps all promises of registry.h, and every
 * mistake in one that is refused has a place in the file. The same bytes as the system's
 * limits and as a lock.
 */
#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "lang-registry/argv.h"
#include "lang-registry/defaults.h"
#include "lang-registry/lock.h"
#include "lang-registry/selftest.h"
#include "lang-registry/yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_limits(const struct limits *limits, const struct limits *most)
{
    assert(limits->timeout_ms >= limits_least.timeout_ms);
    assert(limits->timeout_ms <= most->timeout_ms);
    assert(limits->memory_mb >= limits_least.memory_mb);
    assert(limits->memory_mb <= most->memory_mb);
    assert(limits->pids >= limits_least.pids);
    assert(limits->pids <= most->pids);
    assert(limits->output_bytes >= limits_least.output_bytes);
    assert(limits->output_bytes <= most->output_bytes);
    assert(limits->cpu_ms >= limits_least.cpu_ms);
    assert(limits->cpu_ms <= most->cpu_ms);
}

static void check_words(const struct texts *words)
{
    for (size_t i = 0; i < words->count; i++)
        assert(strlen(words->at[i].at) == words->at[i].len);
}

static void check_stage(const struct texts *argv, const struct texts *env)
{
    assert(argv->count > 0 && argv->at[0].len > 0 && *argv->at[0].at != '-');
    check_words(argv);
    for (size_t i = 0; i < env->count; i++)
        assert(strchr(env->at[i].at, '=') > env->at[i].at);
}

static void check_versions(const struct lang *lang)
{
    assert(lang->version_count > 0 && lang_version(lang, NULL) == lang->version);
    for (size_t i = 0; i < lang->version_count; i++) {
        const struct version *version = &lang->versions[i];

        assert(lang_version(lang, version->version) == version);
        assert(*version->version && *version->reference);
        assert(*version->image && *version->image != '-');
        assert(!strpbrk(version->image, " \t\n"));
    }
}

/* A worker will take its job, and both of its stages have words. */
static void check_selftest(const struct lang *lang, const struct selftest *selftest)
{
    struct arena *arena = arena_new();
    struct field_errors errors = {.count = 0};
    struct task task;
    struct texts words;
    struct err err;
    json_t *job = json_read(selftest->job.at, selftest->job.len, NULL, 0, &err);

    assert(job && *selftest->name && *selftest->verdict);
    assert(!json_object_del(job, "language"));
    assert(!task_read_of(lang, job, &task, arena, &errors));
    words = argv_run(&task, task.args, arena);
    assert(words.count > 0);
    check_words(&words);
    words = argv_compile(&task, arena);
    assert(!words.count == !lang->compile.argv.count);
    check_words(&words);
    json_decref(job);
    arena_free(arena);
}

static void check_lang(const struct lang *lang)
{
    assert(*lang->id && strlen(lang->id) <= 32);
    assert(lang->id[strspn(lang->id, "abcdefghijklmnopqrstuvwxyz0123456789+-")] == '\0');
    assert(*lang->name);
    check_versions(lang);
    assert(*lang->file && lang->file[0] != '.' && !strchr(lang->file, '/'));
    check_stage(&lang->argv, &lang->env);
    if (lang->compile.argv.count > 0) {
        check_stage(&lang->compile.argv, &lang->compile.env);
        assert(lang->compile.artifacts.count > 0);
    }
    for (size_t i = 0; i < lang->compile.artifacts.count; i++)
        assert(!strchr("-./", *lang->compile.artifacts.at[i].at));
    check_limits(&lang->limits, &lang->maximum);
    check_limits(&lang->floor, &lang->limits);
    check_limits(&lang->maximum, &limits_most);
    check_limits(&lang->compile.limits, &lang->compile.maximum);
    check_limits(&lang->compile.maximum, &limits_compile_most);
    assert(lang->pool >= 0 && lang->pool <= 16);
    for (size_t i = 0; i < lang->selftest_count; i++)
        check_selftest(lang, &lang->selftests[i]);
}

static void check_shared(const char *text, size_t size)
{
    struct arena *arena = arena_new();
    struct mistakes mistakes = {.count = 0};
    struct field_errors errors = {.count = 0};
    struct yaml *yaml = yaml_read(text, size, &mistakes);
    struct defaults defaults = defaults_builtin();
    struct lock lock;

    assert(yaml || mistakes.count > 0);
    if (yaml) {
        defaults_read(yaml_root(yaml), &defaults, arena, &errors);
        if (!errors.count) {
            check_limits(&defaults.run.usual, &defaults.run.maximum);
            check_limits(&defaults.compile.usual, &defaults.compile.maximum);
            check_limits(&defaults.run.maximum, &limits_most);
        }
        lock_read(yaml_root(yaml), &lock, arena, &errors);
        for (size_t i = 0; i < lock.count; i++)
            assert(strlen(lock_digest(&lock, lock.at[i].image)) == 7 + 64);
    }
    yaml_drop(yaml);
    arena_free(arena);
}

/* Places count characters, of which there are no more than bytes. */
static void check_mistake(const char *detail, size_t size)
{
    int line, column, end = 0;

    assert(sscanf(detail, "f.yaml:%d:%d: %n", &line, &column, &end) == 2 && end > 0);
    assert(line >= 1 && column >= 1);
    assert((size_t)line <= size + 2 && (size_t)column <= size + 2);
    assert(detail[end] && !has_control(detail, strlen(detail)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check_shared((const char *)data, size);
    for (enum registry_images images = IMAGES_PINNED; images <= IMAGES_STANDIN; images++) {
        struct arena *arena = arena_new();
        struct field_errors errors = {.count = 0};
        const struct lang *lang =
            registry_read_lang("f.yaml", (const char *)data, size, images, arena, &errors);

        assert(lang ? errors.count == 0 : errors.count > 0);
        if (lang)
            check_lang(lang);
        for (size_t i = 0; i < errors.count; i++)
            check_mistake(errors.list[i].detail, size);
        arena_free(arena);
    }
    return 0;
}
