/* languages.c -- GET /v1/languages: what may be asked for, within which limits, and who
 * says that it can be run. Without Redis nobody does, and the rest is told all the same.
 */
#include <stdlib.h>

#include "lang-registry/present.h"
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

/* `workers` is how many are ready. */
static json_t *present(const struct lang *lang, const struct report *report)
{
    int ready;
    enum report_state state = report_of(report, lang->id, &ready);
    json_t *json = lang_present(lang);

    json_object_set_new(json, "state", json_string(report_states[state]));
    json_object_set_new(json, "workers", json_integer(ready));
    return json;
}
