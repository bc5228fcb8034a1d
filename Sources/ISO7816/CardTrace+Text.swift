import ByteText

/// A trace as text, one line an exchange:
///
/// ```
/// +0.001204 s  00B2022C le 32  < ‹22 bytes› 9000  89 µs
/// ```
extension CardTrace: CustomStringConvertible {
    /// All lines, each ended by a line feed.
    public var description: String { entries.map { "\($0)\n" }.joined() }
}

extension CardTrace.Entry: CustomStringConvertible {
    /// One line: when, what was sent, what came back, how long it took.
    public var description: String { "+\(seconds(offset)) s  \(action)  < \(outcome)  \(duration) µs" }
}

extension CardTrace.Entry.Action: CustomStringConvertible {
    /// Header, data and Le of a command, or `reset`.
    public var description: String {
        switch self {
        case .reset: return "reset"
        case .command(let header, let content, let expectedLength):
            var text = header.hexadecimal
            if content != .none { text += " \(content)" }
            if let expectedLength { text += " le \(expectedLength)" }
            return text
        }
    }
}

extension CardTrace.Outcome: CustomStringConvertible {
    /// Data and status word, or the failure's name.
    public var description: String {
        switch self {
        case .answer(.none, let statusWord): "\(statusWord)"
        case .answer(let content, let statusWord): "\(content) \(statusWord)"
        case .failure(let error): "no answer: \(error)"
        }
    }
}

extension CardTrace.Content: CustomStringConvertible {
    /// The bytes in hexadecimal, or what stands for them.
    public var description: String {
        switch self {
        case .none: ""
        case .shown(let bytes): bytes.hexadecimal
        case .personal(let count): "‹\(count) bytes›"
        case .secret: "‹secret›"
        }
    }
}

private func seconds(_ microseconds: Int64) -> String {
    let fraction = String(microseconds % 1_000_000)
    return "\(microseconds / 1_000_000)." + String(repeating: "0", count: max(0, 6 - fraction.count)) + fraction
}
