/* present.c -- see present.h. */
#include "lang-registry/present.h"

static json_t *present_versions(const struct lang *lang);
static json_t *present_limits(const struct lang *lang);
static json_t *present_range(int64_t floor, int64_t usual, int64_t most);
static json_t *present_texts(struct texts texts);

json_t *lang_present(const struct lang *lang)
{
    return json_pack("{s:s, s:s, s:s, s:s, s:o, s:o, s:o, s:b, s:s*, s:o}", "id", lang->id,
                     "name", lang->name, "version", lang->version->version, "image",
                     lang->version->image, "versions", present_versions(lang), "aliases",
                     present_texts(lang->aliases), "extensions",
                     present_texts(lang->extensions), "compiled",
                     lang->compile.argv.count > 0, "template", lang->template, "limits",
                     present_limits(lang));
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
