/* yaml.h -- a YAML file as JSON values, and where each of them stands.
 *
 * The part of YAML that a registry needs: one document of maps, lists and scalars. Plain
 * scalars follow the core schema of YAML 1.2 (true, 3, 2.5, null; so `3.13` is a number
 * and wants quotes to be a version), with numbers in decimal only; quoted ones are texts.
 * Anchors, aliases, tags, duplicate keys, more than one document, more than YAML_DEPTH
 * levels and files over YAML_BYTES are refused.
 */
#ifndef LANG_REGISTRY_YAML_H
#define LANG_REGISTRY_YAML_H

#include "lang-registry/mistakes.h"
#include "lib/json.h"

#define YAML_DEPTH 16
#define YAML_BYTES (256 * 1024)

struct yaml; /* a value tree with its places */

/* What is refused goes to `mistakes`, and the reading goes on, without it or, where a value
 * is needed, with a null. NULL when it could not: libyaml did not understand the text, or
 * there was none. */
struct yaml *yaml_read(const char *text, size_t len, struct mistakes *mistakes);
void yaml_drop(struct yaml *yaml); /* NULL is fine; libyaml has a yaml_free of its own */

const json_t *yaml_root(const struct yaml *yaml); /* borrowed */

/* Where the value at a JSON pointer stands, or, with `of_key`, its key: line and column,
 * counted from 1. A pointer to what is not there gives the place of its nearest parent. */
void yaml_place(const struct yaml *yaml, const char *pointer, bool of_key, int *line,
                int *column);

#endif
