/* selftest.c -- a case is the data of a job with two members more; without them it must be
 * a job that its language takes.
 */
#include "lang-registry/selftest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lang-registry/chars.h"
#include "lang-registry/task.h"
#include "lib/count.h"

/* What a case has beside its job, as it stands in the file. */
struct given {
    const char *name, *verdict;
    int64_t exit_code;
    struct bytes output, error, compile_output;
};

static const struct charset verdict_chars = {LOWER "_", "a-z _"};

static const struct field expect_fields[] = {
    {"verdict", FIELD_TEXT, offsetof(struct given, verdict), 1, 32},
    {"exitCode", FIELD_INT, offsetof(struct given, exit_code), 0, 255},
    {"output", FIELD_BYTES, offsetof(struct given, output), 0, 65536},
    {"error", FIELD_BYTES, offsetof(struct given, error), 1, 4096},
    {"compileOutput", FIELD_BYTES, offsetof(struct given, compile_output), 1, 4096},
    {0},
};

static const struct field case_fields[] = {
    {"name", FIELD_TEXT, offsetof(struct given, name), 1, 64, FIELD_REQUIRED},
    {"expect", FIELD_MAP, 0, 0, 0, FIELD_REQUIRED, expect_fields},
    {0},
};

static void read_case(const json_t *value, const char *pointer, const struct lang *lang,
                      struct selftest *selftest, struct arena *arena,
                      struct field_errors *errors);
static json_t *split(const json_t *value, json_t **rest);
static void check_job(const json_t *job, const char *pointer, const struct lang *lang,
                      struct arena *arena, struct field_errors *errors);

void selftest_read(const json_t *array, struct lang *lang, struct arena *arena,
                   struct field_errors *errors)
{
    size_t count = json_array_size(array);
    char pointer[POINTER_BYTES];

    if (!json_is_array(array) || count > SELFTESTS_MAX) {
        fields_complain(errors, "/selftest", "must be an array of at most %d cases",
                        SELFTESTS_MAX);
        return;
    }
    lang->selftests = arena_alloc(arena, (count + 1) * sizeof *lang->selftests);
    lang->selftest_count = count;
    for (size_t i = 0; i < count; i++) {
        snprintf(pointer, sizeof pointer, "/selftest/%zu", i);
        read_case(json_array_get(array, i), pointer, lang, &lang->selftests[i], arena,
                  errors);
    }
}

static void read_case(const json_t *value, const char *pointer, const struct lang *lang,
                      struct selftest *selftest, struct arena *arena,
                      struct field_errors *errors)
{
    struct given given = {.verdict = "ok", .exit_code = -1};
    json_t *job, *rest;
    char inner[POINTER_BYTES], *text;
    size_t len;

    if (!json_is_object(value)) {
        fields_complain(errors, pointer, "must be an object: a job, its name and expect");
        return;
    }
    job = split(value, &rest);
    fields_read(case_fields, rest, pointer, &given, arena, errors);
    snprintf(inner, sizeof inner, "%s/expect/verdict", pointer);
    chars_check(given.verdict, &verdict_chars, inner, errors);
    check_job(job, pointer, lang, arena, errors);
    json_object_set_new(job, "language", json_string(lang->id ? lang->id : ""));
    text = json_write(job, &len);
    *selftest = (struct selftest){
        .name = given.name,
        .job = {arena_copy(arena, text, len), len},
        .verdict = given.verdict,
        .exit_code = given.exit_code,
        .output = given.output.at,
        .error = given.error.at,
        .compile_output = given.compile_output.at,
    };
    free(text);
    json_decref(rest);
    json_decref(job);
}

/* The job, and, apart from it, what is not the job's. A language is: it is this file's. */
static json_t *split(const json_t *value, json_t **rest)
{
    static const char *const names[] = {"name", "expect", "language"};
    json_t *job = json_copy((json_t *)value);

    *rest = json_object();
    for (size_t i = 0; i < COUNT(names); i++) {
        json_t *member = json_object_get(value, names[i]);

        if (member)
            json_object_set(*rest, names[i], member);
        json_object_del(job, names[i]);
    }
    return job;
}

static void check_job(const json_t *job, const char *pointer, const struct lang *lang,
                      struct arena *arena, struct field_errors *errors)
{
    struct field_errors found = {.count = 0};
    struct task task;

    task_read_of(lang, job, &task, arena, &found);
    for (size_t i = 0; i < found.count; i++) {
        char inner[2 * POINTER_BYTES];
        size_t before = errors->count;

        snprintf(inner, sizeof inner, "%s%s", pointer, found.list[i].pointer);
        fields_complain(errors, inner, "%s", found.list[i].detail);
        if (errors->count > before)
            errors->list[before].unknown = found.list[i].unknown;
    }
}
