/* command.c -- see command.h: "*2\r\n$3\r\nGET\r\n$1\r\nk\r\n". */
#include "queue/command.h"

#include <string.h>

#include "lib/mem.h"

enum { LINE_END = 2, HEAD_MAX = 1 + 20 + LINE_END };

static size_t len_of(const char *const *argv, const size_t *lens, size_t i);
static char *write_head(char *at, char type, size_t number);
static char *write_bytes(char *at, const char *bytes, size_t len);

char *command_write(size_t argc, const char *const *argv, const size_t *lens, size_t *len)
{
    size_t most = HEAD_MAX;
    char *command, *end;

    for (size_t i = 0; i < argc; i++)
        most += HEAD_MAX + len_of(argv, lens, i) + LINE_END;
    command = xmalloc(most);
    end = write_head(command, '*', argc);
    for (size_t i = 0; i < argc; i++) {
        size_t arg_len = len_of(argv, lens, i);

        end = write_head(end, '$', arg_len);
        end = write_bytes(end, argv[i], arg_len);
    }
    *len = (size_t)(end - command);
    return command;
}

static size_t len_of(const char *const *argv, const size_t *lens, size_t i)
{
    return lens ? lens[i] : strlen(argv[i]);
}

static char *write_head(char *at, char type, size_t number)
{
    char digits[HEAD_MAX];
    size_t left = sizeof digits;

    do
        digits[--left] = (char)('0' + number % 10);
    while (number /= 10);
    *at = type;
    return write_bytes(at + 1, digits + left, sizeof digits - left);
}

static char *write_bytes(char *at, const char *bytes, size_t len)
{
    return mempcpy(mempcpy(at, bytes, len), "\r\n", LINE_END);
}
