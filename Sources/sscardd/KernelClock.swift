import CTimex

/// The machine's clock as the kernel knows it.
enum KernelClock {
    /// The greatest error that it may have, in milliseconds, rounded up; nil when nothing keeps it to a source of time.
    static var errorMilliseconds: UInt32? {
        let microseconds = clock_error_microseconds()
        return microseconds < 0 ? nil : UInt32(clamping: (microseconds + 999) / 1000)
    }
}
