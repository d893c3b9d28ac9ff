/* signals.c -- see signals.h. */
#include "lib/signals.h"

#include <signal.h>
#include <stdlib.h>

#include "lib/count.h"
#include "lib/mem.h"

static const int numbers[] = {SIGTERM, SIGINT, SIGHUP};

struct signals {
    struct event *events[COUNT(numbers)];
};

struct signals *signals_new(struct event_base *base, event_callback_fn stop,
                            event_callback_fn reload, void *arg)
{
    struct signals *signals = xcalloc(1, sizeof *signals);

    signal(SIGPIPE, SIG_IGN);
    for (size_t i = 0; i < COUNT(numbers); i++) {
        signals->events[i] =
            evsignal_new(base, numbers[i], numbers[i] == SIGHUP ? reload : stop, arg);
        event_add(signals->events[i], NULL);
    }
    return signals;
}

void signals_free(struct signals *signals)
{
    if (!signals)
        return;
    for (size_t i = 0; i < COUNT(numbers); i++)
        event_free(signals->events[i]);
    free(signals);
}
