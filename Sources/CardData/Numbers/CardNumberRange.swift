/// A run of card numbers of one district letter with serials of seven digits, as the pool hands them out.
public struct CardNumberRange: Hashable, Sendable {
    /// The district's capital letter.
    public let letter: Character
    /// The serials, within 0…9,999,999.
    public let serials: ClosedRange<Int>

    /// A run from one serial to another, both included; throws `card-number-range.letter` and `card-number-range.serials`.
    public init(letter: Character, first: Int, last: Int) throws(Faults) {
        var faults = FaultCollector()
        // A sign that joins the letter would be part of the same character.
        if letter.asciiValue.map({ (0x41...0x5A).contains($0) }) != true {
            faults.add("card-number-range.letter", ["letter": String(letter)])
        }
        if first < 0 || last < first || last > 9_999_999 {
            faults.add("card-number-range.serials", ["first": String(first), "last": String(last)])
        }
        try faults.check()
        self.letter = letter
        serials = first...last
    }

    /// How many numbers the run has.
    public var count: Int { serials.count }

    /// The number at a place counted from 0; nil outside the run.
    public func number(at index: Int) -> CardNumber? {
        guard index >= 0, index < count else { return nil }
        let digits = String(serials.lowerBound + index)
        let padding = String(repeating: "0", count: 7 - digits.count)
        return CardNumber(validBody: Array((String(letter) + padding + digits).utf8))
    }

    /// Whether a number belongs to the run.
    public func contains(_ number: CardNumber) -> Bool {
        guard number.text.first == letter, let serial = Int(number.body.dropFirst()) else { return false }
        return serials.contains(serial)
    }

    /// Whether a number belongs to both runs.
    public func overlaps(_ other: CardNumberRange) -> Bool {
        letter == other.letter && serials.overlaps(other.serials)
    }
}
