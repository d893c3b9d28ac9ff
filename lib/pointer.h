/* pointer.h -- JSON pointers (RFC 6901): which member of a JSON value is meant. */
#ifndef LIB_POINTER_H
#define LIB_POINTER_H

#include <stddef.h>

#define POINTER_BYTES 96 /* enough for messages */

/* Add "/name", with '~' and '/' escaped, to the text in `pointer`, which has room for
 * `size` bytes. What does not fit is cut, between characters. */
void pointer_add(char *pointer, size_t size, const char *name, size_t len);
void pointer_add_index(char *pointer, size_t size, size_t index);

/* The pointer of the member that byte `where` of a JSON text belongs to. The text may be
 * broken from there on; up to there it has at most JSON_DEPTH levels. */
void pointer_at(const char *text, size_t len, size_t where, char *pointer, size_t size);

#endif
