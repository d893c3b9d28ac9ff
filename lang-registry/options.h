/* options.h -- the configuration rows that say where the languages are. Used as
 * QUEUE_OPTIONS is (queue/options.h).
 */
#ifndef LANG_REGISTRY_OPTIONS_H
#define LANG_REGISTRY_OPTIONS_H

#include <stddef.h>

#include "lang-registry/registry.h"
#include "lib/conf.h"

#define REGISTRY_FOLDER          "lang-registry/languages" /* when nobody says another */
#define REGISTRY_FOLDER_FLAG     "languages"
#define REGISTRY_FOLDER_VARIABLE "BULLPEN_LANGUAGES"

struct registry_options {
    const char *folder;
    int images; /* enum registry_images */
};

/* NOLINTBEGIN(bugprone-macro-parentheses): a member cannot stand in them */
/* `conf` is the type of the program's struct, `member` its struct registry_options. */
#define REGISTRY_OPTIONS(conf, member)                                                     \
    CONF_TEXT(conf, REGISTRY_FOLDER_FLAG, member.folder, 4096, REGISTRY_FOLDER_VARIABLE,   \
              REGISTRY_FOLDER, "folder of YAML files"),                                    \
        CONF_CHOICE(conf, "images", member.images, registry_image_kinds, "BULLPEN_IMAGES", \
                    "pinned", "pinned, or standin: those made from Debian's packages")
/* NOLINTEND(bugprone-macro-parentheses) */

#endif
