import CardData
import SeededNumbers
import Testing

@Suite struct CitizenNumberTests {
    // Invented persons; check characters from the weights of GB 11643-1999, computed with Python.
    @Test func readsAreaBirthDateAndSex() throws {
        let woman = try CitizenNumber("99010619491231002X")
        #expect(woman.areaCode == "990106")
        #expect(woman.birthDate.text == "19491231")
        #expect(woman.sex == .female)
        let man = try CitizenNumber("990188188001010011")
        #expect(man.birthDate.text == "18800101")
        #expect(man.sex == .male)
    }

    @Test func convertsTheOldFormAndTakesASmallX() throws {
        #expect(try CitizenNumber("990106491231002").text == "99010619491231002X")
        #expect(try CitizenNumber("99010619491231002x").text == "99010619491231002X")
    }

    @Test func everyWrongDigitAndEveryExchangeOfNeighboursIsFound() throws {
        // ISO 7064 MOD 11-2 finds all single errors and all exchanges of neighbouring digits
        let right = Array("99010619491231002X".utf8)
        for index in 0..<17 {
            for digit in UInt8(ascii: "0")...UInt8(ascii: "9") where digit != right[index] {
                var wrong = right
                wrong[index] = digit
                let found = codes { try CitizenNumber(String(decoding: wrong, as: UTF8.self)) }
                #expect(found.contains("citizen-number.check-character"))
            }
            guard index < 16, right[index] != right[index + 1] else { continue }
            var exchanged = right
            exchanged.swapAt(index, index + 1)
            #expect(!codes { try CitizenNumber(String(decoding: exchanged, as: UTF8.self)) }.isEmpty)
        }
    }

    @Test func tellsAllFaultsAtOnce() {
        #expect(
            codes { try CitizenNumber("990101199002300010") }
                == ["citizen-number.birth-date", "citizen-number.check-character"])
        #expect(
            codes { try CitizenNumber("9901O119900230001A") }
                == ["citizen-number.character", "citizen-number.character", "citizen-number.birth-date"])
        #expect(codes { try CitizenNumber("9901011990030700") } == ["citizen-number.length"])
        #expect(codes { try CitizenNumber("") } == ["citizen-number.length"])
        #expect(codes { try CitizenNumber("X10105491231002") } == ["citizen-number.character"])
    }

    @Test func namesTheExpectedCheckCharacterButNeverTheWholeNumber() {
        #expect(throws: Faults("citizen-number.check-character", ["found": "6", "expected": "5"])) {
            try CitizenNumber("990101199003070016")
        }
    }

    @Test func printsMasked() throws {
        let number = try CitizenNumber("990101199003070015")
        #expect("\(number)" == "990101**********15")
        #expect("\(SocialSecurityNumber.citizen(number))" == "990101**********15")
    }

    @Test func randomTextIsReadTheSameAgainOrRefused() throws {
        let seed: UInt64 = 20_261_122
        var generator = SeededGenerator(seed: seed)
        let alphabet = Array("0123456789Xx张\u{301}\u{0}")
        for _ in 0..<5000 {
            let length = Int.random(in: 0...20, using: &generator)
            let text = String((0..<length).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &generator)] })
            if let number = try? CitizenNumber(text) {
                #expect(try CitizenNumber(number.text) == number, "seed \(seed)")
            }
        }
    }
}

@Suite struct SocialSecurityNumberTests {
    @Test func takesAssignedNumbersOfForeigners() throws {
        let number = try SocialSecurityNumber("fra990126110001")
        #expect(number.text == "FRA990126110001")
        #expect(number.citizenNumber == nil)
        #expect("\(number)" == "FRA**********01")
    }

    @Test func aMistypedCitizenNumberDoesNotPassAsAssigned() {
        for text in ["99010119900307001", "9901011990030700155", "99010119900307O015"] {
            let found = codes { try SocialSecurityNumber(text) }
            #expect(found.first?.hasPrefix("citizen-number.") == true)
        }
    }

    @Test(arguments: ["", "ABC-1234", "ABC 1234", "护照1234", "ABCDEFGHIJKLMNOPQRS"])
    func refusesOtherForms(text: String) {
        #expect(codes { try SocialSecurityNumber(text) } == ["assigned-number.form"])
    }
}
