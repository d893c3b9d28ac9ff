/* mem.h -- allocation that never fails: out of memory aborts.
 *
 * Locks in Redis expire, so a crash is cheap, and no caller has to carry a path that is
 * never tried. Sizes that come from outside are bounded before they get here.
 */
#ifndef LIB_MEM_H
#define LIB_MEM_H

#include <stdarg.h>
#include <stddef.h>

void *xmalloc(size_t size);
void *xcalloc(size_t count, size_t size);
void *xrealloc(void *old, size_t size);
char *xstrdup(const char *text);
char *xmemdup0(const void *bytes, size_t len); /* a copy with a NUL behind it */
char *xasprintf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
char *xvasprintf(const char *fmt, va_list args) __attribute__((format(printf, 1, 0)));

#endif
