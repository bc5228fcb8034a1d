/// The name under which the PC/SC service knows a reader slot, for example `Virtual PCD 00 00`.
///
/// It is not stable across plugging: the two numbers at its end are given in the order of appearance.
public struct ReaderName: RawRepresentable, Hashable, Sendable {
    /// The name as PC/SC spells it.
    public let rawValue: String

    /// A name of 1…127 bytes without NUL (pcsc-lite's MAX_READERNAME); nil for any other text.
    public init?(rawValue: String) {
        guard (1...127).contains(rawValue.utf8.count), !rawValue.utf8.contains(0) else { return nil }
        self.rawValue = rawValue
    }

    /// True when the name says that the slot is for a security module (PSAM, SAM) or a SIM-sized card.
    ///
    /// A guess: such slots show up as readers that always hold a card, and a holder's card never goes there.
    public var looksLikeSAMSlot: Bool {
        rawValue.uppercased().split(whereSeparator: { !$0.isLetter }).contains { word in
            word == "SAM" || word == "PSAM" || word == "ISAM" || word == "SIM"
        }
    }
}

extension ReaderName: CustomStringConvertible {
    /// The name itself.
    public var description: String { rawValue }
}
