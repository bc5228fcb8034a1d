/// A citizen's number: area 6, birth date 8, sequence 3, check character 1 (GB 11643-1999; check by ISO 7064 MOD 11-2).
///
/// The area is not looked up here, since that needs a table; see ``AreaCode``.
public struct CitizenNumber: Hashable, Sendable {
    /// All 18 characters, an X in capitals.
    public let text: String
    /// The day of birth, characters 7…14.
    public let birthDate: CardDate

    /// Reads 18 characters, or 15 digits of the form given out before 1999, which get the century 19 and a check character.
    ///
    /// A small x is taken for X. Throws every fault that can be told at once: `citizen-number.length`, or
    /// `citizen-number.character`, `citizen-number.birth-date` and `citizen-number.check-character`.
    public init(_ text: String) throws(Faults) {
        let given = Array(text.utf8).map { $0 == UInt8(ascii: "x") ? UInt8(ascii: "X") : $0 }
        guard given.count == 18 || given.count == 15 else {
            throw Faults("citizen-number.length", ["count": String(text.count)])
        }
        var faults = FaultCollector()
        for (index, character) in given.enumerated() where !isDigit(character) {
            if index == 17 && character == UInt8(ascii: "X") { continue }
            faults.add("citizen-number.character", ["position": String(index + 1)])
        }
        let body = given.count == 15 ? given[0..<6] + Array("19".utf8) + given[6...] : given[0..<17]
        let birthText = String(decoding: body[6..<14], as: UTF8.self)
        let birthDate = try? CardDate(birthText)
        if birthDate == nil && body[6..<14].allSatisfy(isDigit) {
            faults.add("citizen-number.birth-date", ["date": birthText])
        }
        var check = given.last ?? 0
        if body.allSatisfy(isDigit) {
            let expected = Self.checkCharacter(of: body)
            if given.count == 15 {
                check = expected
            } else if check != expected && (isDigit(check) || check == UInt8(ascii: "X")) {
                faults.add(
                    "citizen-number.check-character",
                    ["found": printable(check), "expected": printable(expected)])
            }
        }
        try faults.check()
        guard let birthDate else { throw Faults("citizen-number.birth-date", ["date": birthText]) }
        self.birthDate = birthDate
        self.text = String(decoding: body + [check], as: UTF8.self)
    }

    /// The first six digits: where the number was first given out (GB/T 2260 of that year).
    public var areaCode: String { String(text.prefix(6)) }

    /// Odd sequence numbers are for men, even ones for women.
    public var sex: Sex { Array(text.utf8)[16] & 1 == 1 ? .male : .female }

    /// What may be shown and logged: the area and the last two characters.
    public var masked: String { text.prefix(6) + "**********" + text.suffix(2) }

    /// ISO 7064 MOD 11-2: weights are powers of two, so that the check character makes the weighted sum 1 modulo 11.
    private static func checkCharacter(of body: some Sequence<UInt8>) -> UInt8 {
        let remainder = body.reduce(0) { ($0 + Int($1 - UInt8(ascii: "0"))) * 2 % 11 }
        let value = (12 - remainder) % 11
        return value == 10 ? UInt8(ascii: "X") : UInt8(ascii: "0") + UInt8(value)
    }
}

extension CitizenNumber: CustomStringConvertible {
    /// The masked form, so that printing a number by accident does not give a person away.
    public var description: String { masked }
}

private func isDigit(_ character: UInt8) -> Bool { (0x30...0x39).contains(character) }

private func printable(_ character: UInt8) -> String { String(UnicodeScalar(character)) }
