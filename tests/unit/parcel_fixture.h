/* parcel_fixture.h -- a folder that stands for a sandbox's /tmp, in which the real tar and
 * the real shell with the real launcher get what is sent to them; for test_tar.c,
 * test_parcel.c and test_launcher_sh.c.
 */
#ifndef TESTS_UNIT_PARCEL_FIXTURE_H
#define TESTS_UNIT_PARCEL_FIXTURE_H

#include <event2/buffer.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/mem.h"
#include "tests/support/folder.h"
#include "worker/assets.h"
#include "worker/marks.h"
#include "worker/parcel.h"

#define ID "0123456789abcdef0123456789abcdef"

enum { CHILD_SECONDS = 30, BLOCK = 512 };

static char folder[FOLDER_BYTES];
static struct evbuffer *sent, *printed;
static enum mark ending;   /* the last one seen */
static const char *limits; /* that the launcher is under: a line of shell */
/* What is started ahead: a file's name, and the command of whoever opens it; or nothing. */
static const char *ahead[4];

static inline int set_up(void **state)
{
    sent = evbuffer_new();
    printed = evbuffer_new();
    limits = "";
    memset(ahead, 0, sizeof ahead);
    return folder_make(folder);
}

static inline int tear_down(void **state)
{
    evbuffer_free(sent);
    evbuffer_free(printed);
    return folder_remove(folder);
}

/* A process of its own writes, so that whoever reads may print at the same time. */
static inline pid_t write_sent(int fd)
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
static inline int run(const char *const *argv)
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

static inline struct bytes printed_bytes(void)
{
    size_t len = evbuffer_get_length(printed);

    return (struct bytes){(const char *)evbuffer_pullup(printed, -1), len};
}

/* That much was printed, and no more; it is forgotten. */
static inline void expect_bytes(const char *at, size_t len)
{
    struct bytes got = printed_bytes();

    assert_int_equal(got.len, len);
    if (len)
        assert_memory_equal(got.at, at, len);
    evbuffer_drain(printed, len);
}

/* Bytes without order that are the same in every run. */
static inline void fill(char *at, size_t len, uint32_t seed)
{
    for (size_t i = 0; i < len; i++) {
        seed = seed * 1664525 + 1013904223;
        at[i] = (char)(seed >> 24);
    }
}

static inline void print_own(void *arg, const char *at, size_t len)
{
    evbuffer_add(arg, at, len);
}

/* Give what was sent to the launcher. `printed` becomes what the program itself printed;
 * the end mark and exit code are the answer. */
static inline struct marks launch(void)
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

#define WORD(text)             \
    {                          \
        text, sizeof(text) - 1 \
    }
static const struct bytes nothing = {"", 0};
static const struct bytes cat[] = {WORD("cat")};

#endif
