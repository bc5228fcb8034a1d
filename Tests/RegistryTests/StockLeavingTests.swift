import CardData
import Foundation
import GRDB
import Lifecycle
import Testing

@testable import Registry

/// How pieces leave the stock book for good, and what follows a day's end.
@Suite struct StockLeavingTests {
    private static let keeper = Handling(
        by: Officer(number: 3001, role: .stockKeeper), second: Officer(number: 1003, role: .supervisor),
        proofs: Office.everyProof)
    private static let chip: [UInt8] = [0x99, 0, 0, 1]

    private func serials(_ numbers: UInt8...) throws -> ChipSerials {
        try #require(ChipSerials(numbers.map { [0x99, 0, 0, $0] }))
    }

    private func stocked(_ office: Office, _ more: String = "") throws -> Registry {
        let registry = try office.open(site: "version: test-1\nstock-book: true\n\(more)")
        try registry.record(.stock(.received(.blank, try serials(1, 2, 3))), handledBy: Self.keeper)
        return registry
    }

    private func refusal(_ body: () throws -> Void) throws -> [LifecycleRefusal.Reason] {
        let error = try #require(throws: RegistryError.self, performing: body)
        guard case .refused(let refusal) = error else { throw error }
        return refusal.reasons
    }

    private func spoil(_ registry: Registry, _ card: CardReference) throws {
        let spoilage = Spoilage(.writingFailed, number: try Office.firstNumber(), blankSerial: Self.chip)
        try registry.record(.spoiled(spoilage), on: card, handledBy: Office.personalizer)
    }

    @Test func twoDestroyPiecesTogetherAndTheCardsOnThemEndInTheSameCommit() throws {
        let registry = try stocked(Office())
        let card = try Office.card(1)
        try spoil(registry, card)
        let before = try registry.verify().events
        try registry.record(.stock(.destroyed(.spoiled, try serials(1))), handledBy: Self.keeper)
        try registry.record(.stock(.destroyed(.blank, try serials(2))), handledBy: Self.keeper)
        #expect(try registry.stock(Self.chip) == nil)
        #expect(try registry.card(card)?.state.physical == .destroyed)
        #expect(try registry.verify().events == before + 3, "two records, and the end of the one card")
        #expect(try registry.stock(of: 3001) == [.blank: [[0x99, 0, 0, 3]]])
        let hash = try registry.canonicalDumpHash()
        #expect(try registry.rebuild() == hash)
    }

    @Test func nobodyDestroysOrSendsBackAloneOrWhatIsAnothers() throws {
        let registry = try stocked(Office(), "two-person: []")
        let alone = Handling(by: Self.keeper.officer, proofs: Office.everyProof)
        let other = Handling(
            by: Officer(number: 3002, role: .stockKeeper), second: Self.keeper.second, proofs: Office.everyProof)
        for move in [StockMove.destroyed(.blank, try serials(1)), .returned(.blank, try serials(1))] {
            #expect(
                try refusal { try registry.record(.stock(move), handledBy: alone) }
                    == [.secondPersonMissing(allowed: [.supervisor])])
            let piece = StockPiece(serial: Self.chip, kind: .blank, owner: 3001)
            #expect(
                try refusal { try registry.record(.stock(move), handledBy: other) }
                    == [.pieceOfAnother(piece, officer: 3002)])
        }
        #expect(
            try refusal { try registry.record(.stock(.destroyed(.spoiled, try serials(1))), handledBy: Self.keeper) }
                == [.pieceNotInBook(Self.chip)], "it is no spoiled card in the book")
        #expect(try registry.stock(of: 3001)[.blank]?.count == 3)
    }

    @Test func aPieceThatWasMadeACardDoesNotGoBackToItsSupplier() throws {
        let registry = try stocked(Office())
        try spoil(registry, try Office.card(1))
        #expect(
            try refusal { try registry.record(.stock(.returned(.spoiled, try serials(1))), handledBy: Self.keeper) }
                == [.cardNotReturned(Self.chip, .spoiled)])
        try registry.record(.stock(.returned(.blank, try serials(2, 3))), handledBy: Self.keeper)
        #expect(try registry.stock(of: 3001) == [.spoiled: [Self.chip]])
    }

    /// A finished card that is in force is no piece to be destroyed: it ends first, by an act of its own.
    @Test func aCardInForceIsNotDestroyedWithTheStock() throws {
        let registry = try stocked(Office())
        try registry.record(
            .stock(.handedOver(.blank, try serials(1), from: 3001, to: 1002)),
            handledBy: Handling(by: Self.keeper.officer, second: Office.personalizer.officer))
        let person = try registry.register(try Office.person(11), handledBy: Office.personalizer)
        let facts = CardFacts(
            number: try CardNumber("D00000005"), person: person, layout: "national-3.0", profile: "fmcos",
            area: "990100", issued: try CardDate("20251009"), expires: try CardDate("20351009"),
            blankSerial: Self.chip)
        try registry.record(.personalized(facts), on: try Office.card(1), handledBy: Office.personalizer)
        try registry.record(
            .stock(.handedOver(.finished, try serials(1), from: 1002, to: 3001)),
            handledBy: Handling(by: Office.personalizer.officer, second: Self.keeper.officer))
        let destroyed = Act.stock(.destroyed(.finished, try serials(1)))
        #expect(try refusal { try registry.record(destroyed, handledBy: Self.keeper) } == [.notEnded])
        #expect(try registry.stock(Self.chip)?.kind == .finished, "nothing of it was done")
    }

    // MARK: - A day that is closed

    private func close(_ registry: Registry, _ day: UInt32, _ pieces: UInt8...) throws {
        let counted = try #require(ChipSerials(pieces.map { [0x99, 0, 0, $0] }))
        try registry.record(
            .dayClosed(DayCount(day: day, owner: 3001, counted: [.blank: counted])), handledBy: Self.keeper)
    }

    private func give(_ registry: Registry, _ piece: UInt8) throws {
        try registry.record(
            .stock(.handedOver(.blank, try serials(piece), from: 3001, to: 1002)),
            handledBy: Handling(by: Self.keeper.officer, second: Office.personalizer.officer))
    }

    /// The office's clock begins at 1760000000, which `date` has as 2025-10-09 16:53:20 in China.
    @Test func whereThePolicyRefusesNothingFollowsTheCountUntilTheNextDay() throws {
        let office = Office()
        let registry = try stocked(office, "after-day-end: refused")
        try give(registry, 3)
        try close(registry, 20_251_009, 1, 2)
        let closed = [LifecycleRefusal.Reason.dayIsClosed(3001, day: 20_251_009)]
        #expect(try refusal { try give(registry, 1) } == closed)
        #expect(
            try refusal { try registry.record(.stock(.received(.blank, try serials(4))), handledBy: Self.keeper) }
                == closed)
        // Nor does another give them something that their count has not.
        #expect(
            try refusal {
                try registry.record(
                    .stock(.handedOver(.blank, try serials(3), from: 1002, to: 3001)),
                    handledBy: Handling(by: Office.personalizer.officer, second: Self.keeper.officer))
            } == closed)
        office.turnClockBack()
        #expect(try refusal { try give(registry, 1) } == closed, "a clock that goes back opens no day")
        // What is a fact is recorded at any time, and another count stands for the day.
        try registry.record(.stock(.missed(.blank, try serials(2))), handledBy: Self.keeper)
        try close(registry, 20_251_009, 1)
        office.passDays(2)
        try give(registry, 1)
        #expect(try registry.stock(Self.chip)?.owner == 1002)
    }

    @Test func whereItBelongsToTheNextDayItIsDoneAndTheDaysEndIsKnown() throws {
        let registry = try stocked(Office())
        try close(registry, 20_251_009, 1, 2, 3)
        try give(registry, 1)
        let closing = try #require(try registry.dayClosings(in: 20_251_009...20_251_009).first)
        #expect(closing == DayClosing(day: 20_251_009, owner: 3001, sequence: 2))
        #expect(try registry.dayClosings(in: 20_251_010...20_251_011).isEmpty)
    }

    /// The book of an older program, in which a card on its way stood with nobody, is made again from the log.
    @Test func theBookOfAnOlderProgramGetsItsCardsOnTheirWay() throws {
        let office = Office()
        var registry: Registry? = try stocked(office)
        try registry?.record(
            .stock(.handedOver(.blank, try serials(1), from: 3001, to: 1002)),
            handledBy: Handling(by: Self.keeper.officer, second: Office.personalizer.officer))
        let person = try #require(registry).register(try Office.person(11), handledBy: Office.personalizer)
        let facts = CardFacts(
            number: try CardNumber("D00000005"), person: person, layout: "national-3.0", profile: "fmcos",
            area: "990100", issued: try CardDate("20251009"), expires: try CardDate("20351009"),
            blankSerial: Self.chip)
        let card = try Office.card(1)
        try registry?.record(.personalized(facts), on: card, handledBy: Office.personalizer)
        let sender = Handling(
            by: Office.personalizer.officer, second: Self.keeper.officer, proofs: Office.everyProof)
        try registry?.record(.dispatched, on: card, handledBy: sender)
        let expected = StockPiece(serial: Self.chip, kind: .inTransit, owner: 1002)
        #expect(try registry?.stock(Self.chip) == expected)
        try registry?.close()
        registry = nil
        try DatabaseQueue(path: office.path + "/registry.sqlite").write {
            try $0.execute(
                sql: DividedCardsTests.asBefore + "DELETE FROM stock WHERE kind = 5; PRAGMA user_version = 7")
        }
        #expect(try office.open(site: "version: test-1\nstock-book: true").stock(Self.chip) == expected)
    }
}
