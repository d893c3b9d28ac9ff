/* folder.c -- see folder.h. */
#include "tests/support/folder.h"

#include "tests/support/unit.h"

#include <ftw.h>
#include <sys/stat.h>

static int remove_one(const char *path, const struct stat *about, int kind, struct FTW *at);

int folder_make(char folder[FOLDER_BYTES])
{
    snprintf(folder, FOLDER_BYTES, "/tmp/bullpen-test-XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

void folder_write(const char *folder, const char *name, const char *text)
{
    char path[512];
    FILE *file;

    snprintf(path, sizeof path, "%s/%s", folder, name);
    for (char *slash = path + strlen(folder) + 1; (slash = strchr(slash, '/')); slash++) {
        *slash = '\0';
        mkdir(path, 0700);
        *slash = '/';
    }
    file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

int folder_remove(const char *folder)
{
    return nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static int remove_one(const char *path, const struct stat *about, int kind, struct FTW *at)
{
    return remove(path);
}
