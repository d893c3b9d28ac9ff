/* owner.h -- which process made a container, so that another can tell whether it is still
 * there. Only processes that see each other's ids can: those of one boot and one PID
 * namespace. Of all others nothing is known but their containers' deadlines. */
#ifndef WORKER_OWNER_H
#define WORKER_OWNER_H

#include <stdbool.h>

#define OWNER_BYTES 128

/* This process, as a label's value: "BOOT/NAMESPACE/PID/START". Returns `text`. */
const char *owner_self(char text[OWNER_BYTES]);

/* Whether the process of such a label is surely gone; false when that cannot be told. */
bool owner_gone(const char *label);

#endif
