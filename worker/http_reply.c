/* http_reply.c -- see http_reply.h.
 *
 *     HEAD -> FIELDS -> LENGTH ---------------------------> WHOLE
 *                    -> CHUNK <-> DATA -> TRAILER --------> WHOLE
 *                    -> STREAM (until the connection ends)
 */
#include "worker/http_reply.h"

#include <event2/buffer.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/bytes.h"
#include "lib/mem.h"

enum { HEAD_MAX = 16 * 1024 };

enum part { HEAD, FIELDS, LENGTH, CHUNK, DATA, DATA_END, TRAILER, STREAM, WHOLE };

struct http_reply {
    enum part part;
    int status;
    bool upgrade; /* was asked for */
    bool chunked, sized;
    size_t limit;     /* of the body */
    size_t head_left; /* of HEAD_MAX */
    size_t left;      /* of the body or chunk being read */
    struct evbuffer *body;
    const char *text; /* the whole body in one piece, once asked for */
    size_t text_len;
};

static int read_line(struct http_reply *reply, const char *line, struct err *err);
static int read_head(struct http_reply *reply, const char *line, struct err *err);
static int read_field(struct http_reply *reply, const char *line, struct err *err);
static int fields_over(struct http_reply *reply, struct err *err);
static int read_chunk(struct http_reply *reply, const char *line, struct err *err);
static int expect(struct http_reply *reply, size_t len, struct err *err);
static void read_data(struct http_reply *reply, struct evbuffer *input);

struct http_reply *http_reply_new(size_t limit, bool upgrade)
{
    struct http_reply *reply = xcalloc(1, sizeof *reply);

    reply->limit = limit;
    reply->upgrade = upgrade;
    reply->head_left = HEAD_MAX;
    reply->body = evbuffer_new();
    return reply;
}

void http_reply_free(struct http_reply *reply)
{
    if (!reply)
        return;
    evbuffer_free(reply->body);
    free(reply);
}

int http_reply_read(struct http_reply *reply, struct evbuffer *input, struct err *err)
{
    while (reply->part != WHOLE) {
        size_t len;
        char *line;
        int failed;

        if (reply->part == LENGTH || reply->part == DATA) {
            if (!evbuffer_get_length(input))
                return 0;
            read_data(reply, input);
            continue;
        }
        if (reply->part == STREAM) {
            if (http_reply_upgraded(reply))
                return 1;
            if (expect(reply, evbuffer_get_length(input), err))
                return -1;
            evbuffer_add_buffer(reply->body, input);
            return 0;
        }
        line = evbuffer_readln(input, &len, EVBUFFER_EOL_CRLF);
        if (!line && evbuffer_get_length(input) <= reply->head_left)
            return 0;
        if (!line || len >= reply->head_left) {
            free(line);
            return err_set(err, ERR_BACKEND, "the head of the reply is over %d bytes",
                           HEAD_MAX);
        }
        reply->head_left -= len + 1;
        failed = strlen(line) != len
                     ? err_set(err, ERR_BACKEND, "a NUL in the reply's head")
                     : read_line(reply, line, err);
        free(line);
        if (failed)
            return -1;
    }
    return 1;
}

static int read_line(struct http_reply *reply, const char *line, struct err *err)
{
    switch (reply->part) {
    case HEAD:
        return read_head(reply, line, err);
    case FIELDS:
        return *line ? read_field(reply, line, err) : fields_over(reply, err);
    case CHUNK:
        return read_chunk(reply, line, err);
    case DATA_END:
        if (*line)
            return err_set(err, ERR_BACKEND, "a chunk is longer than it says");
        reply->part = CHUNK;
        return 0;
    default: /* TRAILER */
        if (!*line)
            reply->part = WHOLE;
        return 0;
    }
}

/* "HTTP/1.1 200 OK" */
static int read_head(struct http_reply *reply, const char *line, struct err *err)
{
    char code[4] = {0};
    int64_t status;

    if (strncmp(line, "HTTP/1.", 7) != 0 || strlen(line) < 12 || line[8] != ' ')
        return err_set(err, ERR_BACKEND, "not HTTP: \"%.60s\"", line);
    memcpy(code, line + 9, 3);
    if ((line[12] && line[12] != ' ') || number_read(code, 100, 599, &status))
        return err_set(err, ERR_BACKEND, "not an HTTP status: \"%.60s\"", line);
    reply->status = (int)status;
    reply->part = FIELDS;
    return 0;
}

static int read_field(struct http_reply *reply, const char *line, struct err *err)
{
    const char *value = strchr(line, ':');
    int64_t length;

    if (!value)
        return err_set(err, ERR_BACKEND, "not an HTTP field: \"%.60s\"", line);
    value += 1 + strspn(value + 1, " \t");
    if (!strncasecmp(line, "Transfer-Encoding:", 18)) {
        if (strcasecmp(value, "chunked") != 0)
            return err_set(err, ERR_BACKEND, "unknown Transfer-Encoding \"%.60s\"", value);
        reply->chunked = true;
    } else if (!strncasecmp(line, "Content-Length:", 15)) {
        if (reply->sized || number_read(value, 0, INT32_MAX, &length))
            return err_set(err, ERR_BACKEND, "bad Content-Length \"%.60s\"", value);
        reply->sized = true;
        reply->left = (size_t)length;
    }
    return 0;
}

static int fields_over(struct http_reply *reply, struct err *err)
{
    if (reply->status / 100 == 1 && reply->status != 101) {
        reply->part = HEAD; /* 100 Continue: the next one counts */
        return 0;
    }
    if (reply->status == 204 || reply->status == 304) {
        reply->part = WHOLE;
        return 0;
    }
    if (reply->chunked && reply->sized)
        return err_set(err, ERR_BACKEND, "both Content-Length and Transfer-Encoding");
    reply->part = reply->chunked ? CHUNK : reply->sized ? LENGTH : STREAM;
    if (reply->part != LENGTH)
        return 0;
    if (!reply->left)
        reply->part = WHOLE;
    return expect(reply, reply->left, err);
}

/* "1a" or "1a;extension" */
static int read_chunk(struct http_reply *reply, const char *line, struct err *err)
{
    size_t digits = strspn(line, "0123456789abcdefABCDEF");

    if (!digits || digits > 8 || !strchr("; \t", line[digits]))
        return err_set(err, ERR_BACKEND, "not a chunk's length: \"%.60s\"", line);
    reply->left = strtoul(line, NULL, 16);
    reply->part = reply->left ? DATA : TRAILER;
    reply->head_left = HEAD_MAX;
    return expect(reply, reply->left, err);
}

static int expect(struct http_reply *reply, size_t len, struct err *err)
{
    if (evbuffer_get_length(reply->body) + len > reply->limit)
        return err_set(err, ERR_BACKEND, "the reply is over %zu bytes", reply->limit);
    return 0;
}

static void read_data(struct http_reply *reply, struct evbuffer *input)
{
    int moved = evbuffer_remove_buffer(input, reply->body, reply->left);

    if (moved < 0)
        abort(); /* a frozen buffer: not ours */
    reply->left -= (size_t)moved;
    if (!reply->left)
        reply->part = reply->part == LENGTH ? WHOLE : DATA_END;
}

int http_reply_end(struct http_reply *reply, struct err *err)
{
    if (reply->part == STREAM || reply->part == WHOLE) {
        reply->part = WHOLE;
        return 1;
    }
    return err_set(err, ERR_BACKEND, "the connection ended in the middle of the reply");
}

int http_reply_status(const struct http_reply *reply)
{
    return reply->status;
}

bool http_reply_upgraded(const struct http_reply *reply)
{
    return reply->upgrade && reply->part == STREAM &&
           (reply->status == 101 || reply->status == 200);
}

struct evbuffer *http_reply_arrived(struct http_reply *reply)
{
    return reply->body;
}

const char *http_reply_body(struct http_reply *reply, size_t *len)
{
    if (!reply->text) {
        reply->text_len = evbuffer_get_length(reply->body);
        evbuffer_add(reply->body, "", 1);
        reply->text = (const char *)evbuffer_pullup(reply->body, -1);
    }
    *len = reply->text_len;
    return reply->text;
}
