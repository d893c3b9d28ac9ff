/* source.c -- see source.h. The code is read token by token, as far as a public class is to
 * be told from a comment, a text or a nested class.
 */
#include "lang-registry/source.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "lang-registry/chars.h"
#include "lib/count.h"

#define NAME_FIRST LETTERS "_$"
#define NAME       NAME_FIRST DIGITS

enum { PACKAGE_BYTES = 200 }; /* a longer one is not for us */

/* Reading Java. */
struct java {
    const char *begin, *at, *end;
    int depth;      /* of braces */
    bool is_public; /* what is being declared */
    bool said;      /* the first statement is over */
};

static struct java java_of(struct bytes code);
static struct bytes java_public_class(struct bytes code);
static struct bytes java_main_class(struct bytes code, const char *usual);
static const char *java_package(struct bytes code, struct arena *arena);
static struct bytes next_class(struct java *java);
static struct bytes next_word(struct java *java);
static const char *skip_mark(const struct java *java);
static const char *skip_to(const struct java *java, size_t from, const char *what);
static const char *skip_text(const struct java *java);
static bool begins(const struct java *java, const char *what);
static bool in_name(char c);
static bool is_word(struct bytes word, const char *text);
static bool declares(const struct java *java, struct bytes word);
static bool is_good(struct bytes name);

const char *const source_rules[] = {
    [SOURCE_FIXED] = "fixed",
    [SOURCE_JAVA_PUBLIC_CLASS] = "java-public-class",
    NULL,
};

const char *source_name(enum source_rule rule, const char *file, struct bytes code,
                        struct arena *arena)
{
    struct bytes name = {0};
    const char *dot = file ? strrchr(file, '.') : NULL;

    if (rule == SOURCE_JAVA_PUBLIC_CLASS)
        name = java_public_class(code);
    if (!is_good(name))
        return file;
    return arena_printf(arena, "%.*s%s", (int)name.len, name.at, dot ? dot : "");
}

const char *source_main(enum source_rule rule, const char *usual, struct bytes code,
                        struct arena *arena)
{
    const char *package;
    struct bytes name;

    if (rule != SOURCE_JAVA_PUBLIC_CLASS)
        return usual;
    package = java_package(code, arena);
    name = java_main_class(code, usual);
    if (!is_good(name))
        name = (struct bytes){usual, strlen(usual)};
    return arena_printf(arena, "%s%s%.*s", package ? package : "", package ? "." : "",
                        (int)name.len, name.at);
}

static struct java java_of(struct bytes code)
{
    return (struct java){.begin = code.at, .at = code.at, .end = code.at + code.len};
}

/* Its name, or nothing. */
static struct bytes java_public_class(struct bytes code)
{
    struct java java = java_of(code);
    struct bytes name;

    do
        name = next_class(&java);
    while (name.len > 0 && !java.is_public);
    return name;
}

/* The one with the usual name, or the first. */
static struct bytes java_main_class(struct bytes code, const char *usual)
{
    struct java java = java_of(code);
    struct bytes first = next_class(&java), name = first;

    while (name.len > 0 && !is_word(name, usual))
        name = next_class(&java);
    return name.len > 0 ? name : first;
}

/* "a.b"; NULL if it is none, or none for us. */
static const char *java_package(struct bytes code, struct arena *arena)
{
    struct java java = java_of(code);
    struct bytes word = next_word(&java);
    const char *package = NULL;

    if (!is_word(word, "package"))
        return NULL;
    while ((word = next_word(&java)).len > 0 && !java.said) {
        if (!is_good(word) || (package && strlen(package) > PACKAGE_BYTES))
            return NULL;
        package = arena_printf(arena, "%s%s%.*s", package ? package : "",
                               package ? "." : "", (int)word.len, word.at);
    }
    return package;
}

/* The name of one outside of all braces; of length 0 when there is none any more. */
static struct bytes next_class(struct java *java)
{
    struct bytes word;

    while ((word = next_word(java)).len > 0) {
        if (java->depth > 0)
            continue;
        if (declares(java, word))
            return next_word(java);
        java->is_public |= is_word(word, "public");
    }
    return word;
}

/* Past everything else; of length 0 at the end. */
static struct bytes next_word(struct java *java)
{
    while (java->at < java->end) {
        const char *from = java->at;

        while (java->at < java->end && in_name(*java->at))
            java->at++;
        if (java->at > from)
            return (struct bytes){from, (size_t)(java->at - from)};
        java->depth += (*from == '{') - (*from == '}' && java->depth > 0);
        if (*from == ';' || *from == '}') {
            java->is_public = false;
            java->said = true;
        }
        java->at = skip_mark(java);
    }
    return (struct bytes){0};
}

/* What stands at the reader, which is no word: a comment, a text, a character. */
static const char *skip_mark(const struct java *java)
{
    if (begins(java, "//"))
        return skip_to(java, 2, "\n");
    if (begins(java, "/*"))
        return skip_to(java, 2, "*/");
    if (*java->at == '"' || *java->at == '\'')
        return skip_text(java);
    return java->at + 1;
}

static const char *skip_to(const struct java *java, size_t from, const char *what)
{
    const char *found =
        memmem(java->at + from, (size_t)(java->end - java->at) - from, what, strlen(what));

    return found ? found + strlen(what) : java->end;
}

/* "text", 'c', or a """text block""", in which quotes stand as they are. */
static const char *skip_text(const struct java *java)
{
    const bool block = begins(java, "\"\"\"");
    const char *quote = block ? "\"\"\"" : *java->at == '"' ? "\"" : "'";
    struct java at = *java;

    for (at.at += strlen(quote); at.at < at.end; at.at++)
        if (*at.at == '\\' && at.at + 1 < at.end)
            at.at++;
        else if (begins(&at, quote))
            return at.at + strlen(quote);
        else if (!block && *at.at == '\n')
            return at.at;
    return at.end;
}

static bool begins(const struct java *java, const char *what)
{
    size_t len = strlen(what);

    return (size_t)(java->end - java->at) >= len && memcmp(java->at, what, len) == 0;
}

/* Letters beyond ASCII among them, so that none begins in the middle of a name. */
static bool in_name(char c)
{
    return c && (strchr(NAME, c) || (unsigned char)c >= 0x80);
}

static bool is_word(struct bytes word, const char *text)
{
    return word.len == strlen(text) && memcmp(word.at, text, word.len) == 0;
}

/* "A.class" does not. */
static bool declares(const struct java *java, struct bytes word)
{
    static const char *const words[] = {"class", "interface", "enum", "record"};

    if (word.at > java->begin && word.at[-1] == '.')
        return false;
    for (size_t i = 0; i < COUNT(words); i++)
        if (is_word(word, words[i]))
            return true;
    return false;
}

static bool is_good(struct bytes name)
{
    if (name.len == 0 || name.len > SOURCE_NAME_BYTES || !strchr(NAME_FIRST, *name.at))
        return false;
    for (size_t i = 0; i < name.len; i++)
        if (!strchr(NAME, name.at[i]))
            return false;
    return true;
}
