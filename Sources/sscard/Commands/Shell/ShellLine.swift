import ByteText
import ISO7816

/// A line of the shell as it may be shown and kept: a command that brings a PIN or a key to the card is shown by its header alone.
struct ShellLine {
    /// What may be shown.
    let shown: String
    /// Whether something of it is left out; such a line is not brought back either.
    let isSecret: Bool

    init(_ text: String) {
        let words = text.split(separator: " ", maxSplits: 1).map(String.init)
        guard words.first == "apdu", words.count == 2 else {
            (shown, isSecret) = (text, false)
            return
        }
        let parts = words[1].split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let command = parts[0].filter { $0 != " " }
        let told = Self.shown(command: command)
        isSecret = told != command
        shown = isSecret ? (["apdu \(told)"] + parts.dropFirst()).joined(separator: " =") : text
    }

    /// A command's hexadecimal digits, those behind the header left out where a trace would keep them secret, or where so much is mistyped that
    /// nobody can tell.
    static func shown(command digits: String) -> String {
        let start = String(digits.prefix(headerDigits))
        guard digits.count > headerDigits + lengthDigits else { return digits }
        guard let header = [UInt8](hexadecimal: start), header.count == 4 else { return start + mask }
        let data = [UInt8](hexadecimal: digits).flatMap { try? CommandAPDU(bytes: $0) }?.data ?? [0]
        guard !data.isEmpty else { return digits }
        guard let command = try? CommandAPDU(header[0], header[1], header[2], header[3], data: data) else {
            return start + mask
        }
        var trace = CardTrace()
        trace.record(command, .success(ResponseAPDU(.success)), offset: 0, duration: 0)
        guard case .command(_, .secret, _)? = trace.entries.first?.action else { return digits }
        return start + mask
    }

    private static let headerDigits = 8
    private static let lengthDigits = 2
    private static let mask = " ‹…›"
}
