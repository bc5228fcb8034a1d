/// The signed papers that an auditor verifies, told from their files.
public enum SignedPaper: Hashable, Sendable, CaseIterable {
    /// The transcript of a ceremony.
    case transcript
    /// The report of a recovery drill.
    case drill

    /// Which paper a file is, or was before it was altered; nil for a file that is neither.
    ///
    /// A paper names its format and has its members: whoever alters the one leaves the other.
    public init?(_ bytes: [UInt8]) {
        let text = String(decoding: bytes, as: UTF8.self)
        if let named = Self.allCases.first(where: { text.contains($0.format) }) {
            self = named
        } else if !text.contains(KeyCeremony.stateFormat),
            let like = Self.allCases.first(where: { $0.members.allSatisfy { text.contains("\"\($0)\"") } })
        {
            self = like
        } else {
            return nil
        }
    }

    private var format: String {
        switch self {
        case .transcript: CeremonyTranscript.format
        case .drill: RecoveryDrill.format
        }
    }

    /// Members that no other paper has together.
    private var members: [String] {
        switch self {
        case .transcript: ["opening", "commitments", "outcome"]
        case .drill: ["milliseconds", "witnesses", "signatures"]
        }
    }
}
