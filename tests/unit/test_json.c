/* JSON texts, good and bad; what is said of the bad ones, and of which member. */
#include "tests/support/unit.h"

#include "lib/json.h"
#include "lib/pointer.h"

/* Reading `text` gives a value that is written as `written`. */
static void expect_read(const char *text, const char *written)
{
    struct err err;
    json_t *value = json_read(text, strlen(text), NULL, 0, &err);
    char *again;
    size_t len;

    assert_non_null(value);
    again = json_write(value, &len);
    assert_string_equal(again, written);
    assert_int_equal(len, strlen(written));
    free(again);
    json_decref(value);
}

static void expect_refused_bytes(const char *text, size_t len, const char *pointer,
                                 const char *words)
{
    char found[POINTER_BYTES] = "not touched";
    struct err err;

    assert_null(json_read(text, len, found, sizeof found, &err));
    assert_string_equal(found, pointer);
    assert_string_equal(err.text, words);
    assert_int_equal(err.kind, ERR_INVALID);
}

static void expect_refused(const char *text, const char *pointer, const char *words)
{
    expect_refused_bytes(text, strlen(text), pointer, words);
}

static void any_one_value_is_read(void **state)
{
    expect_read(" {\"b\": [1, -2, 2.5, true, null], \"a\": {}} \n",
                "{\"b\":[1,-2,2.5,true,null],\"a\":{}}");
    expect_read("5", "5");
    expect_read("\"\"", "\"\"");
    expect_read("9223372036854775807", "9223372036854775807");
    expect_read("\"\\ud83d\\ude00 \\/ \xC3\xA9\"", "\"\xF0\x9F\x98\x80 / \xC3\xA9\"");
    expect_read("\"a\\u0000b\"", "\"a\\u0000b\"");
}

static void levels_up_to_the_limit_are_read(void **state)
{
    char text[2 * JSON_DEPTH + 3];

    memset(text, '[', JSON_DEPTH);
    memset(text + JSON_DEPTH, ']', JSON_DEPTH);
    text[2 * JSON_DEPTH] = '\0';
    expect_read(text, text);
    expect_read("\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\\\"[[\"",
                "\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\\\"[[\"");
}

static void texts_are_made_of_any_bytes(void **state)
{
    json_t *good = json_text("a\0b", 3), *bad = json_text("\xFFz", 2);
    json_t *empty = json_text(NULL, 0);

    assert_int_equal(json_string_length(good), 3);
    assert_string_equal(json_string_value(bad), "\xEF\xBF\xBDz");
    assert_string_equal(json_string_value(empty), "");
    json_decref(good);
    json_decref(bad);
    json_decref(empty);
}

static void a_mistake_is_told_with_its_member_and_place(void **state)
{
    expect_refused("{\"a\":1,\"code\":\"\\ud800\"}", "/code",
                   "line 1, column 22: invalid Unicode '\\uD800' near '\"\\ud800\"'");
    expect_refused("{\"timeoutMs\": 1e999}", "/timeoutMs",
                   "line 1, column 19: a number that does not fit");
    expect_refused("{\"n\": 9223372036854775808}", "/n",
                   "line 1, column 25: a number that does not fit");
    expect_refused("{\"a\": {\"b\": [1, 2, tru]}}", "/a/b/2",
                   "line 1, column 22: invalid token near 'tru'");
    expect_refused("[[], {}, {\"x\": }]", "/2/x",
                   "line 1, column 16: unexpected token near '}'");
    expect_refused("{\n  \"a\": \"x\ny\"}", "/a",
                   "line 2, column 9: unexpected newline near '\"x'");
}

static void keys_are_escaped_in_pointers(void **state)
{
    expect_refused("{\"a/b~c \\u00e9\": x}", "/a~1b~0c \xC3\xA9",
                   "line 1, column 18: invalid token near 'x'");
}

static void duplicate_keys_are_refused(void **state)
{
    expect_refused("{\"a\":1,\"a\":2}", "/a",
                   "line 1, column 10: the same key for the second time");
    expect_refused("[{\"a\":{\"b\":1,\"\\u0062\":2}}]", "/0/a/b",
                   "line 1, column 21: the same key for the second time");
}

static void only_one_value_may_stand_there(void **state)
{
    expect_refused("{} x", "", "line 1, column 4: there is more text behind the value");
    expect_refused("1 2", "", "line 1, column 3: there is more text behind the value");
    expect_refused("", "", "line 1, column 1: the text is empty");
    expect_refused(" \r\n\t", "", "line 1, column 1: the text is empty");
    expect_refused("{\"a\": [1", "/a/0", "line 1, column 8: the text ends too early");
    expect_refused("{\"code\": \"print(", "/code",
                   "line 1, column 16: the text ends too early");
}

static void only_utf8_without_a_mark_is_read(void **state)
{
    expect_refused("{\"a\": \"x\x80\"}", "/a",
                   "line 1, column 9: a byte that is not UTF-8, 0x80");
    expect_refused("{\"a\": \xED\xA0\x80}", "/a",
                   "line 1, column 7: a byte that is not UTF-8, 0xed");
    expect_refused("\xEF\xBB\xBF{}", "", "line 1, column 1: a byte order mark");
    expect_refused("{\"\x1b\": 1}", "",
                   "line 1, column 2: control character 0x1b near '\"'");
    expect_refused("{\"a\\u0000\": 1}", "", "line 1, column 10: U+0000 in a key");
}

static void too_many_levels_are_refused_before_anything_is_built(void **state)
{
    static char text[1000000];
    char pointer[2 * JSON_DEPTH + 1];

    memset(text, '[', sizeof text);
    for (size_t i = 0; i < JSON_DEPTH; i++)
        memcpy(pointer + 2 * i, "/0", 3);
    expect_refused_bytes(text, sizeof text, pointer,
                         "line 1, column 33: more than 32 levels");
    memset(text, ']', 2); /* closing what was never open gains nothing */
    expect_refused_bytes(text, sizeof text, pointer,
                         "line 1, column 35: more than 32 levels");
}

static void no_beginning_of_a_good_text_is_good(void **state)
{
    static const char text[] = "{\"a\":[1.5e3,\"\\u00e9\\n\",{\"b\":null}],\"c\":true}";
    char pointer[POINTER_BYTES];
    struct err err;

    for (size_t len = 0; len < strlen(text); len++) {
        char *cut = malloc(len + 1); /* exactly as long, for the sanitizer */

        memcpy(cut, text, len);
        assert_null(json_read(cut, len, pointer, sizeof pointer, &err));
        free(cut);
    }
}

static void a_pointer_that_does_not_fit_is_cut_between_characters(void **state)
{
    char pointer[8] = "";
    struct err err;

    pointer_add(pointer, sizeof pointer, "abcd\xC3\xA9z", 7);
    assert_string_equal(pointer, "/abcd\xC3\xA9");
    pointer[0] = '\0';
    pointer_add(pointer, sizeof pointer, "abcdef/", 7);
    assert_string_equal(pointer, "/abcdef");
    assert_null(json_read("{\"abcdefghijk\":", 15, pointer, sizeof pointer, &err));
    assert_string_equal(pointer, "/abcdef");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_one_value_is_read),
        cmocka_unit_test(levels_up_to_the_limit_are_read),
        cmocka_unit_test(texts_are_made_of_any_bytes),
        cmocka_unit_test(a_mistake_is_told_with_its_member_and_place),
        cmocka_unit_test(keys_are_escaped_in_pointers),
        cmocka_unit_test(duplicate_keys_are_refused),
        cmocka_unit_test(only_one_value_may_stand_there),
        cmocka_unit_test(only_utf8_without_a_mark_is_read),
        cmocka_unit_test(too_many_levels_are_refused_before_anything_is_built),
        cmocka_unit_test(no_beginning_of_a_good_text_is_good),
        cmocka_unit_test(a_pointer_that_does_not_fit_is_cut_between_characters),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
