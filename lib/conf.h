/* conf.h -- configuration: default, then environment, then flag; one table gives all
 * three, and --help.
 *
 *     static const struct conf_option options[] = {
 *         {{"port", FIELD_INT, offsetof(struct conf, port), 1, 65535},
 *          "PORT", "3001", "port to listen on"},
 *         {{0}},
 *     };
 *
 * Flags are --name VALUE or --name=VALUE; a VALUE that begins with "--" needs the '='. A
 * FIELD_BOOL flag may stand alone. An empty environment variable counts as not set.
 * conf_log shows "***" in place of what may be a secret in a URL: all that stands before
 * its '@', and its query.
 */
#ifndef LIB_CONF_H
#define LIB_CONF_H

#include "lib/fields.h"
#include "lib/log.h"

struct conf_option {
    struct field field;   /* its name is the flag's */
    const char *env;      /* NULL: flag only */
    const char *fallback; /* the default as text; NULL leaves the struct as it was */
    const char *help;
};

enum conf_outcome {
    CONF_RUN,  /* all is read */
    CONF_DONE, /* --help or --version was asked for and answered on stdout: exit 0 */
    CONF_BAD   /* err says which flag or variable, what it holds and what it may: exit 2 */
};

/* `about` is the first line of --help. Texts point into argv, the environment and the
 * table, and live as long as these. */
enum conf_outcome conf_read(const struct conf_option *table, const char *program,
                            const char *about, int argc, char **argv, void *into,
                            struct err *err);

/* Rows that several programs share are macros of these; `conf` is the type of the struct
 * that is read, `member` a const char * of it, or an int. */
#define CONF_TEXT(conf, name, member, max, env, fallback, help)                 \
    {                                                                           \
        {name, FIELD_TEXT, offsetof(conf, member), 1, max}, env, fallback, help \
    }
#define CONF_CHOICE(conf, name, member, words, env, fallback, help)                      \
    {                                                                                    \
        {name, FIELD_CHOICE, offsetof(conf, member), .choices = (words)}, env, fallback, \
            help                                                                         \
    }

/* The row every program has: `member` is to be an enum log_level. */
#define LOG_OPTION(conf, member)                                                    \
    CONF_CHOICE(conf, "log-level", member, log_levels, "BULLPEN_LOG_LEVEL", "info", \
                "error, warn, info or debug")

/* One log line, event=configuration, with every option's value. */
void conf_log(const struct conf_option *table, const void *conf);

#endif
