/* What clients send to the producer, over a real connection: whatever it is, each answer is
 * HTTP of ours, whole, and never a page of evhttp's; and every request is let go. */
#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <event2/event.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "producer/http.h"

enum { BODY_LIMIT = 1024, IDLE_S = 3600, HELD_MAX = 64, ANSWERS = 256 * 1024 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void get_root(void *arg, struct http_request *request, const char *parameter);
static void post_echo(void *arg, struct http_request *request, const char *parameter);
static void get_held(void *arg, struct http_request *request, const char *parameter);

static void start(void);
static int connect_client(void);
static bool take_answers(int fd);
static bool reply_to_held(void);
static void check_answers(void);

static const struct http_route routes[] = {
    {"GET", "/", get_root},
    {"POST", "/echo", post_echo},
    {"GET", "/held/:id", get_held},
    {0},
};

static struct event_base *base;
static struct http *http;
static struct http_request *held[HELD_MAX];
static size_t held_count;
static char answers[ANSWERS + 1];
static size_t answers_len;
static bool ended; /* the server has closed the connection */

static void get_root(void *arg, struct http_request *request, const char *parameter)
{
    http_reply(request, 200, json_pack("{s:s}", "hello", "world"));
}

static void post_echo(void *arg, struct http_request *request, const char *parameter)
{
    struct bytes body = http_body(request);

    assert(body.len <= BODY_LIMIT);
    http_reply(request, 202, json_pack("{s:o}", "body", json_text(body.at, body.len)));
}

static void get_held(void *arg, struct http_request *request, const char *parameter)
{
    assert(held_count < HELD_MAX);
    held[held_count++] = request;
}

static void start(void)
{
    const struct http_config config = {"127.0.0.1", 0, BODY_LIMIT, IDLE_S};
    struct err err;

    signal(SIGPIPE, SIG_IGN);
    base = http_base_new();
    http = http_new(base, &config, routes, NULL, &err);
    assert(http);
}

static int connect_client(void)
{
    const struct sockaddr_in address = {.sin_family = AF_INET,
                                        .sin_port = htons((uint16_t)http_port(http)),
                                        .sin_addr = {htonl(INADDR_LOOPBACK)}};
    /* Gone at once when closed: ports would run out. */
    const struct linger linger = {.l_onoff = 1, .l_linger = 0};
    int fd = socket(AF_INET, SOCK_STREAM, 0), failed;
    sigset_t alarm;

    assert(fd >= 0);
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
    sigemptyset(&alarm);
    sigaddset(&alarm, SIGALRM);
    sigprocmask(SIG_BLOCK, &alarm, NULL); /* libFuzzer's clock would interrupt it */
    failed = connect(fd, (const struct sockaddr *)&address, sizeof address);
    sigprocmask(SIG_UNBLOCK, &alarm, NULL);
    if (failed) {
        perror("connect");
        abort();
    }
    return fd;
}

/* Let the server do what it can, and take what it says. Gives whether there was anything.
 */
static bool take_answers(int fd)
{
    ssize_t len;

    for (int i = 0; i < 3; i++)
        event_base_loop(base, EVLOOP_NONBLOCK);
    len = recv(fd, answers + answers_len, ANSWERS - answers_len, MSG_DONTWAIT);
    ended = ended || len == 0 || (len < 0 && errno != EAGAIN);
    if (len <= 0)
        return false;
    answers_len += (size_t)len;
    assert(answers_len < ANSWERS);
    return true;
}

/* Whether there was one. */
static bool reply_to_held(void)
{
    bool any = held_count;

    while (held_count)
        http_reply(held[--held_count], 200, json_object());
    return any;
}

/* Each is a head of ours and as much JSON as that says; of a HEAD there is no body, and the
 * next answer follows. The last one may be cut by the end of the connection. */
static void check_answers(void)
{
    char *at = answers, *end;

    answers[answers_len] = '\0';
    while ((end = strstr(at, "\r\n\r\n"))) {
        const char *length;

        *end = '\0';
        assert(!strncmp(at, "HTTP/1.1 ", 9) || !strncmp(at, "HTTP/1.0 ", 9));
        length = strstr(at, "Content-Length: ");
        assert(length || !strcmp(at, "HTTP/1.1 100 Continue"));
        assert(!length || strstr(at, "Content-Type: application/"));
        at = end + 4;
        if (!length || !strncmp(at, "HTTP/", 5))
            continue;
        assert(!*at || *at == '{');
        for (long left = strtol(length + 16, NULL, 10); left > 0 && *at; left--)
            at++;
    }
    assert(!*at || !strncmp(at, "HTTP/1.", strlen(at) < 7 ? strlen(at) : 7));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int fd;

    if (!http)
        start();
    fd = connect_client();
    answers_len = 0;
    ended = false;
    for (size_t at = 0; at < size && !ended;) {
        ssize_t sent = send(fd, data + at, size - at, MSG_DONTWAIT);

        if (sent > 0)
            at += (size_t)sent;
        take_answers(fd);
        if (sent < 0 && errno != EAGAIN)
            break;
    }
    if (size % 2) /* some go away, some only say no more */
        shutdown(fd, SHUT_WR);
    for (int quiet = 0; quiet < 3 && !ended; quiet++)
        if (reply_to_held() || take_answers(fd))
            quiet = -1;
    close(fd);
    do
        for (int i = 0; i < 3; i++)
            event_base_loop(base, EVLOOP_NONBLOCK);
    while (reply_to_held());
    check_answers();
    return 0;
}
