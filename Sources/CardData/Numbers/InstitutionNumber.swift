/// The number of the institution that initialised a card (tag 04), 24 digits: `9156000002`, issuing area 6, initialising area 6,
/// sequence 2.
public struct InstitutionNumber: Hashable, Sendable {
    /// The issuer organisation's identifier that begins every number.
    public static let organisation = "9156000002"

    /// All 24 digits.
    public let text: String

    /// Reads 24 digits; throws `institution-number.form`, or `institution-number.organisation`.
    public init(_ text: String) throws(Faults) {
        guard text.utf8.count == 24, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            throw Faults("institution-number.form", ["count": String(text.count)])
        }
        guard text.hasPrefix(Self.organisation) else {
            throw Faults("institution-number.organisation", ["found": String(text.prefix(10))])
        }
        self.text = text
    }

    /// Six digits: the area that issues the card.
    public var issuingArea: String { String(text.dropFirst(10).prefix(6)) }

    /// Six digits: the area where the card was initialised.
    public var initializingArea: String { String(text.dropFirst(16).prefix(6)) }
}
