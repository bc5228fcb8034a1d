import CardData
import Lifecycle
import Testing

/// The number of a batch, by which people approve: what they see is what is signed.
@Suite struct BatchNumberTests {
    @Test(arguments: ["DW-2026-17", "第三小学 2026 秋", String(repeating: "B", count: 64)])
    func whatIsSeenIsANumber(text: String) { #expect(BatchNumber(text)?.text == text) }

    @Test(arguments: [
        "", String(repeating: "B", count: 65), "DW\u{0}smuggled", "DW\u{202E}71", "DW\u{200B}17", "DW\u{1B}[31m",
        "DW\n17", "Z" + String(repeating: "\u{301}", count: 32),
    ])
    func nothingElseIs(text: String) throws {
        #expect(BatchNumber(text) == nil)
        guard !text.isEmpty else { return }
        let facts = ApplicationFacts(
            person: try Samples.person(), kind: .first, way: .instant, channel: .counter, batch: text)
        #expect(facts.reasonsAgainst(beside: [], hasCard: false) == [.batchNumber])
    }

    /// To Swift the letter and the sign that joins it are one character between A and Z.
    @Test(arguments: ["D\u{FE0F}", "D\u{301}", "Ｄ", "d", "É"] as [Character])
    func aDistrictIsOnePlainLetter(letter: Character) {
        #expect(throws: Faults("card-number-range.letter", ["letter": String(letter)])) {
            try CardNumberRange(letter: letter, first: 0, last: 9)
        }
    }
}
