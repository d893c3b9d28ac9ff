/* parcel.c -- see parcel.h. */
#include "worker/parcel.h"

#include <event2/buffer.h>
#include <stdio.h>
#include <string.h>

#include "worker/tar.h"

enum {
    PAGE = 4096,
    FIRST_TAR = 8192, /* what the launcher reads before it is told a length */
};

/* No file of a job's begins with a dot. */
#define RUN     ".run" /* the launcher takes this one in */
#define COMPILE ".compile"
#define PACKED  ".artifacts"

static void write_tar(struct evbuffer *tar, const struct parcel *parcel);
static void write_first(struct evbuffer *text, size_t len);
static void pad_tar(struct evbuffer *tar);
static void tar_script(struct evbuffer *tar, const char *name, struct evbuffer *script);
static int64_t in_pages(size_t len);
static void write_run(struct evbuffer *script, const struct parcel *parcel);
static void write_program(struct evbuffer *script, const struct parcel *parcel);
static void write_words(struct evbuffer *script, struct texts words);
static void write_word(struct evbuffer *script, struct bytes word);

void parcel_write(struct evbuffer *text, const struct parcel *parcel)
{
    struct evbuffer *tar = evbuffer_new();

    write_tar(tar, parcel);
    if (evbuffer_get_length(tar) > FIRST_TAR)
        write_first(text, evbuffer_get_length(tar));
    else
        pad_tar(tar);
    evbuffer_add_buffer(text, tar);
    evbuffer_add(text, parcel->input.at, parcel->input.len);
    evbuffer_free(tar);
}

static void write_tar(struct evbuffer *tar, const struct parcel *parcel)
{
    struct evbuffer *script = evbuffer_new();

    for (size_t i = 0; i < parcel->files.count; i++) {
        const struct file *file = &parcel->files.at[i];

        tar_file(tar, file->name, file->content.at, file->content.len);
    }
    if (parcel->packed.len)
        tar_file(tar, PACKED, parcel->packed.at, parcel->packed.len);
    if (parcel->artifacts.count) {
        write_program(script, parcel);
        tar_script(tar, COMPILE, script);
    }
    write_run(script, parcel);
    tar_script(tar, RUN, script);
    tar_end(tar);
    evbuffer_free(script);
}

/* Before one that is too long to be the first: how long it is. */
static void write_first(struct evbuffer *text, size_t len)
{
    struct evbuffer *tar = evbuffer_new();
    char script[32];

    snprintf(script, sizeof script, "nt=%zu\n", len);
    tar_file(tar, RUN, script, strlen(script));
    pad_tar(tar);
    evbuffer_add_buffer(text, tar);
    evbuffer_free(tar);
}

/* Zeros are the end of an archive, however many. */
static void pad_tar(struct evbuffer *tar)
{
    static const char zeros[FIRST_TAR];

    evbuffer_add(tar, zeros, FIRST_TAR - evbuffer_get_length(tar));
}

static void tar_script(struct evbuffer *tar, const char *name, struct evbuffer *script)
{
    size_t len = evbuffer_get_length(script);

    tar_file(tar, name, (const char *)evbuffer_pullup(script, -1), len);
    evbuffer_drain(script, len);
}

int64_t parcel_room(const struct parcel *parcel)
{
    int64_t room = in_pages(parcel->input.len) + 2 * in_pages(parcel->packed.len);
    struct evbuffer *script = evbuffer_new();

    for (size_t i = 0; i < parcel->files.count; i++)
        room += in_pages(parcel->files.at[i].content.len);
    write_run(script, parcel);
    room += in_pages(evbuffer_get_length(script));
    evbuffer_free(script);
    return room;
}

/* A tmpfs knows nothing smaller. */
static int64_t in_pages(size_t len)
{
    return ((int64_t)len + PAGE - 1) / PAGE * PAGE;
}

/* ni=5
 * run() {
 * exec 'python3' 'main.py' 'the user'\''s argument'
 * }
 *
 * and for an interpreter that has been started ahead, which may not be the one to run it:
 *
 * fits=1
 * preload() {
 * printf %s 'print(42)'
 * }
 *
 * A shell that stays while a compiler runs is another than the launcher's, which has the
 * mark in its memory. */
static void write_run(struct evbuffer *script, const struct parcel *parcel)
{
    if (parcel->input.len)
        evbuffer_add_printf(script, "ni=%zu\n", parcel->input.len);
    evbuffer_add_printf(script, "run() {\n");
    if (parcel->artifacts.count)
        evbuffer_add_printf(script, "exec sh " COMPILE "\n");
    else
        write_program(script, parcel);
    evbuffer_add_printf(script, "}\n");
    if (parcel->preload.len) {
        evbuffer_add_printf(script, "fits=%d\npreload() {\nprintf %%s", parcel->fits);
        write_word(script, parcel->preload);
        evbuffer_add_printf(script, "\n}\n");
    }
}

/* exec 'python3' ...
 *
 * or, for a compiler, which must not print among the data that follow:
 *
 * 'gcc' '-o' 'prog' 'main.c' >&2 || exit
 * exec tar cf - 'prog' */
static void write_program(struct evbuffer *script, const struct parcel *parcel)
{
    bool compiles = parcel->artifacts.count;

    if (parcel->packed.len)
        evbuffer_add_printf(script, "tar xf " PACKED " && rm " PACKED " || exit 125\n");
    if (!compiles)
        evbuffer_add_printf(script, "exec");
    write_words(script, parcel->argv);
    if (compiles) {
        evbuffer_add_printf(script, " >&2 || exit\nexec tar cf -");
        write_words(script, parcel->artifacts);
    }
    evbuffer_add_printf(script, "\n");
}

static void write_words(struct evbuffer *script, struct texts words)
{
    for (size_t i = 0; i < words.count; i++)
        write_word(script, words.at[i]);
}

/* Inside single quotes a shell takes every byte as it is, but a single quote. */
static void write_word(struct evbuffer *script, struct bytes word)
{
    evbuffer_add_printf(script, " '");
    for (size_t i = 0; i < word.len; i++) {
        if (word.at[i] == '\'')
            evbuffer_add_printf(script, "'\\''");
        else
            evbuffer_add(script, word.at + i, 1);
    }
    evbuffer_add_printf(script, "'");
}
