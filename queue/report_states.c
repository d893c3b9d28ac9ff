/* report_states.c -- the words for states; apart from report.c, for who has no queue. */
#include "queue/report.h"

const char *const report_states[] = {
    [REPORT_UNKNOWN] = "unknown",
    [REPORT_TESTING] = "testing",
    [REPORT_MISSING_IMAGE] = "missing-image",
    [REPORT_FAILED_SELFTEST] = "failed-selftest",
    [REPORT_READY] = "ready",
    NULL,
};
