import Glibc

/// Time on the wall and time of this thread on a processor since the watch was started.
struct Stopwatch {
    private let wall = Self.read(CLOCK_MONOTONIC)
    private let processor = Self.read(CLOCK_THREAD_CPUTIME_ID)

    /// Microseconds on the wall.
    var microseconds: Double { (Self.read(CLOCK_MONOTONIC) - wall) * 1e6 }

    /// Seconds of this thread on a processor, the clock of keybench.c.
    var processorSeconds: Double { Self.read(CLOCK_THREAD_CPUTIME_ID) - processor }

    private static func read(_ clock: clockid_t) -> Double {
        var time = timespec()
        clock_gettime(clock, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }
}
