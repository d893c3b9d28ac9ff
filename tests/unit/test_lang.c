/* One language's file: good ones made here, and a folder of broken ones, each of which says
 * in its first lines what must be said of it.
 */
#include "tests/support/unit.h"

#include <dirent.h>
#include <stdbool.h>

#include "lang-registry/registry.h"

#define BROKEN "tests/unit/broken-yaml"

#define SMALL                                                        \
    "id: x\nname: X\nversions: [{version: \"1\", image: \"x:1\"}]\n" \
    "source: {file: main.x}\nrun: {argv: [x, main.x]}\n"

static struct arena *arena;
static struct field_errors errors;

static int set_up(void **state)
{
    arena = arena_new();
    errors.count = 0;
    return 0;
}

static int tear_down(void **state)
{
    arena_free(arena);
    return 0;
}

static struct lang *read_lang(const char *text, enum registry_images images)
{
    return registry_read_lang("x.yaml", text, strlen(text), images, arena, &errors);
}

static void everything_in_a_file_is_read(void **state)
{
    const struct lang *lang = read_lang(
        "id: c++\nname: C++\naliases: [cpp, g++, c.x, c#]\nextensions: [cc, c++]\n"
        "versions:\n"
        "  - {version: \"13\", image: \"gcc:13@sha256:abc\"}\n"
        "  - {version: \"14\", image: \"localhost:5000/gcc:14\", default: true}\n"
        "standin: {version: \"12\", image: bullpen-standin/gcc}\n"
        "source: {file: main.cc}\n"
        "run: {argv: [sh, \"\", \"a b\"], env: [\"A=1\", _B=]}\n"
        "limits:\n  timeoutMs: {default: 5000, max: 9000}\n  memoryMb: {default: 256}\n"
        "  pids: {max: 20}\n",
        IMAGES_PINNED);

    assert_int_equal(errors.count, 0);
    assert_non_null(lang);
    assert_string_equal(lang->id, "c++");
    assert_string_equal(lang->name, "C++");
    assert_int_equal(lang->aliases.count, 4);
    assert_string_equal(lang->aliases.at[3].at, "c#");
    assert_int_equal(lang->extensions.count, 2);
    assert_string_equal(lang->version->version, "14");
    assert_string_equal(lang->version->image, "localhost:5000/gcc:14");
    assert_int_equal(lang->argv.count, 3);
    assert_string_equal(lang->argv.at[2].at, "a b");
    assert_int_equal(lang->env.count, 2);
    assert_string_equal(lang->env.at[1].at, "_B=");
    assert_int_equal(lang->limits.timeout_ms, 5000);
    assert_int_equal(lang->maximum.timeout_ms, 9000);
    assert_int_equal(lang->limits.memory_mb, 256);
    assert_int_equal(lang->maximum.memory_mb, limits_most.memory_mb);
    assert_int_equal(lang->limits.pids, 20); /* the system's default is over the maximum */
    assert_int_equal(lang->maximum.pids, 20);
}

static void a_compiled_language_is_read(void **state)
{
    const struct lang *lang = read_lang(
        "id: x\nname: X\nversions: [{version: \"1\", image: \"x:1\"}]\n"
        "source: {file: Main.x, rule: java-public-class}\n"
        "compile:\n  argv: [xc, -o, prog, \"{sources}\"]\n  env: [A=1]\n"
        "  limits: {timeoutMs: {default: 20000}, memoryMb: {max: 256}}\n"
        "  artifacts: [prog, lib/x]\n"
        "run: {argv: [./prog, \"{args}\"], tmpfs: {sizeMb: 32, exec: true}}\n"
        "limits: {memoryMb: {min: 64, default: 200}, timeoutMs: {min: 4000}}\npool: 3\n"
        "template: |\n  one\n  two\nversion_argv: [xc, --version]\n",
        IMAGES_PINNED);

    assert_int_equal(errors.count, 0);
    assert_int_equal(lang->rule, SOURCE_JAVA_PUBLIC_CLASS);
    assert_int_equal(lang->compile.argv.count, 4);
    assert_string_equal(lang->compile.argv.at[3].at, "{sources}");
    assert_int_equal(lang->compile.env.count, 1);
    assert_int_equal(lang->compile.artifacts.count, 2);
    assert_int_equal(lang->compile.limits.timeout_ms, 20000);
    assert_int_equal(lang->compile.maximum.timeout_ms, limits_compile_most.timeout_ms);
    assert_int_equal(lang->compile.limits.memory_mb, 256);
    assert_int_equal(lang->compile.limits.pids, limits_compile.pids);
    assert_false(lang->compile.tmpfs.exec);
    assert_int_equal(lang->tmpfs.size_mb, 32);
    assert_true(lang->tmpfs.exec);
    assert_int_equal(lang->floor.memory_mb, 64);
    assert_int_equal(lang->floor.pids, limits_least.pids);
    assert_int_equal(lang->limits.timeout_ms, 4000); /* the system's is below the floor */
    assert_int_equal(lang->pool, 3);
    assert_string_equal(lang->template, "one\ntwo\n");
    assert_int_equal(lang->version_argv.count, 2);
}

static void a_pool_may_say_that_its_interpreters_are_started(void **state)
{
    const struct lang *lang =
        read_lang("id: x\nname: X\nversions: [{version: \"1\", image: \"x:1\"}]\n"
                  "source: {file: main.x}\nrun: {argv: [node, -x, \"{source}\"]}\n"
                  "pool: {size: 2, preload: true}\n",
                  IMAGES_PINNED);

    assert_int_equal(errors.count, 0);
    assert_int_equal(lang->pool, 2);
    assert_string_equal(lang->preload.file, "main.x");
    assert_string_equal(lang->preload.argv.at[2].at, "main.x");
    lang = read_lang(SMALL "pool: {preload: false}\n", IMAGES_PINNED);
    assert_int_equal(errors.count, 0);
    assert_int_equal(lang->pool, 0);
    assert_null(lang->preload.file);
}

static void floor_default_and_maximum_may_be_one(void **state)
{
    const struct lang *lang = read_lang(
        SMALL "limits: {memoryMb: {min: 64, default: 64, max: 64}}\n", IMAGES_PINNED);

    assert_int_equal(errors.count, 0);
    assert_int_equal(lang->floor.memory_mb, 64);
    assert_int_equal(lang->limits.memory_mb, 64);
    assert_int_equal(lang->maximum.memory_mb, 64);
}

static void limits_that_are_not_said_are_the_systems(void **state)
{
    const struct lang *lang = read_lang(SMALL, IMAGES_PINNED);

    assert_non_null(lang);
    assert_memory_equal(&lang->limits, &limits_normal, sizeof limits_normal);
    assert_memory_equal(&lang->maximum, &limits_most, sizeof limits_most);
    assert_string_equal(lang->version->version, "1"); /* the only one needs no mark */
    assert_int_equal(lang->compile.argv.count, 0);
    assert_int_equal(lang->tmpfs.size_mb, 0);
    assert_int_equal(lang->pool, 0);
    assert_null(lang->template);
    assert_int_equal(lang->version_argv.count, 0);
    assert_int_equal(lang->selftest_count, 0);
}

static void stand_ins_are_used_when_asked_for_and_required_then(void **state)
{
    const struct lang *lang =
        read_lang(SMALL "standin: {version: \"0\", image: y:0}\n", IMAGES_STANDIN);

    assert_non_null(lang);
    assert_string_equal(lang->version->version, "0");
    assert_string_equal(lang->version->image, "y:0");
    assert_null(read_lang(SMALL, IMAGES_STANDIN));
    assert_int_equal(errors.count, 1);
    assert_string_equal(errors.list[0].detail,
                        "x.yaml:1:1: /standin: is required where stand-ins are used");
}

static void all_mistakes_of_a_file_are_told_in_its_order(void **state)
{
    assert_null(read_lang("run: {argv: 1}\nid: X\nname: X\nextra: 1\n"
                          "versions: [{version: 3.13, image: \"x:1\"}]\n"
                          "source: {file: a/b}\n",
                          IMAGES_PINNED));
    assert_int_equal(errors.count, 5);
    assert_memory_equal(errors.list[0].detail, "x.yaml:1:13: /run/argv: ", 24);
    assert_memory_equal(errors.list[1].detail, "x.yaml:2:5: /id: ", 17);
    assert_memory_equal(errors.list[2].detail, "x.yaml:4:1: /extra: ", 20);
    assert_memory_equal(errors.list[3].detail, "x.yaml:5:22: /versions/0/version: ", 34);
    assert_memory_equal(errors.list[4].detail, "x.yaml:6:16: /source/file: ", 27);
}

/* What `text` says of itself, in lines "# expect: line:column: what" at its beginning: a
 * mistake each, and as far as it is said. */
static void expect_own_words(const char *path, const char *text)
{
    static const char mark[] = "# expect: ";
    size_t expected = 0;

    for (; strncmp(text, mark, strlen(mark)) == 0; expected++) {
        const char *said = text + strlen(mark);
        size_t len = strcspn(said, "\n");
        const char *detail = expected < errors.count ? errors.list[expected].detail : "f:";

        if (strncmp(detail, "f:", 2) != 0 || strncmp(detail + 2, said, len) != 0)
            fail_msg("%s: expected '%.*s', is '%s'", path, (int)len, said, detail);
        text = said + len + 1;
    }
    if (expected == 0 || expected != errors.count)
        fail_msg("%s: expected %zu mistakes, are %zu, the last '%s'", path, expected,
                 errors.count, errors.list[errors.count ? errors.count - 1 : 0].detail);
}

static void each_broken_file_is_told_as_it_says_itself(void **state)
{
    struct dirent **files;
    int count = scandir(BROKEN, &files, NULL, alphasort), run = 0;

    assert_true(count > 0);
    for (int i = 0; i < count; i++) {
        char path[400], text[8192];
        FILE *file;
        size_t len;

        snprintf(path, sizeof path, BROKEN "/%s", files[i]->d_name);
        free(files[i]);
        if (!strstr(path, ".yaml"))
            continue;
        file = fopen(path, "r");
        assert_non_null(file);
        len = fread(text, 1, sizeof text - 1, file);
        fclose(file);
        assert_true(len < sizeof text - 1);
        text[len] = '\0';
        errors.count = 0;
        assert_null(registry_read_lang("f", text, len, IMAGES_PINNED, arena, &errors));
        expect_own_words(path, text);
        run++;
    }
    free(files);
    assert_true(run >= 100);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(everything_in_a_file_is_read),
        TEST(a_compiled_language_is_read),
        TEST(a_pool_may_say_that_its_interpreters_are_started),
        TEST(floor_default_and_maximum_may_be_one),
        TEST(limits_that_are_not_said_are_the_systems),
        TEST(stand_ins_are_used_when_asked_for_and_required_then),
        TEST(all_mistakes_of_a_file_are_told_in_its_order),
        TEST(each_broken_file_is_told_as_it_says_itself),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
