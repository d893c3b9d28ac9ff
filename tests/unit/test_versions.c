/* Versions, and the digests by which their images are used. */
#include "tests/support/unit.h"

#include "lang-registry/versions.h"
#include "tests/support/arena_fixture.h"

#define A64    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define DIGEST "sha256:" A64
#define OTHER \
    "sha256:" \
    "f"       \
    "123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static struct field_errors errors;
static struct lang lang;

static json_t *json(const char *text)
{
    struct err err;
    json_t *value = json_read(text, strlen(text), NULL, 0, &err);

    assert_non_null(value);
    return value;
}

static void read_versions(const char *text, const struct lock *lock)
{
    json_t *array = json(text);

    errors.count = 0;
    lang = (struct lang){0};
    versions_read(array, lock, &lang, arena, &errors);
    json_decref(array);
}

static struct lock read_lock(const char *text)
{
    struct lock lock;
    json_t *root = json(text);

    errors.count = 0;
    lock_read(root, &lock, arena, &errors);
    json_decref(root);
    return lock;
}

static void expect_refused(const char *text, const char *pointer, const char *detail)
{
    read_versions(text, NULL);
    assert_int_equal(errors.count, 1);
    assert_string_equal(errors.list[0].pointer, pointer);
    assert_string_equal(errors.list[0].detail, detail);
}

static void a_version_is_found_by_its_name(void **state)
{
    read_versions("[{\"version\": \"1\", \"image\": \"x:1\"},"
                  " {\"version\": \"2\", \"image\": \"x:2\", \"default\": true}]",
                  NULL);
    assert_int_equal(errors.count, 0);
    assert_int_equal(lang.version_count, 2);
    assert_ptr_equal(lang_version(&lang, NULL), &lang.versions[1]);
    assert_ptr_equal(lang_version(&lang, "1"), &lang.versions[0]);
    assert_string_equal(lang_version(&lang, "2")->image, "x:2");
    assert_null(lang_version(&lang, "3"));
    assert_null(lang_version(&lang, ""));
}

static void an_image_with_a_digest_is_used_by_it(void **state)
{
    read_versions("[{\"version\": \"1\", \"image\": \"localhost:5000/a/x:1\", \"digest\": "
                  "\"" DIGEST "\"}]",
                  NULL);
    assert_int_equal(errors.count, 0);
    assert_string_equal(lang.version->image, "localhost:5000/a/x@" DIGEST);
    assert_string_equal(lang.version->reference, "localhost:5000/a/x:1");
    read_versions(
        "[{\"version\": \"1\", \"image\": \"localhost:5000/x\", \"digest\": \"" DIGEST
        "\"}]",
        NULL);
    assert_string_equal(lang.version->image, "localhost:5000/x@" DIGEST);
}

static void a_lock_gives_digests_to_those_that_have_none(void **state)
{
    const struct lock lock = read_lock("{\"x:1\": \"" DIGEST "\", \"y\": \"" DIGEST
                                       "\", \"x@" OTHER "\": \"" DIGEST "\"}");

    assert_int_equal(errors.count, 0);
    read_versions("[{\"version\": \"1\", \"image\": \"x:1\", \"default\": true},"
                  " {\"version\": \"2\", \"image\": \"x:2\"},"
                  " {\"version\": \"3\", \"image\": \"x:1\", \"digest\": \"" OTHER "\"},"
                  " {\"version\": \"4\", \"image\": \"x@" OTHER "\"}]",
                  &lock);
    assert_int_equal(errors.count, 0);
    assert_string_equal(lang.versions[0].image, "x@" DIGEST);
    assert_string_equal(lang.versions[1].image, "x:2");
    assert_string_equal(lang.versions[2].image, "x@" OTHER);
    assert_string_equal(lang.versions[3].image, "x@" OTHER);
}

static void a_lock_holds_digests(void **state)
{
    read_lock("{\"x:1\": \"" DIGEST "\", \"y/z:2\": \"sha256:12\", \"z\": 3}");
    assert_int_equal(errors.count, 2);
    assert_string_equal(errors.list[0].pointer, "/y~1z:2");
    assert_string_equal(errors.list[0].detail,
                        "must be sha256: and 64 digits 0-9 a-f, is 'sha256:12'");
    assert_string_equal(errors.list[1].pointer, "/z");
    assert_string_equal(errors.list[1].detail, "must be a digest");
    read_lock("[]");
    assert_int_equal(errors.count, 1);
    assert_string_equal(errors.list[0].detail,
                        "must be a map of at most 1024 images to digests");
}

static void what_is_no_digest_is_refused(void **state)
{
    expect_refused("[{\"version\": \"1\", \"image\": \"x\", \"digest\": \"" A64 "\"}]",
                   "/versions/0/digest",
                   "must be sha256: and 64 digits 0-9 a-f, is "
                   "'0123456789abcdef0123456789abcdef0123456789abcdef0123456789...'");
    expect_refused("[{\"version\": \"1\", \"image\": \"x\", \"digest\": \"" DIGEST "0\"}]",
                   "/versions/0/digest",
                   "must be sha256: and 64 digits 0-9 a-f, is "
                   "'sha256:0123456789abcdef0123456789abcdef0123456789abcdef012...'");
    expect_refused("[{\"version\": \"1\", \"image\": \"x\", \"digest\": \"" DIGEST "g\"}]",
                   "/versions/0/digest",
                   "must be sha256: and 64 digits 0-9 a-f, is "
                   "'sha256:0123456789abcdef0123456789abcdef0123456789abcdef012...'");
    expect_refused("[{\"version\": \"1\", \"image\": \"x@" DIGEST
                   "\", \"digest\": \"" DIGEST "\"}]",
                   "/versions/0/digest", "the image has a digest already");
}

static void no_two_versions_have_one_name(void **state)
{
    expect_refused("[{\"version\": \"1\", \"image\": \"x\", \"default\": true},"
                   " {\"version\": \"1\", \"image\": \"y\"}]",
                   "/versions/1/version", "is the name of a version already");
}

static void a_stand_in_is_the_only_version(void **state)
{
    struct version standin;
    json_t *map = json("{\"version\": \"1\", \"image\": \"x:1\"}");

    errors.count = 0;
    versions_read_standin(map, &standin, arena, &errors);
    json_decref(map);
    assert_int_equal(errors.count, 0);
    assert_string_equal(standin.version, "1");
    assert_string_equal(standin.image, "x:1");
    assert_true(standin.is_default);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_version_is_found_by_its_name),
        TEST(an_image_with_a_digest_is_used_by_it),
        TEST(a_lock_gives_digests_to_those_that_have_none),
        TEST(a_lock_holds_digests),
        TEST(what_is_no_digest_is_refused),
        TEST(no_two_versions_have_one_name),
        TEST(a_stand_in_is_the_only_version),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
