// What the kernel knows of its clock.
#pragma once
#include <sys/timex.h>

// The greatest error that the clock may have, in microseconds; -1 when nothing keeps it to a source of time.
static inline long clock_error_microseconds(void) {
    struct timex state = {0};
    if (adjtimex(&state) < 0 || (state.status & STA_UNSYNC)) return -1;
    return state.maxerror;
}
