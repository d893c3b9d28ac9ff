/* files.c -- see files.h. */
#include "lang-registry/files.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A file as it stands in the JSON. */
struct given {
    const char *name;
    struct bytes content;
    int encoding; /* FIELD_CHOICE */
};

static const char *const encodings[] = {"utf8", "base64", NULL};
enum { ENCODING_UTF8, ENCODING_BASE64 };

static int read_file(const json_t *value, const char *pointer, struct file *file,
                     struct arena *arena, struct field_errors *errors);
static int refuse(struct field_errors *errors, const char *pointer, const char *member,
                  const char *why);
static const char *taken_by(const struct files *files, const char *code, const char *name);
static bool collide(const char *one, const char *other);

int files_read(const json_t *array, const char *code, struct files *files,
               struct arena *arena, struct field_errors *errors)
{
    size_t given = json_array_size(array), bytes = 0;
    int result = 0;

    *files = (struct files){0};
    if (!json_is_array(array))
        return fields_complain(errors, "/files", "must be an array of files");
    if (given > FILES_MAX)
        return fields_complain_over(
            errors, "/files", "must have at most %d members, has %zu", FILES_MAX, given);
    files->at = arena_alloc(arena, (given + 1) * sizeof *files->at);
    for (size_t i = 0; i < given; i++) {
        struct file *file = &files->at[files->count];
        char pointer[POINTER_BYTES] = "/files";
        const char *other;

        pointer_add_index(pointer, sizeof pointer, i);
        if (read_file(json_array_get(array, i), pointer, file, arena, errors)) {
            result = -1;
            continue;
        }
        other = taken_by(files, code, file->name);
        if (other)
            result = refuse(errors, pointer, "name",
                            arena_printf(arena, "stands where '%s' is", other));
        bytes += file->content.len;
        files->count++;
    }
    if (bytes > FILES_BYTES)
        result = fields_complain_over(errors, "/files",
                                      "must have at most %d bytes together, have %zu",
                                      FILES_BYTES, bytes);
    return result;
}

static int read_file(const json_t *value, const char *pointer, struct file *file,
                     struct arena *arena, struct field_errors *errors)
{
    static const struct field fields[] = {
        {"name", FIELD_TEXT, offsetof(struct given, name), 1, FILES_NAME_BYTES,
         FIELD_REQUIRED},
        {"content", FIELD_BYTES, offsetof(struct given, content), 0,
         FILES_BYTES / 3 * 4 + 4, FIELD_REQUIRED},
        {"encoding", FIELD_CHOICE, offsetof(struct given, encoding), .choices = encodings},
        {0},
    };
    struct given given = {.encoding = ENCODING_UTF8};
    const char *fault;
    char *decoded;
    size_t len;

    if (fields_read(fields, value, pointer, &given, arena, errors))
        return -1;
    fault = files_name_fault(given.name);
    if (fault)
        return refuse(errors, pointer, "name", fault);
    *file = (struct file){given.name, given.content};
    if (given.encoding == ENCODING_UTF8)
        return 0;
    decoded = base64_read(given.content.at, given.content.len, &len);
    if (!decoded)
        return refuse(errors, pointer, "content", "must be base64 (RFC 4648, padded)");
    file->content = (struct bytes){arena_copy(arena, decoded, len), len};
    free(decoded);
    return 0;
}

static int refuse(struct field_errors *errors, const char *pointer, const char *member,
                  const char *why)
{
    char inner[POINTER_BYTES];

    snprintf(inner, sizeof inner, "%s", pointer);
    pointer_add(inner, sizeof inner, member, strlen(member));
    return fields_complain(errors, inner, "%s", why);
}

const char *files_name_fault(const char *name)
{
    int depth = 1;

    if (*name == '/')
        return "must be relative, begins with '/'";
    if (*name == '.')
        return "must not begin with '.'";
    for (const char *part = name;; part = strchr(part, '/') + 1) {
        size_t len = strcspn(part, "/");

        if (!len)
            return "must not have an empty part: '//', or '/' at its end";
        if ((len == 1 && *part == '.') || (len == 2 && !memcmp(part, "..", 2)))
            return "must not have a part '.' or '..'";
        if (!part[len])
            break;
        depth++;
    }
    return depth > FILES_DEPTH ? "must not be more than 8 folders deep" : NULL;
}

/* What stands where the name would: the same name, or one that is a folder of the other. */
static const char *taken_by(const struct files *files, const char *code, const char *name)
{
    if (code && collide(code, name))
        return code;
    for (size_t i = 0; i < files->count; i++)
        if (collide(files->at[i].name, name))
            return files->at[i].name;
    return NULL;
}

static bool collide(const char *one, const char *other)
{
    size_t len = strlen(one), other_len = strlen(other);
    const char *longer = len > other_len ? one : other;

    if (len > other_len)
        len = other_len;
    return !strncmp(one, other, len) && (!longer[len] || longer[len] == '/');
}
