/* http.c -- see http.h. */
#include "producer/http.h"

#include <ctype.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/bufferevent_struct.h>
#include <event2/http_struct.h>
#include <event2/keyvalq_struct.h>
#include <event2/listener.h>
#include <netdb.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/queue.h>

#include "lib/log.h"
#include "lib/mem.h"
#include "lib/timer.h"
#include "producer/http_page.h"

enum {
    HEAD_MAX = 16 * 1024,
    INPUT_MORE = 64 * 1024, /* beyond a body: more is never unread in a good connection */
    RETRY_AFTER_S = 1,
};

struct http {
    struct evhttp *evhttp;
    struct evhttp_bound_socket *socket; /* NULL once stopped */
    const struct http_route *routes;
    void *arg;
    size_t input_limit;
    int held;
    struct event *accept_again; /* every second; evhttp keeps us from the listener's arg */
    struct event *idle_later;
    void (*idle)(void *arg); /* NULL until stopped, and once called */
    void *idle_arg;
};

struct http_request {
    struct http *http;
    struct evhttp_request *evhttp;
};

static struct bufferevent *connected(struct event_base *base, void *arg);
static void received(struct evbuffer *input, const struct evbuffer_cb_info *info,
                     void *arg);
static void not_accepted(struct evconnlistener *listener, void *arg);
static void accept_again(evutil_socket_t fd, short what, void *arg);
static void requested(struct evhttp_request *evhttp, void *arg);
static void keep_reading(struct bufferevent *bev);
static void came_early(struct bufferevent *bev, void *arg);
static void ended_early(struct bufferevent *bev, short what, void *arg);
static const char *bad_framing(struct evhttp_request *evhttp);
static bool is_token(const char *name);
static void dispatch(struct http_request *request);
static bool match(const char *route, const char *path, const char **parameter);
static void not_allowed(struct http_request *request, const char *methods);
static const char *method_of(struct evhttp_request *evhttp);
static void send_json(struct http_request *request, int status, const char *type,
                      json_t *body);
static void write_now(struct bufferevent *bev);
static void idle_now(evutil_socket_t fd, short what, void *arg);

/* What is asked of epoll and taken back within a round never gets there: evhttp does so
 * with each request and each reply. */
struct event_base *http_base_new(void)
{
    struct event_config *config = event_config_new();
    struct event_base *base;

    event_config_set_flag(config, EVENT_BASE_FLAG_EPOLL_USE_CHANGELIST);
    base = event_base_new_with_config(config);
    event_config_free(config);
    return base;
}

struct http *http_new(struct event_base *base, const struct http_config *config,
                      const struct http_route *routes, void *arg, struct err *err)
{
    struct http *http = xcalloc(1, sizeof *http);
    const struct timeval second = {.tv_sec = 1};

    http->routes = routes;
    http->arg = arg;
    http->accept_again = event_new(base, -1, EV_PERSIST, accept_again, http);
    event_add(http->accept_again, &second);
    http->idle_later = evtimer_new(base, idle_now, http);
    http->evhttp = evhttp_new(base);
    http->input_limit = config->body_limit + INPUT_MORE;
    evhttp_set_bevcb(http->evhttp, connected, http);
    evhttp_set_gencb(http->evhttp, requested, http);
    evhttp_set_allowed_methods(http->evhttp, 0xffff); /* refusing is ours, with an Allow */
    evhttp_set_max_headers_size(http->evhttp, HEAD_MAX);
    evhttp_set_max_body_size(http->evhttp, (ev_ssize_t)config->body_limit);
    evhttp_set_timeout(http->evhttp, config->idle_s);
    /* So that a client that is still sending gets to read its 413. */
    evhttp_set_flags(http->evhttp, EVHTTP_SERVER_LINGERING_CLOSE);
    http->socket = evhttp_bind_socket_with_handle(http->evhttp, config->host,
                                                  (ev_uint16_t)config->port);
    if (!http->socket) {
        err_set(err, ERR_INVALID, "cannot listen on %s port %d: %m", config->host,
                config->port);
        http_free(http);
        return NULL;
    }
    evconnlistener_set_error_cb(evhttp_bound_socket_get_listener(http->socket),
                                not_accepted);
    return http;
}

void http_free(struct http *http)
{
    if (!http)
        return;
    evhttp_free(http->evhttp);
    event_free(http->accept_again);
    event_free(http->idle_later);
    free(http);
}

int http_port(const struct http *http)
{
    struct sockaddr_storage address;
    socklen_t len = sizeof address;
    char text[8];
    int64_t port;

    if (getsockname(evhttp_bound_socket_get_fd(http->socket), (struct sockaddr *)&address,
                    &len) ||
        getnameinfo((struct sockaddr *)&address, len, NULL, 0, text, sizeof text,
                    NI_NUMERICSERV) ||
        number_read(text, 1, 65535, &port))
        return -1;
    return (int)port;
}

void http_stop(struct http *http, void (*idle)(void *arg), void *arg)
{
    if (http->socket)
        evhttp_del_accept_socket(http->evhttp, http->socket);
    http->socket = NULL;
    http->idle = idle;
    http->idle_arg = arg;
    if (!http->held)
        timer_set_us(http->idle_later, 0);
}

static void idle_now(evutil_socket_t fd, short what, void *arg)
{
    struct http *http = arg;
    void (*idle)(void *) = http->idle;

    if (http->held || !idle)
        return; /* a request came in between: its reply is waited for, too */
    http->idle = NULL;
    idle(http->idle_arg);
}

static struct bufferevent *connected(struct event_base *base, void *arg)
{
    struct bufferevent *bev = bufferevent_socket_new(base, -1, BEV_OPT_CLOSE_ON_FREE);
    struct http *http = arg;

    if (!bev)
        return NULL;
    bufferevent_setwatermark(bev, EV_READ, 0, http->input_limit);
    evbuffer_add_cb(bufferevent_get_input(bev), received, bev);
    http_page_watch(bev);
    return bev;
}

/* evhttp waits for the end of a chunk's head, however long that gets, and looks through all
 * of it each time more comes. */
static void received(struct evbuffer *input, const struct evbuffer_cb_info *info, void *arg)
{
    struct bufferevent *bev = arg;
    size_t limit;

    bufferevent_getwatermark(bev, EV_READ, NULL, &limit);
    if (info->n_added && evbuffer_get_length(input) >= limit)
        bufferevent_trigger_event(bev, BEV_EVENT_READING | BEV_EVENT_ERROR,
                                  BEV_TRIG_DEFER_CALLBACKS);
}

/* Out of file descriptors: libevent alone would try again, and say so, without a pause. */
static void not_accepted(struct evconnlistener *listener, void *arg)
{
    log_error("accept", "error=%s", evutil_socket_error_to_string(EVUTIL_SOCKET_ERROR()));
    evconnlistener_disable(listener);
}

static void accept_again(evutil_socket_t fd, short what, void *arg)
{
    struct http *http = arg;

    if (http->socket)
        evconnlistener_enable(evhttp_bound_socket_get_listener(http->socket));
}

static void requested(struct evhttp_request *evhttp, void *arg)
{
    struct http_request *request = xcalloc(1, sizeof *request);
    const char *bad = bad_framing(evhttp);

    request->http = arg;
    request->evhttp = evhttp;
    request->http->held++;
    keep_reading(evhttp_connection_get_bufferevent(evhttp_request_get_connection(evhttp)));
    if (!request->http->socket)
        http_add_header(request, "Connection", "close");
    /* evhttp answers in the version it was asked in, be that 1.5 or -3.-3. */
    if (evhttp->major != 1 || evhttp->minor != 0)
        evhttp->major = evhttp->minor = 1;
    if (bad) {
        http_add_header(request, "Connection", "close");
        http_problem(request, 400, "%s", bad);
    } else {
        dispatch(request);
    }
}

/* evhttp has just disabled EV_READ until the reply. Mostly nothing comes before that, and
 * when something does it is early enough to stop: each is a call of epoll's less. Meanwhile
 * the callbacks have to be ours: evhttp's read callback ends the process when it expects
 * nothing, and its other one fails the request that we hold. The reply sets them again.
 * What came waits in the input for evhttp, and an end or an error is met again behind the
 * reply. */
static void keep_reading(struct bufferevent *bev)
{
    bufferevent_setcb(bev, came_early, NULL, ended_early, NULL);
    bufferevent_enable(bev, EV_READ);
}

static void came_early(struct bufferevent *bev, void *arg)
{
    bufferevent_disable(bev, EV_READ);
}

static void ended_early(struct bufferevent *bev, short what, void *arg)
{
    bufferevent_disable(bev, EV_READ);
}

/* What evhttp lets pass though two readers may read it differently (RFC 9112, 3.2, 6.3). */
static const char *bad_framing(struct evhttp_request *evhttp)
{
    int hosts = 0, lengths = 0, encodings = 0;
    const char *encoding = NULL, *length = NULL;
    struct evkeyval *header;

    if (evhttp->major != 1 || evhttp->minor < 0)
        return "the versions of HTTP that are understood are 1.0 and 1.1";
    TAILQ_FOREACH (header, evhttp_request_get_input_headers(evhttp), next) {
        if (!is_token(header->key))
            return "the name of a header is not a token";
        hosts += !strcasecmp(header->key, "Host");
        if (!strcasecmp(header->key, "Content-Length")) {
            lengths++;
            length = header->value;
        } else if (!strcasecmp(header->key, "Transfer-Encoding")) {
            encodings++;
            encoding = header->value;
        }
    }
    /* Clients of HTTP/1.0, health checks mostly, need not send one. */
    if (hosts > 1 || (hosts == 0 && evhttp->minor > 0))
        return "a request has exactly one Host header";
    if (lengths > 1)
        return "a request has at most one Content-Length header";
    if (lengths && encodings)
        return "a request has a Content-Length or a Transfer-Encoding, not both";
    if (length && (!*length || length[strspn(length, "0123456789")]))
        return "the Content-Length is not a number";
    if (encodings > 1 || (encoding && strcasecmp(encoding, "chunked") != 0))
        return "the only Transfer-Encoding that is understood is chunked";
    return NULL;
}

/* RFC 9110, 5.6.2. "Content-Length : 5" is a length to one reader and none to another. */
static bool is_token(const char *name)
{
    const char *at = name;

    while (isalnum((unsigned char)*at) || (*at && strchr("!#$%&'*+-.^_`|~", *at)))
        at++;
    return at > name && !*at;
}

/* Find the route; a path with other methods than this is 405. */
static void dispatch(struct http_request *request)
{
    const char *raw = evhttp_uri_get_path(evhttp_request_get_evhttp_uri(request->evhttp));
    const char *method = method_of(request->evhttp), *parameter;
    const struct http_route *route;
    char allowed[64] = "";
    char *path;
    size_t len;

    path = evhttp_uridecode(raw ? raw : "", 0, &len);
    for (route = request->http->routes; route->path; route++) {
        if (!path || strlen(path) != len || !match(route->path, path, &parameter))
            continue;
        if (!strcmp(route->method, method))
            break;
        snprintf(allowed + strlen(allowed), sizeof allowed - strlen(allowed), "%s%s",
                 *allowed ? ", " : "", route->method);
    }
    if (route->path)
        route->handler(request->http->arg, request, parameter);
    else if (*allowed)
        not_allowed(request, allowed);
    else
        http_problem(request, 404, "there is nothing at %.100s", raw ? raw : "");
    free(path);
}

/* A parameter is the rest of the path, slashes and all: the handler says what is good. */
static bool match(const char *route, const char *path, const char **parameter)
{
    const char *colon = strchr(route, ':');
    size_t fixed = colon ? (size_t)(colon - route) : strlen(route);

    *parameter = path + fixed;
    return !strncmp(route, path, fixed) && (colon ? path[fixed] != '\0' : !path[fixed]);
}

static void not_allowed(struct http_request *request, const char *methods)
{
    http_add_header(request, "Allow", methods);
    http_problem(request, 405, "this path takes %s", methods);
}

static const char *method_of(struct evhttp_request *evhttp)
{
    switch (evhttp_request_get_command(evhttp)) {
    case EVHTTP_REQ_GET:
    case EVHTTP_REQ_HEAD:
        return "GET";
    case EVHTTP_REQ_POST:
        return "POST";
    case EVHTTP_REQ_DELETE:
        return "DELETE";
    default:
        return "";
    }
}

struct bytes http_body(struct http_request *request)
{
    struct evbuffer *input = evhttp_request_get_input_buffer(request->evhttp);
    size_t len = evbuffer_get_length(input);

    return (struct bytes){len ? (const char *)evbuffer_pullup(input, -1) : "", len};
}

const char *http_header(struct http_request *request, const char *name)
{
    return evhttp_find_header(evhttp_request_get_input_headers(request->evhttp), name);
}

void http_add_header(struct http_request *request, const char *name, const char *value)
{
    struct evkeyvalq *headers = evhttp_request_get_output_headers(request->evhttp);

    evhttp_remove_header(headers, name);
    evhttp_add_header(headers, name, value);
}

void http_reply(struct http_request *request, int status, json_t *body)
{
    send_json(request, status, "application/json", body);
}

void http_problem(struct http_request *request, int status, const char *fmt, ...)
{
    char detail[512];
    va_list args;

    va_start(args, fmt);
    vsnprintf(detail, sizeof detail, fmt, args);
    va_end(args);
    send_json(request, status, "application/problem+json",
              http_page_problem(status, detail));
}

void http_problem_fields(struct http_request *request, int status,
                         const struct field_errors *errors)
{
    json_t *problem = http_page_problem(status, "some fields are not as they must be"),
           *list = json_array();

    for (size_t i = 0; i < errors->count; i++)
        json_array_append_new(
            list,
            json_pack("{s:o, s:o}", "pointer",
                      json_text(errors->list[i].pointer, strlen(errors->list[i].pointer)),
                      "detail",
                      json_text(errors->list[i].detail, strlen(errors->list[i].detail))));
    json_object_set_new(problem, "errors", list);
    send_json(request, status, "application/problem+json", problem);
}

void http_problem_err(struct http_request *request, const struct err *err)
{
    static const int statuses[] = {
        [ERR_INVALID] = 400, [ERR_MISSING] = 404, [ERR_BUSY] = 429,
        [ERR_TIMEOUT] = 504, [ERR_BACKEND] = 503, [ERR_BUG] = 500,
    };

    if (err->kind == ERR_BUG)
        log_error("bug", "error=%s", err->text);
    http_problem(request, statuses[err->kind], "%s", err->text);
}

/* The only way a request ends. */
static void send_json(struct http_request *request, int status, const char *type,
                      json_t *body)
{
    struct http *http = request->http;
    struct evhttp_connection *connection = evhttp_request_get_connection(request->evhttp);
    struct evbuffer *out = evbuffer_new();
    char retry[12], length[24];
    size_t len;
    char *text = json_write(body, &len);

    /* Said here: evhttp would send a HEAD's body, and leave the length out. */
    snprintf(length, sizeof length, "%zu", len + 1);
    http_add_header(request, "Content-Length", length);
    if (evhttp_request_get_command(request->evhttp) != EVHTTP_REQ_HEAD) {
        evbuffer_add(out, text, len);
        evbuffer_add(out, "\n", 1);
    }
    http_add_header(request, "Content-Type", type);
    if (status == 429 || status == 503) {
        snprintf(retry, sizeof retry, "%d", RETRY_AFTER_S);
        http_add_header(request, "Retry-After", retry);
    }
    evhttp_send_reply(request->evhttp, status, NULL, out);
    if (connection) /* else the client has left */
        write_now(evhttp_connection_get_bufferevent(connection));
    evbuffer_free(out);
    free(text);
    json_decref(body);
    free(request);
    if (!--http->held && http->idle)
        timer_set_us(http->idle_later, 0);
}

/* A socket mostly takes a reply at once. Without this epoll would be asked to say so, and
 * to be silent about it again. The event is fired as epoll would: bufferevent_flush() does
 * nothing for a socket, and from a bufferevent's output nobody else may take. */
static void write_now(struct bufferevent *bev)
{
    event_active(&bev->ev_write, EV_WRITE, 0);
}
