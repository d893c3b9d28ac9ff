/* docker.c -- see docker.h.
 *
 * The first call asks the engine for its API version and holds back the others until that
 * is known: every path but /version carries it, and an engine refuses versions it does not
 * speak. When the engine cannot be asked, each held call hears why, and the next one asks
 * again: the engine that comes back may be another one.
 */
#include "worker/docker.h"

#include <event2/buffer.h>
#include <event2/http.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/un.h>

#include "lang-registry/image.h"
#include "lib/json.h"
#include "lib/mem.h"
#include "worker/docker_http.h"

enum {
    DEADLINE_MS = 5000,
    SLOW_DEADLINE_MS = 20000,
    STEP_MS = 300000 /* from one step of a pull or a build to the next */
};

/* One Engine call, from being asked for to its answer. */
struct call {
    TAILQ_ENTRY(call) next; /* while held for the version */
    struct docker *docker;
    const char *what; /* for messages: "create", a constant */
    const char *method;
    char *target;
    char *body; /* or NULL */
    int deadline_ms;
    int also_good; /* a status that counts as done beside 2xx; 0: none */
    bool upgrade;
    struct evbuffer *archive; /* in place of the body, or NULL */
    docker_step *step;        /* or NULL */
    struct err *failure;      /* one of the steps said so, or NULL */
    docker_done *done;        /* one of these three */
    docker_told *told;
    docker_attached *attached;
    void *arg;
};
TAILQ_HEAD(calls, call);

struct docker {
    struct event_base *base;
    char *path;        /* of the socket */
    char version[16];  /* "1.41"; empty until known */
    struct calls held; /* for the version */
};

static struct call *call_new(struct docker *docker, const char *what, const char *method,
                             void *arg, const char *target, ...)
    __attribute__((format(printf, 5, 6)));
static void call_send(struct call *call);
static void ask_version(struct docker *docker);
static void version_told(void *arg, int status, const char *body, size_t len,
                         struct bufferevent *stream, const struct err *err);
static int read_version(struct docker *docker, int status, const char *body, size_t len,
                        struct err *err);
static void send_now(struct call *call);
static void stepped(void *arg, struct evbuffer *body);
static void answered(void *arg, int status, const char *body, size_t len,
                     struct bufferevent *stream, const struct err *err);
static int judge(const struct call *call, int status, const json_t *body, struct err *err);
static void finish(struct call *call, const json_t *body, struct bufferevent *stream,
                   const struct err *err);

struct docker *docker_new(struct event_base *base, const char *host, struct err *err)
{
    const char *path = host + strlen("unix://");
    struct docker *docker;

    if (strncmp(host, "unix://", 7) != 0 || *path != '/' ||
        strlen(path) >= sizeof((struct sockaddr_un *)0)->sun_path) {
        err_set(err, ERR_INVALID,
                "the engine's address must be unix:///path/of/the/socket, is '%.100s'",
                host);
        return NULL;
    }
    docker = xcalloc(1, sizeof *docker);
    docker->base = base;
    docker->path = xstrdup(path);
    TAILQ_INIT(&docker->held);
    return docker;
}

void docker_free(struct docker *docker)
{
    if (!docker)
        return;
    free(docker->path);
    free(docker);
}

void docker_info(struct docker *docker, docker_told *told, void *arg)
{
    struct call *call = call_new(docker, "info", "GET", arg, "/info");

    call->told = told;
    call_send(call);
}

void docker_create(struct docker *docker, const char *body, docker_told *told, void *arg)
{
    struct call *call = call_new(docker, "create", "POST", arg, "/containers/create");

    call->body = xstrdup(body);
    call->deadline_ms = SLOW_DEADLINE_MS;
    call->told = told;
    call_send(call);
}

void docker_attach(struct docker *docker, const char *id, docker_attached *attached,
                   void *arg)
{
    struct call *call =
        call_new(docker, "attach", "POST", arg,
                 "/containers/%s/attach?stream=1&stdin=1&stdout=1&stderr=1", id);

    call->upgrade = true;
    call->attached = attached;
    call_send(call);
}

void docker_start(struct docker *docker, const char *id, docker_done *done, void *arg)
{
    struct call *call = call_new(docker, "start", "POST", arg, "/containers/%s/start", id);

    call->deadline_ms = SLOW_DEADLINE_MS;
    call->done = done;
    call_send(call);
}

void docker_inspect(struct docker *docker, const char *id, docker_told *told, void *arg)
{
    struct call *call = call_new(docker, "inspect", "GET", arg, "/containers/%s/json", id);

    call->told = told;
    call_send(call);
}

void docker_kill(struct docker *docker, const char *id, docker_done *done, void *arg)
{
    struct call *call =
        call_new(docker, "kill", "POST", arg, "/containers/%s/kill?signal=KILL", id);

    call->also_good = 409; /* it is not running */
    call->done = done;
    call_send(call);
}

void docker_remove(struct docker *docker, const char *id, docker_done *done, void *arg)
{
    struct call *call =
        call_new(docker, "remove", "DELETE", arg, "/containers/%s?force=1&v=1", id);

    call->also_good = 409; /* it is being removed */
    call->deadline_ms = SLOW_DEADLINE_MS;
    call->done = done;
    call_send(call);
}

void docker_list(struct docker *docker, const char *label, docker_told *told, void *arg)
{
    json_t *filters = json_pack("{s:[s]}", "label", label);
    char *text = json_write(filters, NULL);
    char *encoded = evhttp_uriencode(text, -1, 0);
    struct call *call =
        call_new(docker, "list", "GET", arg, "/containers/json?all=1&filters=%s", encoded);

    free(encoded);
    free(text);
    json_decref(filters);
    call->told = told;
    call_send(call);
}

void docker_image(struct docker *docker, const char *image, docker_told *told, void *arg)
{
    struct call *call = call_new(docker, "image", "GET", arg, "/images/%s/json", image);

    call->told = told;
    call_send(call);
}

void docker_pull(struct docker *docker, const char *image, docker_step *step,
                 docker_done *done, void *arg)
{
    bool bare = !image[image_repository(image)]; /* that would be every tag there is */
    char *encoded = evhttp_uriencode(image, -1, 0);
    struct call *call =
        call_new(docker, "pull", "POST", arg, "/images/create?fromImage=%s%s", encoded,
                 bare ? "%3Alatest" : "");

    free(encoded);
    call->deadline_ms = STEP_MS;
    call->step = step;
    call->done = done;
    call_send(call);
}

void docker_build(struct docker *docker, const char *image, struct evbuffer *context,
                  docker_step *step, docker_done *done, void *arg)
{
    char *encoded = evhttp_uriencode(image, -1, 0);
    struct call *call =
        call_new(docker, "build", "POST", arg, "/build?t=%s&rm=1&forcerm=1", encoded);

    free(encoded);
    call->archive = evbuffer_new();
    evbuffer_add_buffer(call->archive, context);
    call->deadline_ms = STEP_MS;
    call->step = step;
    call->done = done;
    call_send(call);
}

static struct call *call_new(struct docker *docker, const char *what, const char *method,
                             void *arg, const char *target, ...)
{
    struct call *call = xcalloc(1, sizeof *call);
    va_list args;

    call->docker = docker;
    call->what = what;
    call->method = method;
    call->arg = arg;
    call->deadline_ms = DEADLINE_MS;
    va_start(args, target);
    call->target = xvasprintf(target, args);
    va_end(args);
    return call;
}

static void call_send(struct call *call)
{
    struct docker *docker = call->docker;
    bool first = TAILQ_EMPTY(&docker->held);

    if (*docker->version) {
        send_now(call);
        return;
    }
    TAILQ_INSERT_TAIL(&docker->held, call, next);
    if (first)
        ask_version(docker);
}

static void ask_version(struct docker *docker)
{
    const struct docker_request request = {
        .path = docker->path,
        .method = "GET",
        .target = "/version",
        .deadline_ms = DEADLINE_MS,
    };

    docker_ask(docker->base, &request, version_told, docker);
}

static void version_told(void *arg, int status, const char *body, size_t len,
                         struct bufferevent *stream, const struct err *err)
{
    struct docker *docker = arg;
    struct calls held;
    struct call *call;
    struct err bad;

    if (err)
        bad = *err;
    else if (read_version(docker, status, body, len, &bad))
        err = &bad;
    if (err)
        err_wrap(&bad, "Docker at %s: version", docker->path);
    TAILQ_INIT(&held);
    TAILQ_CONCAT(&held, &docker->held, next);
    while ((call = TAILQ_FIRST(&held))) {
        TAILQ_REMOVE(&held, call, next);
        if (err)
            finish(call, NULL, NULL, &bad);
        else
            send_now(call);
    }
}

static int read_version(struct docker *docker, int status, const char *body, size_t len,
                        struct err *err)
{
    struct err ignored;
    json_t *json = json_read(body, len, NULL, 0, &ignored);
    const char *version = json_string_value(json_object_get(json, "ApiVersion"));
    bool good = status == 200 && version && *version &&
                strlen(version) < sizeof docker->version &&
                !version[strspn(version, "0123456789.")];

    if (good)
        memcpy(docker->version, version, strlen(version) + 1);
    json_decref(json);
    return good ? 0
                : err_set(err, ERR_BACKEND, "status %d and no ApiVersion: \"%.60s\"",
                          status, body);
}

static void send_now(struct call *call)
{
    char *target = xasprintf("/v%s%s", call->docker->version, call->target);
    const struct docker_request request = {
        .path = call->docker->path,
        .method = call->method,
        .target = target,
        .body = call->body,
        .archive = call->archive,
        .deadline_ms = call->deadline_ms,
        .upgrade = call->upgrade,
        .progress = call->step ? stepped : NULL,
    };

    docker_ask(call->docker->base, &request, answered, call);
    free(target);
}

/* A line of JSON is a step. The answer began well, so its end can only be told by one. */
static void stepped(void *arg, struct evbuffer *body)
{
    struct call *call = arg;
    size_t len;
    char *line;

    while ((line = evbuffer_readln(body, &len, EVBUFFER_EOL_LF))) {
        struct err ignored;
        json_t *step = json_read(line, len, NULL, 0, &ignored);
        const char *error = json_string_value(json_object_get(step, "error"));

        if (error && !call->failure) {
            call->failure = xcalloc(1, sizeof *call->failure);
            err_set(call->failure, ERR_BACKEND, "%.300s", error);
        }
        if (step)
            call->step(call->arg, step);
        json_decref(step);
        free(line);
    }
}

static void answered(void *arg, int status, const char *body, size_t len,
                     struct bufferevent *stream, const struct err *err)
{
    struct call *call = arg;
    struct err bad = {0}, ignored;
    json_t *json = NULL;

    /* Whatever answers there next may speak another version; or does so already, for that
     * is what an engine of another version answers. */
    if (err || status == 400)
        call->docker->version[0] = '\0';
    if (!err)
        err = call->failure;
    if (err) {
        bad = *err;
    } else {
        json = json_read(body, len, NULL, 0, &ignored);
        if (judge(call, status, json, &bad) ||
            (call->upgrade && !stream &&
             err_set(&bad, ERR_BACKEND, "status %d without a stream", status)))
            err = &bad;
    }
    if (err) {
        err_wrap(&bad, "Docker at %s: %s", call->docker->path, call->what);
        if (stream)
            bufferevent_free(stream);
    }
    finish(call, json, err ? NULL : stream, err ? &bad : NULL);
    json_decref(json);
}

static int judge(const struct call *call, int status, const json_t *body, struct err *err)
{
    const char *message = json_string_value(json_object_get(body, "message"));
    bool good = status / 100 == 2 || (call->upgrade && status == 101) ||
                (call->done && (status == call->also_good || status == 304 ||
                                (call->also_good && status == 404)));

    if (good && (body || !call->told))
        return 0;
    return err_set(err,
                   status == 404       ? ERR_MISSING
                   : status / 100 == 4 ? ERR_INVALID
                                       : ERR_BACKEND,
                   "status %d: %.300s", status,
                   message ? message : "an answer that is not understood");
}

static void finish(struct call *call, const json_t *body, struct bufferevent *stream,
                   const struct err *err)
{
    if (call->done)
        call->done(call->arg, err);
    else if (call->told)
        call->told(call->arg, err ? NULL : body, err);
    else
        call->attached(call->arg, stream, err);
    free(call->target);
    free(call->body);
    free(call->failure);
    if (call->archive)
        evbuffer_free(call->archive);
    free(call);
}
