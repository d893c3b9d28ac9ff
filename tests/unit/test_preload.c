/* Interpreters that are started ahead: of which languages, and for which jobs. */
#include "tests/support/unit.h"

#include "lang-registry/preload.h"
#include "tests/support/arena_fixture.h"

#define WORD(text)             \
    {                          \
        text, sizeof(text) - 1 \
    }

static const struct bytes python[] = {WORD("python3"), WORD("main.py")};
static const struct bytes node[] = {WORD("/usr/bin/node"), WORD("{source}"),
                                    WORD("{args}")};
static const struct bytes bash[] = {WORD("bash"), WORD("main.sh")};
static const struct bytes ruby[] = {WORD("ruby"), WORD("main.rb")};
static const struct bytes module[] = {WORD("python3"), WORD("-m"), WORD("main")};

static struct lang lang;
static struct task task;
static struct field_errors errors;

static void read_lang(const struct bytes *argv, size_t count, const char *file)
{
    memset(&lang, 0, sizeof lang);
    memset(&task, 0, sizeof task);
    errors.count = 0;
    lang.argv = (struct texts){argv, count};
    lang.file = file;
    preload_read(&lang, arena, &errors);
    task.lang = &lang;
    task.file = file;
}

static bool fits(const char *code)
{
    task.code = (struct bytes){code, strlen(code)};
    return preload_fits(&task, lang.preload.argv);
}

static void expect_mistake(const char *part)
{
    assert_int_equal(errors.count, 1);
    assert_string_equal(errors.list[0].pointer, "/pool/preload");
    assert_non_null(strstr(errors.list[0].detail, part));
    assert_null(lang.preload.file);
}

static void it_is_started_with_the_runs_words_but_for_a_jobs(void **state)
{
    read_lang(node, 3, "main.js");
    assert_int_equal(errors.count, 0);
    assert_string_equal(lang.preload.file, "main.js");
    assert_int_equal(lang.preload.argv.count, 2);
    assert_string_equal(lang.preload.argv.at[0].at, "/usr/bin/node");
    assert_string_equal(lang.preload.argv.at[1].at, "main.js");
}

static void one_that_is_not_known_is_not_started(void **state)
{
    read_lang(ruby, 2, "main.rb");
    expect_mistake("bash, node, python or python3");
}

static void one_that_would_not_open_its_program_is_not_started(void **state)
{
    read_lang(module, 3, "main.py");
    expect_mistake("the source's file");
}

static void one_of_what_is_compiled_is_not_started(void **state)
{
    lang.compile.argv = (struct texts){ruby, 2};
    lang.argv = (struct texts){python, 2};
    lang.file = "main.py";
    lang.preload.file = NULL;
    errors.count = 0;
    preload_read(&lang, arena, &errors);
    expect_mistake("compiled");
}

static void a_job_with_other_words_has_a_fresh_one(void **state)
{
    static const struct bytes other[] = {WORD("python3"), WORD("other.py")};
    static const struct bytes more[] = {WORD("python3"), WORD("main.py"), WORD("")};

    read_lang(python, 2, "main.py");
    assert_true(fits("print(1)"));
    assert_false(preload_fits(&task, (struct texts){other, 2}));
    assert_false(preload_fits(&task, (struct texts){more, 3}));
}

static void python_reads_no_other_encoding_from_what_it_cannot_seek_in(void **state)
{
    static const struct {
        const char *code;
        bool fits;
    } rows[] = {
        {"# coding: latin-1", false},
        {"#!python\n# -*- coding: latin-1 -*-\n", false},
        {"\n#coding=utf-8", false},
        {"\n\n# coding: latin-1\n", true},
        {"print(1)\nprint(2)\nencoding = 3\n", true},
        {"", true},
    };

    read_lang(python, 2, "main.py");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (fits(rows[i].code) != rows[i].fits)
            fail_msg("row %zu", i);
}

static void node_has_looked_for_its_package_already(void **state)
{
    static struct file list[] = {{"lib/package.json", {"", 0}}, {"package.json", {"", 0}}};

    read_lang(node, 3, "main.js");
    task.files = (struct files){list, 1};
    assert_true(fits("1"));
    task.files.count = 2;
    assert_false(fits("1"));
}

static void bash_reads_a_long_script_faster_from_a_file(void **state)
{
    static char code[2050];

    memset(code, '#', sizeof code - 1);
    read_lang(bash, 2, "main.sh");
    assert_false(fits(code));
    code[2048] = '\0';
    assert_true(fits(code));
}

static void bash_runs_no_program_of_the_machines_own(void **state)
{
    read_lang(bash, 2, "main.sh");
    assert_false(fits("\177ELF\necho"));
    assert_true(fits("ELF"));
    assert_true(fits("\177EL"));
}

static void each_has_a_way_to_leave(void **state)
{
    read_lang(python, 2, "main.py");
    assert_string_equal(preload_leave(&lang).at, "import os; os._exit(0)");
    read_lang(node, 3, "main.js");
    assert_string_equal(preload_leave(&lang).at, "process.reallyExit(0)");
    read_lang(bash, 2, "main.sh");
    assert_string_equal(preload_leave(&lang).at, "exit");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        TEST(it_is_started_with_the_runs_words_but_for_a_jobs),
        TEST(one_that_is_not_known_is_not_started),
        TEST(one_that_would_not_open_its_program_is_not_started),
        TEST(one_of_what_is_compiled_is_not_started),
        TEST(a_job_with_other_words_has_a_fresh_one),
        TEST(python_reads_no_other_encoding_from_what_it_cannot_seek_in),
        TEST(node_has_looked_for_its_package_already),
        TEST(bash_reads_a_long_script_faster_from_a_file),
        TEST(bash_runs_no_program_of_the_machines_own),
        TEST(each_has_a_way_to_leave),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
