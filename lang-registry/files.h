/* files.h -- what a job brings along beside its code: files with names and contents,
 * checked.
 *
 * They are laid beside the code's own file in the sandbox's work folder. A name is
 * relative, with no part that is empty, "." or "..", and begins with no dot: such names are
 * the launcher's own. No file may stand where another one needs a folder.
 */
#ifndef LANG_REGISTRY_FILES_H
#define LANG_REGISTRY_FILES_H

#include "lib/fields.h"

#define FILES_MAX        64
#define FILES_BYTES      (1024 * 1024) /* of all contents together */
#define FILES_NAME_BYTES 100           /* what a tar header has room for */
#define FILES_DEPTH      8             /* parts of a name */

struct file {
    const char *name; /* "lib/a.py" */
    struct bytes content;
};

struct files {
    struct file *at;
    size_t count;
};

/* Read [{"name", "content", "encoding": "utf8" | "base64"}]; "utf8" when it is not said.
 * `code` is the name of the code's own file, which no other may have; NULL when it is not
 * known. Mistakes go to `errors` as "/files/0/name" and so on. Texts are copied to `arena`.
 * Returns 0 or -1. */
int files_read(const json_t *array, const char *code, struct files *files,
               struct arena *arena, struct field_errors *errors);

/* What is wrong with a name in a sandbox's work folder; NULL when it is a good one. */
const char *files_name_fault(const char *name);

#endif
