/* langs_look.c -- what there is: list, check, show. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "deploy/bullpen/langs.h"
#include "deploy/bullpen/text.h"
#include "lang-registry/present.h"
#include "lib/arena.h"

enum { COLUMNS = 5 };

static int list_as_json(const struct langs *langs);
static size_t versions_of(const struct langs *langs);
static const char *aliases_of(const struct langs *langs, const struct lang *lang);
static int print_json(json_t *json);

/* A row for each version. */
int langs_list(struct langs *langs)
{
    static const char *const head[COLUMNS] = {"ID", "NAME", "VERSION", "IMAGE", "ALIASES"};
    size_t rows = 1 + versions_of(langs), row = 1;
    const char **cells = arena_alloc(langs->arena, rows * COLUMNS * sizeof *cells);
    struct evbuffer *out;

    if (langs->conf.json)
        return list_as_json(langs);
    memcpy(cells, head, sizeof head);
    for (size_t i = 0; i < langs->count; i++) {
        const struct lang *lang = langs->chosen[i];

        for (size_t v = 0; v < lang->version_count; v++, row++) {
            const struct version *version = &lang->versions[v];
            const char *line[COLUMNS] = {lang->id, lang->name, version->version,
                                         version->image, aliases_of(langs, lang)};

            memcpy(&cells[row * COLUMNS], line, sizeof line);
        }
    }
    out = evbuffer_new();
    text_table(out, cells, rows, COLUMNS);
    while (evbuffer_get_length(out) && evbuffer_write(out, fileno(stdout)) > 0)
        ;
    evbuffer_free(out);
    return EXIT_DONE;
}

static int list_as_json(const struct langs *langs)
{
    json_t *list = json_array();

    for (size_t i = 0; i < langs->count; i++)
        json_array_append_new(list, lang_present(langs->chosen[i]));
    return print_json(list);
}

static size_t versions_of(const struct langs *langs)
{
    size_t count = 0;

    for (size_t i = 0; i < langs->count; i++)
        count += langs->chosen[i]->version_count;
    return count;
}

static const char *aliases_of(const struct langs *langs, const struct lang *lang)
{
    const char *text = "";

    for (size_t i = 0; i < lang->aliases.count; i++)
        text = arena_printf(langs->arena, "%s%s%s", text, i ? ", " : "",
                            lang->aliases.at[i].at);
    return text;
}

/* What is wrong goes to stdout: it is what was asked for. */
int langs_check(struct langs *langs)
{
    if (!langs_read(langs, stdout))
        return EXIT_REFUSED;
    printf("%zu language%s in %s, no mistakes\n", registry_count(langs->registry),
           registry_count(langs->registry) == 1 ? "" : "s", langs->conf.registry.folder);
    return EXIT_DONE;
}

int langs_show(struct langs *langs)
{
    int status = EXIT_DONE;

    for (size_t i = 0; i < langs->count && status == EXIT_DONE; i++)
        status = print_json(lang_present(langs->chosen[i]));
    return status;
}

static int print_json(json_t *json)
{
    int failed = json_dumpf(json, stdout, JSON_INDENT(2) | JSON_ENSURE_ASCII);

    json_decref(json);
    puts("");
    return failed ? EXIT_REFUSED : EXIT_DONE;
}
