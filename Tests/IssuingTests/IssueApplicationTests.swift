import CardData
import Lifecycle
import Personalization
import Registry
import Testing

@testable import Issuing

/// A card in front of its holder and what was applied for it: nothing is made past a ruling, and a first card as the policy says.
@Suite struct IssueApplicationTests {
    private static let alone = Handling(
        by: Officer(number: 1002, role: .teller), proofs: [.identityDocument, .signature])
    private static let supervisor = Handling(by: Officer(number: 1003, role: .supervisor))

    private func applied(
        _ walk: IssueWalk, _ steps: ApplicationStep..., way: ApplicationFacts.Way = .instant
    ) throws -> (person: PersonReference, name: EventIdentifier) {
        let (registry, number) = (walk.counter.registry, try SocialSecurityNumber(walk.child["citizenNumber"] ?? ""))
        let person = try registry.reference(of: number)
        if try !registry.knows(person) {
            let applicant = try walk.counter.preparation.checked(walk.child, layoutName: "national-2.0")
            try registry.register(Person(applicant), handledBy: IssueWalk.handling)
        }
        let facts = ApplicationFacts(
            person: person, kind: .first, way: way, channel: .counter, batch: way == .factory ? "DW-9" : "")
        let name = try registry.record(.submitted(facts), handledBy: Self.alone).identifier
        for step in steps { try registry.record(.application(name, step), handledBy: Self.supervisor) }
        return (person, name)
    }

    private func begun(_ walk: IssueWalk, for person: PersonReference) throws -> String {
        try walk.desk().begin(layoutName: "national-2.0", officer: 1002, for: person).identifier
    }

    @Test(arguments: [ApplicationState.submitted, .supplement, .rejected])
    func whatWaitsOrWasRefusedIsNotMade(state: ApplicationState) throws {
        let walk = try IssueWalk()
        let (person, name) =
            switch state {
            case .supplement: try applied(walk, .supplementAsked())
            case .rejected: try applied(walk, .rejected(.photo))
            default: try applied(walk)
            }
        let refusal = IssueFlowError.applicationStands(name, .first, state)
        #expect(throws: refusal) { try begun(walk, for: person) }
        let issue = try walk.begin()
        #expect(throws: refusal) { try walk.advance(issue, through: .findPerson) }
        #expect(try walk.desk().progress(issue).done == .checkBlank)
    }

    /// A factory makes a card for the person, or is about to: nobody makes a second one, also where it was approved after the holder
    /// had confirmed.
    @Test(arguments: [false, true]) func whatAFactoryMakesIsNotMadeOnceMore(isBegun: Bool) throws {
        let walk = try IssueWalk()
        let issue = try walk.begin()
        try walk.advance(issue, through: .confirm)
        let (person, name) = try applied(walk, .approved, way: .factory)
        let registry = walk.counter.registry
        if isBegun { try registry.record(.application(name, .productionBegun), handledBy: Counter.personalizer) }
        let refusal = IssueFlowError.factoryMakes(try #require(try registry.application(name)))
        #expect(refusal.faults.first?.parameters["batch"] == "DW-9")
        #expect(throws: refusal) { try walk.advance(issue, through: .personalize) }
        #expect(walk.counter.journals.isEmpty && walk.counter.claims.isEmpty, "the blank is a blank")
        #expect(throws: refusal) { try begun(walk, for: person) }
        let second = try walk.desk().begin(layoutName: "national-2.0", officer: 1002).identifier
        #expect(throws: refusal) { try walk.advance(second, through: .findPerson, nil, walk.counter.blank(2)) }
        guard !isBegun else { return }
        try registry.record(.application(name, .withdrawn), handledBy: Self.alone)
        #expect(try walk.advance(issue, through: .slip).end == .finished)
        #expect(try registry.application(name)?.state == .withdrawn)
    }

    /// The ruling came while the holder stood at the window.
    @Test func aRulingInBetweenIsSeenBeforeAnythingIsWritten() throws {
        let walk = try IssueWalk()
        let issue = try walk.begin()
        try walk.advance(issue, through: .photo)
        let (_, name) = try applied(walk)
        #expect(throws: IssueFlowError.applicationStands(name, .first, .submitted)) {
            try walk.advance(issue, through: .confirm)
        }
        try walk.counter.registry.record(.application(name, .approved), handledBy: Self.supervisor)
        #expect(try walk.advance(issue, through: .slip).end == .finished)
    }

    @Test func aNewApplicationThatIsApprovedTakesThePlaceOfARejectedOne() throws {
        let walk = try IssueWalk()
        _ = try applied(walk, .rejected(.photo))
        let (person, name) = try applied(walk, .approved)
        #expect(try walk.advance(begun(walk, for: person), through: .slip).end == .finished)
        #expect(try walk.counter.registry.application(name)?.state == .collected)
    }

    @Test func wherePolicyWantsAnApplicationNoneIsMadeWithout() throws {
        let walk = try IssueWalk(policy: "first-card: application")
        let issue = try walk.begin()
        #expect(throws: IssueFlowError.applicationMissing) { try walk.advance(issue, through: .findPerson) }
        _ = try applied(walk, .approved)
        #expect(try walk.advance(issue, through: .slip).end == .finished)
    }

    @Test func wherePolicyWantsTwoPersonsTheSecondSignsAtTheConfirmation() throws {
        let walk = try IssueWalk(policy: "first-card: two-persons")
        let issue = try walk.begin()
        try walk.advance(issue, through: .photo, handling: Self.alone)
        #expect(throws: IssueFlowError.secondForFirstCard) {
            try walk.advance(issue, through: .confirm, handling: Self.alone)
        }
        #expect(try walk.advance(issue, through: .confirm).done == .confirm)
        let approved = try IssueWalk(policy: "first-card: two-persons")
        _ = try applied(approved, .approved)
        #expect(
            try approved.advance(approved.begin(), through: .confirm, handling: Self.alone).done == .confirm,
            "who approved it is the second person")
    }

    /// A replacement is no first card; what was applied for it stands in its way all the same.
    @Test func aReplacementAsksForNoFirstCardsApplication() throws {
        let walk = try IssueWalk(policy: "first-card: application")
        let (person, _) = try applied(walk, .approved)
        let reference = try #require(try walk.advance(begun(walk, for: person), through: .slip).card)
        let registry = walk.counter.registry
        try registry.record(
            .formalLoss(LossReport(channel: .counter, reporter: .holder)), on: reference, handledBy: IssueWalk.handling)
        let paid = Handling(
            by: IssueWalk.handling.officer, second: IssueWalk.handling.second, proofs: [.identityDocument, .feeSettled])
        let replacement = IssuingRequest.Replacement(
            number: try #require(try registry.card(reference)?.facts?.number), reason: .lost, handling: paid)
        func begin() throws -> String {
            try walk.desk().begin(
                layoutName: "national-2.0", officer: 1002, replacing: replacement, for: person
            ).identifier
        }
        let facts = ApplicationFacts(person: person, kind: .replacement, way: .instant, channel: .counter)
        let name = try registry.record(.submitted(facts), handledBy: Self.alone).identifier
        #expect(throws: IssueFlowError.applicationStands(name, .replacement, .submitted)) { try begin() }
        try registry.record(.application(name, .approved), handledBy: Self.supervisor)
        #expect(try walk.advance(begin(), through: .slip, nil, walk.counter.blank(2)).end == .finished)
    }
}
