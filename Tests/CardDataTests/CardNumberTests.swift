import CardData
import Testing

@Suite struct CardNumberTests {
    // D2143569-X is the example of the file structure specification V2.0, appendix A; the other two were seen in documents
    @Test(arguments: [("D2143569", "D2143569X"), ("X0000001", "X00000019"), ("B0000001", "B00000019")])
    func computesTheCheckCharacter(body: String, whole: String) throws {
        #expect(try CardNumber(body: body).text == whole)
        #expect(try CardNumber(whole).body == body)
    }

    @Test func takesTheHyphenThatIsPrinted() throws {
        let number = try CardNumber("D2143569-X")
        #expect(number.text == "D2143569X")
        #expect(number.printed == "D2143569-X")
    }

    @Test func tellsAllFaults() {
        #expect(codes { try CardNumber("D21435690") } == ["card-number.check-character"])
        #expect(
            codes { try CardNumber("921a3569X") }
                == ["card-number.character", "card-number.character"])
        #expect(codes { try CardNumber("D214-3569X") } == ["card-number.length"])
        #expect(codes { try CardNumber(body: "D214356") } == ["card-number.length"])
        #expect(codes { try CardNumber("") } == ["card-number.length"])
    }

    @Test func readingIsForgivingAndSaysSo() {
        #expect(CardNumber.lenient("D2143569X").isCheckCorrect)
        let old = CardNumber.lenient("010012345")
        #expect(!old.isCheckCorrect)
        #expect(old.text == "010012345")
    }

    @Test func aRangeGivesItsNumbersInOrderAndNoOthers() throws {
        let range = try CardNumberRange(letter: "B", first: 1, last: 3)
        #expect(range.count == 3)
        #expect(range.number(at: 0)?.text == "B00000019")
        #expect((0..<3).map { range.number(at: $0)?.body } == ["B0000001", "B0000002", "B0000003"])
        #expect(range.number(at: 3) == nil)
        #expect(range.number(at: -1) == nil)
        #expect(range.contains(try CardNumber(body: "B0000002")))
        #expect(!range.contains(try CardNumber(body: "B0000004")))
        #expect(!range.contains(try CardNumber(body: "C0000002")))
    }

    @Test func aRangeRefusesImpossibleEnds() {
        #expect(
            codes { try CardNumberRange(letter: "b", first: 2, last: 1) }
                == ["card-number-range.letter", "card-number-range.serials"])
        #expect(
            codes { try CardNumberRange(letter: "B", first: 0, last: 10_000_000) }
                == ["card-number-range.serials"])
        #expect(
            codes { try CardNumberRange(letter: "É", first: 0, last: 1) }
                == ["card-number-range.letter"])
    }
}

@Suite struct IdentificationCodeTests {
    @Test func readsItsParts() throws {
        let code = try IdentificationCode(hexadecimal: "310000D15600000500000123A1B2C3D4")
        #expect(code.areaCode == "310000")
        #expect(code.serial == [0, 0, 1, 0x23])
        #expect(code.authenticationCode == [0xA1, 0xB2, 0xC3, 0xD4])
        #expect(code.withoutAuthenticationCode.count == 12)
        #expect(!code.isUnpersonalized)
        #expect(code.text == "310000D15600000500000123A1B2C3D4")
    }

    @Test func aBlankEndsInAllOnes() throws {
        let blank = try IdentificationCode(areaCode: "990101", serial: [0, 0, 0, 7])
        #expect(blank.isUnpersonalized)
        #expect(blank.text == "990101D15600000500000007FFFFFFFF")
    }

    @Test func tellsAllFaults() {
        #expect(
            codes { try IdentificationCode(hexadecimal: "99010AD1560000060000000000000000") }
                == ["identification-code.area", "identification-code.registered-identifier"])
        #expect(codes { try IdentificationCode(bytes: []) } == ["identification-code.length"])
        #expect(
            codes { try IdentificationCode(hexadecimal: "9") } == ["identification-code.hexadecimal"])
        #expect(
            codes { try IdentificationCode(areaCode: "9901", serial: [0, 0, 0, 0]) }
                == ["identification-code.area"])
        #expect(
            codes { try IdentificationCode(areaCode: "990101", serial: [0]) }
                == ["identification-code.length"])
    }
}
