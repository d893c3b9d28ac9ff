/* Redis URLs as people write them. */
#include "tests/support/unit.h"

#include "queue/redis_url.h"
#include "tests/support/arena_fixture.h"

static struct redis_url url;
static struct err err;

static int read_url(const char *text)
{
    return redis_url_read(text, &url, arena, &err);
}

static void a_host_has_its_defaults(void **state)
{
    assert_int_equal(read_url("redis://cache"), 0);
    assert_string_equal(url.host, "cache");
    assert_int_equal(url.port, 6379);
    assert_int_equal(url.db, 0);
    assert_null(url.path);
    assert_null(url.password);
    assert_string_equal(url.shown, "redis://cache:6379/0");
}

static void everything_can_be_said(void **state)
{
    assert_int_equal(read_url("redis://me:p%40ss%2F@cache.example:7000/3"), 0);
    assert_string_equal(url.user, "me");
    assert_string_equal(url.password, "p@ss/");
    assert_string_equal(url.host, "cache.example");
    assert_int_equal(url.port, 7000);
    assert_int_equal(url.db, 3);
    assert_string_equal(url.shown, "redis://cache.example:7000/3");
}

static void a_password_needs_no_user(void **state)
{
    assert_int_equal(read_url("redis://:secret@127.0.0.1"), 0);
    assert_null(url.user);
    assert_string_equal(url.password, "secret");
    assert_null(strstr(url.shown, "secret"));
}

static void an_ipv6_address_stands_in_brackets(void **state)
{
    assert_int_equal(read_url("redis://[::1]:6380/1"), 0);
    assert_string_equal(url.host, "::1");
    assert_int_equal(url.port, 6380);
    assert_string_equal(url.shown, "redis://[::1]:6380/1");
    assert_int_equal(read_url("redis://[::1]"), 0);
    assert_int_equal(url.port, 6379);
    assert_int_equal(read_url("redis://[::1"), -1);
}

static void a_socket_has_a_path(void **state)
{
    assert_int_equal(read_url("unix:/run/redis.sock?db=2"), 0);
    assert_string_equal(url.path, "/run/redis.sock");
    assert_int_equal(url.db, 2);
    assert_null(url.host);
    assert_int_equal(read_url("unix:///run/redis.sock"), 0);
    assert_string_equal(url.path, "/run/redis.sock");
}

static void what_is_wrong_is_refused_without_showing_the_password(void **state)
{
    static const char *const bad[] = {
        "",
        "localhost:6379",
        "http://x",
        "rediss://:secret@x",
        "redis://:secret@x:port",
        "redis://:secret@x:0",
        "redis://:secret@x:65536",
        "redis://:secret@x/one",
        "redis://:secret@x/-1",
        "redis://:secret@x?db=1",
        "redis://:se%zzcret@x",
        "redis://me@x",
        "unix:",
        "unix:/x?name=1",
        "unix:/"
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
        "a"
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    };

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        memset(&err, 0, sizeof err);
        assert_int_equal(read_url(bad[i]), -1);
        assert_int_equal(err.kind, ERR_INVALID);
        assert_true(*err.text);
        assert_null(strstr(err.text, "secret"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_host_has_its_defaults),
        cmocka_unit_test(everything_can_be_said),
        cmocka_unit_test(a_password_needs_no_user),
        cmocka_unit_test(an_ipv6_address_stands_in_brackets),
        cmocka_unit_test(a_socket_has_a_path),
        cmocka_unit_test(what_is_wrong_is_refused_without_showing_the_password),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
