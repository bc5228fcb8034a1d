import CardCryptography
import Lifecycle
import Testing

/// PINs that whoever finds a card could guess; the expected answers are worked out by hand for an invented holder born on 9 May 1977.
@Suite struct GuessablePINTests {
    private static let number = "990181197705092684"
    private static let birthDate = "19770509"

    private func refusal(_ digits: String, _ site: String = "") throws -> GuessablePIN? {
        let policy = try LifecyclePolicy.parse(site: "version: pins\n" + site, file: "site.yaml")
        return policy.refusal(
            of: try PersonalIdentificationNumber(digits: digits), number: Self.number, birthDate: Self.birthDate)
    }

    @Test(arguments: [
        "770509", "050977", "090577", "770905", "197705", "19770509", "05091977", "09051977", "0509", "0905", "1977",
        "877050934", "000000770509",
    ])
    func `a birthday in any order is refused`(digits: String) throws {
        #expect(try refusal(digits) == .birthDate)
    }

    @Test(arguments: ["990181", "811977", "092684", "9018", "2684", "5092684", "123990181456"])
    func `six digits in a row of the number are refused, and all of a shorter PIN`(digits: String) throws {
        #expect(try refusal(digits) == .citizenNumber)
    }

    @Test(arguments: ["739146", "770510", "099705", "990182", "1099", "99018", "73914628"])
    func `others are the holder's to choose`(digits: String) throws {
        #expect(try refusal(digits) == (digits == "99018" ? .citizenNumber : nil))
    }

    @Test func `a policy may refuse one kind, or neither`() throws {
        #expect(try refusal("770509", "refused-pins: []") == nil)
        #expect(try refusal("990181", "refused-pins: [birth-date]") == nil)
        #expect(try refusal("770509", "refused-pins: [birth-date]") == .birthDate)
        // 770509 stands in the number as well.
        #expect(try refusal("770509", "refused-pins: [citizen-number]") == .citizenNumber)
        #expect(try refusal("090577", "refused-pins: [citizen-number]") == nil)
    }

    @Test(arguments: ["121212", "1212", "123123", "12121", "909090909090", "12312312"])
    func `two or three digits again and again are refused`(digits: String) throws {
        #expect(try refusal(digits) == .repetition)
        #expect(try refusal(digits, "refused-pins: [birth-date, citizen-number]") == nil)
    }

    @Test(arguments: ["121221", "12312", "112211", "123321"])
    func `what does not come again as a whole is no repetition`(digits: String) throws {
        #expect(try refusal(digits) == nil)
    }
}
