/* bytes.h -- bytes from users: a pointer and a length, never a NUL to rely on. */
#ifndef LIB_BYTES_H
#define LIB_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bytes {
    const char *at;
    size_t len;
};

/* Read a whole decimal number, a sign allowed, within [min, max]. Nothing may stand before
 * or behind it. Returns 0, or -1 and leaves *value alone. */
int number_read(const char *text, int64_t min, int64_t max, int64_t *value);

/* Bytes of the well-formed UTF-8 character that begins here (len > 0), or 0. */
size_t utf8_char(const char *at, size_t len);

/* Whether the bytes are well-formed UTF-8 (RFC 3629: no surrogates, nothing overlong). */
bool utf8_valid(const char *at, size_t len);

/* How many of the bytes are well-formed UTF-8, from the first on. */
size_t utf8_span(const char *at, size_t len);

/* A malloc'd copy in which every ill-formed sequence is replaced by U+FFFD, one for each
 * maximal subpart (Unicode 3.9, as browsers do). *out_len gets its length. */
char *utf8_repair(const char *at, size_t len, size_t *out_len);

/* Whether there are control characters, U+0000 among them. */
bool has_control(const char *at, size_t len);

/* One character of foreign text (len > 0), made fit to be shown: itself, or an escape such
 * as \n or \x1b for control characters and what is not UTF-8. `quote` and the backslash
 * get a backslash when `quote` is not 0. Returns how many bytes it stands for. */
#define SHOWN_BYTES 5
size_t show_char(const char *at, size_t len, char quote, char shown[SHOWN_BYTES]);

/* Foreign text for the middle of a message: 'in quotes', shown as above, cut when long.
 * Returns `shown`, so that it can stand among the arguments. */
#define QUOTED_BYTES 64
const char *show_text(const char *at, size_t len, char shown[QUOTED_BYTES]);
/* The same with room for more, or less; `size` is at least 8. */
const char *show_text_in(const char *at, size_t len, char *shown, size_t size);

/* Line and column, in characters and counted from 1, of the byte at `offset`. */
void text_place(const char *text, size_t offset, int *line, int *column);

/* A malloc'd, NUL-terminated base64 text (RFC 4648, padded). */
char *base64_write(const char *at, size_t len);

/* The bytes of such a text, malloc'd, *out_len of them with a NUL behind; NULL when it is
 * no base64: another character, blanks, or padding that is missing or in the wrong place.
 */
char *base64_read(const char *at, size_t len, size_t *out_len);

#endif
