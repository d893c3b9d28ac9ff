/* stages.h -- what the tables cannot say of a language's two stages: its argv, environment
 * and artifacts.
 */
#ifndef LANG_REGISTRY_STAGES_H
#define LANG_REGISTRY_STAGES_H

#include "lang-registry/registry.h"

/* Complain of what is wrong with lang->compile and with what stands under "run". */
void stages_check(const struct lang *lang, struct field_errors *errors);

#endif
