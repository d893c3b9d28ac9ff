/* stages_fixture.h -- a language that compiles, c, and one that does not, sh; and what
 * their stages do, with pretended sandboxes. */
#ifndef TESTS_SUPPORT_STAGES_FIXTURE_H
#define TESTS_SUPPORT_STAGES_FIXTURE_H

#include "tests/support/run_fixture.h"

#include "lib/mem.h"
#include "tests/support/folder.h"

static char folder[FOLDER_BYTES];

static inline int set_up(void **state)
{
    if (folder_make(folder))
        return -1;
    folder_write(folder, "languages/c.yaml",
                 "id: c\n"
                 "name: C\n"
                 "extensions: [c]\n"
                 "versions: [{version: \"14\", image: \"c:14\", default: true}]\n"
                 "source: {file: main.c}\n"
                 "compile:\n"
                 "  argv: [cc, -o, prog, \"{sources}\"]\n"
                 "  env: [\"STAGE=compile\"]\n"
                 "  tmpfs: {sizeMb: 77}\n"
                 "  limits: {timeoutMs: {default: 9000}, memoryMb: {default: 300}}\n"
                 "  artifacts: [prog]\n"
                 "run: {argv: [./prog, -v], tmpfs: {exec: true}, env: [\"STAGE=run\"]}\n");
    folder_write(folder, "languages/sh.yaml",
                 "id: sh\n"
                 "name: Shell\n"
                 "extensions: [sh]\n"
                 "versions: [{version: \"1\", image: \"sh:1\", default: true}]\n"
                 "source: {file: main.sh}\n"
                 "run: {argv: [sh, main.sh]}\n");
    char *languages = xasprintf("%s/languages", folder);

    set_up_with(languages);
    free(languages);
    return 0;
}

static inline int tidy_up(void **state)
{
    tear_down(state);
    return folder_remove(folder);
}

/* The compiler does well; the program's sandbox is open then. */
static inline void compile(const char *data)
{
    start_program(data);
    fake_prints(STREAM_OUT, "a tar");
    fake_exits(0);
    assert_int_equal(fake_sandboxes, 2);
}

/* The program of the next stage prints and ends. */
static inline void run_stage(const char *text, int exit_code)
{
    begin_stage();
    fake_prints(STREAM_OUT, text);
    fake_exits(exit_code);
}

static inline const char *error_text(void)
{
    return text_of("error");
}

#endif
