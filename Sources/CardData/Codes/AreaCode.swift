/// A place: six digits that the area table knows, in force or withdrawn (GB/T 2260 and its extensions).
public struct AreaCode: Hashable, Sendable {
    /// Six digits.
    public let text: String
    /// Whether the code belongs to the standard, an extension or training.
    public let kind: AreaCodeTable.Kind
    /// No longer in force; it stays valid in what was given out under it.
    public let isWithdrawn: Bool

    /// Looks a code up; throws `area-code.form` or `area-code.unknown`.
    public init(_ text: String, in table: AreaCodeTable) throws(Faults) {
        guard text.utf8.count == 6, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            throw Faults("area-code.form", ["code": String(text.prefix(12))])
        }
        guard let entry = table[text], entry.kind != .permanentResident else {
            throw Faults("area-code.unknown", ["code": text])
        }
        self.text = text
        kind = entry.kind
        isWithdrawn = entry.to != nil
    }

    /// Whether it is one of the training areas, for which no real card is issued.
    public var isTraining: Bool { kind == .training }
}

extension AreaCode: CustomStringConvertible {
    /// Six digits.
    public var description: String { text }
}
