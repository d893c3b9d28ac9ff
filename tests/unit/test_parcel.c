/* What the launcher is sent: run by the real shell with the real launcher, in a folder that
 * stands for the sandbox's /tmp. */
#include "tests/support/unit.h"

#include "tests/unit/parcel_fixture.h"

static const struct bytes cat_code[] = {WORD("cat"), WORD("main.py")};
static const struct bytes print_args[] = {WORD("printf"), WORD("%s\\0")};

/* Run `code` and `input` with the program `argv`, its NULL included in neither. */
static int run_program(const struct bytes *argv, size_t argc, const struct bytes *args,
                       size_t count, struct bytes code, struct bytes input)
{
    struct bytes *words = xcalloc(argc + count, sizeof *words);
    struct file file = {"main.py", code};
    const struct parcel parcel = {{&file, 1}, {words, argc + count}, input};
    struct marks marks;

    memcpy(words, argv, argc * sizeof *words);
    if (count)
        memcpy(words + argc, args, count * sizeof *words);
    parcel_write(sent, &parcel);
    free(words);
    marks = launch();
    assert_true(marks.begun);
    assert_int_equal(ending, MARK_EXITED);
    return marks.exit_code;
}

/* Each argument must come out as it went in, with a NUL behind it. */
static void expect_args(const struct bytes *args, size_t count)
{
    struct evbuffer *expected = evbuffer_new();
    size_t len;

    for (size_t i = 0; i < count; i++) {
        evbuffer_add(expected, args[i].at, args[i].len);
        evbuffer_add(expected, "", 1);
    }
    len = evbuffer_get_length(expected);
    assert_int_equal(run_program(print_args, 2, args, count, nothing, nothing), 0);
    expect_bytes((const char *)evbuffer_pullup(expected, -1), len);
    evbuffer_free(expected);
}

static void arguments_that_a_shell_would_act_on_arrive_as_they_are(void **state)
{
    static const struct bytes args[] = {
        WORD("'"),       WORD("''"),    WORD("a'b'c"), WORD("'; echo no; '"),
        WORD("$(id)"),   WORD("`id`"),  WORD("$HOME"), WORD("\\"),
        WORD("\\'"),     WORD("\""),    WORD("a\nb"),  WORD("\n"),
        WORD(""),        WORD(" "),     WORD("*"),     WORD("-n"),
        WORD("a;b&c|d"), WORD("#x"),    WORD("~"),     WORD("!!"),
        WORD("\t\r\b"),  WORD("{a,b}"), WORD("%s\\0"), WORD("\x81\x82\x88\xff"),
    };

    expect_args(args, sizeof args / sizeof *args);
}

static void arguments_of_any_bytes_arrive_as_they_are(void **state)
{
    enum { COUNT = 64, LEN = 300 };
    static char text[COUNT][LEN];
    struct bytes args[COUNT];

    for (uint32_t round = 0; round < 8; round++) {
        for (size_t i = 0; i < COUNT; i++) {
            args[i] = (struct bytes){text[i], (i * 37 + round) % LEN};
            fill(text[i], LEN, round * COUNT + (uint32_t)i);
            for (size_t at = 0; at < LEN; at++)
                if (!text[i][at]) /* no argument can hold one, and no job's does */
                    text[i][at] = '\'';
        }
        expect_args(args, COUNT);
    }
}

static void files_lie_beside_the_code_in_folders_of_their_own(void **state)
{
    static const struct bytes show[] = {WORD("cat"), WORD("lib/deep/a.txt"),
                                        WORD("'; id '"), WORD("main.py")};
    struct file list[] = {{"main.py", WORD("code")},
                          {"lib/deep/a.txt", WORD("one ")},
                          {"'; id '", WORD("\0two ")}};
    const struct parcel parcel = {{list, 3}, {show, 4}, nothing};

    parcel_write(sent, &parcel);
    launch();
    assert_int_equal(ending, MARK_EXITED);
    expect_bytes("one \0two code", 13);
}

/* No program ever runs with a part of its input. */
static void an_input_that_there_is_no_room_for_is_not_unpacked(void **state)
{
    static char input[100 * 1024];
    struct file file = {"main.py", WORD("code")};
    const struct parcel parcel = {{&file, 1}, {cat, 1}, .input = {input, sizeof input}};
    struct marks marks;

    limits = "ulimit -f 8";
    parcel_write(sent, &parcel);
    marks = launch();
    assert_false(marks.begun);
    assert_int_equal(ending, MARK_UNPACKED);
    assert_int_equal(marks.exit_code, 125);
}

static void the_room_it_takes_is_counted_in_pages(void **state)
{
    struct file list[] = {{"main.py", WORD("code")}, {"a", {"", 0}}, {"b", {"", 4097}}};
    struct parcel parcel = {{list, 2}, {cat, 1}};

    assert_int_equal(parcel_room(&parcel), 2 * 4096); /* the script is a file, too */
    parcel.files.count = 3;
    parcel.input.len = 4096;
    assert_int_equal(parcel_room(&parcel), 5 * 4096);
    parcel.packed.len = 8192;
    assert_int_equal(parcel_room(&parcel), 9 * 4096);
}

static void code_of_any_bytes_arrives_as_it_is(void **state)
{
    static char code[128 * 1024];

    fill(code, sizeof code, 7);
    for (size_t len = 1; len <= sizeof code; len *= 2) {
        run_program(cat_code, 2, NULL, 0, (struct bytes){code, len}, nothing);
        expect_bytes(code, len);
    }
}

/* The launcher waits for 8192 bytes; what is more comes behind them. */
static void a_job_that_just_fits_arrives_like_one_that_just_does_not(void **state)
{
    static char code[8192], input[] = "read me";
    static const struct bytes both[] = {WORD("cat"), WORD("main.py"), WORD("-")};
    char expected[sizeof code + sizeof input];

    fill(code, sizeof code, 3);
    for (size_t len = 4 * BLOCK; len <= sizeof code; len += BLOCK) {
        memcpy(expected, code, len);
        memcpy(expected + len, input, sizeof input);
        run_program(both, 3, NULL, 0, (struct bytes){code, len},
                    (struct bytes){input, sizeof input});
        expect_bytes(expected, len + sizeof input);
    }
}

static void code_that_looks_like_a_mark_or_an_archive_is_code(void **state)
{
    static const char code[] = "B\n.run\0\0\0ustar\0" ID "\n\n";

    run_program(cat_code, 2, NULL, 0, (struct bytes){code, sizeof code}, nothing);
    expect_bytes(code, sizeof code);
}

static void stdin_of_any_bytes_arrives_and_ends(void **state)
{
    static char input[1024 * 1024];

    fill(input, sizeof input, 9);
    for (size_t len = 1; len <= sizeof input; len *= 32) {
        run_program(cat, 1, NULL, 0, nothing, (struct bytes){input, len});
        expect_bytes(input, len);
    }
}

static void a_program_without_stdin_finds_an_empty_one(void **state)
{
    assert_int_equal(run_program(cat, 1, NULL, 0, nothing, nothing), 0);
    expect_bytes("", 0);
}

static void a_program_finds_its_code_and_no_stdin_in_its_folder(void **state)
{
    static const struct bytes list[] = {WORD("ls"), WORD("-A")};
    static const char listing[] = ".run\nmain.py\n";
    const struct bytes input = WORD("secret");

    run_program(list, 2, NULL, 0, nothing, input);
    expect_bytes(listing, sizeof listing - 1);
}

static void the_programs_exit_code_is_told(void **state)
{
    static const struct {
        struct bytes script;
        int code;
    } rows[] = {{WORD("exit 0"), 0},
                {WORD("exit 7"), 7},
                {WORD("exit 255"), 255},
                {WORD("kill -9 $$"), 137}};

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct bytes argv[] = {WORD("sh"), WORD("-c"), rows[i].script};

        assert_int_equal(run_program(argv, 3, NULL, 0, nothing, nothing), rows[i].code);
    }
}

static void a_program_that_is_not_there_is_the_shells_127(void **state)
{
    static const struct bytes argv[] = {WORD("no-such-program")};

    assert_int_equal(run_program(argv, 1, NULL, 0, nothing, nothing), 127);
}

static void a_parcel_that_is_torn_is_said_so_and_nothing_runs(void **state)
{
    struct marks marks;

    evbuffer_add_printf(sent, "%08192d", 7);
    marks = launch();
    assert_int_equal(ending, MARK_UNPACKED);
    assert_int_equal(marks.exit_code, 125);
    assert_false(marks.begun);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        TEST(arguments_that_a_shell_would_act_on_arrive_as_they_are),
        TEST(arguments_of_any_bytes_arrive_as_they_are),
        TEST(files_lie_beside_the_code_in_folders_of_their_own),
        TEST(an_input_that_there_is_no_room_for_is_not_unpacked),
        TEST(the_room_it_takes_is_counted_in_pages),
        TEST(code_of_any_bytes_arrives_as_it_is),
        TEST(a_job_that_just_fits_arrives_like_one_that_just_does_not),
        TEST(code_that_looks_like_a_mark_or_an_archive_is_code),
        TEST(stdin_of_any_bytes_arrives_and_ends),
        TEST(a_program_without_stdin_finds_an_empty_one),
        TEST(a_program_finds_its_code_and_no_stdin_in_its_folder),
        TEST(the_programs_exit_code_is_told),
        TEST(a_program_that_is_not_there_is_the_shells_127),
        TEST(a_parcel_that_is_torn_is_said_so_and_nothing_runs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
