/* Language files: a language that is read keeps all promises of registry.h, and every
 * mistake in one that is refused has a place in the file.
 */
#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "lang-registry/registry.h"

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

static void check_lang(const struct lang *lang)
{
    assert(*lang->id && strlen(lang->id) <= 32);
    assert(lang->id[strspn(lang->id, "abcdefghijklmnopqrstuvwxyz0123456789+-")] == '\0');
    assert(*lang->name && *lang->version->version);
    assert(*lang->version->image && lang->version->image[0] != '-' &&
           !strpbrk(lang->version->image, " \t\n"));
    assert(*lang->file && lang->file[0] != '.' && !strchr(lang->file, '/'));
    assert(lang->argv.count > 0 && lang->argv.at[0].len > 0);
    for (size_t i = 0; i < lang->argv.count; i++)
        assert(strlen(lang->argv.at[i].at) == lang->argv.at[i].len);
    for (size_t i = 0; i < lang->env.count; i++)
        assert(strchr(lang->env.at[i].at, '=') > lang->env.at[i].at);
    check_limits(&lang->limits, &lang->maximum);
    check_limits(&lang->maximum, &limits_most);
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
