/* fake_clock.c -- see fake_clock.h. The program's own clock_gettime goes before libc's, in
 * shared libraries too. */
#include "tests/support/fake_clock.h"

#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static long long skipped_ms;

void clock_skip_ms(int ms)
{
    skipped_ms += ms;
}

/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name): libc's are reserved
 */
int clock_gettime(clockid_t clock, struct timespec *now)
{
    if (syscall(SYS_clock_gettime, clock, now))
        return -1;
    now->tv_sec += skipped_ms / 1000;
    now->tv_nsec += skipped_ms % 1000 * 1000000;
    if (now->tv_nsec >= 1000000000) {
        now->tv_sec++;
        now->tv_nsec -= 1000000000;
    }
    return 0;
}
