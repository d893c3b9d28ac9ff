/* timer.h -- libevent timers in one number. */
#ifndef LIB_TIMER_H
#define LIB_TIMER_H

#include <event2/event.h>
#include <stdint.h>

/* (Re)start a timer; one that was made with EV_PERSIST fires every time the delay is over,
 * until it is deleted. A delay below 0 counts as 0. */
static inline void timer_set_us(struct event *timer, int64_t delay_us)
{
    struct timeval delay = {0};

    if (delay_us > 0) {
        delay.tv_sec = delay_us / 1000000;
        delay.tv_usec = delay_us % 1000000;
    }
    evtimer_add(timer, &delay);
}

static inline void timer_set_ms(struct event *timer, int64_t delay_ms)
{
    timer_set_us(timer, delay_ms * 1000);
}

/* Fire in this round of the event loop, after all that is active by now: what a delay of 0
 * does, without asking the kernel for news in between. Who fires so again from what it has
 * fired keeps the loop from everything else. */
static inline void timer_now(struct event *timer)
{
    event_active(timer, EV_TIMEOUT, 0);
}

#endif
