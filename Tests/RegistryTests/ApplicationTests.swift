import CardData
import Foundation
import GRDB
import Lifecycle
import Testing

@testable import Registry

/// Applications beside the cards that are made for them.
@Suite struct ApplicationTests {
    private static let supervisor = Handling(by: Officer(number: 1003, role: .supervisor))
    private static let keeper = Handling(
        by: Officer(number: 3001, role: .stockKeeper), second: Officer(number: 1003, role: .supervisor),
        proofs: Office.everyProof)

    private func apply(
        _ registry: Registry, _ kind: ApplicationFacts.Kind = .first, way: ApplicationFacts.Way = .instant,
        approved: Bool = true
    ) throws -> EventIdentifier {
        let person = try registry.register(try Office.person(11), handledBy: Office.teller)
        let facts = ApplicationFacts(person: person, kind: kind, way: way, channel: .counter)
        let name = try registry.record(.submitted(facts), handledBy: Office.teller).identifier
        if approved { try registry.record(.application(name, .approved), handledBy: Self.supervisor) }
        return name
    }

    private func state(_ name: EventIdentifier, _ registry: Registry) throws -> ApplicationState? {
        try registry.application(name)?.state
    }

    @Test func aPersonAppliesForOneThingOnceAndForAFirstCardOnlyWithoutOne() throws {
        let registry = try Office().open()
        let name = try apply(registry, approved: false)
        func refusal(_ kind: ApplicationFacts.Kind) throws -> [LifecycleRefusal.Reason] {
            let error = try #require(throws: RegistryError.self, performing: { try apply(registry, kind) })
            guard case .refused(let refusal) = error else { throw error }
            return refusal.reasons
        }
        #expect(try refusal(.first) == [.applicationOpen(name, .first)])
        let renewal = try apply(registry, .renewal, approved: false)
        #expect(try refusal(.renewal) == [.applicationOpen(renewal, .renewal)])
        try registry.record(.application(name, .withdrawn), handledBy: Office.teller)
        let second = try apply(registry)
        try registry.issueCard(1, for: try Office.person(11))
        #expect(try state(second, registry) == .collected)
        #expect(try refusal(.first) == [.personHasCard])
    }

    @Test func theListIsWholePageByPageAndCanBeOnesOwn() throws {
        let registry = try Office().open()
        let other = Handling(by: Officer(number: 1777, role: .teller), proofs: Office.everyProof)
        var names: [EventIdentifier] = []
        for index in 20..<27 {
            let person = try registry.register(try Office.person(index), handledBy: Office.teller)
            let facts = ApplicationFacts(person: person, kind: .first, way: .instant, channel: .counter)
            let handling = index < 23 ? other : Office.teller
            names.append(try registry.record(.submitted(facts), handledBy: handling).identifier)
        }
        try registry.record(.application(names[0], .approved), handledBy: Self.supervisor)
        // Those that wait come first, then the approved one: the order in which the states are asked for.
        let expected = Array(names.dropFirst()) + [names[0]]
        var listed: [EventIdentifier] = []
        for skipped in stride(from: 0, to: 9, by: 3) {
            let (page, total) = try registry.applications(
                in: [.submitted, .approved], enteredBy: nil, skipping: skipped, limit: 3)
            #expect(total == 7)
            listed += page.map(\.identifier)
        }
        #expect(listed == expected)
        let own = try registry.applications(in: [.submitted, .approved], enteredBy: 1777, skipping: 0, limit: 10)
        #expect(own.total == 3)
        #expect(own.page.map(\.identifier) == [names[1], names[2], names[0]])
    }

    /// Also where the supplement and the approval are of one transaction, and as the second person of somebody else's approval.
    @Test func whoAddedToAnApplicationDoesNotApproveIt() throws {
        let registry = try Office().open()
        let name = try apply(registry, approved: false)
        let other = try registry.register(try Office.person(13), handledBy: Office.teller)
        let facts = ApplicationFacts(person: other, kind: .first, way: .instant, channel: .counter)
        let second = try registry.record(.submitted(facts), handledBy: Office.teller).identifier
        func step(
            _ step: ApplicationStep, _ officer: UInt64, _ role: Role, beside second: UInt64? = nil,
            of name: EventIdentifier
        ) -> ActEntry {
            let second = second.map { Officer(number: $0, role: .supervisor) }
            return ActEntry(
                .application(name, step), on: nil,
                handledBy: Handling(
                    by: Officer(number: officer, role: role), second: second, proofs: Office.everyProof))
        }
        func isOwn(_ entries: [ActEntry]) throws -> Bool {
            do {
                try registry.record(entries)
                return false
            } catch RegistryError.refused(let refusal) { return refusal.reasons == [.approvesOwn] }
        }
        try registry.record([step(.supplementAsked(), 1003, .supervisor, of: name)])
        #expect(
            try isOwn([
                step(.supplemented, 1005, .teller, of: name), step(.approved, 1005, .supervisor, of: name),
            ]))
        try registry.record([step(.supplemented, 1005, .teller, of: name)])
        #expect(try isOwn([step(.approved, 1005, .supervisor, of: name)]))
        #expect(try isOwn([step(.rejected(.photo), 1003, .supervisor, beside: 1005, of: name)]))
        #expect(try !isOwn([step(.approved, 1005, .supervisor, of: second)]), "what was added elsewhere is no matter")
        #expect(try !isOwn([step(.approved, 1003, .supervisor, of: name)]))
    }

    @Test func anApplicationGoesWithItsCard() throws {
        let registry = try Office().open()
        let name = try apply(registry)
        let card = try registry.makeCard(1, for: try Office.person(11))
        #expect(try registry.application(name)?.card == card)
        #expect(try state(name, registry) == .ready)
        let acts = try registry.log().map { $0.body.act.kind }
        #expect(acts.suffix(3) == [.personalized, .productionBegun, .ready])
        let handed = try registry.record(.handedOver, on: card, handledBy: Office.teller)
        #expect(handed.act == .handedOver, "the card's own act is answered")
        #expect(try state(name, registry) == .collected)
        let before = try registry.canonicalDumpHash()
        #expect(try registry.rebuild() == before)
        #expect(try registry.verify().isGood)
    }

    @Test func aCardThatIsSpoiledOrMissingSendsItsApplicationBackAndOneNobodyCollectsEndsIt() throws {
        for (act, handling, expected) in [
            (
                Act.spoiled(Spoilage(.abandoned, number: try Office.firstNumber(), blankSerial: [1, 2, 3, 4])),
                Office.personalizer, ApplicationState.approved
            ), (.missing, Self.keeper, .approved), (.unclaimed, Self.keeper, .lapsed),
        ] {
            let registry = try Office().open(site: "version: test-1\nunclaimed-months: 0")
            let name = try apply(registry)
            let card = try registry.makeCard(1, for: try Office.person(11))
            try registry.record(act, on: card, handledBy: handling)
            #expect(try state(name, registry) == expected, "\(act)")
            #expect(try registry.application(name)?.card == (expected == .approved ? nil : card))
        }
    }

    @Test func ofSeveralApplicationsTheOneOfTheMakingsKindIsAnswered() throws {
        let registry = try Office().open()
        let old = try registry.issueCard(1, for: try Office.person(11))
        let renewal = try apply(registry, .renewal)
        let replacement = try apply(registry, .replacement)
        let loss = try registry.record(.formalLoss(Office.loss), on: old, handledBy: Office.teller)
        #expect(loss.act.kind == .formalLoss)
        let person = try registry.reference(of: Office.person(11).number)
        let number = try registry.reserveCardNumber(for: "journal-2", handledBy: Office.personalizer)
        let successor = try Office.card(2)
        try registry.record([
            ActEntry(.replaced(successor: successor, reason: .lost), on: old, handledBy: Office.teller),
            ActEntry(
                .personalized(try Office.facts(number, person)), on: successor, handledBy: Office.personalizer),
        ])
        #expect(try state(replacement, registry) == .ready)
        #expect(try state(renewal, registry) == .approved)
    }

    /// A card that was made here answers nothing that was ordered from a factory, nor the other way round.
    @Test(arguments: ApplicationFacts.Way.allCases) func aCardAnswersWhatWasAppliedForInItsOwnWay(
        way: ApplicationFacts.Way
    ) throws {
        for isOwn in [true, false] {
            let registry = try Office().open()
            let name = try apply(registry, way: way)
            let person = try registry.reference(of: Office.person(11).number)
            let number = try registry.reserveCardNumber(for: "journal-1", handledBy: Office.personalizer)
            let here = try Office.facts(number, person)
            // A factory's card has no plan of this counter's.
            let there = CardFacts(
                number: number, person: person, layout: here.layout, profile: here.profile, area: here.area,
                issued: here.issued, expires: here.expires, blankSerial: here.blankSerial)
            let facts = (way == .instant) == isOwn ? here : there
            try registry.record(.personalized(facts), on: Office.card(1), handledBy: Office.personalizer)
            #expect(try state(name, registry) == (isOwn ? .ready : .approved))
        }
    }

    /// What a dry run tells is what the real run does, and what it refuses.
    @Test func takingInIsForeseenAsItIsDone() throws {
        let registry = try Office().open()
        try registry.register(try Office.person(11), handledBy: Office.teller)
        try registry.issueCard(1, for: try Office.person(13))
        let batch = try #require(PersonBatch(number: "DW-1", way: .factory))
        let known = try Office.person(11)
        let renamed = Person(
            number: known.number, name: try PersonName("李改名"), sex: known.sex, ethnicGroup: known.ethnicGroup,
            birthDate: known.birthDate, birthPlace: known.birthPlace)
        let people = [renamed, try Office.person(13), try Office.person(15)]
        let (events, dump) = (try registry.statistics().events, try registry.canonicalDumpHash())
        let foreseen = try registry.foreseeTakingIn(people, batch: batch, handledBy: Office.teller)
        #expect((foreseen.new, foreseen.changed, foreseen.same) == (1, 1, 1))
        #expect((foreseen.applications, foreseen.served) == (2, 1))
        #expect(try registry.statistics().events == events && registry.canonicalDumpHash() == dump)
        let unproved = Handling(by: Office.teller.officer)
        for takeIn in [registry.foreseeTakingIn, registry.takeIn] {
            #expect(throws: RegistryError.self) { try takeIn(people, batch, unproved) }
        }
        #expect(try registry.takeIn(people, batch: batch, handledBy: Office.teller) == foreseen)
    }

    @Test func aBatchAppliesForNobodyWhoHasACardOrHasApplied() throws {
        let registry = try Office().open()
        _ = try apply(registry)
        try registry.issueCard(1, for: try Office.person(13))
        let batch = try #require(PersonBatch(number: "DW-1", way: .factory))
        let people = try [11, 13, 15].map { try Office.person($0) }
        let count = try registry.takeIn(people, batch: batch, handledBy: Office.teller)
        #expect((count.applications, count.served) == (1, 2))
    }

    /// What an older program left: the card handed over, its application ready still.
    private func leftAsReady(_ registry: Registry, _ card: CardReference) throws -> EventIdentifier {
        let name = try #require(
            try registry.applications(of: registry.reference(of: Office.person(11).number)).first?.identifier)
        try registry.pool.write { database in
            try database.execute(
                sql: "UPDATE applications SET state = 'ready', card = ? WHERE identifier = ?",
                arguments: [Data(card.bytes), Data(name.bytes)])
        }
        return name
    }

    @Test func anApplicationThatAnOlderProgramLeftAsReadyStandsInNobodysWayAndIsClosedForAReason() throws {
        let registry = try Office().open()
        let old = try registry.issueCard(1, for: try Office.person(11))
        _ = try apply(registry, .renewal)
        let left = try leftAsReady(registry, old)
        #expect(try state(left, registry) == .ready)
        let next = try apply(registry, .renewal, approved: false)
        #expect(next != left)
        // Closed for what is true of the card, and for nothing else.
        func close(_ step: ApplicationStep, _ handling: Handling) throws {
            try registry.record(.application(left, step), handledBy: handling)
        }
        let error = try #require(throws: RegistryError.self) { try close(.lapsed(.cardHasEnded), Self.keeper) }
        guard case .refused(let refusal) = error else { throw error }
        #expect(refusal.reasons == [.closingNotTrue(.cardHasEnded)])
        try close(.collected(.cardIsOut), Office.teller)
        #expect(try state(left, registry) == .collected)
        let event = try #require(try registry.newest(1).last)
        #expect(event.body.act == .application(left, .collected(.cardIsOut)), "the log says why")
        #expect(throws: RegistryError.self) { try close(.collected(.cardIsOut), Office.teller) }
    }

    @Test func aCardInTheOfficeIsNotClosedOverItsHead() throws {
        let registry = try Office().open()
        let name = try apply(registry)
        try registry.makeCard(1, for: try Office.person(11))
        for step in [ApplicationStep.collected(.cardIsOut), .lapsed(.cardHasEnded)] {
            #expect(throws: RegistryError.self) {
                try registry.record(
                    .application(name, step), handledBy: step == .collected(.cardIsOut) ? Office.teller : Self.keeper)
            }
        }
        #expect(try state(name, registry) == .ready)
    }

    @Test func aStepIsJudgedByWhatWasShownOfTheApplication() throws {
        let registry = try Office().open()
        let name = try apply(registry, approved: false)
        let shown = try #require(try registry.newestEvent(ofApplication: name))
        try registry.record(.application(name, .supplementAsked()), handledBy: Self.supervisor)
        try registry.record(.application(name, .supplemented), handledBy: Office.teller)
        func approve(expecting seen: UInt64) throws {
            try registry.record([
                ActEntry(.application(name, .approved), handledBy: Self.supervisor, expecting: seen)
            ])
        }
        #expect(throws: RegistryError.applicationChanged(name)) { try approve(expecting: shown) }
        try approve(expecting: try #require(try registry.newestEvent(ofApplication: name)))
        #expect(try state(name, registry) == .approved)
    }
}
