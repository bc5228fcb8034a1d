import ByteText
import CardData
import Foundation
import ISO7816
import Lifecycle
import Personalization
import Registry
import Testing
import VirtualCard

@testable import Issuing

/// A factory's card in the place of an old one: the return that brings it ends the old one, as it was applied for and approved.
@Suite struct FactoryReplacementTests {
    private static let teller = Officer(number: 1002, role: .teller)
    private static let supervisor = Handling(by: Officer(number: 2001, role: .supervisor))
    private static let keeper = Handling(
        by: Officer(number: 3001, role: .stockKeeper), second: Officer(number: 2001, role: .supervisor),
        proofs: [.paper])
    /// Card number, identification code, chip serial and dates as `Fixtures/import/factory-return.csv` has them.
    private static let made = "D00001008,990101D1560000050000002000000020,009046533186499901000000A1,20261128,20361128,"
    private static let header = "citizenNumber,cardNumber,identificationCode,chipSerial,issueDate,expiryDate,failure\n"

    private let counter: Counter
    private let card: VirtualCard
    private let old: CardReference
    private let new: CardReference
    private let person: PersonReference
    private var registry: Registry { counter.registry }

    init() throws {
        counter = try Counter()
        card = try counter.blank()
        let issued = try counter.issue(card)
        for act in [Act.handedOver, .enabled] { try counter.act(act, on: issued) }
        old = CardReference(issued.identificationCode)
        new = CardReference(try IdentificationCode(hexadecimal: "990101D1560000050000002000000020"))
        person = try counter.registry.reference(of: SocialSecurityNumber(counter.row()["citizenNumber"] ?? ""))
    }

    private func submit(
        _ kind: ApplicationFacts.Kind, _ proofs: Proofs, for renewal: ReplacementReason? = nil
    ) throws -> EventIdentifier {
        let facts = ApplicationFacts(
            person: person, kind: kind, way: .factory, channel: .counter, batch: "B-7", renewal: renewal)
        return try registry.record(.submitted(facts), handledBy: Handling(by: Self.teller, proofs: proofs)).identifier
    }

    private func approve(_ application: EventIdentifier) throws {
        try registry.record(.application(application, .approved), handledBy: Self.supervisor)
    }

    private func lose() throws -> EventIdentifier {
        try registry.record(
            .formalLoss(LossReport(channel: .counter, reporter: .holder)), on: old, handledBy: Counter.teller
        ).identifier
    }

    /// - Parameter more: rows behind the first.
    private func returned(_ more: String = "") throws -> FactoryReturn {
        let path = counter.folder + "/return.csv"
        try (Self.header + "990165200802116857,\(Self.made)\n" + more).write(
            toFile: path, atomically: true, encoding: .utf8)
        return try FactoryReturn(
            MappedFile(path, by: .plain(.returns), for: .returns),
            madeBy: counter.preparation.library.entry("national-2.0"), for: registry, batch: "B-7",
            officers: .init(
                maker: Handling(by: Officer(number: 3001, role: .personalizer), proofs: [.paper]), keeper: Self.keeper))
    }

    /// Surveys and books the factory's return; the faults that stood against it.
    private func book() throws -> [String] {
        let returned = try returned()
        var faults: [String] = []
        let survey = try returned.survey { faults.append($0.code.rawValue) }
        guard faults.isEmpty else { return faults }
        #expect(survey.finished == 1 && survey.missing.isEmpty)
        try returned.book()
        return []
    }

    private func reasons(_ body: () throws -> Void) throws -> [LifecycleRefusal.Reason] {
        let error = try #require(throws: RegistryError.self, performing: body)
        guard case .refused(let refusal) = error else { throw error }
        return refusal.reasons
    }

    private func handOver() throws { try registry.record(.handedOver, on: new, handledBy: Counter.teller) }

    @Test func aLostCardEndsWithTheReturnThatBringsItsSuccessor() throws {
        let proofs: Proofs = [.identityDocument, .feeSettled]
        #expect(
            try reasons { _ = try submit(.replacement, .identityDocument) }
                == [.proofMissing(.feeSettled), .restrictionMissing(.loss)])
        let loss = try lose()
        let name = try submit(.replacement, proofs)
        try approve(name)
        #expect(try book() == [])
        let ended = try #require(try registry.card(old))
        #expect(ended.state.social == .ended(.replaced) && ended.state.physical == .withHolder)
        #expect(ended.successor == new)
        let act = try #require(try registry.events(of: old).last)
        #expect(act.body.act == .replaced(successor: new, reason: .lost))
        #expect(act.event.officer == 1002 && act.event.secondPerson == 2001)
        #expect(act.body.secondRole == .supervisor && act.body.proofs == proofs)
        #expect(try registry.application(name)?.state == .ready)
        #expect(try registry.application(name)?.card == new)
        #expect(try registry.card(new)?.state.social == .sealed)
        let before = try registry.statistics().events
        try returned().book()
        #expect(try registry.statistics().events == before, "the same file once more changes nothing")
        try handOver()
        #expect(try registry.application(name)?.state == .collected)
        #expect(try registry.events(of: old).count { $0.body.act.kind == .replaced } == 1)
        #expect(try registry.card(old)?.state.restrictions.contains { $0.openedBy == loss } == true)
        #expect(try registry.verify().isGood)
    }

    /// What the replacement was ordered by stays as it is while the factory makes the card.
    @Test func theLossIsNotLiftedUnderAnOrder() throws {
        let loss = try lose()
        let name = try submit(.replacement, [.identityDocument, .feeSettled])
        func release() throws { try registry.record(.released([loss]), on: old, handledBy: Counter.teller) }
        try approve(name)
        #expect(try reasons(release) == [.replacementOrdered(name, .approved)])
        try registry.record(
            .application(name, .withdrawn), handledBy: Handling(by: Self.teller, proofs: .identityDocument))
        try release()
    }

    /// Released while the application still waited for its approval: then there is nothing to approve.
    @Test func anOrderIsJudgedOnceMoreWhenItIsApproved() throws {
        let loss = try lose()
        let name = try submit(.replacement, [.identityDocument, .feeSettled])
        try registry.record(.released([loss]), on: old, handledBy: Counter.teller)
        #expect(try reasons { try approve(name) } == [.restrictionMissing(.loss)])
    }

    private static let taken: Proofs = [.identityDocument, .oldCardTaken]

    @Test func aRenewedCardIsBlockedBeforeItsSuccessorIsCollected() throws {
        #expect(
            try reasons { _ = try submit(.renewal, .identityDocument, for: .damaged) } == [.proofMissing(.oldCardTaken)]
        )
        try approve(try submit(.renewal, Self.taken, for: .damaged))
        #expect(try book() == [])
        let ended = try #require(try registry.card(old))
        #expect(ended.state.social == .ended(.renewed) && ended.state.physical == .recovered)
        #expect(try registry.events(of: old).last?.body.act == .replaced(successor: new, reason: .damaged))
        let number = try #require(ended.facts?.number)
        #expect(try reasons(handOver) == [.oldCardNotEnded(number)])
        _ = try OldCardDesk(
            registry: registry, preparation: counter.preparation,
            visits: VisitPolicy(folder: counter.folder + "/tries", isDevelopment: true),
            journalFolder: counter.folder + "/journal", sealingKey: SealingKey.load(in: counter.folder + "/journal")
        ).end(ended, handledBy: Counter.teller, through: VirtualCardChannel(card))
        try handOver()
        #expect(try registry.card(new)?.state.physical == .withHolder)
    }

    /// Taken back as an act of its own when it was applied for, and destroyed by two before the new one came.
    @Test func aRenewedCardThatWasTakenBackAndDestroyedStopsNobody() throws {
        let name = try submit(.renewal, Self.taken, for: .identityChanged)
        try registry.record(.recovered(.handedIn), on: old, handledBy: Counter.teller)
        try approve(name)
        #expect(try book() == [])
        #expect(try registry.card(old)?.state.physical == .recovered)
        try registry.record(.destroyed, on: old, handledBy: Self.keeper)
        try handOver()
    }

    @Test func whoHasNoCardRenewsNoneAndLongBeforeExpiryAPaperSaysWhy() throws {
        #expect(
            try reasons { _ = try submit(.renewal, Self.taken) }
                == [.notExpiring(try #require(try registry.card(old)?.facts?.expires), days: 60)])
        #expect(throws: Never.self) { _ = try submit(.renewal, Self.taken.union(.paper)) }
        let other = try counter.preparation.checked(counter.otherRow, layoutName: "national-2.0")
        let stranger = try registry.register(Person(other), handledBy: Counter.teller)
        let facts = ApplicationFacts(
            person: stranger, kind: .renewal, way: .factory, channel: .counter, renewal: .damaged)
        #expect(
            try reasons {
                try registry.record(.submitted(facts), handledBy: Handling(by: Self.teller, proofs: Self.taken))
            } == [.nothingToReplace])
    }

    /// The old card ended by itself meanwhile: the new one is taken in as any other.
    @Test func anOldCardThatHasEndedMeanwhileEndsNoSecondTime() throws {
        _ = try lose()
        let name = try submit(.replacement, [.identityDocument, .feeSettled])
        try approve(name)
        try registry.record(.expired, on: old, handledBy: Handling(by: Officer(number: 9, role: .upperTier)))
        #expect(try book() == [])
        #expect(try registry.card(old)?.state.social == .ended(.expired))
        #expect(try registry.application(name)?.state == .ready)
    }

    // MARK: - Rows that wait

    /// A second person of the batch, with a row of their own.
    private func orderForAnother() throws -> String {
        let other = try counter.preparation.checked(counter.otherRow, layoutName: "national-2.0")
        let stranger = try registry.register(Person(other), handledBy: Counter.teller)
        let facts = ApplicationFacts(person: stranger, kind: .first, way: .factory, channel: .counter, batch: "B-7")
        let name = try registry.record(
            .submitted(facts), handledBy: Handling(by: Self.teller, proofs: .identityDocument)
        ).identifier
        try approve(name)
        return "\(other.socialSecurityNumber.text),D00001016,990101D1560000050000003000000030,"
            + "009046533186499901000000A2,20261128,20361128,\n"
    }

    private func survey(_ returned: FactoryReturn) throws -> (survey: FactoryReturn.Survey, told: [Fault]) {
        var told: [Fault] = []
        let survey = try returned.survey {
            throw Faults($0)
        } onWaiting: {
            told.append($0)
        }
        return (survey, told)
    }

    private func hold() throws -> EventIdentifier {
        let officers = Handling(by: Self.teller, second: Officer(number: 2001, role: .supervisor))
        return try registry.record(.held(.court), on: old, handledBy: officers).identifier
    }

    /// Held before the file is judged, or while whoever sent it looks at what was found.
    @Test(arguments: [false, true]) func theSoundRowsAreTakenInAndTheHeldOneWaits(isHeldLate: Bool) throws {
        _ = try lose()
        let name = try submit(.replacement, [.identityDocument, .feeSettled])
        try approve(name)
        let rest = try orderForAnother()
        let hold = isHeldLate ? nil : try hold()
        let returned = try returned(rest)
        let judged = try survey(returned)
        #expect((judged.survey.finished, judged.survey.waiting) == (isHeldLate ? 2 : 1, isHeldLate ? 0 : 1))
        let late = isHeldLate ? try self.hold() : try #require(hold)
        let before = try registry.statistics().events
        var told: [Fault] = []
        let done = try returned.book(onWaiting: { told.append($0) })
        #expect((done.rows, done.finished, done.waiting, done.failed, done.booked) == (2, 1, 1, 0, 0))
        #expect(told.map(\.code.rawValue) == ["lifecycle.restricted", "factory-return.row-waits"])
        #expect(told.map(\.place?.line) == [2, 2])
        // Nothing of that row stands anywhere: no card, no piece, no step; the old one is as it was.
        #expect(try registry.card(new) == nil)
        #expect(try registry.stock(of: 3001)[.finished]?.count == 1)
        #expect(try registry.application(name)?.state == .approved)
        #expect(try registry.card(old)?.state.social.isEnded == false)
        #expect(try registry.statistics().events == before + 4, "received, begun, ready, made")
        // The day adds up by what is in the book, while the card that waits lies apart.
        let chip = try #require([UInt8](hexadecimal: "009046533186499901000000A2"))
        let count = DayCount(day: 20_261_128, owner: 3001, counted: [.finished: try #require(ChipSerials([chip]))])
        try registry.record(.dayClosed(count), handledBy: Self.keeper)
        // The same file again changes nothing while the hold stands, and takes the row in once it is lifted.
        #expect(try survey(returned).survey.waiting == 1)
        try returned.book()
        try registry.record(
            .released([late]), on: old,
            handledBy: Handling(
                by: Self.teller, second: Officer(number: 2001, role: .supervisor), proofs: [.paper, .cardRead]))
        let again = try returned.book(onWaiting: { _ in Issue.record("a row waits still") })
        #expect((again.rows, again.finished, again.waiting, again.booked) == (2, 1, 0, 1))
        #expect(try registry.card(old)?.state.social == .ended(.replaced))
        #expect(try registry.stock(of: 3001)[.finished]?.count == 2)
        let last = try returned.book()
        #expect((last.finished, last.waiting, last.booked) == (0, 0, 2), "nothing twice")
        #expect(try registry.verify().isGood)
    }

    /// What is wrong with the file itself still refuses it as a whole.
    @Test func aRowThatIsWrongIsNoRowThatWaits() throws {
        _ = try lose()
        try approve(try submit(.replacement, [.identityDocument, .feeSettled]))
        _ = try hold()
        let returned = try returned("990101199003071137,,,,,,\n")
        var faults: [String] = []
        let survey = try returned.survey { faults.append($0.code.rawValue) }
        #expect((survey.waiting, survey.finished) == (1, 0))
        #expect(faults.contains("factory-return.incomplete"))
    }
}
