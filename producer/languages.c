/* languages.c -- GET /v1/languages: what may be asked for, within which limits, and who
 * says that it can be run. Without Redis nobody does, and the rest is told all the same.
 */
#include <stdlib.h>

#include "lib/mem.h"
#include "producer/producer.h"
#include "queue/report.h"

/* A request that waits for the workers' reports. */
struct inquiry {
    const struct producer *producer;
    struct http_request *request;
    char *name; /* of one language; NULL: all of them */
};

static void inquire(const struct producer *producer, struct http_request *request,
                    const char *name);
static void reported(void *arg, const struct report *report, const struct err *err);
static json_t *present_all(const struct registry *registry, const struct report *report);
static json_t *present(const struct lang *lang, const struct report *report);
static json_t *present_versions(const struct lang *lang);
static json_t *present_limits(const struct lang *lang);
static json_t *present_range(int64_t floor, int64_t usual, int64_t most);
static json_t *present_texts(struct texts texts);

void languages_list(void *arg, struct http_request *request, const char *parameter)
{
    inquire(arg, request, NULL);
}

void languages_get(void *arg, struct http_request *request, const char *parameter)
{
    inquire(arg, request, parameter);
}

static void inquire(const struct producer *producer, struct http_request *request,
                    const char *name)
{
    struct inquiry *inquiry = xcalloc(1, sizeof *inquiry);

    inquiry->producer = producer;
    inquiry->request = request;
    inquiry->name = name ? xstrdup(name) : NULL;
    report_read(producer->queue, reported, inquiry);
}

static void reported(void *arg, const struct report *report, const struct err *err)
{
    struct inquiry *inquiry = arg;
    const struct registry *registry = inquiry->producer->registry;
    const struct lang *lang = inquiry->name ? registry_find(registry, inquiry->name) : NULL;

    if (!inquiry->name)
        http_reply(inquiry->request, 200, present_all(registry, report));
    else if (lang)
        http_reply(inquiry->request, 200, present(lang, report));
    else
        http_problem(inquiry->request, 404, "there is no language \"%.64s\"",
                     inquiry->name);
    free(inquiry->name);
    free(inquiry);
}

static json_t *present_all(const struct registry *registry, const struct report *report)
{
    json_t *list = json_array();

    for (size_t i = 0; i < registry_count(registry); i++)
        json_array_append_new(list, present(registry_at(registry, i), report));
    return json_pack("{s:o}", "languages", list);
}

/* `version` and `image` are the default's, of a job that does not say; `workers` how many
 * are ready. */
static json_t *present(const struct lang *lang, const struct report *report)
{
    int ready;
    enum report_state state = report_of(report, lang->id, &ready);

    return json_pack(
        "{s:s, s:s, s:s, s:i, s:s, s:s, s:o, s:o, s:o, s:b, s:s*, s:o}", "id", lang->id,
        "name", lang->name, "state", report_states[state], "workers", ready, "version",
        lang->version->version, "image", lang->version->image, "versions",
        present_versions(lang), "aliases", present_texts(lang->aliases), "extensions",
        present_texts(lang->extensions), "compiled", lang->compile.argv.count > 0,
        "template", lang->template, "limits", present_limits(lang));
}

static json_t *present_versions(const struct lang *lang)
{
    json_t *list = json_array();

    for (size_t i = 0; i < lang->version_count; i++) {
        const struct version *version = &lang->versions[i];

        json_array_append_new(list, json_pack("{s:s, s:s, s:b}", "version",
                                              version->version, "image", version->image,
                                              "default", version == lang->version));
    }
    return list;
}

/* By the names that a job says them by. */
static json_t *present_limits(const struct lang *lang)
{
    const struct limits *compile = &lang->compile.limits, *most = &lang->compile.maximum;
    json_t *limits = json_object();

    for (size_t i = 0; i < LIMITS; i++) {
        const struct limit_name *name = &limit_names[i];

        json_object_set_new(limits, name->name,
                            present_range(limit_of(&lang->floor, name),
                                          limit_of(&lang->limits, name),
                                          limit_of(&lang->maximum, name)));
    }
    if (lang->compile.argv.count > 0)
        json_object_set_new(
            limits, "compileTimeoutMs",
            present_range(limits_least.timeout_ms, compile->timeout_ms, most->timeout_ms));
    return limits;
}

static json_t *present_range(int64_t floor, int64_t usual, int64_t most)
{
    return json_pack("{s:I, s:I, s:I}", "min", (json_int_t)floor, "default",
                     (json_int_t)usual, "max", (json_int_t)most);
}

static json_t *present_texts(struct texts texts)
{
    json_t *list = json_array();

    for (size_t i = 0; i < texts.count; i++)
        json_array_append_new(list, json_text(texts.at[i].at, texts.at[i].len));
    return list;
}
