/* json.h -- jansson, set up the one way we use it. JSON stays at the edges: what comes in
 * becomes a struct at once (fields.h).
 *
 * Reading is strict (RFC 8259): one value and nothing behind it, no duplicate keys, UTF-8
 * only, no lone surrogates, numbers that fit, at most JSON_DEPTH levels. U+0000 in texts
 * is let through, since only the field knows whether it may hold one.
 */
#ifndef LIB_JSON_H
#define LIB_JSON_H

#include <jansson.h>

#include "lib/bytes.h"
#include "lib/err.h"

#define JSON_DEPTH 32

/* Parse. The value is the caller's (json_decref). On failure returns NULL, an ERR_INVALID
 * that says what was found at which line and column, and, when `pointer` is not NULL, the
 * JSON pointer (RFC 6901) of the member in which the trouble stands, "" when at the top
 * or unknown; it is cut to `size`. */
json_t *json_read(const char *text, size_t len, char *pointer, size_t size,
                  struct err *err);

/* Compact text, malloc'd, NUL-terminated; *len (may be NULL) gets its length. Never fails:
 * what we write we have made ourselves. */
char *json_write(const json_t *value, size_t *len);

/* A JSON string from any bytes: what is not UTF-8 is replaced by U+FFFD. */
json_t *json_text(const char *at, size_t len);

#endif
