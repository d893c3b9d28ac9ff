/* The operator's command lines: flags and words taken apart, and what `bullpen queue` makes
 * of them. */
#include "tests/support/unit.h"

#include "deploy/bullpen/verbs.h"
#include "deploy/bullpen/words.h"

static const struct conf_option options[] = {
    {{"limit", FIELD_INT, 0, 0, 9}, NULL, NULL, ""},
    {{"json", FIELD_BOOL, 0}, NULL, NULL, ""},
    {{0}},
};

static struct arena *arena;
static char shown[256]; /* words, a bar, flags */
static struct errand errand;
static struct err err;

static int set_up(void **state)
{
    arena = arena_new();
    memset(&errand, 0, sizeof errand);
    memset(&err, 0, sizeof err);
    unsetenv("REDIS_URL");
    unsetenv("BULLPEN_QUEUE");
    unsetenv("BULLPEN_PREFIX");
    return 0;
}

static int tear_down(void **state)
{
    arena_free(arena);
    return 0;
}

/* Cut a line at its blanks; gives how many parts there are, the first being the program's
 * name. */
static int cut(const char *line, char *argv[16])
{
    char *rest = arena_text(arena, line), *part;
    int argc = 1;

    argv[0] = arena_text(arena, "queue");
    while ((part = strsep(&rest, " ")))
        argv[argc++] = part;
    argv[argc] = NULL;
    return argc;
}

static const char *split(const char *line)
{
    char *argv[16];
    struct words words;
    size_t used = 0;
    int argc = cut(line, argv);

    words_split(options, argc, argv, &words, arena);
    for (int i = 0; i < words.count; i++)
        used += (size_t)snprintf(shown + used, sizeof shown - used, "%s ", words.at[i]);
    used += (size_t)snprintf(shown + used, sizeof shown - used, "|");
    for (int i = 1; i < words.flag_count; i++)
        used += (size_t)snprintf(shown + used, sizeof shown - used, " %s", words.flags[i]);
    assert_null(words.at[words.count]);
    assert_null(words.flags[words.flag_count]);
    return shown;
}

static void read_good(const char *line)
{
    char *argv[16];
    int argc = cut(line, argv);

    if (verbs_read(argc, argv, &errand, &err) != CONF_RUN)
        fail_msg("%s: %s", line, err.text);
}

static void read_bad(const char *line, const char *complaint)
{
    char *argv[16];
    int argc = cut(line, argv);

    memset(&errand, 0, sizeof errand);
    assert_int_equal(verbs_read(argc, argv, &errand, &err), CONF_BAD);
    if (!strstr(err.text, complaint))
        fail_msg("%s: %s", line, err.text);
}

static void words_may_stand_among_flags(void **state)
{
    assert_string_equal(split("list --limit 5 failed --json"),
                        "list failed | --limit 5 --json");
}

static void a_flag_that_is_yes_or_no_takes_no_word(void **state)
{
    assert_string_equal(split("--json list failed"), "list failed | --json");
}

static void a_value_behind_an_equals_sign_is_the_flags(void **state)
{
    assert_string_equal(split("list --limit=5 failed"), "list failed | --limit=5");
}

static void a_flag_without_its_value_is_left_for_conf_to_complain_of(void **state)
{
    assert_string_equal(split("list --limit --json"), "list | --limit --json");
    assert_string_equal(split("list --limit"), "list | --limit");
    assert_string_equal(split("list --lmit 5"), "list 5 | --lmit");
}

static void all_behind_two_dashes_are_words(void **state)
{
    assert_string_equal(split("show -- --json -- x"), "show --json -- x |");
    assert_string_equal(split("show -1"), "show -1 |");
}

static void a_list_has_its_state_and_its_page(void **state)
{
    read_good("list failed");
    assert_string_equal(errand.verb->name, "list");
    assert_int_equal(errand.state, STATE_FAILED);
    assert_int_equal(errand.conf.limit, 20);
    assert_int_equal(errand.conf.offset, 0);
    assert_false(errand.conf.oldest);
    assert_false(errand.conf.json);
    assert_string_equal(errand.conf.queue.name, "jobs");
    read_good("--queue q list waiting-children --oldest --limit 7 --offset 14 --json");
    assert_int_equal(errand.state, STATE_WAITING_CHILDREN);
    assert_int_equal(errand.conf.limit, 7);
    assert_int_equal(errand.conf.offset, 14);
    assert_true(errand.conf.oldest);
    assert_true(errand.conf.json);
    assert_string_equal(errand.conf.queue.name, "q");
}

static void bulk_commands_have_no_limit_unless_told(void **state)
{
    read_good("retry-failed");
    assert_int_equal(errand.conf.limit, 0);
    read_good("clean completed --grace 60 --limit 5");
    assert_int_equal(errand.conf.limit, 5);
    assert_int_equal(errand.conf.grace_s, 60);
    read_good("clean active --grace 0");
    assert_int_equal(errand.conf.grace_s, 0);
}

static void a_setting_is_shown_set_or_taken_away(void **state)
{
    read_good("concurrency");
    assert_false(errand.set);
    read_good("concurrency 5");
    assert_true(errand.set);
    assert_int_equal(errand.numbers[0], 5);
    memset(&errand, 0, sizeof errand);
    read_good("concurrency none");
    assert_true(errand.set);
    assert_int_equal(errand.numbers[0], 0);
    read_good("rate-limit 10 1000");
    assert_int_equal(errand.numbers[0], 10);
    assert_int_equal(errand.numbers[1], 1000);
    memset(&errand, 0, sizeof errand);
    read_good("rate-limit none");
    assert_true(errand.set);
    assert_int_equal(errand.numbers[0], 0);
}

static void what_removes_for_good_is_known(void **state)
{
    static const struct {
        const char *line;
        bool removes;
    } rows[] = {
        {"counts", false},
        {"list failed", false},
        {"show 1", false},
        {"workers", false},
        {"pause", false},
        {"resume", false},
        {"promote 1", false},
        {"promote --all", false},
        {"retry 1", false},
        {"retry-failed", false},
        {"concurrency 1", false},
        {"rate-limit none", false},
        {"remove 1 --yes", true},
        {"clean failed --grace 1 --yes", true},
        {"drain --delayed", true},
        {"obliterate --force", true},
        {"remove 1 --children", true},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        memset(&errand, 0, sizeof errand);
        read_good(rows[i].line);
        assert_int_equal(errand.verb->removes != NULL, rows[i].removes);
    }
}

static void what_is_wrong_is_said_and_what_is_possible(void **state)
{
    read_bad("lst", "there is no command 'lst'; there are counts, list, show,");
    read_bad("list", "something is missing: the usage is bullpen queue list STATE");
    read_bad("list failed 3", "that is too much");
    read_bad("list faild", "there is no state 'faild'; there are waiting, prioritized,");
    read_bad("list failed --limit 0", "--limit: must be an integer from 1 to 1000, is '0'");
    read_bad("counts --limt=5", "unknown flag '--limt'");
    read_bad("counts --limit 5", "unknown flag '--limit'");
    read_bad("pause --yes", "unknown flag '--yes'");
    read_bad("promote", "say which job, or --all, and not both");
    read_bad("promote 1 --all", "say which job, or --all, and not both");
    read_bad("show ", "a job's id is not empty");
    read_bad("clean failed", "say how old jobs have to be: --grace SECONDS");
    read_bad("clean waiting-children --grace 0", "go with these, or by remove");
    read_bad("concurrency 0",
             "N must be a number from 1 to 1000000000, or none; it is '0'");
    read_bad("rate-limit 5", "say MAX and MS");
    read_bad("rate-limit none 5", "MAX must be a number");
    read_bad("rate-limit 5 0", "MS must be a number");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        TEST(words_may_stand_among_flags),
        TEST(a_flag_that_is_yes_or_no_takes_no_word),
        TEST(a_value_behind_an_equals_sign_is_the_flags),
        TEST(a_flag_without_its_value_is_left_for_conf_to_complain_of),
        TEST(all_behind_two_dashes_are_words),
        TEST(a_list_has_its_state_and_its_page),
        TEST(bulk_commands_have_no_limit_unless_told),
        TEST(a_setting_is_shown_set_or_taken_away),
        TEST(what_removes_for_good_is_known),
        TEST(what_is_wrong_is_said_and_what_is_possible),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
