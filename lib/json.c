/* json.c -- jansson parses. What it would take and we do not (depth), or would explain
 * badly (nothing at all, a byte order mark, bytes that are not UTF-8), is looked for first.
 */
#include "lib/json.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/count.h"
#include "lib/pointer.h"

#define READ_FLAGS      (JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL | JSON_DECODE_ANY)
#define WRITE_FLAGS     (JSON_COMPACT | JSON_ENCODE_ANY)
#define WHAT_BYTES      256
#define BYTE_ORDER_MARK "\xEF\xBB\xBF"

struct trouble {
    size_t where; /* offset of the first byte that is wrong, or the last before it */
    char what[WHAT_BYTES];
};

/* In place of jansson's own words; it names mistakes of grammar well. */
static const struct {
    enum json_error_code code;
    const char *words;
} explanations[] = {
    {json_error_premature_end_of_input, "the text ends too early"},
    {json_error_end_of_input_expected, "there is more text behind the value"},
    {json_error_duplicate_key, "the same key for the second time"},
    {json_error_null_byte_in_key, "U+0000 in a key"},
    {json_error_numeric_overflow, "a number that does not fit"},
};

static bool foresee(const char *text, size_t len, struct trouble *trouble);
static bool too_deep(const char *text, size_t len, size_t *where);
static bool is_blank(const char *text, size_t len);
static void explain(const json_error_t *error, struct trouble *trouble);
static bool say(struct trouble *trouble, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

json_t *json_read(const char *text, size_t len, char *pointer, size_t size, struct err *err)
{
    struct trouble trouble;
    json_error_t error;
    int line, column;
    json_t *value;

    if (!foresee(text, len, &trouble)) {
        value = json_loadb(text, len, READ_FLAGS, &error);
        if (value)
            return value;
        explain(&error, &trouble);
    }
    if (pointer)
        pointer_at(text, len, trouble.where, pointer, size);
    text_place(text, trouble.where, &line, &column);
    err_set(err, ERR_INVALID, "line %d, column %d: %s", line, column, trouble.what);
    return NULL;
}

char *json_write(const json_t *value, size_t *len)
{
    char *text = json_dumps(value, WRITE_FLAGS);

    if (!text)
        abort(); /* out of memory: a value in memory is always UTF-8 and finite */
    if (len)
        *len = strlen(text); /* U+0000 is written as an escape */
    return text;
}

json_t *json_text(const char *at, size_t len)
{
    json_t *value;
    char *repaired;

    if (utf8_valid(at, len))
        return json_stringn(len ? at : "", len);
    repaired = utf8_repair(at, len, &len);
    value = json_stringn(repaired, len);
    free(repaired);
    return value;
}

/* Depth comes first: pointer_at relies on it. */
static bool foresee(const char *text, size_t len, struct trouble *trouble)
{
    size_t good;

    trouble->where = 0;
    if (too_deep(text, len, &trouble->where))
        return say(trouble, "more than %d levels", JSON_DEPTH);
    good = utf8_span(text, len);
    if (good < len) {
        trouble->where = good;
        return say(trouble, "a byte that is not UTF-8, 0x%02x", (unsigned char)text[good]);
    }
    if (len >= 3 && memcmp(text, BYTE_ORDER_MARK, 3) == 0)
        return say(trouble, "a byte order mark");
    return is_blank(text, len) && say(trouble, "the text is empty");
}

static bool too_deep(const char *text, size_t len, size_t *where)
{
    bool quoted = false;
    int depth = 0;

    for (size_t i = 0; i < len; i++) {
        if (text[i] == '"')
            quoted = !quoted;
        else if (quoted)
            i += text[i] == '\\';
        else if (text[i] == '[' || text[i] == '{')
            depth++;
        else if ((text[i] == ']' || text[i] == '}') && depth > 0)
            depth--;
        if (depth > JSON_DEPTH) {
            *where = i;
            return true;
        }
    }
    return false;
}

static bool is_blank(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (text[i] == '\0' || !strchr(" \t\r\n", text[i]))
            return false;
    return true;
}

/* jansson counts the bytes it has taken, the one it stumbled over among them. */
static void explain(const json_error_t *error, struct trouble *trouble)
{
    enum json_error_code code = json_error_code(error);
    size_t used = 0, left = strlen(error->text);
    char shown[SHOWN_BYTES];

    trouble->where = error->position > 0 ? (size_t)error->position - 1 : 0;
    for (size_t i = 0; i < COUNT(explanations); i++)
        if (code == explanations[i].code) {
            say(trouble, "%s", explanations[i].words);
            return;
        }
    for (const char *at = error->text; left > 0 && used + SHOWN_BYTES < WHAT_BYTES;) {
        size_t step = show_char(at, left, 0, shown); /* it quotes what it found */

        used += (size_t)snprintf(trouble->what + used, WHAT_BYTES - used, "%s", shown);
        at += step;
        left -= step;
    }
}

/* Always true, for functions that end with it. */
static bool say(struct trouble *trouble, const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    vsnprintf(trouble->what, WHAT_BYTES, fmt, args);
    va_end(args);
    return true;
}
