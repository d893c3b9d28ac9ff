/* folder.h -- a temporary folder of the test's own. */
#ifndef TESTS_SUPPORT_FOLDER_H
#define TESTS_SUPPORT_FOLDER_H

#define FOLDER_BYTES 64

/* Make one; `folder` gets its path. Returns 0 or -1. */
int folder_make(char folder[FOLDER_BYTES]);

/* Write a file of it, "a/b.yaml", and the folders on its way. */
void folder_write(const char *folder, const char *name, const char *text);

/* With all that is in it. Returns 0 or -1. */
int folder_remove(const char *folder);

#endif
