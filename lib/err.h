/* err.h -- one way to say that our own side failed.
 *
 * A function that can fail returns int, 0 or -1, and takes `struct err *err` last; a
 * callback gets `const struct err *err`, NULL when all is well. The caller owns the
 * struct, nothing is allocated, and the text grows on the way up. Failures of user code
 * are results and never travel here.
 */
#ifndef LIB_ERR_H
#define LIB_ERR_H

enum err_kind {
    ERR_INVALID, /* the request is wrong: HTTP 400, never retried */
    ERR_MISSING, /* no such job or language: 404 */
    ERR_BUSY,    /* full, try later: 429 */
    ERR_TIMEOUT, /* no answer in time: 504 */
    ERR_BACKEND, /* Redis or Docker failed us: 503, retried */
    ERR_BUG      /* our own mistake: 500, logged loudly */
};

struct err {
    enum err_kind kind;
    char text[512];
};

/* Set kind and text; a text that is too long is cut. Returns -1, so that a failing
 * function can end with `return err_set(...)`. */
int err_set(struct err *err, enum err_kind kind, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Put "<fmt>: " before the text that is there; the kind stays. Returns -1. */
int err_wrap(struct err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
