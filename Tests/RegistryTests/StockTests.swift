import CardData
import Foundation
import Lifecycle
import Testing

@testable import Registry

/// The stock book: every piece has an owner, nothing changes hands without both, and what comes back is somebody's again.
@Suite struct StockTests {
    private static let site = "version: test-1\nstock-book: true"
    private static let keeper = Handling(
        by: Officer(number: 3001, role: .stockKeeper), second: Officer(number: 1003, role: .supervisor),
        proofs: Office.everyProof)
    private static let counter = Handling(
        by: Officer(number: 1002, role: .personalizer), second: Officer(number: 1003, role: .supervisor))
    private static let chip: [UInt8] = [0x99, 0, 0, 1]

    private func serials(_ numbers: UInt8...) throws -> ChipSerials {
        try #require(ChipSerials(numbers.map { [0x99, 0, 0, $0] }))
    }

    private func facts(
        _ registry: Registry, _ blank: [UInt8] = chip, number: String = "D00000005"
    ) throws -> CardFacts {
        let person = try registry.register(try Office.person(11), handledBy: Office.personalizer)
        return CardFacts(
            number: try CardNumber(number), person: person, layout: "national-3.0", profile: "fmcos", area: "990100",
            issued: try CardDate("20251009"), expires: try CardDate("20351009"), blankSerial: blank)
    }

    private func give(
        _ registry: Registry, _ kind: StockKind, _ pieces: ChipSerials, from giver: Officer, to taker: Officer
    ) throws {
        try registry.record(
            .stock(.handedOver(kind, pieces, from: giver.number, to: taker.number)),
            handledBy: Handling(by: giver, second: taker))
    }

    private func close(_ registry: Registry, _ counted: [StockKind: ChipSerials]) throws {
        try registry.record(
            .dayClosed(DayCount(day: 20_261_128, owner: 1002, counted: counted)), handledBy: Self.counter)
    }

    private func refusal(_ body: () throws -> Void) throws -> [LifecycleRefusal.Reason] {
        let error = try #require(throws: RegistryError.self, performing: body)
        guard case .refused(let refusal) = error else { throw error }
        return refusal.reasons
    }

    private func checkRebuild(_ registry: Registry) throws {
        let before = try registry.canonicalDumpHash()
        #expect(try registry.rebuild() == before)
        #expect(try registry.verify().isGood, "what is made anew beside the log is the same")
    }

    /// Finished cards are known by their numbers, and blanks have none; a chip that was made twice bears the newer.
    @Test func finishedCardsInTheBookHaveTheirNumbers() throws {
        let registry = try stocked(Office())
        #expect(try registry.cardNumbers(inStockOf: 1002).isEmpty)
        try registry.record(.personalized(try facts(registry)), on: try Office.card(1), handledBy: Self.counter)
        #expect(try registry.cardNumbers(inStockOf: 1002) == [Self.chip: CardNumber("D00000005")])
        #expect(try registry.cardNumbers(inStockOf: 3001).isEmpty)
    }

    /// A book in which piece 1 is 1002's and 2 and 3 are the keeper's.
    private func stocked(_ office: Office) throws -> Registry {
        let registry = try office.open(site: Self.site)
        try registry.record(.stock(.received(.blank, try serials(1, 2, 3))), handledBy: Self.keeper)
        try give(registry, .blank, try serials(1), from: Self.keeper.officer, to: Self.counter.officer)
        return registry
    }

    @Test func everyPieceHasAnOwnerAndTheDayClosesOnlyWhenItAddsUp() throws {
        let office = Office()
        let registry = try stocked(office)
        let card = try Office.card(1)
        #expect(throws: RegistryError.blankNotInStock([0x98, 7])) {
            try registry.record(
                .personalized(try facts(registry, [0x98, 7])), on: card, handledBy: Office.personalizer)
        }
        try give(registry, .blank, try serials(2), from: Self.keeper.officer, to: Self.counter.officer)
        try registry.record(.personalized(try facts(registry)), on: card, handledBy: Office.personalizer)
        #expect(try registry.stock(Self.chip) == StockPiece(serial: Self.chip, kind: .finished, owner: 1002))
        #expect(throws: RegistryError.self) { try close(registry, [.blank: try serials(2)]) }
        try close(registry, [.blank: try serials(2), .finished: try serials(1)])
        #expect(
            try registry.stockCounts() == [
                StockCount(owner: 1002, kind: .blank, count: 1), StockCount(owner: 1002, kind: .finished, count: 1),
                StockCount(owner: 3001, kind: .blank, count: 1),
            ])
        try checkRebuild(registry)
    }

    @Test func whatIsInTheBookOrACardIsNotReceivedAsSomethingElse() throws {
        let office = Office()
        let registry = try stocked(office)
        func receive(_ kind: StockKind) throws {
            try registry.record(.stock(.received(kind, try serials(1))), handledBy: Self.keeper)
        }
        let blank = StockPiece(serial: Self.chip, kind: .blank, owner: 1002)
        for kind in StockKind.allCases {
            #expect(try refusal { try receive(kind) } == [.pieceInBook(blank)])
        }
        let card = try Office.card(1)
        try registry.record(.personalized(try facts(registry)), on: card, handledBy: Office.personalizer)
        try give(
            registry, .finished, try serials(1), from: Self.counter.officer, to: Office.teller.officer)
        try registry.record(.handedOver, on: card, handledBy: Office.teller)
        #expect(try registry.stock(Self.chip) == nil)
        #expect(try refusal { try receive(.blank) } == [.pieceIsCard(Self.chip, .blank, .withHolder)])
        #expect(try registry.stock(Self.chip) == nil)
    }

    @Test func nobodyMakesOrGivesOutWhatIsAnothersInTheBook() throws {
        let office = Office()
        let registry = try stocked(office)
        let card = try Office.card(1)
        let other = Handling(by: Officer(number: 1007, role: .personalizer))
        func piece(_ kind: StockKind, _ owner: UInt64) -> StockPiece {
            StockPiece(serial: Self.chip, kind: kind, owner: owner)
        }
        #expect(
            try refusal { try registry.record(.personalized(try facts(registry)), on: card, handledBy: other) }
                == [.pieceOfAnother(piece(.blank, 1002), officer: 1007)])
        try registry.record(.personalized(try facts(registry)), on: card, handledBy: Office.personalizer)
        #expect(
            try refusal { try registry.record(.handedOver, on: card, handledBy: Office.teller) }
                == [.pieceOfAnother(piece(.finished, 1002), officer: 1001)])
        #expect(
            try refusal { try registry.record(.dispatched, on: card, handledBy: Self.keeper) }
                == [.pieceOfAnother(piece(.finished, 1002), officer: 3001)])
        #expect(try registry.stock(Self.chip) == piece(.finished, 1002))
        try give(registry, .finished, try serials(1), from: Self.counter.officer, to: Office.teller.officer)
        try registry.record(.handedOver, on: card, handledBy: Office.teller)
        #expect(try registry.stock(Self.chip) == nil)
        try checkRebuild(registry)
        // Without a book it is as it was.
        let free = try Office().open()
        try free.record(.stock(.received(.blank, try serials(1))), handledBy: Self.keeper)
        try free.record(.personalized(try facts(free)), on: card, handledBy: Office.personalizer)
        try free.record(.handedOver, on: card, handledBy: Office.teller)
    }

    @Test func aCardThatComesBackIsTheOfficersWhoTookIt() throws {
        let office = Office()
        let registry = try stocked(office)
        let card = try Office.card(1)
        let teller = Office.teller.officer
        func finished(_ owner: UInt64) -> StockPiece { StockPiece(serial: Self.chip, kind: .finished, owner: owner) }
        func correct(_ act: RecordedEvent) throws {
            try registry.record(
                .corrected(Correction(of: act.identifier, kind: act.act.kind, reason: .wrongCard)), on: card,
                handledBy: Handling(
                    by: Officer(number: 1003, role: .supervisor), second: Officer(number: 1004, role: .supervisor),
                    proofs: Office.everyProof))
        }
        try registry.record(.personalized(try facts(registry)), on: card, handledBy: Office.personalizer)
        try give(registry, .finished, try serials(1), from: Self.counter.officer, to: Self.keeper.officer)
        let sent = try registry.record(.dispatched, on: card, handledBy: Self.keeper)
        let onItsWay = StockPiece(serial: Self.chip, kind: .inTransit, owner: 3001)
        #expect(try registry.stock(Self.chip) == onItsWay)
        try correct(sent)
        #expect(try registry.stock(Self.chip) == finished(3001))
        try registry.record(.dispatched, on: card, handledBy: Self.keeper)
        // What is on its way is the sender's, and nobody can read it at the day's end.
        try registry.record(
            .dayClosed(DayCount(day: 20_261_128, owner: 3001, counted: [.blank: try serials(2, 3)])),
            handledBy: Self.keeper)
        #expect(try registry.stock(Self.chip) == onItsWay)
        try checkRebuild(registry)
        let arrived = try registry.record(.arrived, on: card, handledBy: Office.teller)
        #expect(try registry.stock(Self.chip) == finished(1001))
        try correct(arrived)
        #expect(try registry.stock(Self.chip) == onItsWay, "it is its sender's again, and not the supervisor's")
        try checkRebuild(registry)
        try registry.record(.arrived, on: card, handledBy: Office.teller)
        #expect(try registry.stock(Self.chip) == finished(1001))
        let given = try registry.record(.handedOver, on: card, handledBy: Office.teller)
        // A supervisor says that it was never given away: it is where it was, and not with the supervisor.
        try correct(given)
        #expect(try registry.stock(Self.chip) == finished(1001))
        try checkRebuild(registry)
        try registry.record(.handedOver, on: card, handledBy: Office.teller)
        let found = try registry.record(.recovered(.found), on: card, handledBy: Office.teller)
        #expect(try registry.stock(Self.chip) == finished(1001))
        try correct(found)
        #expect(try registry.stock(Self.chip) == nil)
        try registry.record(.recovered(.found), on: card, handledBy: Office.teller)
        try registry.record(.givenBack, on: card, handledBy: Office.teller)
        #expect(try registry.stock(Self.chip) == nil)
        let successor = try Office.card(2)
        try registry.record(.replaced(successor: successor, reason: .damaged), on: card, handledBy: Office.teller)
        let old = StockPiece(serial: Self.chip, kind: .spoiled, owner: 1001)
        #expect(try registry.stock(Self.chip) == old)
        #expect(
            try refusal { try registry.record(.destroyed, on: card, handledBy: Self.keeper) }
                == [.pieceOfAnother(old, officer: 3001)])
        try give(registry, .spoiled, try serials(1), from: teller, to: Self.keeper.officer)
        try registry.record(.destroyed, on: card, handledBy: Self.keeper)
        #expect(try registry.stock(Self.chip) == nil)
        try checkRebuild(registry)
    }

    @Test func aCardThatFailedStaysItsOwnersUntilItIsDestroyed() throws {
        let office = Office()
        let registry = try stocked(office)
        let card = try Office.card(1)
        let spoilage = Spoilage(.writingFailed, number: try Office.firstNumber(), blankSerial: Self.chip)
        let other = Handling(by: Officer(number: 1007, role: .personalizer))
        try registry.record(.spoiled(spoilage), on: card, handledBy: other)
        #expect(try registry.stock(Self.chip) == StockPiece(serial: Self.chip, kind: .spoiled, owner: 1002))
        try give(registry, .spoiled, try serials(1), from: Self.counter.officer, to: Self.keeper.officer)
        try registry.record(.destroyed, on: card, handledBy: Self.keeper)
        #expect(try registry.stock(Self.chip) == nil)
        try checkRebuild(registry)
    }

    /// What people compare of a chip's number is its end; typed alone it is no second piece.
    @Test func oneChipIsNoTwoPiecesByTheEndOfItsNumber() throws {
        let office = Office()
        let registry = try office.open(site: Self.site)
        let own: [UInt8] = [0x99, 0x01, 0, 0, 0, 7]
        let whole: [UInt8] = [0, 0x90, 0x46, 0x53, 0x31, 0x86, 0x49] + own
        let (short, long) = (try #require(ChipSerials([own])), try #require(ChipSerials([whole])))
        let both = try #require(ChipSerials([own, whole]))
        #expect(
            try refusal { try registry.record(.stock(.received(.blank, both)), handledBy: Self.keeper) }
                == [.pieceNamedTwice(own)])
        try registry.record(.stock(.received(.blank, long)), handledBy: Self.keeper)
        let piece = StockPiece(serial: whole, kind: .blank, owner: 3001)
        #expect(
            try refusal { try registry.record(.stock(.received(.blank, short)), handledBy: Self.keeper) }
                == [.pieceInBook(piece)])
        try registry.record(.stock(.missed(.blank, long)), handledBy: Self.keeper)
        try registry.record(.stock(.received(.blank, short)), handledBy: Self.keeper)
        #expect(
            try refusal { try registry.record(.stock(.received(.blank, long)), handledBy: Self.keeper) }
                == [.pieceInBook(StockPiece(serial: own, kind: .blank, owner: 3001))])
    }

    @Test func aCardThatWasFoundWaitsForItsHolderUntilItIsGivenBack() throws {
        let office = Office()
        let registry = try stocked(office)
        let card = try Office.card(1)
        try registry.record(.personalized(try facts(registry)), on: card, handledBy: Office.personalizer)
        try give(registry, .finished, try serials(1), from: Self.counter.officer, to: Office.teller.officer)
        try registry.record(.handedOver, on: card, handledBy: Office.teller)
        #expect(try registry.foundCardCount() == 0)
        try registry.record(.recovered(.found), on: card, handledBy: Office.teller)
        #expect(try registry.foundCardCount() == 1)
        #expect(try registry.foundCards(10).map(\.card.reference) == [card])
        #expect(try registry.foundCards(10).map(\.keeper) == [1001])
        try registry.record(.givenBack, on: card, handledBy: Office.teller)
        #expect(try registry.foundCardCount() == 0)
    }

    /// A card that was made before the book was kept.
    @Test func aCardInNoBookLeavesTheOfficeOnlyAfterItWasTakenIn() throws {
        let office = Office()
        let card = try Office.card(1)
        do {
            let before = try office.open()
            try before.record(.personalized(try facts(before)), on: card, handledBy: Office.personalizer)
            try before.close()
        }
        let registry = try office.open(site: Self.site)
        #expect(try registry.stock(Self.chip) == nil)
        for (act, handling) in [(Act.handedOver, Office.teller), (.dispatched, Self.keeper)] {
            #expect(
                try refusal { try registry.record(act, on: card, handledBy: handling) } == [.cardNotInBook(Self.chip)])
        }
        let paperless = Handling(by: Self.keeper.officer)
        #expect(throws: RegistryError.self, "nobody says where it comes from") {
            try registry.record(.stock(.received(.finished, try serials(1))), handledBy: paperless)
        }
        try registry.record(.stock(.received(.finished, try serials(1))), handledBy: Self.keeper)
        try give(registry, .finished, try serials(1), from: Self.keeper.officer, to: Office.teller.officer)
        try registry.record(.handedOver, on: card, handledBy: Office.teller)
        #expect(try registry.stock(Self.chip) == nil)
        try checkRebuild(registry)
    }

    /// A card that was booked as missing and turns up in somebody's hand.
    @Test func aCardThatWasBookedAsMissingIsTakenInAgainBeforeItLeaves() throws {
        let office = Office()
        let registry = try stocked(office)
        let card = try Office.card(1)
        try registry.record(.personalized(try facts(registry)), on: card, handledBy: Office.personalizer)
        try registry.record(.stock(.missed(.finished, try serials(1), of: 1002)), handledBy: Self.keeper)
        #expect(
            try refusal { try registry.record(.handedOver, on: card, handledBy: Office.teller) }
                == [.cardNotInBook(Self.chip)])
    }
}
