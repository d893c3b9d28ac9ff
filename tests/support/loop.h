/* loop.h -- run an event loop until something has happened, with a deadline. */
#ifndef TESTS_SUPPORT_LOOP_H
#define TESTS_SUPPORT_LOOP_H

#include <event2/event.h>
#include <stdbool.h>

/* False when the deadline passed first. */
bool loop_until(struct event_base *base, const bool *happened, int deadline_ms);

/* Run it for so long, whatever happens: to see that something does not. */
void loop_for(struct event_base *base, int ms);

#endif
