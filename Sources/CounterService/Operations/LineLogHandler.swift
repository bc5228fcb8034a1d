import Foundation
import Glibc
public import Logging

/// Writes the log as JSON, one object a line, to standard error; metadata becomes members.
///
/// Nothing that the service logs names a person: routes stand there in their own form, operators by number, and of acts that were
/// refused the card by its identification code.
public struct LineLogHandler: LogHandler {
    /// What every line carries.
    public var metadata: Logger.Metadata = [:]
    /// Less is not written.
    public var logLevel: Logger.Level = .info
    private let label: String

    /// A handler for a logger of this name.
    public init(label: String) { self.label = label }

    /// One value of ``metadata``.
    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    /// Writes one line.
    public func log(event: LogEvent) {
        var members = metadata.merging(event.metadata ?? [:]) { $1 }.mapValues(\.description)
        members["time"] = Date().ISO8601Format(.iso8601(timeZone: .gmt, includingFractionalSeconds: true))
        members["level"] = event.level.rawValue
        members["log"] = label
        members["message"] = event.message.description
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard var line = try? encoder.encode(members) else { return }
        line.append(0x0A)
        // One write, so that lines of several threads never mix.
        _ = Array(line).withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}
