/* A job's code, in which a name for its file is looked for: whatever is found is fit to be
 * one. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "lang-registry/chars.h"
#include "lang-registry/source.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_new();
    const struct bytes bytes = {(const char *)data, size};
    const char *name = source_name(SOURCE_JAVA_PUBLIC_CLASS, "Main.java", bytes, arena);
    size_t len = strlen(name);

    assert(len > strlen(".java") && len <= SOURCE_NAME_BYTES + strlen(".java"));
    assert(strcmp(name + len - strlen(".java"), ".java") == 0);
    assert(!strchr(DIGITS, *name));
    assert(strspn(name, LETTERS DIGITS "_$") == len - strlen(".java"));
    if (strcmp(name, "Main.java"))
        assert(memmem(data, size, name, len - strlen(".java")));
    name = source_main(SOURCE_JAVA_PUBLIC_CLASS, "Main", bytes, arena);
    assert(strspn(name, LETTERS DIGITS "_$.") == strlen(name));
    assert(*name != '.' && name[strlen(name) - 1] != '.' && !strstr(name, ".."));
    assert(strcmp(source_name(SOURCE_FIXED, "main.c", bytes, arena), "main.c") == 0);
    arena_free(arena);
    return 0;
}
