import CardData
import Lifecycle
import Testing

@testable import Registry

/// What was entered in error is undone as a whole, and only the newest of what moved a card.
@Suite struct CorrectionTests {
    private static let keeper = Handling(
        by: Officer(number: 3001, role: .stockKeeper), second: Officer(number: 1003, role: .supervisor),
        proofs: Office.everyProof)
    private static let supervisor = Handling(
        by: Officer(number: 1003, role: .supervisor), second: Officer(number: 1004, role: .supervisor),
        proofs: Office.everyProof)
    private static let chip: [UInt8] = [0x99, 0, 0, 1]

    private func correct(_ event: RecordedEvent, _ card: CardReference, _ registry: Registry) throws {
        try registry.record(
            .corrected(Correction(of: event.identifier, kind: event.act.kind, reason: .wrongCard)), on: card,
            handledBy: Self.supervisor)
    }

    private func refusal(_ body: () throws -> Void) throws -> [LifecycleRefusal.Reason] {
        let error = try #require(throws: RegistryError.self, performing: body)
        guard case .refused(let refusal) = error else { throw error }
        return refusal.reasons
    }

    private func place(_ card: CardReference, _ registry: Registry) throws -> PhysicalState? {
        try registry.card(card)?.state.physical
    }

    /// What the log says and what its views are made of again is the same.
    private func checkRebuild(_ registry: Registry) throws {
        let before = try registry.canonicalDumpHash()
        #expect(try registry.rebuild() == before)
        #expect(try registry.verify().isGood)
    }

    private func apply(_ registry: Registry, _ serial: Int) throws -> EventIdentifier {
        let person = try registry.register(try Office.person(serial), handledBy: Office.teller)
        let facts = ApplicationFacts(person: person, kind: .first, way: .instant, channel: .counter)
        let name = try registry.record(.submitted(facts), handledBy: Office.teller).identifier
        try registry.record(
            .application(name, .approved), handledBy: Handling(by: Officer(number: 1003, role: .supervisor)))
        return name
    }

    @Test func aHandOverIsUndoneWithItsApplicationAndToWhereTheCardWas() throws {
        let registry = try Office().open()
        let application = try apply(registry, 11)
        let card = try registry.makeCard(1, for: try Office.person(11))
        let handed = try registry.record(.handedOver, on: card, handledBy: Office.teller)
        #expect(try registry.application(application)?.state == .collected)
        try correct(handed, card, registry)
        #expect(try place(card, registry) == .personalized)
        #expect(try registry.application(application)?.state == .ready)
        #expect(try registry.application(application)?.card == card)
        let kinds = try registry.events(ofApplication: application).map(\.body.act.kind)
        #expect(kinds.last == .collectionUndone)
        try checkRebuild(registry)
        // From there on it goes as if nothing had been.
        try registry.record(.dispatched, on: card, handledBy: Self.keeper)
        try registry.record(.arrived, on: card, handledBy: Office.teller)
        let again = try registry.record(.handedOver, on: card, handledBy: Office.teller)
        #expect(try registry.application(application)?.state == .collected)
        try correct(again, card, registry)
        #expect(try place(card, registry) == .awaitingCollection)
        #expect(try registry.application(application)?.state == .ready)
        try checkRebuild(registry)
    }

    /// Nobody sets an application back whose card is with its holder.
    @Test func aCollectionIsNotUndoneAlone() throws {
        let registry = try Office().open()
        let application = try apply(registry, 11)
        try registry.issueCard(1, for: try Office.person(11))
        #expect(
            try refusal {
                try registry.record(.application(application, .collectionUndone), handledBy: Self.supervisor)
            } == [.physicalState(.withHolder, allowed: [.personalized, .awaitingCollection, .recovered])])
    }

    @Test func onlyTheNewestMoveOfACardIsUndone() throws {
        let registry = try Office().open()
        let application = try apply(registry, 11)
        let card = try registry.makeCard(1, for: try Office.person(11))
        let sent = try registry.record(.dispatched, on: card, handledBy: Self.keeper)
        let arrived = try registry.record(.arrived, on: card, handledBy: Office.teller)
        let handed = try registry.record(.handedOver, on: card, handledBy: Office.teller)
        let found = try registry.record(.recovered(.found), on: card, handledBy: Office.teller)
        let given = try registry.record(.givenBack, on: card, handledBy: Office.teller)
        // The card is where the hand-over has put it too, and was elsewhere meanwhile.
        #expect(
            try refusal { try correct(handed, card, registry) } == [.nothingToCorrect(handed.identifier)])
        try correct(given, card, registry)
        #expect(try place(card, registry) == .recovered)
        #expect(try registry.application(application)?.state == .collected, "it was handed over before")
        // One after the other, the newest first, everything is undone.
        for (event, start) in [
            (found, PhysicalState.withHolder), (handed, .awaitingCollection), (arrived, .inTransit),
            (sent, .personalized),
        ] {
            try correct(event, card, registry)
            #expect(try place(card, registry) == start)
            #expect(throws: RegistryError.eventUnknown(event.identifier), "once") {
                try correct(event, card, registry)
            }
        }
        #expect(try registry.application(application)?.state == .ready)
        try checkRebuild(registry)
    }

    @Test func aCardThatWasFoundOnItsWayIsOnItsWayAgain() throws {
        let registry = try Office().open(site: "version: test-1\nstock-book: true")
        let pieces = try #require(ChipSerials([Self.chip]))
        try registry.record(.stock(.received(.blank, pieces)), handledBy: Self.keeper)
        let maker = Handling(
            by: Officer(number: 1002, role: .personalizer), second: Officer(number: 1003, role: .supervisor))
        func give(_ kind: StockKind, _ giver: Officer, _ taker: Officer) throws {
            try registry.record(
                .stock(.handedOver(kind, pieces, from: giver.number, to: taker.number)),
                handledBy: Handling(by: giver, second: taker))
        }
        try give(.blank, Self.keeper.officer, maker.officer)
        let person = try registry.register(try Office.person(11), handledBy: Office.personalizer)
        let card = try Office.card(1)
        let facts = CardFacts(
            number: try Office.firstNumber(), person: person, layout: "national-3.0", profile: "fmcos", area: "990100",
            issued: try CardDate("20251009"), expires: try CardDate("20351009"), blankSerial: Self.chip)
        try registry.record(.personalized(facts), on: card, handledBy: maker)
        try give(.finished, maker.officer, Self.keeper.officer)
        try registry.record(.dispatched, on: card, handledBy: Self.keeper)
        let found = try registry.record(.recovered(.found), on: card, handledBy: Office.teller)
        #expect(try registry.stock(Self.chip) == StockPiece(serial: Self.chip, kind: .finished, owner: 1001))
        try correct(found, card, registry)
        #expect(try place(card, registry) == .inTransit)
        #expect(try registry.stock(Self.chip) == StockPiece(serial: Self.chip, kind: .inTransit, owner: 3001))
        try checkRebuild(registry)
    }

    /// It comes into its holder's hand for the first time then, and everything is looked at that is looked at for a hand-over.
    @Test func aCardThatWasFoundOnItsWayIsHandedOverByBeingGivenBack() throws {
        let registry = try Office().open()
        let first = try registry.issueCard(1, for: try Office.person(11))
        let person = try registry.reference(of: Office.person(11).number)
        let facts = ApplicationFacts(
            person: person, kind: .renewal, way: .instant, channel: .counter, renewal: .damaged)
        let application = try registry.record(.submitted(facts), handledBy: Office.teller).identifier
        try registry.record(
            .application(application, .approved), handledBy: Handling(by: Officer(number: 1003, role: .supervisor)))
        let card = try Office.card(2)
        let number = try registry.reserveCardNumber(for: "journal-2", handledBy: Office.personalizer)
        try registry.record([
            ActEntry(.replaced(successor: card, reason: .damaged), on: first, handledBy: Office.teller),
            ActEntry(.personalized(try Office.facts(number, person)), on: card, handledBy: Office.personalizer),
        ])
        try registry.record(.dispatched, on: card, handledBy: Self.keeper)
        try registry.record(.recovered(.found), on: card, handledBy: Office.teller)
        let old = try #require(try registry.card(first)?.facts?.number)
        #expect(
            try refusal { try registry.record(.givenBack, on: card, handledBy: Office.teller) }
                == [.oldCardNotEnded(old)])
        try registry.record(.chipEnded(.blocked), on: first, handledBy: Office.teller)
        let given = try registry.record(.givenBack, on: card, handledBy: Office.teller)
        #expect(try registry.application(application)?.state == .collected)
        try correct(given, card, registry)
        #expect(try registry.application(application)?.state == .ready)
        #expect(try place(card, registry) == .recovered)
        try checkRebuild(registry)
    }
}
