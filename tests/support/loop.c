/* loop.c -- see loop.h. */
#include "tests/support/loop.h"

#include "lib/clock.h"

bool loop_until(struct event_base *base, const bool *happened, int deadline_ms)
{
    int64_t until = clock_mono_us() + deadline_ms * 1000LL;

    while (!*happened && clock_mono_us() < until) {
        const struct timeval most = {.tv_usec = 20000};

        event_base_loopexit(base, &most);
        event_base_loop(base, EVLOOP_ONCE);
    }
    return *happened;
}

void loop_for(struct event_base *base, int ms)
{
    const bool never = false;

    loop_until(base, &never, ms);
    /* This process may have been away all the time: what is due by now is heard. */
    event_base_loop(base, EVLOOP_NONBLOCK);
}
