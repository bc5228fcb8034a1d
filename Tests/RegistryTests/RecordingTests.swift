import CardData
import Lifecycle
import Synchronization
import Testing

@testable import Registry

@Suite struct RecordingTests {
    /// Sealed into its event: whoever has the file alone reads nothing, and at another place it opens nothing.
    @Test func anAgentIsSealedIntoTheEventAndMaskedForWhoeverReadsIt() throws {
        let office = Office()
        let registry = try office.open()
        let card = try registry.issueCard(1, for: try Office.person(11))
        let agent = try Agent(name: "李四光", document: "E12345678")
        let handling = Handling(
            by: Officer(number: 1001, role: .teller), proofs: Office.everyProof, agent: agent)
        let name = try registry.record(.formalLoss(Office.loss), on: card, handledBy: handling).identifier
        let logged = try #require(try registry.event(at: name.sequence))
        let told = try #require(try registry.agent(of: logged))
        #expect(told.name == "李*" && told.number == "E1*****78")
        let text = String(decoding: logged.bytes, as: UTF8.self)
        #expect(!text.contains("李四光") && !text.contains("E12345678"))
        let before = try #require(try registry.event(at: name.sequence - 1))
        #expect(try registry.agent(of: before) == nil)
        let moved = LoggedEvent(event: before.event, body: logged.body, bytes: before.bytes)
        #expect(throws: RegistryError.self) { try registry.agent(of: moved) }
    }

    /// Judged in the transaction, after what others wrote in the same commit.
    @Test func anActOnACardThatHasChangedSinceItWasSeenIsRefused() throws {
        let registry = try Office().open()
        let card = try registry.issueCard(1, for: try Office.person(11))
        let seen = try #require(try registry.card(card)?.lastSequence)
        let loss = ActEntry(.temporaryLoss(Office.loss), on: card, handledBy: Office.teller, expecting: seen)
        #expect(throws: RegistryError.cardChanged(card)) { try registry.record([loss, loss]) }
        #expect(try registry.card(card)?.lastSequence == seen, "neither of the two")
        try registry.record([loss])
        #expect(throws: RegistryError.cardChanged(card)) { try registry.record([loss]) }
        try registry.record([ActEntry(.formalLoss(Office.loss), on: card, handledBy: Office.teller)])
        let unknown = try Office.card(9)
        #expect(throws: RegistryError.cardChanged(unknown)) {
            try registry.record([ActEntry(.enabled, on: unknown, handledBy: Office.teller, expecting: 1)])
        }
    }

    @Test func aCardIsIssuedStepByStep() throws {
        let office = Office()
        let registry = try office.open()
        let person = try Office.person(11)
        let card = try registry.makeCard(1, for: person)
        var found = try #require(try registry.card(card))
        #expect(found.state.shown == .sealed)
        #expect(found.state.shown.applicationStatus == 0)
        #expect(try found.facts?.number == Office.firstNumber())
        #expect(found.facts?.planHash == Array(repeating: 0x5A, count: 32))
        #expect(found.facts?.expires.text == "20351009")

        try registry.record(.handedOver, on: card, handledBy: Office.teller)
        let enabled = try registry.record(.enabled, on: card, handledBy: Office.teller)
        #expect(enabled.state?.shown == .normal)
        found = try #require(try registry.card(number: Office.firstNumber()))
        #expect(found.reference == card)
        #expect(found.state.isUsable)
        #expect(try registry.activeCard(of: registry.reference(of: person.number))?.reference == card)
        #expect(
            try registry.events(of: card).map(\.body.act.kind) == [.personalized, .handedOver, .enabled])
        #expect(try registry.verify().isGood)
    }

    @Test func aLossStopsACardAndOnlyItsOwnReleaseLiftsIt() throws {
        let office = Office()
        let registry = try office.open()
        let card = try registry.issueCard(1, for: try Office.person(11))
        let first = try registry.record(.temporaryLoss(Office.loss), on: card, handledBy: Office.teller)
        let second = try registry.record(.formalLoss(Office.loss), on: card, handledBy: Office.teller)
        #expect(first.slip == first.identifier.sequence)
        #expect(second.state?.shown == .loss)
        let after = try registry.record(.released([second.identifier]), on: card, handledBy: Office.teller)
        #expect(after.state?.shown == .temporaryLoss)
        #expect(after.state?.openRestrictions.map(\.openedBy) == [first.identifier])
        #expect(throws: RegistryError.self) {
            try registry.record(.released([second.identifier]), on: card, handledBy: Office.teller)
        }
        try registry.record(.released([first.identifier]), on: card, handledBy: Office.teller)
        #expect(try registry.card(card)?.state.shown == .normal)
    }

    @Test func aReplacementEndsTheOldCardAndSealsTheNewInOneTransaction() throws {
        let office = Office()
        let registry = try office.open()
        let person = try Office.person(11)
        let old = try registry.issueCard(1, for: person)
        let reference = try registry.reference(of: person.number)
        try registry.record(.formalLoss(Office.loss), on: old, handledBy: Office.teller)
        let number = try registry.reserveCardNumber(for: "journal-2", handledBy: Office.personalizer)
        let new = try Office.card(2)
        let made = Act.personalized(try Office.facts(number, reference))
        #expect(throws: RegistryError.self, "two cards that are not ended") {
            try registry.record(made, on: new, handledBy: Office.personalizer)
        }
        try registry.record([
            ActEntry(.replaced(successor: new, reason: .lost), on: old, handledBy: Office.teller),
            ActEntry(made, on: new, handledBy: Office.personalizer),
        ])
        let ended = try #require(try registry.card(old))
        #expect(ended.state.social == .ended(.replaced))
        #expect(ended.state.shown.applicationStatus == 9)
        #expect(ended.successor == new)
        #expect(try registry.card(new)?.state.shown == .sealed)
        #expect(try registry.activeCard(of: reference)?.reference == new)
        #expect(try registry.cards(of: reference).map(\.reference) == [new, old])
    }

    @Test func actsThatStandOrFallTogetherLeaveNothingWhenOneIsRefused() throws {
        let office = Office()
        let registry = try office.open()
        let card = try registry.issueCard(1, for: try Office.person(11))
        let before = try registry.statistics()
        let hash = try registry.canonicalDumpHash()
        #expect(throws: RegistryError.cardUnknown(try Office.card(9))) {
            try registry.record([
                ActEntry(.temporaryLoss(Office.loss), on: card, handledBy: Office.teller),
                ActEntry(.temporaryLoss(Office.loss), on: try Office.card(9), handledBy: Office.teller),
            ])
        }
        #expect(try registry.statistics() == before)
        #expect(try registry.canonicalDumpHash() == hash)
        try registry.record(.temporaryLoss(Office.loss), on: card, handledBy: Office.teller)
        #expect(try registry.verify().isGood)
    }

    @Test func aRefusalCarriesTheRulesReasons() throws {
        let office = Office()
        let registry = try office.open()
        let card = try registry.makeCard(1, for: try Office.person(11))
        let error = try #require(
            throws: RegistryError.self,
            performing: { try registry.record(.enabled, on: card, handledBy: Office.teller) })
        #expect(error.faults.map(\.code) == ["lifecycle.physical-state"])
    }

    @Test func aSpoiledCardLocksItsNumberAndCountsItsBlank() throws {
        let office = Office()
        let registry = try office.open()
        let person = try Office.person(11)
        try registry.register(person, handledBy: Office.personalizer)
        let number = try registry.reserveCardNumber(for: "journal-1", handledBy: Office.personalizer)
        #expect(try registry.state(of: number) == .reserved)
        let spoiled = Spoilage(.writingFailed, number: number, blankSerial: [9])
        try registry.record(.spoiled(spoiled), on: try Office.card(1), handledBy: Office.personalizer)
        #expect(try registry.state(of: number) == .locked)
        #expect(throws: RegistryError.numberTaken(number)) {
            try registry.reserveCardNumber(for: "journal-2", wanted: number, handledBy: Office.personalizer)
        }
        try registry.makeCard(2, for: person)
        let statistics = try registry.statistics()
        #expect(statistics.blanksSpoiled == 1)
        #expect(statistics.blanksUsed == 1)
        #expect(statistics.numbers == [.locked: 1, .used: 1])
        #expect(statistics.cards == [9: 1, 0: 1])
        #expect(try registry.verify().isGood)
    }

    @Test func numbersComeInOrderOnceForEachJournalAndSkipWhatIsTaken() throws {
        let office = Office()
        let registry = try office.open(
            site: "version: test-1\ncard-numbers: {letter: D, first: 0, last: 3}")
        let second = try CardNumber(body: "D0000001")
        let wanted = try registry.reserveCardNumber(for: "own", wanted: second, handledBy: Office.personalizer)
        #expect(wanted == second)
        let a = try registry.reserveCardNumber(for: "a", handledBy: Office.personalizer)
        let b = try registry.reserveCardNumber(for: "b", handledBy: Office.personalizer)
        #expect([a.body, b.body] == ["D0000000", "D0000002"])
        let events = try registry.statistics().events
        #expect(try registry.reserveCardNumber(for: "a", handledBy: Office.personalizer) == a)
        #expect(try registry.statistics().events == events, "asking again is no event")
        _ = try registry.reserveCardNumber(for: "c", handledBy: Office.personalizer)
        #expect(throws: RegistryError.numbersExhausted) {
            try registry.reserveCardNumber(for: "d", handledBy: Office.personalizer)
        }
    }

    @Test func personsAreFoundByNumberAndEveryLookUpIsAnEvent() throws {
        let office = Office()
        let registry = try office.open()
        let person = try Office.person(11, name: "欧阳·小明")
        try registry.register(person, handledBy: Office.personalizer)
        #expect(try registry.lookUpPerson(person.number, purpose: .loss, handledBy: Office.teller) == person)
        let stranger = try Office.person(13).number
        #expect(try registry.lookUpPerson(stranger, purpose: .inquiry, handledBy: Office.teller) == nil)
        let acts = try registry.log().map(\.body.act)
        #expect(
            acts.suffix(2) == [
                .personLookedUp(try registry.reference(of: person.number), purpose: .loss, found: true),
                .personLookedUp(try registry.reference(of: stranger), purpose: .inquiry, found: false),
            ])
    }

    @Test func aPersonMustBeRegisteredBeforeACardIsMade() throws {
        let office = Office()
        let registry = try office.open()
        let reference = try registry.reference(of: try Office.person(11).number)
        #expect(throws: RegistryError.personUnknown) {
            try registry.record(
                .personalized(try Office.facts(Office.firstNumber(), reference)), on: try Office.card(1),
                handledBy: Office.personalizer)
        }
    }

    @Test func manyWindowsShareCommitsAndLoseNothing() async throws {
        let office = Office()
        let registry = try office.open()
        var cards: [CardReference] = []
        for serial in 1...8 { cards.append(try await Self.issued(UInt32(serial), in: registry)) }
        let before = try registry.statistics().events
        await withTaskGroup(of: Void.self) { group in
            for round in 0..<40 {
                let card = cards[round % cards.count]
                group.addTask {
                    _ = try? await registry.record(.formalLoss(Office.loss), on: card, handledBy: Office.teller)
                }
            }
        }
        let report = try registry.verify()
        #expect(report.isGood)
        #expect(Int(report.events) == before + 40)
        for card in cards { #expect(try registry.card(card)?.state.restrictions.count == 5) }
    }

    private static func issued(_ serial: UInt32, in registry: Registry) async throws -> CardReference {
        try registry.issueCard(serial, for: try Office.person(Int(serial)))
    }

    @Test func timeNeverFallsInTheLogWhateverTheClockDoes() throws {
        let office = Office()
        let registry = try office.open()
        let card = try registry.issueCard(1, for: try Office.person(11))
        office.turnClockBack()
        try registry.record(.temporaryLoss(Office.loss), on: card, handledBy: Office.teller)
        let events = try registry.log().map(\.event)
        #expect(zip(events, events.dropFirst()).allSatisfy { $0.hybridTime < $1.hybridTime })
        #expect((events.last?.wallMilliseconds ?? 0) < (events.first?.wallMilliseconds ?? 0))
    }

    @Test func eventsCarryTheClocksErrorWhereItIsKnown() throws {
        let office = Office()
        let error = Mutex<UInt32?>(nil)
        let registry = try Registry.open(
            at: office.path, counter: 7, policy: .load(), clock: office.clock, clockError: { error.withLock { $0 } })
        func recorded() throws -> UInt32? {
            _ = try registry.lookUpPerson(
                Office.person(11).number, purpose: .audit, handledBy: Office.teller)
            return try registry.newest(1).last?.event.clockErrorMilliseconds
        }
        #expect(try recorded() == Event.clockErrorUnknown)
        error.withLock { $0 = 17 }
        #expect(try recorded() == 17)
        #expect(try registry.verify().isGood)
    }

    /// Two windows have looked at one person, and the first writes before the second.
    @Test func aPersonWhoseRecordHasChangedSinceItWasSeenIsNotWrittenOver() throws {
        let registry = try Office().open()
        let (first, second, third) = (
            try Office.person(11), try Office.person(11, name: "王大明"), try Office.person(11, name: "王中明")
        )
        try registry.register(first, expecting: .nobody, handledBy: Office.teller)
        #expect(throws: RegistryError.personChanged) {
            try registry.register(second, expecting: .nobody, handledBy: Office.teller)
        }
        try registry.register(second, expecting: .person(first), handledBy: Office.teller)
        let events = try registry.statistics().events
        #expect(throws: RegistryError.personChanged) {
            try registry.register(third, expecting: .person(first), handledBy: Office.teller)
        }
        #expect(try registry.statistics().events == events)
        try registry.register(third, handledBy: Office.teller)
    }
}
