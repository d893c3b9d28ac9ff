/* count.h -- how many elements an array has. */
#ifndef LIB_COUNT_H
#define LIB_COUNT_H

/* Of an array itself, not of a pointer to one. */
#define COUNT(array) (sizeof(array) / sizeof *(array))

#endif
