/* MessagePack, byte by byte as its specification has it. */
#include "tests/support/unit.h"

#include "queue/pack.h"

static struct pack pack;

static void expect(const char *bytes, size_t len)
{
    assert_int_equal(pack.len, len);
    assert_memory_equal(pack.at, bytes, len);
    pack_free(&pack);
}
#define EXPECT(bytes) expect(bytes, sizeof bytes - 1)

static void small_values_are_one_byte(void **state)
{
    pack_nil(&pack);
    pack_bool(&pack, false);
    pack_bool(&pack, true);
    pack_int(&pack, 0);
    pack_int(&pack, 127);
    pack_array(&pack, 15);
    pack_map(&pack, 15);
    EXPECT("\xc0\xc2\xc3\x00\x7f\x9f\x8f");
}

static void integers_keep_all_their_bits(void **state)
{
    pack_int(&pack, 128);
    pack_int(&pack, 4294967295);
    EXPECT("\xce\0\0\0\x80\xce\xff\xff\xff\xff");
    pack_int(&pack, 4294967296);
    pack_int(&pack, -1);
    EXPECT("\xd3\0\0\0\1\0\0\0\0\xd3\xff\xff\xff\xff\xff\xff\xff\xff");
    pack_real(&pack, 1.5);
    EXPECT("\xcb\x3f\xf8\0\0\0\0\0\0");
}

static void text_is_str_and_never_bin(void **state)
{
    static const struct {
        size_t len;
        const char *head;
        size_t head_len;
    } rows[] = {{0, "\xa0", 1},
                {31, "\xbf", 1},
                {32, "\xd9\x20", 2},
                {255, "\xd9\xff", 2},
                {256, "\xda\1\0", 3},
                {65535, "\xda\xff\xff", 3},
                {65536, "\xdb\0\1\0\0", 5}};
    static char text[65536];

    memset(text, 'x', sizeof text);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        pack_bytes(&pack, text, rows[i].len);
        assert_int_equal(pack.len, rows[i].head_len + rows[i].len);
        assert_memory_equal(pack.at, rows[i].head, rows[i].head_len);
        pack_free(&pack);
    }
    pack_text(&pack, NULL);
    pack_text(&pack, "a");
    EXPECT("\xc0\xa1"
           "a");
}

static void large_containers_have_wide_heads(void **state)
{
    pack_array(&pack, 16);
    pack_array(&pack, 65536);
    pack_map(&pack, 16);
    pack_map(&pack, 65536);
    EXPECT("\xdc\0\x10\xdd\0\1\0\0\xde\0\x10\xdf\0\1\0\0");
}

static void any_json_is_packed_as_what_it_is(void **state)
{
    struct err err;
    const char *text = "{\"a\":[1,-1,1.5,null,true,false,\"x\",{}],\"b\":9007199254740993}";
    json_t *value = json_read(text, strlen(text), NULL, 0, &err);

    pack_json(&pack, value);
    json_decref(value);
    EXPECT("\x82\xa1"
           "a\x98\x01\xd3\xff\xff\xff\xff\xff\xff\xff\xff\xcb\x3f\xf8\0\0\0\0\0\0"
           "\xc0\xc3\xc2\xa1x\x80\xa1"
           "b\xd3\0\x20\0\0\0\0\0\x01");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(small_values_are_one_byte),
        cmocka_unit_test(integers_keep_all_their_bits),
        cmocka_unit_test(text_is_str_and_never_bin),
        cmocka_unit_test(large_containers_have_wide_heads),
        cmocka_unit_test(any_json_is_packed_as_what_it_is),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
