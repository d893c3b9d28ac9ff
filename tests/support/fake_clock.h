/* fake_clock.h -- time that a test can let pass. Linked in, it stands between the process
 * (libevent's timers, lib/clock) and the kernel's clocks, so that deadlines of seconds are
 * tried in no time. */
#ifndef TESTS_SUPPORT_FAKE_CLOCK_H
#define TESTS_SUPPORT_FAKE_CLOCK_H

/* From now on it is so much later. */
void clock_skip_ms(int ms);

#endif
