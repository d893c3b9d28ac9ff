/* The attach stream, taken apart. */
#include "tests/support/unit.h"

#include "worker/frames.h"

static char seen[2][64];

static void take(void *arg, enum stream stream, const char *at, size_t len)
{
    char *text = seen[stream == STREAM_ERR];

    memcpy(text + strlen(text), at, len);
}

static int forget(void **state)
{
    memset(seen, 0, sizeof seen);
    return 0;
}

#define OUT(len) "\1\0\0\0\0\0\0" len
#define ERR(len) "\2\0\0\0\0\0\0" len
static const char two[] = OUT("\3") "abc" ERR("\0") ERR("\2") "de" OUT("\1") "f";

static void streams_are_told_apart(void **state)
{
    struct frames frames = {0};
    struct err err;

    assert_int_equal(frames_read(&frames, two, sizeof two - 1, take, NULL, &err), 0);
    assert_string_equal(seen[0], "abcf");
    assert_string_equal(seen[1], "de");
}

static void a_stream_may_be_cut_anywhere(void **state)
{
    for (size_t cut = 0; cut < sizeof two; cut++) {
        struct frames frames = {0};
        struct err err;

        forget(NULL);
        assert_int_equal(frames_read(&frames, two, cut, take, NULL, &err), 0);
        assert_int_equal(
            frames_read(&frames, two + cut, sizeof two - 1 - cut, take, NULL, &err), 0);
        assert_string_equal(seen[0], "abcf");
        assert_string_equal(seen[1], "de");
    }
}

static void what_is_no_frame_is_refused(void **state)
{
    static const char *const heads[] = {"\0\0\0\0\0\0\0\1x", "\3\0\0\0\0\0\0\1x",
                                        "\1\1\0\0\0\0\0\1x", "HTTP/1.1"};

    for (size_t i = 0; i < 4; i++) {
        struct frames frames = {0};
        struct err err;

        assert_int_equal(frames_read(&frames, heads[i], 8, take, NULL, &err), -1);
        assert_int_equal(err.kind, ERR_BACKEND);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(streams_are_told_apart, forget),
        cmocka_unit_test_setup(a_stream_may_be_cut_anywhere, forget),
        cmocka_unit_test_setup(what_is_no_frame_is_refused, forget),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
