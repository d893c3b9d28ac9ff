/* present.h -- a language as it is shown to who may use it: JSON, the same over HTTP and on
 * a terminal. */
#ifndef LANG_REGISTRY_PRESENT_H
#define LANG_REGISTRY_PRESENT_H

#include "lang-registry/registry.h"
#include "lib/json.h"

/* What may be asked for, and within which limits; `version` and `image` are the default's,
 * of a job that does not say. The caller's. */
json_t *lang_present(const struct lang *lang);

#endif
