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

    /// Words by which drivers name slots for security modules (PSAM, SAM) and SIM-sized cards, as in
    /// `ACS ACR1281U-C [ACR1281 1S Dual Reader SAM] 00 02`, `Feitian PSAM 01 00` and `Alcor SIM Reader 00 00`.
    public static let samSlotWords: Set<String> = ["SAM", "PSAM", "ISAM", "ESAM", "SIM"]

    /// True when one of the name's words, digits and punctuation left aside, is one of ``samSlotWords`` in any case.
    ///
    /// A guess: such slots show up as readers that always hold a card or a mute one, and a holder's card never goes there.
    public var looksLikeSAMSlot: Bool {
        rawValue.uppercased().split { !$0.isLetter }.contains { Self.samSlotWords.contains(String($0)) }
    }

    /// True for a slot of the virtual readers' driver (vpcd): its card is a program and no card of plastic.
    public var isVirtual: Bool { rawValue.hasPrefix("Virtual PCD") }
}

extension ReaderName: CustomStringConvertible {
    /// The name itself.
    public var description: String { rawValue }
}
