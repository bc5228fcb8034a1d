import CardData
import CardLayout
import ISO7816
import Issuing
import Lifecycle
import Personalization
import Registry
import Synchronization
import Testing
import VirtualCard

/// Blanks that a stock book keeps.
extension IssuingBatchTests {
    /// A counter that keeps a stock book, whose blanks 2 and 3 are the personaliser's and whose blank 1 is the keeper's.
    private func stocked(_ blanks: [VirtualCard]) throws -> Counter {
        let counter = try Counter(policy: "stock-book: true\nafter-day-end: refused")
        let chips = try blanks.map { card in
            try #require(CardIdentity(try AnswerToReset(bytes: card.answerToReset))).bytes
        }
        let keeper = Handling(
            by: Officer(number: 3001, role: .stockKeeper), second: Officer(number: 2001, role: .supervisor),
            proofs: .paper)
        try counter.registry.record(
            .stock(.received(.blank, try #require(ChipSerials(chips)))), handledBy: keeper)
        let given = try #require(ChipSerials(Array(chips.dropFirst())))
        try counter.registry.record(
            .stock(.handedOver(.blank, given, from: 3001, to: 1001)),
            handledBy: Handling(by: keeper.officer, second: Counter.personalizer.officer))
        return counter
    }

    @Test func aBlankOfAnotherOfficersCostsNoRow() async throws {
        let blanks = try (1...3).map { try Counter().blank($0) }
        let counter = try stocked(blanks)
        let untouched = blanks[0].image
        let codes = Mutex<[String]>([])
        let report = try await run(
            requests(0..<2, counter), counter,
            TestLane("A", .card(blanks[0]), .card(blanks[1]), .card(blanks[2])),
            tell: { event in
                guard case .returned(_, _, let faults) = event else { return }
                codes.withLock { $0 += faults.map(\.code.rawValue) }
            })
        #expect(madeNumbers(report).count == 2)
        #expect(codes.withLock { $0 } == ["stock.piece-of-another"])
        #expect(blanks[0].image == untouched)
    }

    @Test func whereTheDayIsClosedNobodyGetsACard() async throws {
        let blanks = try (1...3).map { try Counter().blank($0) }
        let counter = try stocked(blanks)
        let day = try #require(UInt32(try CardDate(atMilliseconds: 1_795_000_000_000).text))
        let rest = try #require(try counter.registry.stock(of: 1001)[.blank])
        try counter.registry.record(
            .dayClosed(DayCount(day: day, owner: 1001, counted: [.blank: try #require(ChipSerials(Array(rest)))])),
            handledBy: Handling(
                by: Counter.personalizer.officer, second: Officer(number: 2001, role: .supervisor)))
        let report = try await run(
            requests(0..<2, counter), counter, TestLane("A", .card(blanks[1]), .card(blanks[2])))
        #expect(report.left == [0, 1], "nobody is settled as refused")
        #expect(report.obstacle.map(\.code) == ["stock.day-is-closed"])
    }
}
