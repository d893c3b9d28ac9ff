/* image.h -- the name of an image: [host[:port]/]path[:tag][@digest]. */
#ifndef LANG_REGISTRY_IMAGE_H
#define LANG_REGISTRY_IMAGE_H

#include <stddef.h>

/* How long it is without its tag and its digest. */
size_t image_repository(const char *image);

#endif
