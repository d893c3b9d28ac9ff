/* scripts.h -- the Lua of lua/, flattened and embedded.
 *
 * The table is generated at build time by queue/scripts.sh, so that a binary and its
 * scripts cannot disagree. It is sorted as the shell sorts file names and ends with a NULL
 * name.
 */
#ifndef QUEUE_SCRIPTS_H
#define QUEUE_SCRIPTS_H

struct script_source {
    const char *name;   /* "moveToActive", the command */
    int keys;           /* 11, how many of its arguments are keys */
    const char *digest; /* the text's SHA-1 in hexadecimal, as EVALSHA wants it */
    const char *text;   /* plain Lua 5.1 for Redis, all includes taken in */
};

extern const struct script_source script_sources[];

#endif
