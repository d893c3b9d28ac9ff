/* bytes.c -- numbers, UTF-8 and base64, from and to bytes that nobody vouches for. */
#include "lib/bytes.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/count.h"
#include "lib/mem.h"

#define REPLACEMENT "\xEF\xBF\xBD" /* U+FFFD */

/* Well-formed UTF-8 (Unicode 3.9, table 3-7): the first byte decides how many bytes there
 * are and what the second may be; those behind it are 80..BF. */
static const struct utf8_form {
    unsigned char first, last;
    unsigned char low, high; /* of the second byte */
    size_t size;
} utf8_forms[] = {
    {0xC2, 0xDF, 0x80, 0xBF, 2}, {0xE0, 0xE0, 0xA0, 0xBF, 3}, {0xE1, 0xEC, 0x80, 0xBF, 3},
    {0xED, 0xED, 0x80, 0x9F, 3}, {0xEE, 0xEF, 0x80, 0xBF, 3}, {0xF0, 0xF0, 0x90, 0xBF, 4},
    {0xF1, 0xF3, 0x80, 0xBF, 4}, {0xF4, 0xF4, 0x80, 0x8F, 4},
};

static const char base64_digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static const struct utf8_form *form_of(unsigned char first);
static size_t utf8_step(const char *at, size_t len, bool *whole);

/* strtoll would let spaces pass before the number and anything behind it. */
int number_read(const char *text, int64_t min, int64_t max, int64_t *value)
{
    const char *digits = text + (*text == '-' || *text == '+');
    size_t count = strspn(digits, "0123456789");
    int64_t number;

    if (count == 0 || digits[count] != '\0')
        return -1;
    errno = 0;
    number = strtoll(text, NULL, 10);
    if (errno == ERANGE || number < min || number > max)
        return -1;
    *value = number;
    return 0;
}

size_t utf8_char(const char *at, size_t len)
{
    bool whole;
    size_t size = utf8_step(at, len, &whole);

    return whole ? size : 0;
}

bool utf8_valid(const char *at, size_t len)
{
    return utf8_span(at, len) == len;
}

/* Most text is ASCII, and most of a request is text. */
size_t utf8_span(const char *at, size_t len)
{
    size_t done = 0;

    for (size_t size = 1; done < len && size > 0; done += size)
        size = (unsigned char)at[done] < 0x80 ? 1 : utf8_char(at + done, len - done);
    return done;
}

char *utf8_repair(const char *at, size_t len, size_t *out_len)
{
    char *out = xmalloc(len * strlen(REPLACEMENT) + 1); /* if not one byte is good */
    char *end = out;
    bool whole;

    for (size_t done = 0, size; done < len; done += size) {
        size = utf8_step(at + done, len - done, &whole);
        end = whole ? mempcpy(end, at + done, size)
                    : mempcpy(end, REPLACEMENT, strlen(REPLACEMENT));
    }
    *end = '\0';
    *out_len = (size_t)(end - out);
    return xrealloc(out, *out_len + 1);
}

bool has_control(const char *at, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)at[i] < ' ' || at[i] == 0x7F)
            return true;
    return false;
}

size_t show_char(const char *at, size_t len, char quote, char shown[SHOWN_BYTES])
{
    static const char named[] = "\nn\rr\tt";
    unsigned char byte = (unsigned char)*at;
    size_t size = utf8_char(at, len);
    bool c1 = size == 2 && byte == 0xC2 && (unsigned char)at[1] < 0xA0; /* U+0080..9F */
    const char *name = byte ? strchr(named, byte) : NULL;

    if (byte < ' ' && name) {
        snprintf(shown, SHOWN_BYTES, "\\%c", name[1]);
    } else if (size == 0 || byte < ' ' || byte == 0x7F || c1) {
        snprintf(shown, SHOWN_BYTES, "\\x%02x", byte);
    } else if (quote && (*at == quote || *at == '\\')) {
        snprintf(shown, SHOWN_BYTES, "\\%c", *at);
    } else {
        memcpy(shown, at, size);
        shown[size] = '\0';
        return size;
    }
    return 1;
}

const char *show_text(const char *at, size_t len, char shown[QUOTED_BYTES])
{
    return show_text_in(at, len, shown, QUOTED_BYTES);
}

const char *show_text_in(const char *at, size_t len, char *shown, size_t size)
{
    static const char ending[] = "...'";
    char one[SHOWN_BYTES];
    size_t used = 1;

    shown[0] = '\'';
    for (size_t done = 0; done < len; used += strlen(one)) {
        done += show_char(at + done, len - done, '\'', one);
        if (used + strlen(one) + sizeof ending > size) {
            snprintf(shown + used, size - used, "%s", ending);
            return shown;
        }
        snprintf(shown + used, size - used, "%s", one);
    }
    snprintf(shown + used, size - used, "'");
    return shown;
}

void text_place(const char *text, size_t offset, int *line, int *column)
{
    *line = *column = 1;
    for (size_t i = 0; i < offset; i++)
        if (text[i] == '\n') {
            ++*line;
            *column = 1;
        } else if (((unsigned char)text[i] & 0xC0) != 0x80) { /* a character begins */
            ++*column;
        }
}

/* Three bytes are four digits of six bits; `=` stands for those that have no byte. */
char *base64_write(const char *at, size_t len)
{
    char *text = xmalloc((len + 2) / 3 * 4 + 1), *end = text;

    for (size_t done = 0; done < len; done += 3) {
        size_t count = len - done < 3 ? len - done : 3;
        unsigned char byte[3] = {0};
        uint32_t bits;

        memcpy(byte, at + done, count);
        bits = (uint32_t)byte[0] << 16 | (uint32_t)byte[1] << 8 | byte[2];
        for (int shift = 18; shift >= 0; shift -= 6)
            *end++ = base64_digits[bits >> shift & 0x3F];
        memset(end - (3 - count), '=', 3 - count);
    }
    *end = '\0';
    return text;
}

char *base64_read(const char *at, size_t len, size_t *out_len)
{
    char *bytes, *end;
    size_t padding = 0;
    uint32_t bits = 0;

    if (len % 4)
        return NULL;
    bytes = end = xmalloc(len / 4 * 3 + 1);
    while (padding < 2 && padding < len && at[len - padding - 1] == '=')
        padding++;
    for (size_t i = 0; i < len - padding; i++) {
        const char *digit = memchr(base64_digits, at[i], sizeof base64_digits - 1);

        if (!digit) {
            free(bytes);
            return NULL;
        }
        bits = bits << 6 | (uint32_t)(digit - base64_digits);
        if (i % 4) /* the first of four digits has no byte's end */
            *end++ = (char)(bits >> (6 - i % 4 * 2));
    }
    *end = '\0';
    *out_len = (size_t)(end - bytes);
    return bytes;
}

/* How many bytes belong together here: a well-formed character (*whole), or the maximal
 * subpart of one, at least a byte. */
static size_t utf8_step(const char *at, size_t len, bool *whole)
{
    const unsigned char *byte = (const unsigned char *)at;
    const struct utf8_form *form = form_of(byte[0]);
    size_t size = 1;

    *whole = byte[0] < 0x80;
    if (!form)
        return 1;
    if (size < len && byte[size] >= form->low && byte[size] <= form->high)
        for (size++; size < len && size < form->size && (byte[size] & 0xC0) == 0x80;)
            size++;
    *whole = size == form->size;
    return size;
}

static const struct utf8_form *form_of(unsigned char first)
{
    for (size_t i = 0; first >= 0x80 && i < COUNT(utf8_forms); i++)
        if (first >= utf8_forms[i].first && first <= utf8_forms[i].last)
            return &utf8_forms[i];
    return NULL;
}
