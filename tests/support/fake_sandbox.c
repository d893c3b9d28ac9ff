/* fake_sandbox.c -- see fake_sandbox.h. */
#include "tests/support/fake_sandbox.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

struct fake_sandbox fake_sandbox;
int fake_sandboxes;

static void copy(char *to, size_t size, struct bytes text);
static void join(char *to, size_t size, struct texts words);
static void end(const struct sandbox_end *end, const struct err *err);

struct sandbox *sandbox_open(struct engine *engine, const struct sandbox_spec *spec,
                             const char *job_id, const struct sandbox_events *events,
                             void *arg)
{
    assert(!fake_sandbox.events);
    memset(&fake_sandbox, 0, sizeof fake_sandbox);
    usage_init(&fake_sandbox.usage);
    fake_sandboxes++;
    fake_sandbox.spec = *spec;
    fake_sandbox.events = events;
    fake_sandbox.arg = arg;
    return (struct sandbox *)&fake_sandbox;
}

void sandbox_feed(struct sandbox *sandbox, const struct parcel *parcel)
{
    fake_sandbox.fed = true;
    copy(fake_sandbox.code, sizeof fake_sandbox.code, parcel->files.at[0].content);
    copy(fake_sandbox.input, sizeof fake_sandbox.input, parcel->input);
    join(fake_sandbox.argv, sizeof fake_sandbox.argv, parcel->argv);
    join(fake_sandbox.artifacts, sizeof fake_sandbox.artifacts, parcel->artifacts);
    copy(fake_sandbox.preload, sizeof fake_sandbox.preload, parcel->preload);
    fake_sandbox.fits = parcel->fits;
    fake_sandbox.packed = parcel->packed.len;
}

static void copy(char *to, size_t size, struct bytes text)
{
    assert(text.len < size);
    snprintf(to, size, "%.*s", (int)text.len, text.len ? text.at : "");
}

static void join(char *to, size_t size, struct texts words)
{
    size_t used = 0;

    for (size_t i = 0; i < words.count; i++)
        used += (size_t)snprintf(to + used, size - used, "%s%.*s", i ? " " : "",
                                 (int)words.at[i].len, words.at[i].at);
    assert(used < size);
}

void sandbox_usage(const struct sandbox *sandbox, struct usage *usage)
{
    *usage = fake_sandbox.usage;
}

void sandbox_stop(struct sandbox *sandbox)
{
    fake_sandbox.stopped = true;
}

void fake_ready(void)
{
    fake_sandbox.events->ready(fake_sandbox.arg);
}

void fake_begun(void)
{
    fake_sandbox.events->begun(fake_sandbox.arg);
}

void fake_prints(enum stream stream, const char *text)
{
    fake_prints_bytes(stream, text, strlen(text));
}

void fake_prints_bytes(enum stream stream, const char *at, size_t len)
{
    fake_sandbox.events->output(fake_sandbox.arg, stream, at, len);
}

void fake_exits(int exit_code)
{
    end(&(struct sandbox_end){.how = END_EXITED,
                              .exit_code = exit_code,
                              .usage = fake_sandbox.usage},
        NULL);
}

void fake_exits_cut(int exit_code)
{
    end(&(struct sandbox_end){.how = END_EXITED,
                              .exit_code = exit_code,
                              .cut = true,
                              .usage = fake_sandbox.usage},
        NULL);
}

void fake_dies(void)
{
    assert(fake_sandbox.stopped);
    end(&(struct sandbox_end){.how = END_STOPPED, .usage = fake_sandbox.usage}, NULL);
}

void fake_breaks(enum fault fault, enum err_kind kind, const char *why)
{
    struct err err;

    err_set(&err, kind, "%s", why);
    end(&(struct sandbox_end){.how = END_FAILED, .fault = fault}, &err);
}

/* A new one may be opened from inside the event. */
static void end(const struct sandbox_end *sandbox_end, const struct err *err)
{
    const struct sandbox_events *events = fake_sandbox.events;

    fake_sandbox.events = NULL;
    events->ended(fake_sandbox.arg, sandbox_end, err);
}
