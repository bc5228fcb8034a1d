/// The number printed on the card: a capital letter for the district, seven digits or capitals, and a check character
/// (file structure specification V2.0, appendix A).
public struct CardNumber: Hashable, Sendable {
    /// All nine characters, without the hyphen that print puts before the last.
    public let text: String

    /// Reads nine characters; a hyphen before the last one is passed over.
    ///
    /// Throws `card-number.length`, `card-number.character` and `card-number.check-character`, all that apply.
    public init(_ text: String) throws(Faults) {
        let characters = Self.withoutHyphen(text)
        guard characters.count == 9 else {
            throw Faults("card-number.length", ["count": String(characters.count)])
        }
        var faults = FaultCollector()
        Self.judge(body: characters[0..<8], into: &faults)
        let found = characters[8]
        if faults.faults.isEmpty {
            let expected = Self.checkCharacter(of: characters[0..<8])
            if found != expected {
                faults.add(
                    "card-number.check-character",
                    [
                        "number": String(decoding: characters[0..<8], as: UTF8.self),
                        "found": String(decoding: [found], as: UTF8.self),
                        "expected": String(decoding: [expected], as: UTF8.self),
                    ])
            }
        }
        try faults.check()
        self.text = String(decoding: characters, as: UTF8.self)
    }

    /// Makes a number from its eight characters by computing the check character; throws `card-number.length` and
    /// `card-number.character`.
    public init(body: String) throws(Faults) {
        let characters = Array(body.utf8)
        guard characters.count == 8 else { throw Faults("card-number.length", ["count": String(characters.count)]) }
        var faults = FaultCollector()
        Self.judge(body: characters[...], into: &faults)
        try faults.check()
        self.init(validBody: characters)
    }

    /// Eight characters that are known to be right.
    init(validBody body: [UInt8]) {
        text = String(decoding: body + [Self.checkCharacter(of: body[...])], as: UTF8.self)
    }

    /// The first eight characters.
    public var body: String { String(text.prefix(8)) }

    /// The form that is printed, for example `D2143569-X`.
    public var printed: String { body + "-" + text.suffix(1) }

    /// Takes a number as some card holds it, for numbers older than the rule.
    public static func lenient(_ text: String) -> ReadCardNumber { ReadCardNumber(text) }

    /// Weights 3 7 9 10 5 8 4 2, letters count A=10 … Z=35; 11 minus the remainder by 11, with 10 written X and 11 written 0.
    private static func checkCharacter(of body: ArraySlice<UInt8>) -> UInt8 {
        let weights = [3, 7, 9, 10, 5, 8, 4, 2]
        let sum = zip(body, weights).reduce(0) { sum, pair in
            let value = pair.0 < 0x3A ? Int(pair.0) - 0x30 : Int(pair.0) - 0x41 + 10
            return sum + value * pair.1
        }
        return switch 11 - sum % 11 {
        case 10: UInt8(ascii: "X")
        case 11: UInt8(ascii: "0")
        case let digit: UInt8(ascii: "0") + UInt8(digit)
        }
    }

    private static func withoutHyphen(_ text: String) -> [UInt8] {
        var characters = Array(text.utf8)
        if characters.count == 10 && characters[8] == UInt8(ascii: "-") { characters.remove(at: 8) }
        return characters
    }

    private static func judge(body: ArraySlice<UInt8>, into faults: inout FaultCollector) {
        for (index, character) in body.enumerated() {
            let isCapital = (0x41...0x5A).contains(character)
            if !isCapital && (index == 0 || !(0x30...0x39).contains(character)) {
                faults.add("card-number.character", ["position": String(index + 1)])
            }
        }
    }
}

extension CardNumber: CustomStringConvertible {
    /// The nine characters.
    public var description: String { text }
}

/// A card number as it was read from a card: some cities' older numbers do not satisfy the check, so it is stated, not enforced.
public struct ReadCardNumber: Hashable, Sendable {
    /// The characters read.
    public let text: String
    /// The number, when it follows the rule.
    public let number: CardNumber?

    /// Takes any text.
    public init(_ text: String) {
        self.text = text
        number = try? CardNumber(text)
    }

    /// Whether the number follows the rule with its check character.
    public var isCheckCorrect: Bool { number != nil }
}
