/* image.c -- see image.h. */
#include "lang-registry/image.h"

#include <string.h>

/* A colon before the last slash is a port's. */
size_t image_repository(const char *image)
{
    size_t name = strcspn(image, "@");
    const char *slash = memrchr(image, '/', name), *last = slash ? slash : image;
    const char *tag = memchr(last, ':', name - (size_t)(last - image));

    return tag ? (size_t)(tag - image) : name;
}
