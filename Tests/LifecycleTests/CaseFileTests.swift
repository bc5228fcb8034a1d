import CardData
import Lifecycle
import Testing

/// The conflict table of lifecycle-and-sync.md §4: three acts of three counters, in every order of position and delivery.
@Suite struct CaseFileTests {
    private let card: CardReference
    private let successors: [CardReference]

    init() throws {
        card = try Samples.card(1)
        successors = try (2...4).map { try Samples.card($0) }
    }

    /// The card as all three counters knew it: made, handed over and enabled at positions 1 to 3.
    private func known() throws -> [PositionedAct] {
        let acts: [Act] = [.personalized(try Samples.facts()), .handedOver, .enabled]
        return acts.enumerated().map { index, act in
            PositionedAct(
                position: UInt64(index + 1), identifier: EventIdentifier(counter: 9, sequence: UInt64(index + 1)),
                card: card, act: act, seen: UInt64(index))
        }
    }

    /// The acts a counter may enter on the card without knowing of the others; its number gives its successor its own name.
    private func acts(of counter: Int) -> [Act] {
        let person = LossReport(channel: .counter, reporter: .holder, subject: .person)
        let report = LossReport(channel: .telephone, reporter: .holder)
        // The loss that counter 1 would have entered first; a release elsewhere may name it before it arrives.
        return [
            .temporaryLoss(report), .formalLoss(report), .formalLoss(person), .held(.office), .pinLocked, .enabled,
            .released([EventIdentifier(counter: 1, sequence: 1)]), .pinServed(.reset, ticket: "T-1"),
            .pinServed(.change, ticket: ""),
            .replaced(successor: successors[counter - 1], reason: .lost),
            .replaced(successor: successors[counter - 1], reason: .damaged), .cancelled(.death), .expired, .seenBlocked,
        ]
    }

    private static let orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]]

    /// The three acts, the one at `order[n]` arriving n-th at the centre.
    private func crossing(_ acts: [Act], arriving order: [Int]) -> [PositionedAct] {
        order.enumerated().map { place, index in
            PositionedAct(
                position: UInt64(4 + place), identifier: EventIdentifier(counter: UInt64(index + 1), sequence: 1),
                card: card, act: acts[index], seen: 3)
        }
    }

    /// The outcome is worked out from the file alone, so two that are equal come to the same.
    private func file(_ acts: [PositionedAct]) -> CaseFile {
        var file = CaseFile()
        for act in acts { file.take(act) }
        return file
    }

    private func outcome(_ acts: [PositionedAct]) -> CaseOutcome { file(acts).outcome }

    @Test func everyThreeActsOfThreeCountersComeToTheSameInEveryOrderOfDelivery() throws {
        let known = try known()
        var triples = 0
        for first in acts(of: 1) {
            for second in acts(of: 2) {
                for third in acts(of: 3) {
                    triples += 1
                    try check([first, second, third], known)
                }
            }
        }
        #expect(triples == 14 * 14 * 14)
    }

    private func check(_ acts: [Act], _ known: [PositionedAct]) throws {
        var words: Set<ShownState> = []
        for order in Self.orders {
            let crossing = crossing(acts, arriving: order)
            let file = file(known + crossing)
            for delivery in Self.orders.dropFirst() {
                let other = self.file(delivery.map { crossing[$0] } + known.reversed())
                if other != file { Issue.record("\(acts) delivered as \(delivery) differs") }
            }
            // After each act, as the centre stands while the others are still on their way.
            var before: CardState?
            for count in 0..<crossing.count {
                let arrived = Array(crossing.prefix(count))
                let outcome = outcome(known + arrived)
                if let broken = brokenInvariant(outcome, arrived, before) {
                    Issue.record("\(arrived.map(\.act)) of \(acts) arriving as \(order): \(broken)")
                }
                before = outcome.cards[card]?.state
            }
            let outcome = file.outcome
            if let broken = brokenInvariant(outcome, crossing, before) {
                Issue.record("\(acts) arriving as \(order): \(broken)")
            }
            if let state = outcome.cards[card]?.state { words.insert(state.shown) }
        }
        // Which of two replacements came first decides the successor; the old card says the same in every order.
        if words.count != 1 { Issue.record("\(acts) shows \(words)") }
    }

    /// - Parameter before: the card's state before the last of the acts arrived.
    private func brokenInvariant(_ outcome: CaseOutcome, _ acts: [PositionedAct], _ before: CardState?) -> String? {
        let usable = outcome.cards.values.filter { $0.state.isUsable }
        if usable.count > 1 { return "two usable cards" }
        guard let state = outcome.cards[card]?.state else { return "no card" }
        if before?.social.isEnded == true && !state.social.isEnded { return "an ended card has come back" }
        let named = acts.reduce(into: Set<EventIdentifier>()) { named, positioned in
            if case .released(let identifiers) = positioned.act { named.formUnion(identifiers) }
        }
        // What no release names stands, whatever else was released.
        let standing = acts.compactMap { positioned -> Restriction? in
            guard !named.contains(positioned.identifier), let kind = opened(by: positioned.act) else { return nil }
            return Restriction(kind, openedBy: positioned.identifier)
        }
        if !state.social.isEnded && !Set(standing).isSubset(of: state.restrictions) {
            return "a restriction is gone that nobody lifted"
        }
        if !standing.isEmpty && state.isUsable { return "a stopped card is usable" }
        return nil
    }

    private func opened(by act: Act) -> Restriction.Kind? {
        switch act {
        case .temporaryLoss: .temporaryLoss
        case .formalLoss: .loss
        case .held: .hold
        case .pinLocked: .pinLock
        case .cancelled: .cancellation
        default: nil
        }
    }

    private func result(_ first: Act, _ second: Act) throws -> [CaseOutcome] {
        [[0, 1], [1, 0]].map { order in
            outcome(((try? known()) ?? []) + crossing([first, second], arriving: order))
        }
    }

    @Test func twoLossesBothStandAndAReleaseMustNameBoth() throws {
        let report = LossReport(channel: .counter, reporter: .holder)
        for outcome in try result(.temporaryLoss(report), .formalLoss(report)) {
            #expect(outcome.cards[card]?.state.restrictions.count == 2)
        }
        // Counter 2 releases what it knew, counter 3's loss stays.
        let acts: [Act] = [
            .temporaryLoss(report), .released([EventIdentifier(counter: 1, sequence: 1)]), .formalLoss(report),
        ]
        for order in Self.orders {
            let outcome = outcome(try known() + crossing(acts, arriving: order))
            #expect(outcome.cards[card]?.state.shown == .loss)
        }
    }

    @Test func aLossThatNamesTheCardLeavesItsUnseenSuccessorAlone() throws {
        let report = LossReport(channel: .counter, reporter: .holder, subject: .card)
        for outcome in try result(.replaced(successor: successors[0], reason: .lost), .formalLoss(report)) {
            #expect(outcome.cards[card]?.state.social == .ended(.replaced))
            #expect(outcome.cards[successors[0]]?.state.restrictions.isEmpty ?? true)
        }
    }

    @Test func aLossThatNamesThePersonPutsItsUnseenSuccessorOnHold() throws {
        let report = LossReport(channel: .counter, reporter: .holder, subject: .person)
        for outcome in try result(.replaced(successor: successors[0], reason: .lost), .formalLoss(report)) {
            #expect(outcome.cards[card]?.state.social == .ended(.replaced))
            #expect(outcome.cards[successors[0]]?.state.shown == .hold)
            #expect(outcome.rulings.values.contains(.needsPerson(.successorOnHold)))
        }
    }

    @Test func ofTwoReplacementsTheLowerPositionWins() throws {
        let outcomes = try result(
            .replaced(successor: successors[0], reason: .lost), .replaced(successor: successors[1], reason: .damaged))
        for (outcome, winner) in zip(outcomes, [successors[0], successors[1]]) {
            #expect(outcome.cards[card]?.successor == winner)
            #expect(outcome.cards[card]?.state.social == .ended(.replaced), "the reasons have an order of their own")
            #expect(outcome.rulings[5] == .needsPerson(.duplicateReplacement))
        }
    }

    @Test func theLaterReplacementsCardIsADuplicateAsSoonAsItIsMade() throws {
        var acts =
            try known()
            + crossing(
                [
                    .replaced(successor: successors[0], reason: .lost),
                    .replaced(successor: successors[1], reason: .lost),
                ],
                arriving: [0, 1])
        acts.append(
            PositionedAct(
                position: 6, identifier: EventIdentifier(counter: 2, sequence: 2), card: successors[1],
                act: .personalized(try Samples.facts()), seen: 0))
        let outcome = outcome(acts)
        #expect(outcome.cards[successors[1]]?.state.social == .ended(.duplicate))
        #expect(outcome.rulings[6] == .superseded)
    }

    @Test func lossStandsAgainstReleaseAndEnabling() throws {
        let report = LossReport(channel: .counter, reporter: .holder)
        let other = EventIdentifier(counter: 4, sequence: 1)
        for outcome in try result(.released([other]), .formalLoss(report)) {
            #expect(outcome.cards[card]?.state.shown == .loss)
        }
        for outcome in try result(.enabled, .formalLoss(report)) {
            #expect(outcome.cards[card]?.state.shown == .loss)
            #expect(outcome.cards[card]?.state.social == .enabled, "enabling is kept as fact")
        }
    }

    @Test func aPINResetDuringALossIsLookedAt() throws {
        for outcome in try result(
            .pinServed(.reset, ticket: "T-1"), .temporaryLoss(LossReport(channel: .online, reporter: .holder)))
        {
            #expect(outcome.rulings.values.contains(.needsPerson(.pinResetDuringLoss)))
        }
    }

    @Test func aCancellationStopsTheSuccessorItCrossedAndIsFinalOnlyWhenConfirmed() throws {
        let cancelled = EventIdentifier(counter: 1, sequence: 1)
        for order in [[0, 1], [1, 0]] {
            let crossed =
                try known()
                + crossing([.cancelled(.death), .replaced(successor: successors[1], reason: .lost)], arriving: order)
            #expect(outcome(crossed).cards[successors[1]]?.state.shown == .hold)
            let upper = EventIdentifier(counter: 99, sequence: 1)
            let confirmed = PositionedAct(
                position: 9, identifier: upper, card: card, act: .cancellationConfirmed(cancelled), seen: 8)
            for card in [card, successors[1]] {
                #expect(outcome(crossed + [confirmed]).cards[card]?.state.social == .ended(.cancelled))
            }
            let refused = PositionedAct(
                position: 9, identifier: upper, card: card, act: .released([cancelled]), seen: 8)
            #expect(outcome(crossed + [refused]).cards[successors[1]]?.state.restrictions.isEmpty == true)
            let late = PositionedAct(
                position: 10, identifier: EventIdentifier(counter: 99, sequence: 2), card: card,
                act: .cancellationConfirmed(cancelled), seen: 9)
            #expect(outcome(crossed + [refused, late]).rulings[10] == .superseded)
        }
    }

    @Test func oneNameWithOtherBytesIsAFork() throws {
        let name = EventIdentifier(counter: 7, sequence: 3)
        let hash = try #require(EventHash(bytes: Array(repeating: 1, count: 32)))
        let other = try #require(EventHash(bytes: Array(repeating: 2, count: 32)))
        #expect(Intake.judge(hash, of: name, known: nil) == .stored)
        #expect(Intake.judge(hash, of: name, known: hash) == .known)
        #expect(Intake.judge(hash, of: name, known: other) == .fork)
        #expect(Intake.judge(hash, of: name, known: nil, removedAfter: 2) == .quarantined)
        #expect(Intake.judge(hash, of: name, known: nil, removedAfter: 3) == .stored)
    }
}
