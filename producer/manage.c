/* manage.c -- languages and health. */

#include "producer/producer.h"

static json_t *present(const struct lang *lang);
static json_t *present_texts(struct texts texts);

void manage_healthz(void *arg, struct http_request *request, const char *parameter)
{
    http_reply(request, 200, json_pack("{s:s}", "status", "ok"));
}

/* Whether a job that is posted now would be taken. */
void manage_readyz(void *arg, struct http_request *request, const char *parameter)
{
    const struct producer *producer = arg;

    if (redis_ready(producer->redis))
        http_reply(request, 200, json_pack("{s:s}", "status", "ready"));
    else
        http_problem(request, 503, "not connected to Redis at %s",
                     redis_where(producer->redis));
}

void manage_languages(void *arg, struct http_request *request, const char *parameter)
{
    const struct producer *producer = arg;
    json_t *list = json_array();

    for (size_t i = 0; i < registry_count(producer->registry); i++)
        json_array_append_new(list, present(registry_at(producer->registry, i)));
    http_reply(request, 200, json_pack("{s:o}", "languages", list));
}

void manage_language(void *arg, struct http_request *request, const char *parameter)
{
    const struct producer *producer = arg;
    const struct lang *lang = registry_find(producer->registry, parameter);

    if (lang)
        http_reply(request, 200, present(lang));
    else
        http_problem(request, 404, "there is no language \"%.64s\"", parameter);
}

static json_t *present(const struct lang *lang)
{
    json_t *limits = json_object();

    for (size_t i = 0; i < LIMITS; i++) {
        json_int_t usual = limit_of(&lang->limits, &limit_names[i]);
        json_int_t most = limit_of(&lang->maximum, &limit_names[i]);

        json_object_set_new(limits, limit_names[i].name,
                            json_pack("{s:I, s:I}", "default", usual, "max", most));
    }
    return json_pack("{s:s, s:s, s:s, s:o, s:o, s:s, s:o}", "id", lang->id, "name",
                     lang->name, "version", lang->version->version, "aliases",
                     present_texts(lang->aliases), "extensions",
                     present_texts(lang->extensions), "image", lang->version->image,
                     "limits", limits);
}

static json_t *present_texts(struct texts texts)
{
    json_t *list = json_array();

    for (size_t i = 0; i < texts.count; i++)
        json_array_append_new(list, json_text(texts.at[i].at, texts.at[i].len));
    return list;
}
