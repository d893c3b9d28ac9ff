/* compare.c -- see compare.h. */
#include "worker/compare.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define BLANKS " \t\n\v\f\r"

enum { NUMBER_BYTES = 400 }; /* the longest double that is written out has 309 digits */

static bool same_bytes(struct bytes one, struct bytes other);
static bool same_lines(struct bytes printed, struct bytes expected);
static bool same_words(struct bytes printed, struct bytes expected, double epsilon);
static bool same_word(struct bytes printed, struct bytes expected, double epsilon);
static bool read_number(struct bytes word, double *number);
static struct bytes next_line(struct bytes *text);
static struct bytes next_word(struct bytes *text);
static struct bytes trimmed(struct bytes text);
static bool is_blank(char byte);

bool compare_output(enum compare how, double epsilon, struct bytes printed,
                    struct bytes expected)
{
    switch (how) {
    case COMPARE_EXACT:
        return same_bytes(printed, expected);
    case COMPARE_TRIM:
        return same_lines(trimmed(printed), trimmed(expected));
    case COMPARE_TOKENS:
        return same_words(printed, expected, -1);
    case COMPARE_FLOAT:
        return same_words(printed, expected, epsilon);
    }
    return false;
}

static bool same_bytes(struct bytes one, struct bytes other)
{
    return one.len == other.len && (!one.len || !memcmp(one.at, other.at, one.len));
}

static bool same_lines(struct bytes printed, struct bytes expected)
{
    while (printed.len && expected.len)
        if (!same_bytes(trimmed(next_line(&printed)), trimmed(next_line(&expected))))
            return false;
    return !printed.len && !expected.len;
}

/* With an epsilon that is negative all words are texts. */
static bool same_words(struct bytes printed, struct bytes expected, double epsilon)
{
    for (;;) {
        struct bytes one = next_word(&printed), other = next_word(&expected);

        if (!one.len || !other.len)
            return !one.len && !other.len;
        if (!same_word(one, other, epsilon))
            return false;
    }
}

static bool same_word(struct bytes printed, struct bytes expected, double epsilon)
{
    double one, other;

    if (same_bytes(printed, expected))
        return true;
    if (epsilon < 0 || !read_number(printed, &one) || !read_number(expected, &other))
        return false;
    return fabs(one - other) <= epsilon * fmax(1, fabs(other));
}

/* What strtod takes besides decimal numbers has letters: nan, infinity, 0x1p3. */
static bool read_number(struct bytes word, double *number)
{
    char text[NUMBER_BYTES + 1], *end;

    if (word.len > NUMBER_BYTES)
        return false;
    memcpy(text, word.at, word.len);
    text[word.len] = '\0';
    if (strspn(text, "0123456789+-.eE") != word.len)
        return false;
    *number = strtod(text, &end);
    return end == text + word.len && isfinite(*number);
}

static struct bytes next_line(struct bytes *text)
{
    const char *end = memchr(text->at, '\n', text->len);
    struct bytes line = {text->at, end ? (size_t)(end - text->at) : text->len};
    size_t taken = line.len + (end ? 1 : 0);

    text->at += taken;
    text->len -= taken;
    return line;
}

/* Empty at the end of the text. */
static struct bytes next_word(struct bytes *text)
{
    struct bytes word;

    while (text->len && is_blank(*text->at)) {
        text->at++;
        text->len--;
    }
    word = (struct bytes){text->at, 0};
    while (text->len && !is_blank(*text->at)) {
        text->at++;
        text->len--;
        word.len++;
    }
    return word;
}

static struct bytes trimmed(struct bytes text)
{
    while (text.len && is_blank(text.at[text.len - 1]))
        text.len--;
    return text;
}

static bool is_blank(char byte)
{
    return byte && strchr(BLANKS, byte);
}
