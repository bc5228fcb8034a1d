import Dispatch
import Glibc

/// Ctrl-C and SIGTERM, written to a pipe by a handler of our own, so that none is lost from the moment on that it is there.
///
/// The signal sources of Dispatch begin to listen some time after they are resumed, and on Linux only once for each signal: what
/// came in between was lost, and so was everything from the second use in one program on.
enum SignalPipe {
    /// The signals that ask a program to stop.
    private static let signals = [SIGINT, SIGTERM]

    /// Made at the first use; nothing reads or writes where the system has no descriptors left.
    private static let ends: (reading: Int32, writing: Int32) = {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { return (-1, -1) }
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        return (ends[0], ends[1])
    }()

    /// From here on a signal waits in the pipe until somebody listens.
    ///
    /// Without a pipe it ends the program as ever.
    static func open() {
        guard ends.reading >= 0 else { return }
        while take() {}
        for number in signals {
            signal(number) { _ in
                let error = errno
                var mark: UInt8 = 1
                _ = write(SignalPipe.ends.writing, &mark, 1)
                errno = error
            }
        }
    }

    /// Calls `handle` at the first signal, also at one that came since the pipe was opened; a second one ends the program at once.
    static func listen(_ handle: @escaping @Sendable () -> Void) -> (any DispatchSourceRead)? {
        guard ends.reading >= 0 else { return nil }
        let source = DispatchSource.makeReadSource(fileDescriptor: ends.reading, queue: .global())
        source.setEventHandler {
            guard take() else { return }
            signals.forEach { signal($0, SIG_DFL) }
            // a second one that came before this was heard ends the program all the same
            if take() { raise(SIGINT) }
            handle()
        }
        source.resume()
        return source
    }

    /// From here on a signal ends the program as ever.
    ///
    /// - Returns: whether one had come that nobody was told of yet.
    @discardableResult static func close(_ source: (any DispatchSourceRead)?) -> Bool {
        source?.cancel()
        signals.forEach { signal($0, SIG_DFL) }
        return source != nil && take()
    }

    /// Whether a signal had come; it is told once.
    private static func take() -> Bool {
        var mark: UInt8 = 0
        return read(ends.reading, &mark, 1) == 1
    }
}
