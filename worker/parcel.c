/* parcel.c -- see parcel.h. */
#include "worker/parcel.h"

#include <event2/buffer.h>
#include <string.h>

#include "worker/tar.h"

enum { PAGE = 4096 };

/* No file of a job's begins with a dot. */
#define RUN     ".run" /* the launcher runs this one */
#define COMPILE ".compile"
#define PACKED  ".artifacts"

static void tar_script(struct evbuffer *tar, const char *name, struct evbuffer *script);
static int64_t in_pages(size_t len);
static void write_script(struct evbuffer *script, const struct parcel *parcel);
static void write_words(struct evbuffer *script, struct texts words);
static void write_word(struct evbuffer *script, struct bytes word);

/* A shell that stays while a compiler runs is another than the launcher's, which has the
 * mark in its memory. */
static const char to_compile[] = "exec sh " COMPILE "\n";

void parcel_write(struct evbuffer *text, const char *id, const struct parcel *parcel)
{
    struct evbuffer *tar = evbuffer_new(), *script = evbuffer_new();

    for (size_t i = 0; i < parcel->files.count; i++) {
        const struct file *file = &parcel->files.at[i];

        tar_file(tar, file->name, file->content.at, file->content.len);
    }
    if (parcel->packed.len)
        tar_file(tar, PACKED, parcel->packed.at, parcel->packed.len);
    write_script(script, parcel);
    tar_script(tar, parcel->artifacts.count ? COMPILE : RUN, script);
    if (parcel->artifacts.count)
        tar_file(tar, RUN, to_compile, strlen(to_compile));
    tar_end(tar);
    evbuffer_add_printf(text, "%s %zu %zu\n", id, evbuffer_get_length(tar),
                        parcel->input.len);
    evbuffer_add_buffer(text, tar);
    evbuffer_add(text, parcel->input.at, parcel->input.len);
    evbuffer_free(script);
    evbuffer_free(tar);
}

static void tar_script(struct evbuffer *tar, const char *name, struct evbuffer *script)
{
    tar_file(tar, name, (const char *)evbuffer_pullup(script, -1),
             evbuffer_get_length(script));
}

int64_t parcel_room(const struct parcel *parcel)
{
    int64_t room = in_pages(parcel->input.len) + 2 * in_pages(parcel->packed.len);
    struct evbuffer *script = evbuffer_new();

    for (size_t i = 0; i < parcel->files.count; i++)
        room += in_pages(parcel->files.at[i].content.len);
    write_script(script, parcel);
    room += in_pages(evbuffer_get_length(script));
    evbuffer_free(script);
    return room;
}

/* A tmpfs knows nothing smaller. */
static int64_t in_pages(size_t len)
{
    return ((int64_t)len + PAGE - 1) / PAGE * PAGE;
}

/* exec 'python3' 'main.py' 'the user'\''s argument'
 *
 * or, for a compiler, which must not print among the data that follow:
 *
 * 'gcc' '-o' 'prog' 'main.c' >&2 || exit
 * exec tar cf - 'prog' */
static void write_script(struct evbuffer *script, const struct parcel *parcel)
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
