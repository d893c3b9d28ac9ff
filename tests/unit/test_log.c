/* Log lines, read back from a stderr that is a file. */
#include "tests/support/unit.h"

#include <stdint.h>
#include <unistd.h>

#include "lib/log.h"

/* A whole line without its time, which is checked here. */
static const char *line_of(int file)
{
    static char text[8192];
    ssize_t len = pread(file, text, sizeof text - 1, 0);

    assert_true(len > 0 && text[len - 1] == '\n');
    text[len - 1] = '\0';
    assert_null(strchr(text, '\n'));
    assert_memory_equal(text, "time=20", 7);
    assert_memory_equal(text + 28, "Z ", 2);
    assert_int_equal(ftruncate(file, 0), 0);
    assert_int_equal(lseek(file, 0, SEEK_SET), 0);
    return text + 30;
}

/* What `call` writes to stderr must be `line`. */
#define expect(line, call)                            \
    do {                                              \
        int screen = capture();                       \
        call;                                         \
        release(screen);                              \
        assert_string_equal(line_of(captured), line); \
    } while (0)

static int captured;

static int capture(void)
{
    int screen = dup(STDERR_FILENO);

    assert_int_equal(dup2(captured, STDERR_FILENO), STDERR_FILENO);
    return screen;
}

static void release(int screen)
{
    dup2(screen, STDERR_FILENO);
    close(screen);
}

static int set_up(void **state)
{
    char path[] = "/tmp/test_log.XXXXXX";

    captured = mkstemp(path);
    return captured < 0 || unlink(path);
}

static void a_line_has_time_level_event_and_pairs(void **state)
{
    expect("level=info event=active job=42 attempt=1",
           log_info("active", "job=%s attempt=%d", "42", 1));
    expect("level=warn event=\"two words\" none=no", log_warn("two words", "none=no"));
}

static void every_directive_is_understood(void **state)
{
    expect("level=error event=all a=-1 b=2 c=-3 d=4 e=-5 f=6 g=7 h=8.5 i=100% j=x",
           log_error("all", "a=%d b=%u c=%ld d=%lu e=%lld f=%llu g=%zu h=%.1f i=100%% j=%s",
                     -1, 2U, -3L, 4UL, -5LL, 6ULL, (size_t)7, 8.5, "x"));
}

static void values_that_are_not_one_plain_word_are_quoted(void **state)
{
    expect("level=info event=e a=\"\" b=\"x y\" c=\"k=v\" d=\"\\\"\\\\\" e=\"\xC3\xA9\"",
           log_info("e", "a=%s b=%s c=%s d=%s e=%s", "", "x y", "k=v", "\"\\", "\xC3\xA9"));
}

static void foreign_text_can_neither_break_the_line_nor_add_a_pair(void **state)
{
    expect("level=info event=e a=\"x\\nlevel=error\\x1b[31m\\xff\"",
           log_info("e", "a=%s", "x\nlevel=error\x1b[31m\xff"));
}

static void pairs_known_at_run_time_are_written_the_same_way(void **state)
{
    const struct log_pair pairs[] = {{"port", "3001"}, {"name", "a b"}, {"none", NULL}};

    expect("level=info event=configuration port=3001 name=\"a b\" none=\"\"",
           log_pairs(LOG_INFO, "configuration", pairs, 3));
}

static void a_long_line_is_cut_between_escapes_and_says_so(void **state)
{
    char value[4000];
    const char *line;
    size_t len;
    int screen;

    memset(value, '\n', sizeof value);
    value[sizeof value - 1] = '\0';
    for (size_t skip = 0; skip < 4; skip++) { /* wherever the escapes fall */
        memcpy(value, "xxxx", skip);
        screen = capture();
        log_info("e", "a=%s b=%s", value, "never");
        release(screen);
        line = line_of(captured);
        len = strlen(line);
        assert_true(len > 1900 && len < 2048);
        assert_string_equal(line + len - strlen("\\n\" cut=true"), "\\n\" cut=true");
    }
}

static void levels_have_names(void **state)
{
    assert_string_equal(log_levels[LOG_ERROR], "error");
    assert_string_equal(log_levels[LOG_DEBUG], "debug");
    assert_null(log_levels[LOG_DEBUG + 1]);
}

static void lines_above_the_level_are_dropped(void **state)
{
    expect("level=info event=shown a=2",
           (log_debug("hidden", "a=%d", 1), log_info("shown", "a=%d", 2)));
    log_set_level(LOG_ERROR);
    expect("level=error event=shown a=2",
           (log_warn("hidden", "a=%d", 1), log_error("shown", "a=%d", 2)));
    log_set_level(LOG_INFO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_has_time_level_event_and_pairs),
        cmocka_unit_test(every_directive_is_understood),
        cmocka_unit_test(values_that_are_not_one_plain_word_are_quoted),
        cmocka_unit_test(foreign_text_can_neither_break_the_line_nor_add_a_pair),
        cmocka_unit_test(pairs_known_at_run_time_are_written_the_same_way),
        cmocka_unit_test(a_long_line_is_cut_between_escapes_and_says_so),
        cmocka_unit_test(levels_have_names),
        cmocka_unit_test(lines_above_the_level_are_dropped),
    };

    return cmocka_run_group_tests(tests, set_up, NULL);
}
