/* manage.c -- languages and health. */

#include "producer/producer.h"

static json_t *present(const struct lang *lang);
static json_t *present_texts(struct texts texts);
static json_t *present_limit(int64_t otherwise, int64_t maximum);

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
    const struct limits *usual = &lang->limits, *maximum = &lang->maximum;

    return json_pack("{s:s, s:s, s:s, s:o, s:o, s:s, s:{s:o, s:o, s:o, s:o}}", "id",
                     lang->id, "name", lang->name, "version", lang->version, "aliases",
                     present_texts(lang->aliases), "extensions",
                     present_texts(lang->extensions), "image", lang->image, "limits",
                     "timeoutMs", present_limit(usual->timeout_ms, maximum->timeout_ms),
                     "memoryMb", present_limit(usual->memory_mb, maximum->memory_mb),
                     "pids", present_limit(usual->pids, maximum->pids), "outputBytes",
                     present_limit(usual->output_bytes, maximum->output_bytes));
}

static json_t *present_texts(struct texts texts)
{
    json_t *list = json_array();

    for (size_t i = 0; i < texts.count; i++)
        json_array_append_new(list, json_text(texts.at[i].at, texts.at[i].len));
    return list;
}

static json_t *present_limit(int64_t otherwise, int64_t maximum)
{
    return json_pack("{s:I, s:I}", "default", (json_int_t)otherwise, "max",
                     (json_int_t)maximum);
}
