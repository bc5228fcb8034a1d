public import CardCryptography
public import CardData

/// Where a secret comes from: never an argument, an environment variable or a file's name.
///
/// Written `ask`, or `fd:N` for a descriptor that is open already.
public enum SecretSource: Sendable {
    /// Typed at the terminal, unseen.
    case ask
    /// Read from an open file descriptor, one line a time.
    case descriptor(Int32)

    /// The source that a word on the command line names; nil for any other word.
    public init?(argument: String) {
        if argument == "ask" {
            self = .ask
            return
        }
        guard argument.hasPrefix("fd:"), let number = Int32(argument.dropFirst(3)), number >= 0 else { return nil }
        self = .descriptor(number)
    }

    private static let limit = 1024

    /// One line of at most 1,024 bytes, without its end.
    ///
    /// Throws what ``SecretLine`` and ``SilentEntry`` throw.
    public func line(_ prompt: String) throws(Faults) -> SecretBytes {
        switch self {
        case .descriptor(let number): try SecretLine.read(number, limit: Self.limit)
        case .ask: try SilentEntry.read(prompt, limit: Self.limit)
        }
    }
}
