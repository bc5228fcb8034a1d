import Foundation
import Glibc
import Issuing

/// Writes to standard output and standard error.
enum Terminal {
    /// A line for the user on standard output.
    static func say(_ line: String = "", terminator: String = "\n") { write(line + terminator, to: STDOUT_FILENO) }

    /// A line about the work on standard error, so that output stays clean for programs.
    static func tell(_ line: String) { write(line + "\n", to: STDERR_FILENO) }

    /// One line on standard error that replaces the one before; a new line each time when nobody watches.
    static func progress(_ line: String) {
        guard isWatched else { return }
        write("\r\u{1B}[2K" + line, to: STDERR_FILENO)
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
        var rest = bytes
        while !rest.isEmpty {
            let count = Glibc.write(STDOUT_FILENO, rest.baseAddress, rest.count)
            guard count > 0 else { return }
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
        say()
    }

    private static func write(_ text: String, to descriptor: Int32) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }
}

func ignoreBrokenPipes() { signal(SIGPIPE, SIG_IGN) }

func quit(_ code: Int32) -> Never {
    KeyRoom.closeLogs()
    exit(code)
}
