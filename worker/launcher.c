/* launcher.c -- see launcher.h, and launcher.sh for what is said.
 *
 * Started, the launcher is told what its end marks are to begin with, before any job is. A
 * program may have closed one of its streams, so one end mark is enough; the other's is
 * waited for, and longer where it ends what matters.
 *
 * What is said before the program begins is no output: it is the launcher's shell, or an
 * interpreter that was started ahead. When there will be no program it tells why.
 */
#include "worker/launcher.h"

#include <assert.h>
#include <event2/buffer.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/bytes.h"
#include "lib/mem.h"
#include "lib/send.h"
#include "lib/timer.h"
#include "worker/marks.h"

enum {
    SETUP_MS = 5000,     /* from start to R, and from feeding to B */
    OTHER_MARK_MS = 100, /* a program may have closed one of its streams */
    DATA_MARK_MS = 5000, /* ... but not before "B", nor a compiler its artefacts' */
    WORDS = 256,         /* bytes that are kept of what is no output, */
    WORDS_SHOWN = 216,   /* and of which an error has the first, the quotes counted */
};

/* The first that came on one of the streams. */
struct words {
    char at[WORDS];
    size_t len;
};

struct launcher {
    struct bufferevent *stream;
    const struct launcher_events *events;
    void *arg;
    struct frames frames;
    struct marks marks[2];            /* stdout, stderr */
    struct words words[2];            /* the same; since the start, or since it was fed */
    enum { EMPTY, AN_R, OTHER } line; /* what there is of one, before it is ready */
    enum { SETTING_UP, READY, FED, BEGUN, EXITED, HUSHED } step;
    bool stopped;
    bool packs; /* what it prints to stdout is data */
    bool torn;  /* it could not unpack what it was fed */
    int exit_code;
    struct event *timer; /* of the word that is waited for */
};

static void readable(struct bufferevent *stream, void *arg);
static void payload(void *arg, enum stream stream, const char *at, size_t len);
static void keep_words(struct launcher *launcher, enum stream stream, const char *at,
                       size_t len);
static void read_ready(struct launcher *launcher, const char *at, size_t len);
static void read_output(struct launcher *launcher, enum stream stream, const char *at,
                        size_t len);
static void program_out(void *arg, const char *at, size_t len);
static void program_err(void *arg, const char *at, size_t len);
static void begun(struct launcher *launcher);
static void marked(struct launcher *launcher, enum stream stream, enum mark mark);
static void all_said(struct launcher *launcher);
static void happened(struct bufferevent *stream, short what, void *arg);
static const char *where(const struct launcher *launcher);
static void overdue(evutil_socket_t fd, short what, void *arg);
static void tell_failure(struct launcher *launcher, struct err *err);
static struct bytes last_words(const struct launcher *launcher);

struct launcher *launcher_new(struct bufferevent *stream,
                              const struct launcher_events *events, void *arg)
{
    struct launcher *launcher = xcalloc(1, sizeof *launcher);

    launcher->stream = stream;
    launcher->events = events;
    launcher->arg = arg;
    launcher->timer = evtimer_new(bufferevent_get_base(stream), overdue, launcher);
    bufferevent_disable(stream, EV_READ);
    bufferevent_setcb(stream, readable, NULL, happened, launcher);
    return launcher;
}

void launcher_free(struct launcher *launcher)
{
    if (!launcher)
        return;
    bufferevent_free(launcher->stream);
    event_free(launcher->timer);
    free(launcher);
}

void launcher_start(struct launcher *launcher)
{
    unsigned char random[MARKS_ID / 2];
    char mark[MARKS_ID + 1];

    if (getentropy(random, sizeof random))
        abort(); /* a mark that can be guessed is worse than none */
    for (size_t i = 0; i < sizeof random; i++)
        snprintf(mark + 2 * i, 3, "%02x", random[i]);
    marks_init(&launcher->marks[0], mark, true);
    marks_init(&launcher->marks[1], mark, false);
    timer_set_ms(launcher->timer, SETUP_MS);
    bufferevent_enable(launcher->stream, EV_READ | EV_WRITE);
    evbuffer_add_printf(bufferevent_get_output(launcher->stream), "%s\n", mark);
    readable(launcher->stream, launcher); /* what came with the answer to attach */
}

void launcher_feed(struct launcher *launcher, const struct parcel *parcel)
{
    struct evbuffer *text = evbuffer_new();

    assert(launcher->step == READY);
    parcel_write(text, parcel);
    send_now(launcher->stream, text);
    evbuffer_free(text);
    launcher->packs = parcel->artifacts.count > 0;
    launcher->step = FED;
    launcher->words[0].len = launcher->words[1].len = 0;
    timer_set_ms(launcher->timer, SETUP_MS);
}

static void readable(struct bufferevent *stream, void *arg)
{
    struct launcher *launcher = arg;
    struct evbuffer *input = bufferevent_get_input(stream);
    struct evbuffer_iovec part;
    struct err err;

    while (evbuffer_peek(input, -1, NULL, &part, 1) > 0) {
        if (frames_read(&launcher->frames, part.iov_base, part.iov_len, payload, launcher,
                        &err)) {
            launcher->events->failed(launcher->arg, &err);
            return;
        }
        evbuffer_drain(input, part.iov_len);
    }
    if (launcher->marks[0].over && launcher->marks[1].over)
        all_said(launcher);
}

static void payload(void *arg, enum stream stream, const char *at, size_t len)
{
    struct launcher *launcher = arg;

    if (launcher->step == HUSHED)
        return;
    if (launcher->step >= FED) {
        read_output(launcher, stream, at, len);
        return;
    }
    keep_words(launcher, stream, at, len);
    if (launcher->step == SETTING_UP && stream == STREAM_OUT)
        read_ready(launcher, at, len);
}

static void keep_words(struct launcher *launcher, enum stream stream, const char *at,
                       size_t len)
{
    struct words *words = &launcher->words[stream == STREAM_ERR];
    size_t room = sizeof words->at - words->len;

    if (len > room)
        len = room;
    memcpy(words->at + words->len, at, len);
    words->len += len;
}

/* A line "R" is the launcher's: it says nothing more until it is fed. An interpreter that
 * is started ahead may have printed others. */
static void read_ready(struct launcher *launcher, const char *at, size_t len)
{
    if (launcher->stopped)
        return;
    for (size_t i = 0; i < len; i++) {
        if (at[i] == '\n' && launcher->line == AN_R) {
            launcher->step = READY;
            launcher->words[0].len = 0;
            evtimer_del(launcher->timer);
            launcher->events->ready(launcher->arg);
            return;
        }
        if (at[i] == '\n')
            launcher->line = EMPTY;
        else
            launcher->line = at[i] == 'R' && launcher->line == EMPTY ? AN_R : OTHER;
    }
}

static void read_output(struct launcher *launcher, enum stream stream, const char *at,
                        size_t len)
{
    struct marks *marks = &launcher->marks[stream == STREAM_ERR];
    marks_output *output = stream == STREAM_ERR ? program_err : program_out;

    while (len) {
        size_t taken = len;
        enum mark mark = marks_read(marks, at, &taken, output, launcher);

        if (mark == MARK_BEGUN)
            begun(launcher);
        else if (mark != MARK_NONE)
            marked(launcher, stream, mark);
        at += taken;
        len -= taken;
    }
}

static void program_out(void *arg, const char *at, size_t len)
{
    struct launcher *launcher = arg;

    if (launcher->step == FED)
        keep_words(launcher, STREAM_OUT, at, len);
    else
        launcher->events->output(launcher->arg, STREAM_OUT, at, len);
}

/* The two streams are not in order: stderr may come before stdout's "B". */
static void program_err(void *arg, const char *at, size_t len)
{
    struct launcher *launcher = arg;

    if (launcher->step == FED)
        keep_words(launcher, STREAM_ERR, at, len);
    launcher->events->output(launcher->arg, STREAM_ERR, at, len);
}

static void begun(struct launcher *launcher)
{
    int exit_code;

    if (launcher->stopped)
        return;
    launcher->step = BEGUN;
    if (!launcher_ended(launcher, &exit_code)) /* stderr's mark may have been sooner */
        evtimer_del(launcher->timer);
    launcher->events->begun(launcher->arg);
}

/* Nobody is told here: we are in the middle of the stream's bytes, and the other mark may
 * be among them. */
static void marked(struct launcher *launcher, enum stream stream, enum mark mark)
{
    bool needs_stdout = launcher->packs || launcher->step == FED;

    if (launcher->stopped || launcher->step == EXITED)
        return;
    /* A program can find its mark in PID 1's memory. One that has begun did unpack,
     * whatever it says: else it could have itself run again. */
    launcher->torn = mark == MARK_UNPACKED && launcher->step == FED;
    launcher->exit_code = launcher->marks[stream == STREAM_ERR].exit_code;
    timer_set_ms(launcher->timer,
                 needs_stdout && stream == STREAM_ERR ? DATA_MARK_MS : OTHER_MARK_MS);
}

static void all_said(struct launcher *launcher)
{
    struct err err;

    if (launcher->stopped || launcher->step >= EXITED)
        return;
    evtimer_del(launcher->timer);
    if (launcher->step == FED) {
        err_set(&err, ERR_BACKEND, "the sandbox %s",
                launcher->torn ? "could not unpack the job" : "ended before the program");
        tell_failure(launcher, &err);
        return;
    }
    launcher->step = EXITED;
    launcher->events->exited(launcher->arg);
}

/* The container's last process is gone, or the engine is. Nothing can be written then,
 * either, but what was said by then is heard first. */
static void happened(struct bufferevent *stream, short what, void *arg)
{
    struct launcher *launcher = arg;
    int exit_code;
    struct err err;

    if (what & BEV_EVENT_WRITING)
        return;
    if (launcher->stopped || launcher->step >= EXITED) {
        launcher_hush(launcher);
        launcher->events->closed(launcher->arg);
    } else if (launcher_ended(launcher, &exit_code)) {
        all_said(launcher);
    } else {
        err_set(&err, ERR_BACKEND, "the sandbox was lost: its stream ended %s",
                where(launcher));
        tell_failure(launcher, &err);
    }
}

static const char *where(const struct launcher *launcher)
{
    static const char *const texts[] = {
        [SETTING_UP] = "before it was ready",
        [READY] = "while it waited for its job",
        [FED] = "before its program began",
        [BEGUN] = "while its program ran",
    };

    return texts[launcher->step];
}

static void overdue(evutil_socket_t fd, short what, void *arg)
{
    struct launcher *launcher = arg;
    int exit_code;
    struct err err;

    if (launcher_ended(launcher, &exit_code)) {
        all_said(launcher);
        return;
    }
    err_set(&err, ERR_TIMEOUT, "the sandbox was not %s within %d ms",
            launcher->step == SETTING_UP ? "ready" : "running", SETUP_MS);
    tell_failure(launcher, &err);
}

/* Of a program that ran, what it said is output. */
static void tell_failure(struct launcher *launcher, struct err *err)
{
    struct bytes words = last_words(launcher);
    size_t len = strlen(err->text);
    char shown[WORDS_SHOWN];

    if (launcher->step < BEGUN)
        snprintf(err->text + len, sizeof err->text - len, "; it said %s",
                 words.len ? show_text_in(words.at, words.len, shown, sizeof shown)
                           : "nothing");
    launcher->events->failed(launcher->arg, err);
}

/* Of stdout only when there is nothing of stderr; without the newlines at the end. */
static struct bytes last_words(const struct launcher *launcher)
{
    const struct words *words = &launcher->words[launcher->words[1].len > 0];
    size_t len = words->len;

    while (len && words->at[len - 1] == '\n')
        len--;
    return (struct bytes){words->at, len};
}

bool launcher_ended(const struct launcher *launcher, int *exit_code)
{
    *exit_code = launcher->exit_code;
    return launcher->marks[0].over || launcher->marks[1].over;
}

bool launcher_whole(const struct launcher *launcher)
{
    return launcher->marks[0].over;
}

void launcher_stop(struct launcher *launcher)
{
    launcher->stopped = true;
    evtimer_del(launcher->timer);
}

void launcher_hush(struct launcher *launcher)
{
    if (launcher->step >= FED && launcher->step < HUSHED) {
        marks_flush(&launcher->marks[0], program_out, launcher);
        marks_flush(&launcher->marks[1], program_err, launcher);
    }
    launcher->step = HUSHED;
}
