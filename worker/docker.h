/* docker.h -- the Engine API calls a worker makes, over the engine's unix socket.
 *
 * Asking never fails on the spot: each call calls back exactly once, within its deadline.
 * An engine that cannot be reached or answers 5xx is ERR_BACKEND, no answer in time
 * ERR_TIMEOUT, a 404 ERR_MISSING, another 4xx ERR_INVALID; the text says which call on what
 * and the engine's own words.
 */
#ifndef WORKER_DOCKER_H
#define WORKER_DOCKER_H

#include <event2/bufferevent.h>
#include <jansson.h>

#include "lib/err.h"

struct docker; /* one engine */

/* `host` is unix:///path. Nothing is sent before it is needed; the API version is agreed on
 * with the first call. NULL and ERR_INVALID for another kind of address. */
struct docker *docker_new(struct event_base *base, const char *host, struct err *err);
void docker_free(struct docker *docker); /* no call may be in flight */

/* Hears that it is done. */
typedef void docker_done(void *arg, const struct err *err);
/* Hears the parsed body of a good answer, borrowed. */
typedef void docker_told(void *arg, const json_t *body, const struct err *err);
/* Hears the container's raw stream, now the hearer's. */
typedef void docker_attached(void *arg, struct bufferevent *stream, const struct err *err);

void docker_info(struct docker *docker, docker_told *told, void *arg);

/* `body` is the create call's JSON, not kept. The answer has "Id". Never pulls. */
void docker_create(struct docker *docker, const char *body, docker_told *told, void *arg);
void docker_attach(struct docker *docker, const char *id, docker_attached *attached,
                   void *arg);
void docker_start(struct docker *docker, const char *id, docker_done *done, void *arg);
void docker_inspect(struct docker *docker, const char *id, docker_told *told, void *arg);

/* SIGKILL; not running any more counts as done. */
void docker_kill(struct docker *docker, const char *id, docker_done *done, void *arg);
/* By force; already gone counts as done. */
void docker_remove(struct docker *docker, const char *id, docker_done *done, void *arg);

/* What the engine has of an image: "Id", "RepoDigests", "Size". */
void docker_image(struct docker *docker, const char *image, docker_told *told, void *arg);

/* Hears a step of something long, borrowed: {"status", "id", "progressDetail"} of a pull,
 * {"stream"} of a build. */
typedef void docker_step(void *arg, const json_t *step);

/* Pull an image from its registry, its tag "latest" if it has none and no digest; or build
 * one from a context, a tar with a Dockerfile (emptied). As long as steps come it may take
 * as long as it wants; an engine that fails on the way, {"error"}, is ERR_BACKEND. */
void docker_pull(struct docker *docker, const char *image, docker_step *step,
                 docker_done *done, void *arg);
void docker_build(struct docker *docker, const char *image, struct evbuffer *context,
                  docker_step *step, docker_done *done, void *arg);

/* All containers, running or not, with this label ("bullpen.queue=bull:jobs"). */
void docker_list(struct docker *docker, const char *label, docker_told *told, void *arg);

#endif
