/* clock.h -- the two clocks. */
#ifndef LIB_CLOCK_H
#define LIB_CLOCK_H

#include <stdint.h>

/* Milliseconds since 1970: what goes into Redis and what people see. May jump. */
int64_t clock_ms(void);

/* Microseconds since some point in the past: for durations. Never jumps. */
int64_t clock_mono_us(void);

#endif
