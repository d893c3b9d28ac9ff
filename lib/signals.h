/* signals.h -- what a program of ours listens to: to stop (SIGTERM, SIGINT), and to read
 * its files again (SIGHUP). One that comes before the loop runs is heard when it does.
 */
#ifndef LIB_SIGNALS_H
#define LIB_SIGNALS_H

#include <event2/event.h>

struct signals;

/* The callbacks get the signal's number in place of a descriptor. SIGPIPE is ignored from
 * here on: writing to who has left is an error, not an end. */
struct signals *signals_new(struct event_base *base, event_callback_fn stop,
                            event_callback_fn reload, void *arg);
void signals_free(struct signals *signals); /* NULL is fine */

#endif
