/* YAML as JSON values, and the places of these. What is refused is in broken-yaml/, which
 * test_lang reads; here are a few things that no file there can show.
 */
#include "tests/support/unit.h"

#include <stdbool.h>

#include "lang-registry/yaml.h"
#include "lib/count.h"

static void expect_json(const char *text, const char *json)
{
    struct mistakes mistakes = {.count = 0};
    struct yaml *yaml = yaml_read(text, strlen(text), &mistakes);
    char *written;

    assert_int_equal(mistakes.count, 0);
    assert_non_null(yaml);
    written = json_write(yaml_root(yaml), NULL);
    assert_string_equal(written, json);
    free(written);
    yaml_drop(yaml);
}

/* All mistakes, a line each. */
static void expect_told(const struct mistakes *mistakes, const char *words)
{
    char told[1024] = "";
    size_t used = 0;

    for (size_t i = 0; i < mistakes->count && used < sizeof told; i++)
        used += (size_t)snprintf(told + used, sizeof told - used, "%s%d:%d: %s",
                                 i ? "\n" : "", mistakes->list[i].line,
                                 mistakes->list[i].column, mistakes->list[i].what);
    assert_string_equal(told, words);
}

/* Nothing can be read. */
static void expect_refused(const char *text, size_t len, const char *words)
{
    struct mistakes mistakes = {.count = 0};

    assert_null(yaml_read(text, len, &mistakes));
    expect_told(&mistakes, words);
}

/* The rest is read. */
static void expect_read_on(const char *text, const char *words, const char *json)
{
    struct mistakes mistakes = {.count = 0};
    struct yaml *yaml = yaml_read(text, strlen(text), &mistakes);
    char *written;

    assert_non_null(yaml);
    expect_told(&mistakes, words);
    written = json_write(yaml_root(yaml), NULL);
    assert_string_equal(written, json);
    free(written);
    yaml_drop(yaml);
}

static void maps_lists_and_scalars_become_json(void **state)
{
    expect_json("a: 1\nb:\n  - x\n  - {c: [2, 3]}\n",
                "{\"a\":1,\"b\":[\"x\",{\"c\":[2,3]}]}");
    expect_json("--- # one document\njust text\n...\n", "\"just text\"");
    expect_json("a: |\n  two\n  lines\nb: >-\n  one\n  line\n",
                "{\"a\":\"two\\nlines\\n\",\"b\":\"one line\"}");
}

static void plain_scalars_follow_the_core_schema(void **state)
{
    expect_json("[null, Null, NULL, ~, {a: }, true, True, FALSE]",
                "[null,null,null,null,{\"a\":null},true,true,false]");
    expect_json("[0, -7, +7, 010, 9223372036854775807]", "[0,-7,7,10,9223372036854775807]");
    expect_json("[3.5, .5, 5., -1e3, 2.5E+1]", "[3.5,0.5,5.0,-1000.0,25.0]");
}

static void what_the_core_schema_does_not_know_is_text(void **state)
{
    expect_json("[yes, no, on, off, y, tRUE, nil]",
                "[\"yes\",\"no\",\"on\",\"off\",\"y\",\"tRUE\",\"nil\"]");
    expect_json(
        "[1_000, 0x10, 0o7, 1:30, 1.2.3, ., -, 1e, 1e999, 2026-01-02]",
        "[\"1_000\",\"0x10\",\"0o7\",\"1:30\",\"1.2.3\",\".\",\"-\",\"1e\",\"1e999\","
        "\"2026-01-02\"]");
    expect_json("['1', \"true\", '', \"null\"]", "[\"1\",\"true\",\"\",\"null\"]");
}

static void keys_are_texts_whatever_they_look_like(void **state)
{
    expect_json("{1: a, true: b, ~: c}", "{\"1\":\"a\",\"true\":\"b\",\"~\":\"c\"}");
}

/* Both places of a pointer as line:column. */
static void expect_places(const struct yaml *yaml, const char *pointer, const char *value,
                          const char *key)
{
    char found[32];
    int line, column;

    yaml_place(yaml, pointer, false, &line, &column);
    snprintf(found, sizeof found, "%d:%d", line, column);
    assert_string_equal(found, value);
    yaml_place(yaml, pointer, true, &line, &column);
    snprintf(found, sizeof found, "%d:%d", line, column);
    assert_string_equal(found, key);
}

static void every_value_and_key_has_its_place(void **state)
{
    static const char text[] = "# comment\n"
                               "a: 1\n"
                               "b:\n"
                               "  - x\n"
                               "  - {c/d:   [2, 3]}\n"
                               "\xC3\xA9\xC3\xA9: \"e\"\n";
    struct mistakes mistakes = {.count = 0};
    struct yaml *yaml = yaml_read(text, strlen(text), &mistakes);

    assert_non_null(yaml);
    expect_places(yaml, "", "2:1", "2:1");
    expect_places(yaml, "/a", "2:4", "2:1");
    expect_places(yaml, "/b", "4:3", "3:1");
    expect_places(yaml, "/b/0", "4:5", "4:5");
    expect_places(yaml, "/b/1/c~1d", "5:13", "5:6");
    expect_places(yaml, "/b/1/c~1d/1", "5:17", "5:17");
    expect_places(yaml, "/\xC3\xA9\xC3\xA9", "6:5", "6:1"); /* counted in characters */
    yaml_drop(yaml);
}

static void what_is_not_there_has_the_place_of_its_nearest_parent(void **state)
{
    static const char text[] = "a: 1\nb:\n  c: 2\n";
    struct mistakes mistakes = {.count = 0};
    struct yaml *yaml = yaml_read(text, strlen(text), &mistakes);

    assert_non_null(yaml);
    expect_places(yaml, "/b/x", "3:3", "3:3");
    expect_places(yaml, "/b/c/x/y", "3:6", "3:6");
    expect_places(yaml, "/x", "1:1", "1:1");
    yaml_drop(yaml);
}

static void a_mistake_is_told_with_line_and_column(void **state)
{
    static const char open[] = "a: 1\nb: [\n";

    expect_refused("a: \0", 4, "1:4: control characters are not allowed");
    expect_refused(open, strlen(open),
                   "3:1: did not find expected node content while parsing a flow node");
}

static void the_reading_goes_on_behind_what_is_refused(void **state)
{
    expect_read_on("a: 1\n\"b\\0\": 2\nc: 3", "2:1: a control character in a key",
                   "{\"a\":1,\"c\":3}");
    expect_read_on("? [a, [b]]\n: {c: [d]}\ne: 1", "1:3: a key must be a text",
                   "{\"e\":1}");
    expect_read_on("a: &b 1\nc: *b\nd: !!str 2",
                   "1:4: anchors are not understood\n2:4: aliases are not understood\n"
                   "3:4: tags are not understood",
                   "{\"a\":1,\"c\":null,\"d\":2}");
    expect_read_on("a: 1\nb: 2\na: [3]\nb: 4",
                   "3:1: the key 'a' for the second time\n"
                   "4:1: the key 'b' for the second time",
                   "{\"a\":1,\"b\":2}");
    expect_read_on("a: 1\n---\nb: 2", "2:1: a second document", "{\"a\":1}");
}

static void more_mistakes_than_fit_are_dropped(void **state)
{
    struct mistakes mistakes = {.count = 0};
    char text[1000] = "";

    for (size_t i = 0; i < COUNT(mistakes.list) + 9; i++)
        strcat(text, "a: 1\n");
    yaml_drop(yaml_read(text, strlen(text), &mistakes));
    assert_int_equal(mistakes.count, COUNT(mistakes.list));
    assert_int_equal(mistakes.list[COUNT(mistakes.list) - 1].line,
                     COUNT(mistakes.list) + 1);
}

static void what_libyaml_does_not_understand_ends_the_reading(void **state)
{
    static const char text[] = "a: 1\na: 2\n? [b\n: 3";

    expect_refused(text, strlen(text),
                   "2:1: the key 'a' for the second time\n3:3: a key must be a text\n"
                   "4:1: did not find expected ',' or ']' while parsing a flow sequence");
}

static void large_files_are_refused(void **state)
{
    static char text[YAML_BYTES + 1];

    memset(text, '#', sizeof text);
    expect_refused(text, sizeof text, "1:1: a file of 262145 bytes, 262144 are allowed");
    expect_refused(text, YAML_BYTES, "2:1: the file is empty");
    memset(text, '[', sizeof text);
    expect_refused(text, YAML_BYTES, "1:17: more than 16 levels");
    text[0] = '?';
    text[1] = ' ';
    expect_refused(text, YAML_BYTES,
                   "1:3: a key must be a text\n1:19: more than 16 levels");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(maps_lists_and_scalars_become_json),
        cmocka_unit_test(plain_scalars_follow_the_core_schema),
        cmocka_unit_test(what_the_core_schema_does_not_know_is_text),
        cmocka_unit_test(keys_are_texts_whatever_they_look_like),
        cmocka_unit_test(every_value_and_key_has_its_place),
        cmocka_unit_test(what_is_not_there_has_the_place_of_its_nearest_parent),
        cmocka_unit_test(a_mistake_is_told_with_line_and_column),
        cmocka_unit_test(the_reading_goes_on_behind_what_is_refused),
        cmocka_unit_test(more_mistakes_than_fit_are_dropped),
        cmocka_unit_test(what_libyaml_does_not_understand_ends_the_reading),
        cmocka_unit_test(large_files_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
