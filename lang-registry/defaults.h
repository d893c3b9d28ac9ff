/* defaults.h -- what all languages share: the system's limits.
 *
 * They stand in defaults.yaml beside the folder of languages, in the same form as in a
 * language's own file:
 *     limits: {memoryMb: {default: 128, max: 512}, ...}
 *     compile: {limits: {timeoutMs: {default: 10000, max: 30000}, ...}}
 * What it does not say, or all of it if there is no such file, is as in limits.h; and more
 * than limits.h has as the most no file can allow.
 */
#ifndef LANG_REGISTRY_DEFAULTS_H
#define LANG_REGISTRY_DEFAULTS_H

#include "lang-registry/ranges.h"

#define DEFAULTS_FILE "defaults.yaml"

struct defaults {
    struct ranges run, compile;
};

/* Those of limits.h. */
struct defaults defaults_builtin(void);

/* Read the file's values over what is in *defaults. Mistakes go to `errors` by their
 * pointers. */
void defaults_read(const json_t *root, struct defaults *defaults, struct arena *arena,
                   struct field_errors *errors);

#endif
