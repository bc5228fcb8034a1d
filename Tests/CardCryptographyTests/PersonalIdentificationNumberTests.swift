import ByteText
import CardCryptography
import Testing

@Suite struct PersonalIdentificationNumberTests {
    @Test(arguments: [
        // packed as VERIFY takes it: the paper on COS dialects, section 6.6, gives 12345F for "12345"
        ("12345", "12345F"), ("1234", "1234"), ("123456", "123456"), ("0000000", "0000000F"),
        ("123456789012", "123456789012"),
    ])
    func `digits are packed, an odd last one followed by F`(digits: String, packed: String) throws {
        let pin = try PersonalIdentificationNumber(digits: digits)
        #expect(pin.withPackedDigits { Array($0).hexadecimal } == packed)
        #expect(pin.withDigits { String(decoding: $0, as: UTF8.self) } == digits)
        #expect(pin.count == digits.count)
    }

    @Test(arguments: ["", "123", "1234567890123"])
    func `fewer than 4 or more than 12 digits are refused`(digits: String) {
        #expect(throws: PersonalIdentificationNumber.Malformed.wrongLength(digits.count)) {
            try PersonalIdentificationNumber(digits: digits)
        }
    }

    @Test(arguments: ["12a456", "12 456", "1234-5", "123456\n"])
    func `other characters are refused`(digits: String) {
        #expect(throws: PersonalIdentificationNumber.Malformed.notADigit) {
            try PersonalIdentificationNumber(digits: digits)
        }
    }

    @Test func `full-width digits are refused, for the card would not know them`() {
        #expect(throws: (any Error).self) { try PersonalIdentificationNumber(digits: "１２３４") }
    }

    @Test func `the digits are shown nowhere`() throws {
        let pin = try PersonalIdentificationNumber(digits: "918273")
        var shown = "\(pin) \(String(reflecting: pin))"
        dump(pin, to: &shown)
        dump([pin], to: &shown)
        #expect(!shown.contains("918273"))
        #expect(!shown.contains("91"))
        #expect("\(pin)" == "PIN")
    }

    @Test func `equal digits make equal PINs, and leading zeros count`() throws {
        #expect(try PersonalIdentificationNumber(digits: "001234") == PersonalIdentificationNumber(digits: "001234"))
        #expect(try PersonalIdentificationNumber(digits: "001234") != PersonalIdentificationNumber(digits: "01234"))
        #expect(try PersonalIdentificationNumber(digits: "001234") != PersonalIdentificationNumber(digits: "001235"))
    }

    @Test(arguments: [
        ("111111", true), ("123456", true), ("987654", true), ("4567", true), ("123457", false), ("112233", false),
        ("890123", false),
    ])
    func `equal digits and runs are trivial`(digits: String, trivial: Bool) throws {
        #expect(try PersonalIdentificationNumber(digits: digits).isTrivial == trivial)
    }

    @Test func `drawn PINs have the digits asked for, are not trivial and differ`() throws {
        let drawn = try (0..<200).map { _ in try PersonalIdentificationNumber.random(digits: 6) }
        #expect(drawn.allSatisfy { $0.count == 6 && !$0.isTrivial })
        let texts = Set(drawn.map { $0.withDigits { String(decoding: $0, as: UTF8.self) } })
        #expect(texts.count > 190)
        #expect(Set(texts.joined()).count == 10)
    }
}
