/* fake_engine.h -- a Docker engine that does what the test says: on a unix socket in the
 * test's own event loop, with as much HTTP as it takes. It has one container at a time. */
#ifndef TESTS_SUPPORT_FAKE_ENGINE_H
#define TESTS_SUPPORT_FAKE_ENGINE_H

#include <event2/event.h>
#include <stdbool.h>

#include "worker/frames.h"

enum fake_call {
    CALL_VERSION,
    CALL_INFO,
    CALL_CREATE,
    CALL_ATTACH,
    CALL_START,
    CALL_INSPECT,
    CALL_KILL,
    CALL_REMOVE,
    CALL_LIST,
    CALL_UNKNOWN,
    CALLS
};

#define FAKE_ID "c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00"

struct fake_engine {
    /* What it does. */
    const char *api, *api_min;  /* versions it speaks: "1.41", "1.12" */
    const char *answers[CALLS]; /* instead of the good one: all the bytes, then the end */
    bool silent[CALLS];         /* takes the call and never answers */
    bool held[CALLS];           /* answers when fake_engine_release() says so */
    bool drips;                 /* sends one byte at a time */
    bool immortal;              /* killing and removing do not end the container */
    /* What it was asked. */
    int asked[CALLS];
    bool was_asked[CALLS]; /* for loop_until */
    bool holding;          /* there is a held call */
    char target[256];      /* the last call's, with its version */
    char *created;         /* the last create call's body, to be read, not freed */
    struct evbuffer *in;   /* what the container was sent */
    bool fed;              /* more of that than a first line */
    bool attached;         /* there is a stream */
    bool left;             /* the client has closed the stream */
};

extern struct fake_engine fake_engine;

/* Listen on a path of its own; fake_engine is zeroed and speaks 1.41. */
void fake_engine_start(struct event_base *base);
void fake_engine_away(void);  /* stop listening, break every connection */
void fake_engine_again(void); /* listen once more */
void fake_engine_stop(void);

const char *fake_engine_host(void); /* unix:///... */

/* Forget what it was asked and sent. */
void fake_engine_forget(void);

/* Answer what is held, and hold no more. */
void fake_engine_release(void);

/* What comes out of the container. */
void fake_container_prints(enum stream stream, const char *at, size_t len);
void fake_container_sends(const char *at, size_t len); /* without frames around it */
void fake_container_ends(void);

#endif
