/* source.h -- what the file is called that a job's code is in.
 *
 * Most languages take any name. Java wants a public class in the file of its name, so a
 * rule looks for it in the code.
 */
#ifndef LANG_REGISTRY_SOURCE_H
#define LANG_REGISTRY_SOURCE_H

#include "lib/arena.h"
#include "lib/bytes.h"

enum source_rule { SOURCE_FIXED, SOURCE_JAVA_PUBLIC_CLASS };

/* Their names in YAML, ended by NULL. */
extern const char *const source_rules[];

#define SOURCE_NAME_BYTES 60 /* most of a name that a rule finds, without the extension */

/* `file`, or what the rule finds: for SOURCE_JAVA_PUBLIC_CLASS the first public class,
 * record, enum or interface outside of all braces, with file's own extension. A name that
 * is no identifier of ASCII letters, digits, _ and $, or too long, is not found. */
const char *source_name(enum source_rule rule, const char *file, struct bytes code,
                        struct arena *arena);

/* What the program is called when it is run: `usual`, the file's name without extension. In
 * Java that is the class of this name, or the first one if there is none, and its package
 * before it: "a.b.Main". */
const char *source_main(enum source_rule rule, const char *usual, struct bytes code,
                        struct arena *arena);

#endif
