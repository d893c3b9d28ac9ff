/* What the launcher is sent: read back by the real tar, and run by the real shell with the
 * real launcher, in a folder that stands for the sandbox's /tmp. */
#include "tests/support/unit.h"

#include <event2/buffer.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/mem.h"
#include "tests/support/folder.h"
#include "worker/assets.h"
#include "worker/marks.h"
#include "worker/parcel.h"
#include "worker/tar.h"

#define ID "0123456789abcdef0123456789abcdef"

enum { CHILD_SECONDS = 30, BLOCK = 512 };

static char folder[FOLDER_BYTES];
static struct evbuffer *sent, *printed;
static enum mark ending;   /* the last one seen */
static const char *limits; /* that the launcher is under: a line of shell */
/* What is started ahead: a file's name, and the command of whoever opens it; or nothing. */
static const char *ahead[4];

static int set_up(void **state)
{
    sent = evbuffer_new();
    printed = evbuffer_new();
    limits = "";
    memset(ahead, 0, sizeof ahead);
    return folder_make(folder);
}

static int tear_down(void **state)
{
    evbuffer_free(sent);
    evbuffer_free(printed);
    return folder_remove(folder);
}

/* A process of its own writes, so that whoever reads may print at the same time. */
static pid_t write_sent(int fd)
{
    pid_t pid = fork();

    if (!pid) {
        alarm(CHILD_SECONDS);
        while (evbuffer_get_length(sent) && evbuffer_write(sent, fd) > 0)
            ;
        _exit(0);
    }
    evbuffer_drain(sent, evbuffer_get_length(sent));
    return pid;
}

/* Run `argv` in the folder: it reads `sent` and then finds its input at an end; what it
 * prints goes to `printed`. Gives its exit status. */
static int run(const char *const *argv)
{
    int in[2], out[2], status, got;
    pid_t writer, pid;

    assert_int_equal(pipe2(in, O_CLOEXEC), 0);
    assert_int_equal(pipe2(out, O_CLOEXEC), 0);
    pid = fork();
    if (!pid) {
        alarm(CHILD_SECONDS);
        if (dup2(in[0], 0) < 0 || dup2(out[1], 1) < 0 || chdir(folder))
            _exit(126);
        execvp(argv[0], (char *const *)argv);
        _exit(127);
    }
    writer = write_sent(in[1]);
    close(in[0]);
    close(in[1]);
    close(out[1]);
    do
        got = evbuffer_read(printed, out[0], 65536);
    while (got > 0);
    close(out[0]);
    assert_int_equal(waitpid(writer, NULL, 0), writer);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static struct bytes printed_bytes(void)
{
    size_t len = evbuffer_get_length(printed);

    return (struct bytes){(const char *)evbuffer_pullup(printed, -1), len};
}

/* That much was printed, and no more; it is forgotten. */
static void expect_bytes(const char *at, size_t len)
{
    struct bytes got = printed_bytes();

    assert_int_equal(got.len, len);
    if (len)
        assert_memory_equal(got.at, at, len);
    evbuffer_drain(printed, len);
}

/* Bytes without order that are the same in every run. */
static void fill(char *at, size_t len, uint32_t seed)
{
    for (size_t i = 0; i < len; i++) {
        seed = seed * 1664525 + 1013904223;
        at[i] = (char)(seed >> 24);
    }
}

static void files_of_every_size_come_out_of_the_real_tar(void **state)
{
    static const size_t sizes[] = {0, 1, 511, 512, 513, 10240, 131072};
    static const char *const argv[] = {"tar", "xOf", "-", NULL};

    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        char *bytes = xmalloc(sizes[i] + 1);

        fill(bytes, sizes[i], (uint32_t)i);
        tar_file(sent, "main.py", bytes, sizes[i]);
        tar_end(sent);
        assert_int_equal(evbuffer_get_length(sent) % BLOCK, 0);
        assert_int_equal(run(argv), 0);
        expect_bytes(bytes, sizes[i]);
        free(bytes);
    }
}

static void an_archive_has_regular_files_that_belong_to_nobody_special(void **state)
{
    static const char *const argv[] = {"env", "TZ=UTC", "LC_ALL=C",        "tar",
                                       "tvf", "-",      "--numeric-owner", "--full-time",
                                       NULL};
    static const char listing[] =
        "-rw-r--r-- 0/0               5 1970-01-01 00:00:00 a.c\n"
        "-rw-r--r-- 0/0               3 1970-01-01 00:00:00 .run\n";

    tar_file(sent, "a.c", "12345", 5);
    tar_file(sent, ".run", "abc", 3);
    tar_end(sent);
    assert_int_equal(run(argv), 0);
    expect_bytes(listing, sizeof listing - 1);
}

static void a_name_of_100_bytes_fits(void **state)
{
    static const char *const argv[] = {"tar", "tf", "-", NULL};
    char name[102];

    memset(name, 'n', 100);
    name[100] = '\0';
    tar_file(sent, name, "x", 1);
    tar_end(sent);
    assert_int_equal(run(argv), 0);
    memcpy(name + 100, "\n", 2);
    expect_bytes(name, 101);
}

static void a_header_says_what_posix_wants(void **state)
{
    unsigned char header[BLOCK];
    unsigned int sum = 0;

    tar_file(sent, "main.py", "0123456789", 10);
    assert_int_equal(evbuffer_get_length(sent), 2 * BLOCK);
    evbuffer_remove(sent, header, sizeof header);
    for (size_t i = 0; i < sizeof header; i++)
        sum += i >= 148 && i < 156 ? ' ' : header[i];
    assert_int_equal(strtoul((char *)header + 148, NULL, 8), sum);
    assert_memory_equal(header + 154, "\0 ", 2);
    assert_memory_equal(header + 124, "00000000012", 12);
    assert_memory_equal(header + 257,
                        "ustar\0"
                        "00",
                        8);
    assert_int_equal(header[156], '0');
}

static void an_archive_ends_with_two_blocks_of_zeros(void **state)
{
    static const char zeros[2 * BLOCK];

    tar_end(sent);
    assert_int_equal(evbuffer_get_length(sent), sizeof zeros);
    assert_memory_equal(evbuffer_pullup(sent, -1), zeros, sizeof zeros);
}

static void print_own(void *arg, const char *at, size_t len)
{
    evbuffer_add(arg, at, len);
}

/* Give what was sent to the launcher. `printed` becomes what the program itself printed;
 * the end mark and exit code are the answer. */
static struct marks launch(void)
{
    static const char ready[] = "R\n";
    /* We are in the folder already. The marks on stderr are the same as on stdout. */
    char *script =
        xasprintf("cd() { :; }\nexec 2>/dev/null\n%s\n%s", limits, asset_launcher);
    const char *const argv[] = {"/bin/sh", "-c",     script,   "sh",
                                ahead[0],  ahead[1], ahead[2], NULL};
    struct evbuffer *own = evbuffer_new();
    struct marks marks;
    struct bytes all;

    evbuffer_prepend(sent, ID "\n", sizeof ID);
    run(argv);
    free(script);
    all = printed_bytes();
    assert_true(all.len > sizeof ready);
    assert_memory_equal(all.at, ready, sizeof ready - 1);
    all.at += sizeof ready - 1;
    all.len -= sizeof ready - 1;
    marks_init(&marks, ID, true);
    while (all.len) {
        size_t taken = all.len;
        enum mark mark = marks_read(&marks, all.at, &taken, print_own, own);

        ending = mark != MARK_NONE ? mark : ending;
        all.at += taken;
        all.len -= taken;
    }
    assert_true(marks.over);
    evbuffer_free(printed);
    printed = own;
    return marks;
}

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

#define WORD(text)             \
    {                          \
        text, sizeof(text) - 1 \
    }
static const struct bytes nothing = {"", 0};
static const struct bytes cat[] = {WORD("cat")};
static const struct bytes cat_code[] = {WORD("cat"), WORD("main.py")};
static const struct bytes print_args[] = {WORD("printf"), WORD("%s\\0")};

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

static void a_torn_parcel_is_said_so_beside_an_interpreter(void **state)
{
    start_ahead("main.sh", "sh");
    evbuffer_add_printf(sent, "%08192d", 7);
    assert_false(launch().begun);
    assert_int_equal(ending, MARK_UNPACKED);
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
        TEST(files_of_every_size_come_out_of_the_real_tar),
        TEST(an_archive_has_regular_files_that_belong_to_nobody_special),
        TEST(a_name_of_100_bytes_fits),
        TEST(a_header_says_what_posix_wants),
        TEST(an_archive_ends_with_two_blocks_of_zeros),
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
        TEST(a_torn_parcel_is_said_so_beside_an_interpreter),
        TEST(a_parcel_that_is_torn_is_said_so_and_nothing_runs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
