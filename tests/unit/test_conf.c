/* Configuration from defaults, environment and flags. */
#include "tests/support/unit.h"

#include <unistd.h>

#include "lib/conf.h"

struct conf {
    int64_t port;
    const char *redis;
    bool insecure;
};

static const struct conf_option options[] = {
    {{"port", FIELD_INT, offsetof(struct conf, port), 1, 65535},
     "TEST_PORT",
     "3001",
     "port to listen on"},
    {{"redis", FIELD_TEXT, offsetof(struct conf, redis), 1, 100},
     "TEST_REDIS",
     "redis://localhost",
     "where Redis is"},
    {{"insecure", FIELD_BOOL, offsetof(struct conf, insecure)},
     NULL,
     NULL,
     "listen anywhere"},
    {{0}},
};

static struct conf conf;
static struct err err;

static int set_up(void **state)
{
    conf = (struct conf){0};
    unsetenv("TEST_PORT");
    unsetenv("TEST_REDIS");
    return 0;
}

/* Read flags that are given as one text with spaces between. */
static enum conf_outcome read_flags(const char *flags)
{
    static char text[200];
    char program[] = "program", *argv[20] = {program}, *rest = text;
    int argc = 1;

    snprintf(text, sizeof text, "%s", flags);
    for (char *word; (word = strtok_r(rest, " ", &rest));)
        argv[argc++] = word;
    return conf_read(options, "program", "A program for tests.", argc, argv, &conf, &err);
}

static void expect_bad(const char *flags, const char *words)
{
    assert_int_equal(read_flags(flags), CONF_BAD);
    assert_string_equal(err.text, words);
}

/* What is written to `fd` while `flags` are read and, if they are good, logged. */
static const char *output_of(int fd, const char *flags, enum conf_outcome outcome)
{
    static char text[4096];
    char path[] = "/tmp/test_conf.XXXXXX";
    int file = mkstemp(path), screen = dup(fd);
    ssize_t len;

    fflush(stdout);
    unlink(path);
    dup2(file, fd);
    assert_int_equal(read_flags(flags), outcome);
    if (outcome == CONF_RUN)
        conf_log(options, &conf);
    fflush(stdout);
    dup2(screen, fd);
    close(screen);
    len = pread(file, text, sizeof text - 1, 0);
    assert_true(len > 0);
    text[len] = '\0';
    close(file);
    return text;
}

static void defaults_stand_when_nothing_is_said(void **state)
{
    conf.insecure = true; /* an option without a default is left alone */
    assert_int_equal(read_flags(""), CONF_RUN);
    assert_int_equal(conf.port, 3001);
    assert_string_equal(conf.redis, "redis://localhost");
    assert_true(conf.insecure);
}

static void the_environment_wins_over_defaults(void **state)
{
    setenv("TEST_PORT", "4000", 1);
    setenv("TEST_REDIS", "", 1); /* counts as not set */
    assert_int_equal(read_flags(""), CONF_RUN);
    assert_int_equal(conf.port, 4000);
    assert_string_equal(conf.redis, "redis://localhost");
}

static void flags_win_over_the_environment(void **state)
{
    setenv("TEST_PORT", "4000", 1);
    assert_int_equal(read_flags("--port 5000"), CONF_RUN);
    assert_int_equal(conf.port, 5000);
    assert_int_equal(read_flags("--port=6000 --port 7000"), CONF_RUN);
    assert_int_equal(conf.port, 7000);
}

static void a_boolean_flag_may_stand_alone(void **state)
{
    assert_int_equal(read_flags("--insecure --port 1"), CONF_RUN);
    assert_true(conf.insecure);
    assert_int_equal(read_flags("--insecure no"), CONF_RUN);
    assert_false(conf.insecure);
    assert_int_equal(read_flags("--insecure=on"), CONF_RUN);
    assert_true(conf.insecure);
}

static void help_shows_every_option_whatever_else_is_wrong(void **state)
{
    const char *text = output_of(STDOUT_FILENO, "--nonsense --help", CONF_DONE);

    assert_string_equal(
        text, "A program for tests.\n\nusage: program [--FLAG VALUE]...\n\n"
              "    FLAG      ENVIRONMENT  DEFAULT            \n"
              "  --port      TEST_PORT    3001               port to listen on\n"
              "  --redis     TEST_REDIS   redis://localhost  where Redis is\n"
              "  --insecure                                  listen anywhere\n"
              "  --help                                      print this\n"
              "  --version                                   print the version\n");
}

static void the_version_is_printed(void **state)
{
    assert_string_equal(output_of(STDOUT_FILENO, "--version", CONF_DONE),
                        "program " BULLPEN_VERSION "\n");
}

static void the_log_shows_every_value(void **state)
{
    assert_non_null(strstr(output_of(STDERR_FILENO, "--port 5", CONF_RUN),
                           "level=info event=configuration port=5 redis=redis://localhost "
                           "insecure=false\n"));
}

static void the_log_shows_no_secret(void **state)
{
    static const char *const urls[][2] = {
        {"redis://:secret@host:1/2", "redis=redis://***@host:1/2 "},
        {"redis://me:sec/r@et@host", "redis=redis://***@host "},
        {"rediss://secret@host", "redis=rediss://***@host "},
        {"unix:///run/redis?password=secret", "redis=unix:///run/redis?*** "},
        {"redis://:secret@host?password=secret", "redis=redis://***@host?*** "},
        {"/run/redis.sock", "redis=/run/redis.sock "},
    };
    char flags[100];

    for (size_t i = 0; i < sizeof urls / sizeof *urls; i++) {
        const char *text;

        snprintf(flags, sizeof flags, "--redis %s", urls[i][0]);
        text = output_of(STDERR_FILENO, flags, CONF_RUN);
        assert_non_null(strstr(text, urls[i][1]));
        assert_null(strstr(text, "secret"));
    }
}

static void a_bad_value_is_told_with_its_flag_or_variable(void **state)
{
    expect_bad("--port x", "--port: must be an integer from 1 to 65535, is 'x'");
    expect_bad("--port=", "--port: must be an integer from 1 to 65535, is ''");
    expect_bad("--insecure=maybe", "--insecure: must be true or false, is 'maybe'");
    setenv("TEST_PORT", "70000", 1);
    expect_bad("--port 5", "TEST_PORT: must be an integer from 1 to 65535, is '70000'");
}

static void a_flag_without_its_value_is_refused(void **state)
{
    expect_bad("--port", "--port wants a value; see --help");
    expect_bad("--port --insecure", "--port wants a value; see --help");
}

static void an_unknown_flag_is_told_with_the_nearest_one(void **state)
{
    expect_bad("--prot 5", "unknown flag '--prot'; is it --port? See --help");
    expect_bad("--ports=5", "unknown flag '--ports'; is it --port? See --help");
    expect_bad("--something", "unknown flag '--something'; see --help");
    expect_bad("--", "unknown flag '--'; see --help");
    expect_bad("--=5", "unknown flag '--'; see --help");
    expect_bad("--a-flag-that-is-very-much-longer-than-any-there-is",
               "unknown flag '--a-flag-that-is-very-much-longer-than-any-there-is'; see "
               "--help");
}

static void words_that_are_no_flags_are_refused(void **state)
{
    expect_bad("file.py", "'file.py' is not a flag; see --help");
    expect_bad("-p 5", "'-p' is not a flag; see --help");
}

#define TEST(name) cmocka_unit_test_setup(name, set_up)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(defaults_stand_when_nothing_is_said),
        TEST(the_environment_wins_over_defaults),
        TEST(flags_win_over_the_environment),
        TEST(a_boolean_flag_may_stand_alone),
        TEST(help_shows_every_option_whatever_else_is_wrong),
        TEST(the_version_is_printed),
        TEST(the_log_shows_every_value),
        TEST(the_log_shows_no_secret),
        TEST(a_bad_value_is_told_with_its_flag_or_variable),
        TEST(a_flag_without_its_value_is_refused),
        TEST(an_unknown_flag_is_told_with_the_nearest_one),
        TEST(words_that_are_no_flags_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
