/* parcel.c -- see parcel.h. */
#include "worker/parcel.h"

#include <event2/buffer.h>

#include "worker/tar.h"

static void write_script(struct evbuffer *script, const struct task *task);
static void write_word(struct evbuffer *script, struct bytes word);

void parcel_write(struct evbuffer *parcel, const char *id, const struct task *task)
{
    struct evbuffer *tar = evbuffer_new(), *script = evbuffer_new();

    tar_file(tar, task->file, task->code.at, task->code.len);
    for (size_t i = 0; i < task->files.count; i++) {
        const struct file *file = &task->files.at[i];

        tar_file(tar, file->name, file->content.at, file->content.len);
    }
    write_script(script, task);
    tar_file(tar, ".run", (const char *)evbuffer_pullup(script, -1),
             evbuffer_get_length(script));
    tar_end(tar);
    evbuffer_add_printf(parcel, "%s %zu %zu\n", id, evbuffer_get_length(tar),
                        task->input.len);
    evbuffer_add_buffer(parcel, tar);
    evbuffer_add(parcel, task->input.at, task->input.len);
    evbuffer_free(script);
    evbuffer_free(tar);
}

/* exec 'python3' 'main.py' 'the user'\''s argument' */
static void write_script(struct evbuffer *script, const struct task *task)
{
    evbuffer_add_printf(script, "exec");
    for (size_t i = 0; i < task->lang->argv.count; i++)
        write_word(script, task->lang->argv.at[i]);
    for (size_t i = 0; i < task->args.count; i++)
        write_word(script, task->args.at[i]);
    evbuffer_add_printf(script, "\n");
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
