/* The files that a job brings along: which names and contents are taken, and what is said
 * of the others. */
#include "tests/support/unit.h"

#include "lang-registry/files.h"
#include "lib/mem.h"
#include "tests/support/arena_fixture.h"

static struct files files;
static struct field_errors errors;

/* Now the array's own. */
static int read_array(json_t *array)
{
    int result;

    errors.count = 0;
    result = files_read(array, "main.py", &files, arena, &errors);
    json_decref(array);
    return result;
}

static int read_text(const char *text)
{
    struct err err;
    json_t *array = json_read(text, strlen(text), NULL, 0, &err);

    assert_non_null(array);
    return read_array(array);
}

static void expect_refused(const char *text, const char *pointer, const char *detail)
{
    assert_int_equal(read_text(text), -1);
    assert_int_equal(errors.count, 1);
    assert_string_equal(errors.list[0].pointer, pointer);
    assert_string_equal(errors.list[0].detail, detail);
}

static void names_and_contents_are_taken(void **state)
{
    assert_int_equal(read_text("[{\"name\": \"lib/a.py\", \"content\": \"x = 1\\n\"},"
                               " {\"name\": \"data.bin\", \"content\": \"AP/+\","
                               "  \"encoding\": \"base64\"},"
                               " {\"name\": \"empty\", \"content\": \"\","
                               "  \"encoding\": \"utf8\"}]"),
                     0);
    assert_int_equal(files.count, 3);
    assert_string_equal(files.at[0].name, "lib/a.py");
    assert_memory_equal(files.at[0].content.at, "x = 1\n", 6);
    assert_int_equal(files.at[0].content.len, 6);
    assert_int_equal(files.at[1].content.len, 3);
    assert_memory_equal(files.at[1].content.at, "\x00\xff\xfe", 3);
    assert_int_equal(files.at[2].content.len, 0);
}

static void none_are_fine(void **state)
{
    assert_int_equal(read_text("[]"), 0);
    assert_int_equal(files.count, 0);
}

static void odd_but_harmless_names_are_taken(void **state)
{
    static const char *const names[] = {
        "a",        "a b",     "a.b.c",    "a/.b", "a/..b",  "a/b..",
        "-rf",      "'; id '", "$(id)",    "a\\b", "*",      "main",
        "main.pyc", "main/py", "\xC3\xA9", "run",  "a/.run", "1/2/3/4/5/6/7/8",
    };

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        assert_int_equal(
            read_array(json_pack("[{s:s, s:s}]", "name", names[i], "content", "x")), 0);
}

static void names_that_lead_elsewhere_are_refused(void **state)
{
    static const struct {
        const char *name, *detail;
    } rows[] = {
        {"/etc/passwd", "must be relative, begins with '/'"},
        {"/", "must be relative, begins with '/'"},
        {".run", "must not begin with '.'"},
        {".", "must not begin with '.'"},
        {"..", "must not begin with '.'"},
        {"../x", "must not begin with '.'"},
        {"./x", "must not begin with '.'"},
        {"a/../../x", "must not have a part '.' or '..'"},
        {"a/..", "must not have a part '.' or '..'"},
        {"a/./b", "must not have a part '.' or '..'"},
        {"a//b", "must not have an empty part: '//', or '/' at its end"},
        {"a/", "must not have an empty part: '//', or '/' at its end"},
        {"1/2/3/4/5/6/7/8/9", "must not be more than 8 folders deep"},
        {"", "must be a text of 1 to 100 bytes, has 0"},
        {"a\nb", "must not hold control characters, is 'a\\nb'"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(
            read_array(json_pack("[{s:s, s:s}]", "name", rows[i].name, "content", "x")),
            -1);
        assert_string_equal(errors.list[0].pointer, "/files/0/name");
        assert_string_equal(errors.list[0].detail, rows[i].detail);
    }
}

static void a_name_fits_a_tar_header(void **state)
{
    char name[FILES_NAME_BYTES + 2];

    memset(name, 'a', sizeof name);
    name[FILES_NAME_BYTES] = '\0';
    assert_int_equal(read_array(json_pack("[{s:s, s:s}]", "name", name, "content", "")), 0);
    name[FILES_NAME_BYTES] = 'a';
    name[FILES_NAME_BYTES + 1] = '\0';
    assert_int_equal(read_array(json_pack("[{s:s, s:s}]", "name", name, "content", "")),
                     -1);
    assert_true(field_errors_over(&errors));
}

static void no_file_stands_where_another_is_or_needs_a_folder(void **state)
{
    expect_refused("[{\"name\": \"main.py\", \"content\": \"\"}]", "/files/0/name",
                   "stands where 'main.py' is");
    expect_refused("[{\"name\": \"main.py/x\", \"content\": \"\"}]", "/files/0/name",
                   "stands where 'main.py' is");
    expect_refused("[{\"name\": \"a\", \"content\": \"\"},"
                   " {\"name\": \"a\", \"content\": \"\"}]",
                   "/files/1/name", "stands where 'a' is");
    expect_refused("[{\"name\": \"a/b\", \"content\": \"\"},"
                   " {\"name\": \"a\", \"content\": \"\"}]",
                   "/files/1/name", "stands where 'a/b' is");
    expect_refused("[{\"name\": \"a\", \"content\": \"\"},"
                   " {\"name\": \"a/b/c\", \"content\": \"\"}]",
                   "/files/1/name", "stands where 'a' is");
}

static void what_is_no_base64_is_refused(void **state)
{
    static const char *const contents[] = {"A",    "AB",   "ABC",  "ABC\n", "AB C", "A===",
                                           "=AAA", "AB=C", "AB-_", "ABCD=", "ABCDE"};

    for (size_t i = 0; i < sizeof contents / sizeof *contents; i++) {
        assert_int_equal(read_array(json_pack("[{s:s, s:s, s:s}]", "name", "a", "content",
                                              contents[i], "encoding", "base64")),
                         -1);
        assert_string_equal(errors.list[0].pointer, "/files/0/content");
    }
}

static void other_shapes_are_refused(void **state)
{
    expect_refused("{}", "/files", "must be an array of files");
    expect_refused("[{\"name\": \"a\"}]", "/files/0/content", "is required");
    assert_int_equal(read_text("[1]"), -1);
    assert_int_equal(read_text("[{\"name\": \"a\", \"content\": \"\", \"mode\": 1}]"), -1);
    assert_string_equal(errors.list[0].pointer, "/files/0/mode");
    assert_int_equal(
        read_text("[{\"name\": \"a\", \"content\": \"\", \"encoding\": \"hex\"}]"), -1);
    assert_string_equal(errors.list[0].pointer, "/files/0/encoding");
}

static json_t *many(size_t count, size_t bytes)
{
    json_t *array = json_array();
    char *content = xmalloc(bytes + 1), name[16];

    memset(content, 'x', bytes);
    content[bytes] = '\0';
    for (size_t i = 0; i < count; i++) {
        snprintf(name, sizeof name, "f%zu", i);
        json_array_append_new(array,
                              json_pack("{s:s, s:s}", "name", name, "content", content));
    }
    free(content);
    return array;
}

static void there_is_a_most_of_files_and_of_bytes(void **state)
{
    assert_int_equal(read_array(many(FILES_MAX, 1)), 0);
    assert_int_equal(read_array(many(FILES_MAX + 1, 1)), -1);
    assert_string_equal(errors.list[0].detail, "must have at most 64 members, has 65");
    assert_true(field_errors_over(&errors));
    assert_int_equal(read_array(many(2, FILES_BYTES / 2)), 0);
    assert_int_equal(read_array(many(2, FILES_BYTES / 2 + 1)), -1);
    assert_string_equal(errors.list[0].detail,
                        "must have at most 1048576 bytes together, have 1048578");
    assert_true(field_errors_over(&errors));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        TEST(names_and_contents_are_taken),
        TEST(none_are_fine),
        TEST(odd_but_harmless_names_are_taken),
        TEST(names_that_lead_elsewhere_are_refused),
        TEST(a_name_fits_a_tar_header),
        TEST(no_file_stands_where_another_is_or_needs_a_folder),
        TEST(what_is_no_base64_is_refused),
        TEST(other_shapes_are_refused),
        TEST(there_is_a_most_of_files_and_of_bytes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
