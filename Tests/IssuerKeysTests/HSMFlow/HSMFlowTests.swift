import CardCryptography
import CardData
import Testing

@testable import IssuerKeys

/// The strings of the HSM Step1/Step2 flow: golden bytes by the published formats (card.md §3.5, §4.2), with invented values.
@Suite struct HSMFlowTests {
    private static let reset = "0081544C9A8664990100000001"
    private static let code = "990100D15600000500000001A1B2C3D4"
    private static let basic =
        "990100|\(reset)|03|\(code)|0102030405060708|1112131415161718|2122232425262728|3132333435363738|"

    // MARK: - Golden bytes

    @Test func `step 1 of basic reading`() throws {
        let reading = try HSMBasicReading(Self.basic)
        #expect(reading.area == "990100" && reading.algorithm == .sm4 && reading.terminalNumber == nil)
        #expect(try reading.resetInformation == bytes(Self.reset))
        #expect(try reading.identificationCode == bytes(Self.code))
        #expect(try reading.internalChallenges.factor == bytes("0102030405060708"))
        #expect(try reading.internalChallenges.original == bytes("1112131415161718"))
        #expect(try reading.externalChallenges?.factor == bytes("2122232425262728"))
        #expect(try reading.externalChallenges?.original == bytes("3132333435363738"))
        #expect(reading.text == Self.basic)
        let withTerminal = "990100|\(Self.reset)|01|\(Self.code)|0102030405060708|1112131415161718|||990100000001|"
        let second = try HSMBasicReading(withTerminal)
        #expect(second.externalChallenges == nil && second.terminalNumber == "990100000001")
        #expect(second.text == withTerminal)
    }

    @Test(arguments: [
        ("A1A2A3A4A5A6A7A81112131415161718|B1B2B3B4B5B6B7B83132333435363738|", true, false),
        ("A1A2A3A4A5A6A7A81112131415161718|B1B2B3B4B5B6B7B83132333435363738||", true, true),
        ("A1A2A3A4A5A6A7A81112131415161718||", false, false),
    ])
    func `step 2 of basic reading`(text: String, hasExternal: Bool, hasBar: Bool) throws {
        let answer = try HSMBasicAnswer(text)
        #expect(try answer.internalAuthentication.cryptogram == bytes("A1A2A3A4A5A6A7A8"))
        #expect(try answer.internalAuthentication.original == bytes("1112131415161718"))
        #expect((answer.externalAuthentication != nil) == hasExternal && answer.hasFurtherBar == hasBar)
        #expect(answer.text == text)
    }

    @Test func `step 1 and 2 of reading, writing and the PIN`() throws {
        let text = "01|009412|0102030405060708|1112131415161718|"
        let request = try HSMKeyRequest(text)
        #expect(request.keyAddress == .number(0x0094, terminalKey: 0x12) && request.algorithm == .tripleDES)
        #expect(request.text == text)
        let named = "03|RKMFEF0C_990000|0102030405060708|1112131415161718|"
        #expect(
            try HSMKeyRequest(named).keyAddress == .name(KeyName(rawValue: "RKMFEF0C"), area: "990000"))
        #expect(try HSMKeyRequest(named).text == named)
        let answer = "A1A2A3A4A5A6A7A81112131415161718|"
        #expect(try HSMKeyAnswer(answer).text == answer)
    }

    private static let businesses = [
        "01|990100|\(reset)|01|\(code)|0102030405060708|1112131415161718|2122232425262728|3132333435363738|",
        "01|990100|\(reset)|01|\(code)|0102030405060708|1112131415161718|||",
        "02|990100|\(reset)|03|0094|0102030405060708|1112131415161718|",
        "03|990100|\(reset)|01|0173|0102030405060708|842400000C|739146|",
        "04|990100|\(reset)|42|01|017F|01020304|0007|1250,0|06|990100000001|20260101093000|",
    ]

    @Test(arguments: businesses)
    func `every business message comes back as it was`(text: String) throws {
        let utf8 = Array(text.utf8)
        let business = try HSMBusiness(utf8.span)
        #expect(business.text.unprotectedCopy() == utf8)
        #expect(!"\(business)".contains("739146"))
    }

    @Test func `the answer to a purchase`() throws {
        let text = "42|20260101093000|A1A2A3A4|B1B2B3B4|C1C2C3C4|"
        let answer = try HSMPurchaseAnswer(text)
        #expect(try answer.codes == [bytes("A1A2A3A4"), bytes("B1B2B3B4"), bytes("C1C2C3C4")])
        #expect(answer.text == text)
    }

    @Test(arguments: [
        ("0094", "UKSSSE"), ("009412", "UKSSSE"), ("0095", "UKSSSE"), ("0096", "UKSSSE"), ("0090", "PUK"),
        ("017F01", "DPK1"), ("RKMFEF0C_990000", "RKMFEF0C"), ("00c7", "LKDF06"),
    ])
    func `an address finds its key`(text: String, name: String) throws {
        let address = try #require(HSMKeyAddress(text))
        #expect(try address.key(in: Surroundings.hierarchy())?.name.rawValue == name)
    }

    @Test(arguments: ["009413", "0000", "00FF", "NONE_990000"])
    func `an address without a key finds none`(text: String) throws {
        let address = try #require(HSMKeyAddress(text))
        #expect(try address.key(in: Surroundings.hierarchy()) == nil)
    }

    // MARK: - Refusals

    @Test(arguments: [
        ("", ["hsm-flow.count", "hsm-flow.field"]),
        (String(basic.dropLast()), ["hsm-flow.field", "hsm-flow.count", "hsm-flow.field"]),
        (basic.replacing("0102030405060708", with: "0000000000000000"), ["hsm-flow.zero-challenge"]),
        (basic.replacing("|2122232425262728|", with: "||"), ["hsm-flow.field"]),
        (basic.replacing("|03|", with: "|04|"), ["hsm-flow.field"]),
        (
            basic.replacing("990100|", with: "9901|").replacing("1112131415161718", with: "zz"),
            ["hsm-flow.field", "hsm-flow.field"]
        ),
        (basic.replacing("0102030405060708", with: "01020304050607"), ["hsm-flow.field"]),
    ])
    func `a wrong string is refused with every fault`(text: String, expected: [String]) {
        let found = codes { _ = try HSMBasicReading(text) }
        #expect(found.prefix(expected.count) == expected[...])
    }

    @Test func `zeros are refused in every form`() {
        let zeros = "0000000000000000"
        let texts = Self.businesses.map { $0.replacing("0102030405060708", with: zeros) }.filter { $0.contains(zeros) }
        #expect(texts.count == 4)
        for text in texts {
            let utf8 = Array(text.utf8)
            #expect(codes { _ = try HSMBusiness(utf8.span) } == ["hsm-flow.zero-challenge"])
        }
        #expect(codes { _ = try HSMKeyRequest("01|0094|\(zeros)|1112131415161718|") } == ["hsm-flow.zero-challenge"])
    }

    @Test func `every message of a fault is filled`() {
        for text in ["", "|||", Self.basic.replacing("0102030405060708", with: "0000000000000000")] {
            do {
                _ = try HSMBasicReading(text)
            } catch {
                for fault in error.faults {
                    for language in MessageLanguage.allCases {
                        let said = MessageCatalogue.standard.text(for: fault, language: language)
                        #expect(said.what != fault.code.rawValue && !said.what.contains("{"))
                    }
                }
            }
        }
    }

    // MARK: - Properties and wrong bytes

    @Test func `whatever was read is written and read again as the same`() throws {
        var state: UInt64 = 0x4853_4D46_4C4F_57
        func next(_ limit: Int) -> Int {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return Int(truncatingIfNeeded: state >> 33) % limit
        }
        let seeds = (Self.businesses + [Self.basic, "01|0094|0102030405060708|1112131415161718|"]).map {
            Array($0.utf8)
        }
        let letters = Array("|0123456789ABCDEFabcdef_RK".utf8) + [0x00, 0x80, 0xFF]
        var read = 0
        for _ in 0..<4000 {
            var text = seeds[next(seeds.count)]
            for _ in 0..<next(4) {
                switch next(3) {
                case 0: text[next(text.count)] = letters[next(letters.count)]
                case 1: text.insert(letters[next(letters.count)], at: next(text.count))
                default: text.remove(at: next(text.count))
                }
            }
            if let business = try? HSMBusiness(text.span) {
                read += 1
                let written = business.text.unprotectedCopy()
                #expect(try HSMBusiness(written.span).text.unprotectedCopy() == written)
            }
            let string = String(decoding: text, as: UTF8.self)
            if let basic = try? HSMBasicReading(string) { #expect(try HSMBasicReading(basic.text) == basic) }
            if let key = try? HSMKeyRequest(string) { #expect(try HSMKeyRequest(key.text) == key) }
            if let answer = try? HSMBasicAnswer(string) { #expect(try HSMBasicAnswer(answer.text) == answer) }
        }
        #expect(read > 500)
    }
}
