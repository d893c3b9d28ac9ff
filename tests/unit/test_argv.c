/* Words with placeholders, and what a job makes of them. */
#include "tests/support/unit.h"

#include "lang-registry/argv.h"
#include "tests/support/arena_fixture.h"

#define WORD(text)             \
    {                          \
        text, sizeof(text) - 1 \
    }
#define WORDS(list)                         \
    {                                       \
        list, sizeof(list) / sizeof *(list) \
    }

static const struct bytes job_args[] = {WORD("a b"), WORD(""), WORD("{source}")};
static struct file files[] = {
    {"lib/a.cpp", {"", 0}}, {"a.h", {"", 0}},   {"-b.cpp", {"", 0}}, {"c.cpp.txt", {"", 0}},
    {"d.cpp/e", {"", 0}},   {"f.cpp", {"", 0}}, {"@g.cpp", {"", 0}},
};
static struct lang lang;
static struct task task = {
    .lang = &lang, .file = "main.cpp", .args = WORDS(job_args), .files = {files, 7}};

/* With a blank behind each word. */
static const char *joined(struct texts words)
{
    static char text[512];
    size_t used = 0;

    text[0] = '\0';
    for (size_t i = 0; i < words.count; i++) {
        assert_int_equal(strlen(words.at[i].at), words.at[i].len);
        used += (size_t)snprintf(text + used, sizeof text - used, "[%s]", words.at[i].at);
    }
    return text;
}

static const char *run(const struct bytes *words, size_t count)
{
    lang.argv = (struct texts){words, count};
    return joined(argv_run(&task, task.args, arena));
}

static const char *compile(const struct bytes *words, size_t count)
{
    lang.compile.argv = (struct texts){words, count};
    return joined(argv_compile(&task, arena));
}

/* Of all words of `argv`, in which two things may be wrong. */
static const struct field_errors *check(const struct bytes *words, size_t count,
                                        enum argv_stage stage)
{
    static struct field_errors errors;
    const struct texts argv = {words, count};

    errors.count = 0;
    argv_check(&argv, stage, "/argv", &errors);
    return &errors;
}

static void args_follow_where_no_place_is_kept_for_them(void **state)
{
    static const struct bytes words[] = {WORD("python3"), WORD("main.py")};

    assert_string_equal(run(words, 2), "[python3][main.py][a b][][{source}]");
    assert_string_equal(joined(argv_run(&task, (struct texts){0}, arena)),
                        "[python3][main.py]");
}

static void placeholders_become_whole_words(void **state)
{
    static const struct bytes words[] = {WORD("java"), WORD("{main}"), WORD("{args}"),
                                         WORD("{source}"), WORD("{args}")};

    assert_string_equal(run(words, 5), "[java][main][a b][][{source}][main.cpp][a b][]"
                                       "[{source}]");
}

static void sources_are_files_of_the_same_kind(void **state)
{
    static const struct bytes words[] = {WORD("g++"), WORD("{sources}")};

    assert_string_equal(compile(words, 2), "[g++][main.cpp][lib/a.cpp][./-b.cpp][f.cpp]"
                                           "[./@g.cpp]");
}

static void a_file_without_extension_is_of_a_kind_too(void **state)
{
    static const struct bytes words[] = {WORD("x"), WORD("{main}"), WORD("{sources}")};

    task.file = "main";
    assert_string_equal(compile(words, 3), "[x][main][main][d.cpp/e]");
    task.file = "main.cpp";
}

static void the_compiler_gets_no_arguments_of_the_job(void **state)
{
    static const struct bytes words[] = {WORD("cc"), WORD("{source}")};

    assert_string_equal(compile(words, 2), "[cc][main.cpp]");
}

static void other_braces_are_just_braces(void **state)
{
    static const struct bytes words[] = {
        WORD("awk"),        WORD("{{print}}"), WORD("{{args}}"), WORD("{ print }"),
        WORD("-D{source}"), WORD("{}"),        WORD("{{}}"),     WORD("{a"),
        WORD("{{a}"),       WORD("{{{a}}}"),   WORD("{1}")};

    assert_int_equal(check(words, 11, ARGV_RUN)->count, 0);
    lang.argv = (struct texts)WORDS(words);
    assert_string_equal(joined(argv_run(&task, (struct texts){0}, arena)),
                        "[awk][{print}][{args}][{ print }][-D{source}][{}][{{}}][{a][{{a}]"
                        "[{{{a}}}][{1}]");
}

static void unknown_placeholders_are_told(void **state)
{
    static const struct bytes words[] = {WORD("x"), WORD("{file}"), WORD("{args}")};
    const struct field_errors *errors = check(words, 3, ARGV_COMPILE);

    assert_int_equal(errors->count, 2);
    assert_string_equal(errors->list[0].pointer, "/argv/1");
    assert_string_equal(errors->list[0].detail, "no placeholder here is called '{file}'; "
                                                "there are {source}, {sources}, {main}");
    assert_string_equal(errors->list[1].pointer, "/argv/2");
    assert_int_equal(check(words, 3, ARGV_RUN)->count, 1);
    assert_string_equal(errors->list[0].detail,
                        "no placeholder here is called '{file}'; there are {source}, "
                        "{sources}, {main}, {args}");
    assert_int_equal(check(words, 3, ARGV_VERSION)->count, 2);
    assert_string_equal(errors->list[0].detail,
                        "no placeholder here is called '{file}'; there is none");
}

static void a_letter_is_a_word(void **state)
{
    static const struct bytes words[] = {WORD("x"), WORD("{a}")};

    assert_int_equal(check(words, 2, ARGV_RUN)->count, 1);
}

/* What is taken from the arena later does not lie over them. */
static void there_is_room_for_many_arguments(void **state)
{
    static const struct bytes words[] = {WORD("x"), WORD("{args}"), WORD("{args}")};
    struct bytes many[TASK_ARGS];
    struct texts all;

    for (size_t i = 0; i < TASK_ARGS; i++)
        many[i] = (struct bytes)WORD("y");
    task.files.count = 0;
    lang.argv = (struct texts)WORDS(words);
    all = argv_run(&task, (struct texts){many, TASK_ARGS}, arena);
    task.files.count = 6;
    for (size_t i = 0; i < all.count; i++)
        memset(arena_alloc(arena, sizeof many[0]), 1, sizeof many[0]);
    assert_int_equal(all.count, 1 + 2 * TASK_ARGS);
    for (size_t i = 1; i < all.count; i++)
        assert_string_equal(all.at[i].at, "y");
}

static void the_first_word_is_a_program(void **state)
{
    static const struct bytes bad[] = {WORD(""), WORD("-a"), WORD("{args}"),
                                       WORD("{source}")};
    static const struct bytes good[] = {WORD("./prog"), WORD("{{x}}"), {NULL, 0}};

    for (size_t i = 0; i < 4; i++) {
        const struct field_errors *errors = check(&bad[i], 1, ARGV_RUN);

        assert_int_equal(errors->count, 1);
        assert_string_equal(errors->list[0].pointer, "/argv/0");
        assert_string_equal(errors->list[0].detail, "must name a program");
    }
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(check(&good[i], 1, ARGV_RUN)->count, 0);
    assert_int_equal(check(good, 0, ARGV_RUN)->count, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(args_follow_where_no_place_is_kept_for_them),
        TEST(placeholders_become_whole_words),
        TEST(sources_are_files_of_the_same_kind),
        TEST(a_file_without_extension_is_of_a_kind_too),
        TEST(the_compiler_gets_no_arguments_of_the_job),
        TEST(other_braces_are_just_braces),
        TEST(unknown_placeholders_are_told),
        TEST(a_letter_is_a_word),
        TEST(there_is_room_for_many_arguments),
        TEST(the_first_word_is_a_program),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
