/* A struct read from JSON by its table, and what is said of JSON that does not fit. */
#include "tests/support/unit.h"

#include "lib/fields.h"

struct box {
    int64_t width, height;
};

struct thing {
    const char *name;
    struct bytes code;
    int64_t count;
    bool open;
    struct texts tags;
    struct box box;
    const json_t *extra;
};

static const struct field box_fields[] = {
    {"width", FIELD_INT, offsetof(struct box, width), 1, 10, FIELD_REQUIRED},
    {"height", FIELD_INT, offsetof(struct box, height), 1, 10},
    {0},
};

static const struct field thing_fields[] = {
    {"name", FIELD_TEXT, offsetof(struct thing, name), 1, 8, FIELD_REQUIRED},
    {"code", FIELD_BYTES, offsetof(struct thing, code), 0, 131072},
    {"count", FIELD_INT, offsetof(struct thing, count), 1, 15000},
    {"open", FIELD_BOOL, offsetof(struct thing, open)},
    {"tags", FIELD_TEXTS, offsetof(struct thing, tags), 1, 3},
    {"box", FIELD_MAP, offsetof(struct thing, box), .of = box_fields},
    {"extra", FIELD_ANY, offsetof(struct thing, extra), 0, 20},
    {0},
};

struct fixture {
    struct arena *arena;
    json_t *json;
    struct thing thing;
    struct field_errors errors;
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);

    f->arena = arena_new();
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    arena_free(f->arena);
    json_decref(f->json);
    free(f);
    return 0;
}

/* Read `text` into a thing that has defaults. */
static int read_thing(struct fixture *f, const char *text)
{
    struct err err;

    json_decref(f->json);
    f->json = json_read(text, strlen(text), NULL, 0, &err);
    assert_non_null(f->json);
    f->errors.count = 0;
    f->thing = (struct thing){.count = 7};
    return fields_read(thing_fields, f->json, "", &f->thing, f->arena, &f->errors);
}

/* `text` has exactly one mistake. */
static void expect_refused(struct fixture *f, const char *text, const char *pointer,
                           const char *detail)
{
    assert_int_equal(read_thing(f, text), -1);
    assert_int_equal(f->errors.count, 1);
    assert_string_equal(f->errors.list[0].pointer, pointer);
    assert_string_equal(f->errors.list[0].detail, detail);
}

static void every_type_is_read(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(read_thing(f,
                                "{\"name\": \"n\", \"code\": \"a\\nb\", \"count\": 15000,"
                                "\"open\": true, \"tags\": [\"x\", \"\"],"
                                "\"box\": {\"width\": 3}, \"extra\": {\"a\": [1]}}"),
                     0);
    assert_string_equal(f->thing.name, "n");
    assert_int_equal(f->thing.code.len, 3);
    assert_memory_equal(f->thing.code.at, "a\nb", 4);
    assert_int_equal(f->thing.count, 15000);
    assert_true(f->thing.open);
    assert_int_equal(f->thing.tags.count, 2);
    assert_string_equal(f->thing.tags.at[0].at, "x");
    assert_int_equal(f->thing.tags.at[1].len, 0);
    assert_int_equal(f->thing.box.width, 3);
    assert_int_equal(f->thing.box.height, 0);
    assert_ptr_equal(f->thing.extra, json_object_get(f->json, "extra"));
}

static void absent_members_leave_the_defaults(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(read_thing(f, "{\"name\": \"n\"}"), 0);
    assert_int_equal(f->thing.count, 7);
    assert_null(f->thing.code.at);
}

static void texts_are_copies(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(read_thing(f, "{\"name\": \"n\", \"code\": \"abc\"}"), 0);
    json_decref(f->json);
    f->json = NULL;
    assert_string_equal(f->thing.name, "n");
    assert_memory_equal(f->thing.code.at, "abc", 4);
}

static void a_real_number_without_a_fraction_is_an_integer(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(read_thing(f, "{\"name\": \"n\", \"count\": 3.0}"), 0);
    assert_int_equal(f->thing.count, 3);
    assert_int_equal(read_thing(f, "{\"name\": \"n\", \"count\": 1.5e3}"), 0);
    assert_int_equal(f->thing.count, 1500);
    expect_refused(f, "{\"name\": \"n\", \"count\": 3.5}", "/count",
                   "must be an integer from 1 to 15000, is 3.5");
    expect_refused(f, "{\"name\": \"n\", \"count\": 1e300}", "/count",
                   "must be an integer from 1 to 15000, is 1e+300");
}

static void numbers_are_held_to_their_range(void **state)
{
    expect_refused(*state, "{\"name\": \"n\", \"count\": -1}", "/count",
                   "must be an integer from 1 to 15000, is -1");
    expect_refused(*state, "{\"name\": \"n\", \"count\": 15001}", "/count",
                   "must be an integer from 1 to 15000, is 15001");
    expect_refused(*state, "{\"name\": \"n\", \"count\": \"5\"}", "/count",
                   "must be an integer from 1 to 15000, is '5'");
}

static void texts_are_held_to_their_length(void **state)
{
    expect_refused(*state, "{\"name\": \"\"}", "/name",
                   "must be a text of 1 to 8 bytes, has 0");
    expect_refused(*state, "{\"name\": \"123456789\"}", "/name",
                   "must be a text of 1 to 8 bytes, has 9");
    expect_refused(*state, "{\"name\": null}", "/name",
                   "must be a text of 1 to 8 bytes, is null");
    expect_refused(*state, "{\"name\": {}}", "/name",
                   "must be a text of 1 to 8 bytes, is an object");
}

static void control_characters_are_refused_where_they_make_no_sense(void **state)
{
    expect_refused(*state, "{\"name\": \"a\\u001b[m\"}", "/name",
                   "must not hold control characters, is 'a\\x1b[m'");
    expect_refused(*state, "{\"name\": \"a\\u0000\"}", "/name", "must not hold U+0000");
    expect_refused(*state, "{\"name\": \"n\", \"code\": \"a\\u0000\"}", "/code",
                   "must not hold U+0000");
}

static void lists_are_held_to_their_number_and_members(void **state)
{
    expect_refused(*state, "{\"name\": \"n\", \"tags\": []}", "/tags",
                   "must be an array of 1 to 3 texts, has 0");
    expect_refused(*state, "{\"name\": \"n\", \"tags\": \"x\"}", "/tags",
                   "must be an array of 1 to 3 texts, is 'x'");
    expect_refused(*state, "{\"name\": \"n\", \"tags\": [\"a\", 2]}", "/tags/1",
                   "must be a text of 0 to 4096 bytes, is 2");
}

static void other_types_are_refused_by_what_they_are(void **state)
{
    expect_refused(*state, "{\"name\": \"n\", \"open\": 1}", "/open",
                   "must be true or false, is 1");
    expect_refused(*state, "{\"name\": \"n\", \"box\": [1]}", "/box",
                   "must be an object, is an array");
    expect_refused(*state, "{\"name\": \"n\", \"extra\": [1,2,3,4,5,6,7,8,9,10]}", "/extra",
                   "must be a value of 0 to 20 bytes, has 22");
    expect_refused(*state, "[]", "", "must be an object, is an array");
}

static void what_is_missing_is_told(void **state)
{
    expect_refused(*state, "{}", "/name", "is required");
    expect_refused(*state, "{\"name\": \"n\", \"box\": {\"height\": 2}}", "/box/width",
                   "is required");
}

static void unknown_members_are_told_with_the_known_ones(void **state)
{
    struct fixture *f = *state;

    expect_refused(f, "{\"name\": \"n\", \"box\": {\"width\": 1, \"a/b\": 2}}", "/box/a~1b",
                   "unknown field; fields are width, height");
    assert_true(f->errors.list[0].unknown);
    expect_refused(f, "{\"name\": 1}", "/name", "must be a text of 1 to 8 bytes, is 1");
    assert_false(f->errors.list[0].unknown);
}

static void all_mistakes_are_told_at_once(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(
        read_thing(f, "{\"count\": 0, \"open\": 0, \"x\": 1, \"tags\": [1, 2]}"), -1);
    assert_int_equal(f->errors.count, 6);
    assert_string_equal(f->errors.list[0].pointer, "/name");
    assert_string_equal(f->errors.list[5].pointer, "/x");
}

static void values_that_are_only_too_large_are_told_from_wrong_ones(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(read_thing(f, "{\"name\": \"123456789\", \"count\": 15001}"), -1);
    assert_true(field_errors_over(&f->errors));
    assert_int_equal(read_thing(f, "{\"name\": \"123456789\", \"count\": 0}"), -1);
    assert_false(field_errors_over(&f->errors));
    assert_int_equal(read_thing(f, "{\"name\": \"n\"}"), 0);
    assert_false(field_errors_over(&f->errors));
}

static void mistakes_that_do_not_fit_still_count(void **state)
{
    struct fixture *f = *state;
    json_t *many = json_object();
    char name[8];

    for (int i = 0; i < 100; i++) {
        snprintf(name, sizeof name, "x%d", i);
        json_object_set_new(many, name, json_null());
    }
    assert_int_equal(fields_read(box_fields, many, "", &f->thing, f->arena, &f->errors),
                     -1);
    assert_int_equal(f->errors.count, 64);
    assert_int_equal(fields_read(box_fields, many, "", &f->thing, f->arena, &f->errors),
                     -1);
    json_decref(many);
}

static void long_foreign_values_are_cut_and_made_printable(void **state)
{
    struct fixture *f = *state;
    json_t *object = json_object();
    char value[1000], *detail = f->errors.list[1].detail;

    memset(value, '\n', sizeof value - 1);
    value[sizeof value - 1] = '\0';
    json_object_set_new(object, "width", json_string(value));
    json_object_set_new(object, value, json_null());
    assert_int_equal(fields_read(box_fields, object, "", &f->thing, f->arena, &f->errors),
                     -1);
    assert_memory_equal(f->errors.list[0].detail,
                        "must be an integer from 1 to 10, is '\\n", 38);
    assert_null(strchr(f->errors.list[0].detail, '\n'));
    assert_true(strlen(f->errors.list[0].detail) < 120);
    assert_int_equal(strlen(f->errors.list[1].pointer), POINTER_BYTES - 1);
    assert_string_equal(detail, "unknown field; fields are width, height");
    json_decref(object);
}

static void one_value_is_read_from_text(void **state)
{
    struct thing thing = {0};
    struct err err;

    assert_int_equal(field_parse(&thing_fields[0], "word", &thing, &err), 0);
    assert_string_equal(thing.name, "word");
    assert_int_equal(field_parse(&thing_fields[2], "12", &thing, &err), 0);
    assert_int_equal(thing.count, 12);
    assert_int_equal(field_parse(&thing_fields[3], "yes", &thing, &err), 0);
    assert_true(thing.open);
    assert_int_equal(field_parse(&thing_fields[3], "off", &thing, &err), 0);
    assert_false(thing.open);
}

static void a_choice_is_one_of_its_words(void **state)
{
    static const char *const sizes[] = {"small", "medium", "large", NULL};
    static const struct field table[] = {{"size", FIELD_CHOICE, 0, .choices = sizes}, {0}};
    struct fixture *f = *state;
    struct err err;
    int size = -1;

    assert_int_equal(field_parse(&table[0], "large", &size, &err), 0);
    assert_int_equal(size, 2);
    assert_int_equal(field_parse(&table[0], "Large", &size, &err), -1);
    assert_string_equal(err.text, "must be small, medium or large, is 'Large'");
    f->json = json_pack("{s:s}", "size", "medium");
    assert_int_equal(fields_read(table, f->json, "", &size, f->arena, &f->errors), 0);
    assert_int_equal(size, 1);
    json_object_set_new(f->json, "size", json_integer(1));
    assert_int_equal(fields_read(table, f->json, "", &size, f->arena, &f->errors), -1);
    assert_string_equal(f->errors.list[0].detail, "must be small, medium or large, is 1");
}

static void a_text_that_is_no_such_value_is_refused(void **state)
{
    static const struct {
        int field;
        const char *text, *words;
    } cases[] = {
        {0, "", "must be a text of 1 to 8 bytes, has 0"},
        {0, "much too long", "must be a text of 1 to 8 bytes, has 13"},
        {0, "a\nb", "must not hold control characters"},
        {2, "x", "must be an integer from 1 to 15000, is 'x'"},
        {2, "", "must be an integer from 1 to 15000, is ''"},
        {2, " 5", "must be an integer from 1 to 15000, is ' 5'"},
        {2, "15001", "must be an integer from 1 to 15000, is '15001'"},
        {3, "maybe", "must be true or false, is 'maybe'"},
    };
    struct thing thing;
    struct err err;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct field *field = &thing_fields[cases[i].field];

        assert_int_equal(field_parse(field, cases[i].text, &thing, &err), -1);
        assert_string_equal(err.text, cases[i].words);
        assert_int_equal(err.kind, ERR_INVALID);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_type_is_read),
        TEST(absent_members_leave_the_defaults),
        TEST(texts_are_copies),
        TEST(a_real_number_without_a_fraction_is_an_integer),
        TEST(numbers_are_held_to_their_range),
        TEST(texts_are_held_to_their_length),
        TEST(control_characters_are_refused_where_they_make_no_sense),
        TEST(lists_are_held_to_their_number_and_members),
        TEST(other_types_are_refused_by_what_they_are),
        TEST(what_is_missing_is_told),
        TEST(unknown_members_are_told_with_the_known_ones),
        TEST(all_mistakes_are_told_at_once),
        TEST(values_that_are_only_too_large_are_told_from_wrong_ones),
        TEST(mistakes_that_do_not_fit_still_count),
        TEST(long_foreign_values_are_cut_and_made_printable),
        TEST(one_value_is_read_from_text),
        TEST(a_choice_is_one_of_its_words),
        TEST(a_text_that_is_no_such_value_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
