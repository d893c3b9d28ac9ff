/* A folder of languages: the one we ship, and small ones made here. */
#include "tests/support/unit.h"

#include <stdbool.h>
#include <sys/stat.h>

#include "lang-registry/registry.h"
#include "lib/count.h"
#include "tests/support/folder.h"

#define SHIPPED "lang-registry/languages"

#define DIGEST "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

#define REST                   \
    "source: {file: main.x}\n" \
    "run: {argv: [x, main.x]}\n"
#define SMALL "id: x\nname: X\nversions: [{version: \"1\", image: \"x:1\"}]\n" REST

static struct field_errors errors;
static char folder[FOLDER_BYTES];

static int set_up(void **state)
{
    errors.count = 0;
    return folder_make(folder);
}

static int tear_down(void **state)
{
    return folder_remove(folder);
}

/* Loading `folder` fails and says `words`. */
static void expect_refused(const char *words)
{
    struct err err;

    assert_null(registry_load(folder, IMAGES_PINNED, &err));
    assert_int_equal(err.kind, ERR_INVALID);
    assert_string_equal(err.text, words);
}

static void the_languages_we_ship_are_good(void **state)
{
    struct err err = {.text = ""};

    for (enum registry_images images = IMAGES_PINNED; images <= IMAGES_STANDIN; images++) {
        struct registry *registry = registry_load(SHIPPED, images, &err);
        const struct lang *python;

        assert_string_equal(err.text, "");
        assert_true(registry_count(registry) >= 3);
        python = registry_find(registry, "python");
        assert_non_null(python);
        assert_ptr_equal(registry_find(registry, "py"), python);
        assert_ptr_equal(registry_find(registry, "python3"), python);
        assert_null(registry_find(registry, "Python"));
        assert_null(registry_find(registry, ""));
        assert_string_equal(python->file, "main.py");
        assert_int_equal(strncmp(python->version->image, "bullpen-standin/", 16) == 0,
                         images == IMAGES_STANDIN);
        registry_free(registry);
    }
}

static void kinds_of_images_have_names(void **state)
{
    assert_string_equal(registry_image_kinds[IMAGES_PINNED], "pinned");
    assert_string_equal(registry_image_kinds[IMAGES_STANDIN], "standin");
    assert_null(registry_image_kinds[IMAGES_STANDIN + 1]);
}

static void languages_stand_in_the_order_of_their_ids(void **state)
{
    struct registry *registry;
    struct err err;

    folder_write(folder, "1.yaml",
                 "id: b\nname: B\nversions: [{version: \"1\", image: b}]\n" REST);
    folder_write(folder, "2.yaml",
                 "id: a\nname: A\nversions: [{version: \"1\", image: a}]\n" REST);
    folder_write(folder, "notes.txt", "not a language");
    folder_write(folder, ".hidden.yaml", "not a language");
    registry = registry_load(folder, IMAGES_PINNED, &err);
    assert_non_null(registry);
    assert_int_equal(registry_count(registry), 2);
    assert_string_equal(registry_at(registry, 0)->id, "a");
    assert_string_equal(registry_at(registry, 1)->id, "b");
    registry_free(registry);
}

static void a_name_belongs_to_one_language(void **state)
{
    folder_write(folder, "a.yaml", "aliases: [y]\n" SMALL);
    folder_write(folder, "b.yaml",
                 "aliases: [z, x]\nid: y\nname: Y\n"
                 "versions: [{version: \"1\", image: b}]\n" REST);
    expect_refused("b.yaml:1:14: /aliases/1: 'x' is a name of x already (and 1 more)");
}

static void names_in_broken_files_are_taken_as_well(void **state)
{
    folder_write(folder, "a.yaml", "colour: red\n" SMALL);
    folder_write(folder, "b.yaml", SMALL);
    folder_write(folder, "c.yaml", "}");
    expect_refused("a.yaml:1:1: /colour: unknown field; fields are id, name, aliases, "
                   "extensions, versions, standin, source, compile, run, limits, pool, "
                   "template, version_argv, selftest (and 2 more)");
}

static void the_systems_limits_and_digests_are_read_beside_the_languages(void **state)
{
    char languages[FOLDER_BYTES + 16];
    struct registry *registry;
    struct err err;

    folder_write(folder, "languages/x.yaml", SMALL);
    folder_write(folder, "defaults.yaml", "limits: {pids: {default: 7, max: 9}}\n");
    folder_write(folder, "languages/languages.lock",
                 "\"x:1\": \"sha256:" DIGEST "\" # a comment\n");
    snprintf(languages, sizeof languages, "%s/languages", folder);
    registry = registry_load(languages, IMAGES_PINNED, &err);
    assert_non_null(registry);
    assert_int_equal(registry_count(registry), 1);
    assert_int_equal(registry_at(registry, 0)->limits.pids, 7);
    assert_int_equal(registry_at(registry, 0)->maximum.pids, 9);
    assert_string_equal(registry_at(registry, 0)->version->image, "x@sha256:" DIGEST);
    registry_free(registry);
}

static void no_language_allows_more_than_the_system(void **state)
{
    char languages[FOLDER_BYTES + 16];
    struct err err;

    folder_write(folder, "languages/x.yaml", SMALL "limits: {pids: {max: 10}}\n");
    folder_write(folder, "defaults.yaml", "limits: {pids: {default: 7, max: 9}}\n");
    snprintf(languages, sizeof languages, "%s/languages", folder);
    assert_null(registry_load(languages, IMAGES_PINNED, &err));
    assert_string_equal(err.text, "x.yaml:6:22: /limits/pids/max: must be an integer from "
                                  "2 to 9, is 10");
}

static void collect(void *arg, const char *text)
{
    fields_complain(arg, "", "%s", text);
}

static void mistakes_of_all_files_are_told(void **state)
{
    char languages[FOLDER_BYTES + 16];
    struct err err;

    folder_write(folder, "languages/a.yaml", "a: 1\na: 2\n" SMALL);
    folder_write(folder, "languages/b.yaml", "}");
    folder_write(folder, "defaults.yaml", "\nlimits: {pids: {max: 1000}}\n");
    folder_write(folder, "languages/languages.lock", "x:1: y\n");
    snprintf(languages, sizeof languages, "%s/languages", folder);
    assert_null(registry_read(languages, IMAGES_PINNED, collect, &errors, &err));
    assert_int_equal(errors.count, 5);
    assert_string_equal(errors.list[0].detail,
                        "../defaults.yaml:2:22: /limits/pids/max: must "
                        "be an integer from 2 to 256, is 1000");
    assert_string_equal(errors.list[1].detail, "languages.lock:1:6: /x:1: must be sha256: "
                                               "and 64 digits 0-9 a-f, is 'y'");
    assert_memory_equal(errors.list[2].detail, "a.yaml:1:1: /a: unknown field", 29);
    assert_string_equal(errors.list[3].detail,
                        "a.yaml:2:1: the key 'a' for the second time");
    assert_memory_equal(errors.list[4].detail, "b.yaml:1:1: ", 12);
    assert_memory_equal(err.text, errors.list[0].detail, strlen(errors.list[0].detail));
    assert_non_null(strstr(err.text, " (and 4 more)"));
}

/* The sanitizers would see an end that comes too soon, or never. */
static void a_registry_lives_while_anybody_holds_it(void **state)
{
    struct registry *registry, *held;
    const struct lang *lang;
    struct err err;

    folder_write(folder, "x.yaml", SMALL);
    registry = registry_load(folder, IMAGES_PINNED, &err);
    held = registry_hold(registry);
    assert_ptr_equal(held, registry);
    lang = registry_find(held, "x");
    registry_free(registry);
    assert_ptr_equal(registry_find(held, "x"), lang);
    assert_string_equal(lang->id, "x");
    registry_free(held);
}

/* Read x.yaml, and the defaults and the lock if there are texts for them. */
static struct registry *read_three(const char *text, const char *defaults, const char *lock)
{
    char languages[FOLDER_BYTES + 16];
    struct registry *registry;
    struct err err;

    folder_write(folder, "languages/x.yaml", text);
    folder_write(folder, "defaults.yaml", defaults);
    folder_write(folder, "languages/languages.lock", lock);
    snprintf(languages, sizeof languages, "%s/languages", folder);
    registry = registry_load(languages, IMAGES_PINNED, &err);
    assert_non_null(registry);
    return registry;
}

static void what_has_changed_is_seen(void **state)
{
    static const struct {
        const char *text, *defaults, *lock;
        bool same;
    } cases[] = {
        {SMALL, "{}", "{}", true},
        {SMALL "pool: 1\n", "{}", "{}", false},
        {SMALL "\n", "{}", "{}", false},
        {SMALL, "limits: {pids: {default: 7}}", "{}", false},
        {SMALL, "limits: {pids: {max: 70}}", "{}", false},
        {SMALL, "compile: {limits: {pids: {default: 7}}}", "{}", false},
        {SMALL, "compile: {limits: {pids: {max: 70}}}", "{}", false},
        {SMALL, "{}", "\"x:1\": \"sha256:" DIGEST "\"", false},
        {SMALL, "limits: {}", "\"y:1\": \"sha256:" DIGEST "\"", true},
    };
    struct registry *before = read_three(SMALL, "{}", "{}");

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct registry *after =
            read_three(cases[i].text, cases[i].defaults, cases[i].lock);

        assert_int_equal(lang_same(registry_at(before, 0), registry_at(after, 0)),
                         cases[i].same);
        registry_free(after);
    }
    registry_free(before);
}

static void a_folder_without_languages_is_refused(void **state)
{
    struct err err;

    expect_refused("no *.yaml in the folder of languages");
    assert_null(registry_load("/nonexistent", IMAGES_PINNED, &err));
    assert_string_equal(err.text,
                        "the folder of languages, /nonexistent: No such file or directory");
}

static void a_file_that_cannot_be_read_is_told(void **state)
{
    char path[128];

    snprintf(path, sizeof path, "%s/a.yaml", folder);
    assert_int_equal(mkdir(path, 0700), 0);
    expect_refused("a.yaml: Is a directory");
}

/* One that need not be there, too. */
static void a_lock_that_cannot_be_read_is_told(void **state)
{
    char path[128];

    folder_write(folder, "a.yaml", SMALL);
    snprintf(path, sizeof path, "%s/languages.lock", folder);
    assert_int_equal(mkdir(path, 0700), 0);
    expect_refused("languages.lock: Is a directory");
}

static void a_pipe_is_not_waited_for(void **state)
{
    char path[128];

    snprintf(path, sizeof path, "%s/a.yaml", folder);
    assert_int_equal(mkfifo(path, 0600), 0);
    expect_refused("a.yaml:1:1: the file is empty");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_languages_we_ship_are_good),
        TEST(kinds_of_images_have_names),
        TEST(languages_stand_in_the_order_of_their_ids),
        TEST(a_name_belongs_to_one_language),
        TEST(names_in_broken_files_are_taken_as_well),
        TEST(the_systems_limits_and_digests_are_read_beside_the_languages),
        TEST(no_language_allows_more_than_the_system),
        TEST(mistakes_of_all_files_are_told),
        TEST(a_registry_lives_while_anybody_holds_it),
        TEST(what_has_changed_is_seen),
        TEST(a_folder_without_languages_is_refused),
        TEST(a_file_that_cannot_be_read_is_told),
        TEST(a_lock_that_cannot_be_read_is_told),
        TEST(a_pipe_is_not_waited_for),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
