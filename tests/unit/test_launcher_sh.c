/* The launcher's script with what a compiler is sent and what it has made, and with an
 * interpreter that is started ahead of its job. */
#include "tests/support/unit.h"

#include "tests/unit/parcel_fixture.h"

/* Compile with `argv` in the folder; `printed` becomes what came on stdout. */
static int compile(const struct bytes *argv, size_t argc, const struct bytes *artifacts,
                   size_t count)
{
    struct file source = {"main.txt", WORD("source\n")};
    const struct parcel parcel = {
        .files = {&source, 1}, .argv = {argv, argc}, .artifacts = {artifacts, count}};

    parcel_write(sent, &parcel);
    return launch().exit_code;
}

/* A sandbox of its own: nothing of the first is there. */
static void empty_the_folder(void)
{
    assert_int_equal(folder_remove(folder), 0);
    assert_int_equal(folder_make(folder), 0);
}

static void what_one_sandbox_compiles_another_runs(void **state)
{
    static const struct bytes compiler[] = {
        WORD("sh"), WORD("-c"),
        WORD("echo said; mkdir -p out/deep; printf 'echo \"ran $1\"' >prog; chmod 755 prog;"
             "printf '\\0\\n\\377" ID " E 1\\n' >out/deep/data")};
    static const struct bytes artifacts[] = {WORD("prog"), WORD("out")};
    static const struct bytes program[] = {
        WORD("sh"), WORD("-c"), WORD("./prog it && cat out/deep/data && ls -A"), WORD("x")};
    static const char output[] = "ran it\n\0\n\377" ID " E 1\n.run\nout\nprog\n";
    struct parcel parcel = {.argv = {program, 4}};
    char *packed;

    assert_int_equal(compile(compiler, 3, artifacts, 2), 0);
    parcel.packed.len = evbuffer_get_length(printed);
    assert_int_equal(parcel.packed.len % BLOCK, 0);
    packed = xmalloc(parcel.packed.len);
    evbuffer_remove(printed, packed, parcel.packed.len);
    parcel.packed.at = packed;
    empty_the_folder();
    parcel_write(sent, &parcel);
    assert_int_equal(launch().exit_code, 0);
    expect_bytes(output, sizeof output - 1);
    free(packed);
}

static void a_compiler_that_fails_has_its_exit_code_and_packs_nothing(void **state)
{
    static const struct bytes compiler[] = {WORD("sh"), WORD("-c"),
                                            WORD("echo said; : >prog; exit 7")};
    static const struct bytes artifacts[] = {WORD("prog")};

    assert_int_equal(compile(compiler, 3, artifacts, 1), 7);
    expect_bytes("", 0);
}

static void a_compiler_that_is_killed_has_its_signal(void **state)
{
    static const struct bytes compiler[] = {WORD("sh"), WORD("-c"), WORD("kill -9 $$")};
    static const struct bytes artifacts[] = {WORD("prog")};

    assert_int_equal(compile(compiler, 3, artifacts, 1), 137);
}

static void an_artefact_that_is_not_there_is_a_failure(void **state)
{
    static const struct bytes compiler[] = {WORD("true")};
    static const struct bytes artifacts[] = {WORD("prog")};

    assert_int_not_equal(compile(compiler, 1, artifacts, 1), 0);
}

/* It is the compiler's word, and so the job's own affair. */
static void artefacts_that_are_no_archive_end_the_program_before_it_starts(void **state)
{
    static const struct bytes program[] = {WORD("echo"), WORD("ran")};
    const struct parcel parcel = {.argv = {program, 2}, .packed = WORD("rubbish")};
    struct marks marks;

    parcel_write(sent, &parcel);
    marks = launch();
    assert_true(marks.begun);
    assert_int_equal(ending, MARK_EXITED);
    assert_int_equal(marks.exit_code, 125);
    expect_bytes("", 0);
}

static void start_ahead(const char *file, const char *program)
{
    ahead[0] = file;
    ahead[1] = program;
    ahead[2] = file;
}

static void an_interpreter_that_is_up_is_given_the_program(void **state)
{
    static const struct bytes argv[] = {WORD("echo"), WORD("started")};
    static char code[100000];
    struct file file = {"main.txt", {code, 0}};
    struct parcel parcel = {{&file, 1}, {argv, 2}, nothing, .fits = true};

    for (size_t i = 0; i < sizeof code; i++)
        code[i] = (char)(1 + i * 7 % 255);
    for (size_t len = 1; len <= sizeof code; len = 3 * len + 2) {
        start_ahead("main.txt", "cat");
        file.content.len = len;
        parcel.preload = file.content;
        parcel_write(sent, &parcel);
        assert_int_equal(launch().exit_code, 0);
        expect_bytes(code, len);
        empty_the_folder();
    }
}

static void it_has_the_jobs_stdin_and_its_exit_code_is_told(void **state)
{
    struct file file = {"main.sh", WORD("cat; ls -A; exit 7")};
    struct parcel parcel = {{&file, 1}, {cat, 1}, WORD("read me\n"), .fits = true};

    start_ahead("main.sh", "sh");
    parcel.preload = file.content;
    parcel_write(sent, &parcel);
    assert_int_equal(launch().exit_code, 7);
    assert_int_equal(ending, MARK_EXITED);
    expect_bytes("read me\n.run\nmain.sh\n", 21);
}

static void it_leaves_a_job_that_is_not_for_it_to_a_fresh_one(void **state)
{
    struct file file = {"main.sh", WORD("code")};
    static const struct bytes show[] = {WORD("cat"), WORD("main.sh"), WORD("-")};
    const struct parcel parcel = {
        {&file, 1}, {show, 3}, WORD("input"), .preload = WORD("exit 3")};

    start_ahead("main.sh", "sh");
    parcel_write(sent, &parcel);
    assert_int_equal(launch().exit_code, 0);
    expect_bytes("codeinput", 9);
}

static void so_it_does_a_job_that_says_nothing_of_it(void **state)
{
    struct file file = {"main.sh", WORD("code")};
    static const struct bytes show[] = {WORD("cat"), WORD("main.sh")};
    const struct parcel parcel = {{&file, 1}, {show, 2}, nothing};

    start_ahead("main.sh", "sh");
    parcel_write(sent, &parcel);
    assert_int_equal(launch().exit_code, 0);
    expect_bytes("code", 4);
}

/* A pool makes another, as after every sandbox that dies while it waits. */
static void an_interpreter_that_cannot_start_leaves_no_sandbox(void **state)
{
    char *script = xasprintf("cd() { :; }\n%s", asset_launcher);
    const char *const argv[] = {"/bin/sh", "-c", script, "sh", "main.sh", "false", NULL};

    evbuffer_add_printf(sent, ID "\n");
    assert_int_equal(run(argv), 125);
    expect_bytes("", 0);
    free(script);
}

/* For whoever has to find out what is wrong with an image. */
static void tools_that_are_not_in_the_image_are_named(void **state)
{
    limits = "PATH=/nowhere; exec 2>&1";
    evbuffer_add_printf(sent, "%08192d", 7);
    launch();
    assert_int_equal(ending, MARK_UNPACKED);
    assert_true(evbuffer_search(printed, "tar: not found", 14, NULL).pos >= 0);
    assert_true(evbuffer_search(printed, "dd: not found", 13, NULL).pos >= 0);
}

static void a_torn_parcel_is_said_so_beside_an_interpreter(void **state)
{
    start_ahead("main.sh", "sh");
    evbuffer_add_printf(sent, "%08192d", 7);
    assert_false(launch().begun);
    assert_int_equal(ending, MARK_UNPACKED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        TEST(what_one_sandbox_compiles_another_runs),
        TEST(a_compiler_that_fails_has_its_exit_code_and_packs_nothing),
        TEST(a_compiler_that_is_killed_has_its_signal),
        TEST(an_artefact_that_is_not_there_is_a_failure),
        TEST(artefacts_that_are_no_archive_end_the_program_before_it_starts),
        TEST(an_interpreter_that_is_up_is_given_the_program),
        TEST(it_has_the_jobs_stdin_and_its_exit_code_is_told),
        TEST(it_leaves_a_job_that_is_not_for_it_to_a_fresh_one),
        TEST(so_it_does_a_job_that_says_nothing_of_it),
        TEST(an_interpreter_that_cannot_start_leaves_no_sandbox),
        TEST(tools_that_are_not_in_the_image_are_named),
        TEST(a_torn_parcel_is_said_so_beside_an_interpreter),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
