import CardData
import Lifecycle
import Personalization
import Registry
import Testing
import VirtualCard

@testable import Issuing

/// A card that is made all at once and what was applied for it: as for one made step by step.
@Suite struct PersonalizeApplicationTests {
    private static let teller = Handling(by: Officer(number: 1002, role: .teller), proofs: .identityDocument)
    private static let supervisor = Handling(by: Officer(number: 2001, role: .supervisor))

    private func apply(
        _ counter: Counter, _ steps: ApplicationStep..., way: ApplicationFacts.Way = .instant
    ) throws -> EventIdentifier {
        let applicant = try counter.preparation.checked(counter.row(), layoutName: "national-2.0")
        let person = try counter.registry.register(Person(applicant), handledBy: Counter.teller)
        let facts = ApplicationFacts(
            person: person, kind: .first, way: way, channel: .counter, batch: way == .factory ? "B-9" : "")
        let name = try counter.registry.record(.submitted(facts), handledBy: Self.teller).identifier
        for step in steps { try counter.registry.record(.application(name, step), handledBy: Self.supervisor) }
        return name
    }

    private func codes(_ body: () throws -> Void) -> [String] {
        do {
            try body()
            return []
        } catch {
            return (error as? any FaultReporting)?.faults.map(\.code.rawValue) ?? ["\(error)"]
        }
    }

    @Test func aCardBelongsToTheApprovedApplication() throws {
        let counter = try Counter(policy: "first-card: application")
        let name = try apply(counter, .approved)
        let made = try counter.issue(try counter.blank())
        let application = try #require(try counter.registry.application(name))
        #expect((application.state, application.card) == (.ready, CardReference(made.identificationCode)))
        try counter.act(.handedOver, on: made)
        #expect(try counter.registry.application(name)?.state == .collected)
        #expect(try counter.registry.verify().isGood)
    }

    @Test func whereThePolicyWantsAnApplicationNoneIsMadeWithout() throws {
        let counter = try Counter(policy: "first-card: application")
        let blank = try counter.blank()
        #expect(codes { _ = try counter.issue(blank) } == ["issue.application-missing"])
        #expect(counter.journals.isEmpty && counter.claims.isEmpty, "the blank is a blank")
        _ = try apply(counter, .approved)
        #expect(codes { _ = try counter.issue(blank) } == [])
    }

    @Test(arguments: [ApplicationState.submitted, .supplement, .rejected])
    func whatWaitsOrWasRefusedIsNotMade(state: ApplicationState) throws {
        let counter = try Counter()
        switch state {
        case .supplement: _ = try apply(counter, .supplementAsked())
        case .rejected: _ = try apply(counter, .rejected(.photo))
        default: _ = try apply(counter)
        }
        #expect(codes { _ = try counter.issue(try counter.blank()) } == ["issue.application-stands"])
    }

    @Test func whatAFactoryMakesIsNotMadeOnceMore() throws {
        let counter = try Counter()
        _ = try apply(counter, .approved, way: .factory)
        #expect(codes { _ = try counter.issue(try counter.blank()) } == ["issue.factory-makes"])
    }

    @Test func aSecondPersonStandsBesideAFirstCardWhereThePolicySaysSo() throws {
        let counter = try Counter(policy: "first-card: two-persons")
        let blank = try counter.blank()
        #expect(codes { _ = try counter.issue(blank) } == ["issue.second-for-first-card"])
        let request = try counter.request(counter.row())
        let signed = IssuingRequest(
            person: request.person, layoutName: request.layoutName, pin: request.pin,
            handling: Handling(by: request.handling.officer, second: Officer(number: 2001, role: .supervisor)))
        #expect(codes { _ = try counter.desk.issue(signed, through: VirtualCardChannel(blank)) } == [])
    }

    @Test func aReplacementAsksForItsOwnKind() throws {
        let counter = try Counter(policy: "first-card: application")
        _ = try apply(counter, .approved)
        let first = try counter.issue(try counter.blank())
        for act in [Act.handedOver, .enabled] { try counter.act(act, on: first) }
        try counter.act(.formalLoss(LossReport(channel: .counter, reporter: .holder)), on: first)
        #expect(codes { _ = try counter.issue(try counter.blank(2), replacing: first.number) } == [])
    }

    /// The lost card has ended with its successor: what is made for the approved replacement now is a first card to the rules.
    @Test func whereTheReplacementWasSpoiledItsApplicationStands() throws {
        let counter = try Counter(policy: "first-card: application")
        _ = try apply(counter, .approved)
        let first = try counter.issue(try counter.blank())
        for act in [Act.handedOver, .enabled] { try counter.act(act, on: first) }
        try counter.act(.formalLoss(LossReport(channel: .counter, reporter: .holder)), on: first)
        let person = try #require(try counter.registry.card(number: first.number)?.facts?.person)
        let facts = ApplicationFacts(person: person, kind: .replacement, way: .instant, channel: .counter)
        let name = try counter.registry.record(.submitted(facts), handledBy: Self.teller).identifier
        try counter.registry.record(.application(name, .approved), handledBy: Self.supervisor)
        let second = try counter.issue(try counter.blank(2), replacing: first.number)
        let card = try #require(try counter.registry.card(number: second.number))
        let spoilage = Spoilage(
            .abandoned, number: second.number, blankSerial: try #require(card.facts).blankSerial)
        try counter.registry.record(
            .spoiled(spoilage), on: card.reference,
            handledBy: Handling(by: Counter.personalizer.officer, second: Officer(number: 2001, role: .supervisor)))
        #expect(try counter.registry.application(name)?.state == .approved)
        let third = try counter.issue(try counter.blank(3))
        let application = try #require(try counter.registry.application(name))
        #expect((application.state, application.card) == (.ready, CardReference(third.identificationCode)))
        #expect(
            codes { _ = try counter.issue(try counter.blank(4), counter.otherRow) } == ["issue.application-missing"])
    }
}
