import ByteText
import CardData
import Foundation
import Glibc
import Issuing
import Synchronization

/// Writes to standard output and standard error.
enum Terminal {
    /// A line for the user on standard output.
    ///
    /// What a card, a file or an argument brings in, such as the beginning of a terminal's command, is shown as a sign of its own.
    static func say(_ line: String = "", terminator: String = "\n") {
        write(line.plain() + terminator, to: STDOUT_FILENO)
    }

    /// A line about the work on standard error, so that output stays clean for programs; shown as ``say(_:terminator:)`` shows it.
    static func tell(_ line: String) { write(line.plain() + "\n", to: STDERR_FILENO) }

    /// One line on standard error that replaces the one before; a new line each time when nobody watches.
    static func progress(_ line: String) {
        guard isWatched else { return }
        write("\r\u{1B}[2K" + line.plain(), to: STDERR_FILENO)
    }

    /// Ends a line of progress.
    static func endProgress() {
        if isWatched { write("\r\u{1B}[2K", to: STDERR_FILENO) }
    }

    /// Text as it is on standard error, for a screen that somebody watches.
    static func control(_ text: String) { write(text, to: STDERR_FILENO) }

    /// True when standard error is a terminal.
    static var isWatched: Bool { isatty(STDERR_FILENO) == 1 }

    /// A value as JSON with sorted keys, on standard output.
    static func say(json value: some Encodable) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        say(String(decoding: try encoder.encode(value), as: UTF8.self))
    }

    /// A line on standard output whose bytes the caller wipes.
    static func say(secret bytes: UnsafeRawBufferPointer) {
        put(bytes, to: STDOUT_FILENO)
        say()
    }

    private static func write(_ text: String, to descriptor: Int32) {
        Array(text.utf8).withUnsafeBytes { put($0, to: descriptor) }
    }

    /// A write that a signal broke off goes on, one for which there is no room yet waits; one that nobody reads any more is noted, and so
    /// is output that found no place.
    private static func put(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) {
        var rest = bytes
        while !rest.isEmpty {
            let count = Glibc.write(descriptor, rest.baseAddress, rest.count)
            guard count <= 0 else {
                rest = UnsafeRawBufferPointer(rebasing: rest[count...])
                continue
            }
            switch errno {
            case EINTR: continue
            case EAGAIN:
                if hasRoom(descriptor) { continue }
            case EPIPE: lostReader.store(true, ordering: .relaxed)
            case let reason where descriptor == STDOUT_FILENO: lostOutput.store(reason, ordering: .relaxed)
            default: break
            }
            return
        }
    }

    /// Waits until a descriptor takes more: output for as long as it takes, what is told about the work for a second at most, and not
    /// again until somebody reads on, for a card in the reader does not wait for a terminal.
    private static func hasRoom(_ descriptor: Int32) -> Bool {
        let isOutput = descriptor == STDOUT_FILENO
        var place = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        let isReady = poll(&place, 1, isOutput ? -1 : isStuck.load(ordering: .relaxed) ? 0 : 1000) != 0
        if !isOutput { isStuck.store(!isReady, ordering: .relaxed) }
        return isReady
    }

    private static let isStuck = Atomic(false)
    private static let lostReader = Atomic(false)
    private static let lostOutput = Atomic<Int32>(0)
    private static let shortfall = Atomic<Int32>(0)

    /// Notes that something beside the work itself went wrong, which was told: a command that otherwise did well ends with this code.
    static func noteShortfall(_ faults: [Fault]) {
        guard let first = faults.first else { return }
        shortfall.store(MessageCatalogue.standard.exitCode(for: first.code), ordering: .relaxed)
    }

    /// With which code a command ends that did well: output that was lost is told here, for half an answer looks like a whole one.
    static func endingCode() -> Int32 {
        let reason = lostOutput.load(ordering: .relaxed)
        if reason != 0 {
            let fault = Fault("tool.output-lost", ["reason": String(cString: strerror(reason))])
            tell([fault])
            noteShortfall([fault])
        }
        return shortfall.load(ordering: .relaxed)
    }

    /// Whether something was written that nobody reads any more: the program behind the pipe has ended.
    static var hasLostReader: Bool { lostReader.load(ordering: .relaxed) }

    /// Calls `body` once nobody can read standard output any more; never where it is no pipe.
    static func whenOutputCloses(_ body: @escaping @Sendable () -> Void) {
        Thread {
            var output = pollfd(fd: STDOUT_FILENO, events: 0, revents: 0)
            while poll(&output, 1, -1) < 0, errno == EINTR {}
            if output.revents & Int16(POLLERR) != 0 { body() }
        }.start()
    }
}

func ignoreBrokenPipes() { signal(SIGPIPE, SIG_IGN) }

func quit(_ code: Int32) -> Never {
    KeyRoom.closeLogs()
    exit(code)
}
