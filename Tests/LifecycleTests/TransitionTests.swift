import CardData
import Lifecycle
import Testing

/// Every state with every act: what lifecycle-and-sync.md §3 allows happens, all else is refused, the invariants hold.
@Suite struct TransitionTests {
    private let opening: [Restriction.Kind: EventIdentifier] = Dictionary(
        uniqueKeysWithValues: Restriction.Kind.allCases.map {
            ($0, EventIdentifier(counter: 1, sequence: UInt64($0.rawValue)))
        })
    private let next = EventIdentifier(counter: 1, sequence: 99)
    private let policy: LifecyclePolicy

    init() throws { policy = try LifecyclePolicy.load() }

    private func everyState() -> [CardState] {
        let bases = [SocialFunction.sealed, .enabled] + EndReason.allCases.map(SocialFunction.ended)
        var states: [CardState] = []
        for physical in PhysicalState.allCases {
            for social in bases {
                for choice in 0..<(1 << Restriction.Kind.allCases.count) {
                    let open = Restriction.Kind.allCases.enumerated().filter { choice >> $0.offset & 1 == 1 }
                    let restrictions = open.compactMap { kind in
                        opening[kind.element].map { Restriction(kind.element, openedBy: $0) }
                    }
                    states.append(CardState(physical: physical, social: social, restrictions: Set(restrictions)))
                }
            }
        }
        return states
    }

    private func everyCardAct() throws -> [Act] {
        let report = LossReport(channel: .counter, reporter: .holder)
        let successor = try Samples.card(2)
        let identifiers = Restriction.Kind.allCases.compactMap { opening[$0] }
        return [
            .personalized(try Samples.facts()), .spoiled(Spoilage(.writingFailed, number: nil, blankSerial: [1])),
            .handedOver, .enabled, .temporaryLoss(report), .formalLoss(report), .held(.office), .pinLocked,
            .released(Set(identifiers)), .cancelled(.death), .dispatched, .arrived, .missing, .recovered(.found),
            .destroyed,
            .givenBack, .chipEnded(.blocked), .dataChanged(["phone"]),
            .migrated(layout: "national-3.0", profile: "fmcos-ssse"), .seenBlocked, .unclaimed, .expired,
            .duplicate(of: successor), .feeAnswered(FeeAnswer(.refunded, issue: "00112233AABBCCDD", fen: 1600)),
        ] + PINService.allCases.map { .pinServed($0, ticket: "T-1") } + corrections()
            + identifiers.flatMap { [.ranOut($0, .release), .cancellationConfirmed($0)] }
            + identifiers.map { .released([$0]) }
            + ReplacementReason.allCases.map { .replaced(successor: successor, reason: $0) }
    }

    /// One of each kind, of the event that opened a restriction of the same name where there is one.
    private func corrections() -> [Act] {
        let openers: [ActKind: Restriction.Kind] = [
            .temporaryLoss: .temporaryLoss, .formalLoss: .loss, .held: .hold, .pinLocked: .pinLock,
        ]
        return ActKind.allCases.map { kind in
            let event = openers[kind].flatMap { opening[$0] } ?? EventIdentifier(counter: 1, sequence: 50)
            return .corrected(Correction(of: event, kind: kind, reason: .wrongCard))
        }
    }

    private func outcome(_ act: Act, on state: CardState, other: Bool = false) throws -> CardState? {
        let surroundings = CardSurroundings(card: try Samples.card(), personHasOtherCard: other)
        return try? state.applying(
            act, as: next, handledBy: try Samples.handling(of: act, on: state), among: surroundings,
            under: policy)
    }

    /// The specification's table once more, in words of its own: from which states an act may start.
    private func isAllowed(_ act: Act, on state: CardState) -> Bool {
        switch act {
        case .seenBlocked, .feeAnswered, .migrated: return true
        case .recovered: return [.withHolder, .missing, .inTransit].contains(state.physical)
        case .destroyed, .chipEnded:
            return state.social.isEnded
                && [.recovered, .spoiled, .awaitingCollection, .personalized].contains(state.physical)
        default: return !state.social.isEnded && isAllowedBeforeTheEnd(act, on: state)
        }
    }

    private func isAllowedBeforeTheEnd(_ act: Act, on state: CardState) -> Bool {
        let sealed = state.social == .sealed
        switch act {
        case .personalized: return sealed && state.physical == .personalizing
        case .spoiled: return sealed && [.personalizing, .personalized].contains(state.physical)
        case .handedOver:
            return sealed && [.personalized, .awaitingCollection].contains(state.physical)
                && state.restrictions.allSatisfy { [.pinLock, .temporaryLoss].contains($0.kind) }
        case .enabled: return sealed && state.physical == .withHolder
        case .temporaryLoss, .formalLoss, .held, .pinLocked, .cancelled: return true
        case .released(let identifiers):
            // The centre alone lifts a cancellation, a counter everything else: nobody both at once.
            let isCentres = identifiers.contains { $0 == opening[.cancellation] }
            return identifiers.isSubset(of: state.restrictions.map(\.openedBy)) && !(isCentres && identifiers.count > 1)
        case .replaced(_, let reason):
            // Also a card that was taken back while a factory made the new one.
            return [.withHolder, .recovered].contains(state.physical)
                && (reason != .lost || state.isRestricted(by: .loss))
                && state.restrictions.allSatisfy { [.pinLock, .temporaryLoss, .loss].contains($0.kind) }
        case .dispatched: return sealed && state.physical == .personalized
        case .arrived: return sealed && state.physical == .inTransit
        case .missing: return sealed && [.personalized, .inTransit, .awaitingCollection].contains(state.physical)
        case .givenBack:
            return state.physical == .recovered
                && state.restrictions.allSatisfy { [.pinLock, .temporaryLoss, .loss].contains($0.kind) }
        case .dataChanged: return state.physical == .withHolder && state.restrictions.allSatisfy { $0.kind == .pinLock }
        case .pinServed:
            return [.personalized, .awaitingCollection, .withHolder].contains(state.physical)
                && state.restrictions.allSatisfy { $0.kind == .pinLock }
        case .unclaimed: return sealed && [.personalized, .awaitingCollection].contains(state.physical)
        case .expired, .duplicate: return true
        // A hold's last day is judged where the hold can be looked up.
        case .ranOut(let loss, _):
            return [Restriction.Kind.temporaryLoss, .hold].contains {
                loss == opening[$0] && state.isRestricted(by: $0)
            }
        case .cancellationConfirmed(let cancellation):
            return cancellation == opening[.cancellation] && state.isRestricted(by: .cancellation)
        case .corrected(let correction): return isCorrectable(correction, on: state)
        default: return true
        }
    }

    private func isCorrectable(_ correction: Correction, on state: CardState) -> Bool {
        switch correction.kind {
        case .temporaryLoss, .formalLoss, .held, .pinLocked:
            return state.restrictions.contains { $0.openedBy == correction.event }
        case .handedOver: return state.physical == .withHolder && state.social == .sealed
        case .enabled: return state.social == .enabled
        case .dispatched: return state.physical == .inTransit
        case .arrived: return state.physical == .awaitingCollection
        case .recovered: return state.physical == .recovered
        case .givenBack: return state.physical == .withHolder
        default: return false
        }
    }

    @Test func everyActOnEveryStateIsAllowedExactlyWhereTheTableSaysSo() throws {
        var allowed = 0
        for state in everyState() {
            for act in try everyCardAct() {
                let after = try outcome(act, on: state)
                #expect((after != nil) == isAllowed(act, on: state), "\(act) on \(state)")
                if after != nil { allowed += 1 }
            }
        }
        #expect(allowed > 1_000)
    }

    @Test func endedNeverLeaves() throws {
        for state in everyState() where state.social.isEnded {
            for act in try everyCardAct() {
                let after = try outcome(act, on: state)
                for next in [after, state.following(act, as: next)].compactMap({ $0 }) {
                    #expect(next.social == state.social)
                    #expect(next.restrictions == state.restrictions)
                }
            }
        }
    }

    /// A report may have run out upstream without this counter knowing: the next one is always taken.
    @Test func tighteningIsAllowedOnEveryCardThatIsNotEndedAndNeverLoosens() throws {
        let report = LossReport(channel: .telephone, reporter: .holder)
        for state in everyState() where !state.social.isEnded {
            for act in [Act.temporaryLoss(report), .formalLoss(report), .held(.court), .pinLocked] {
                let after = try #require(try outcome(act, on: state))
                #expect(after.restrictions.isStrictSuperset(of: state.restrictions))
                #expect(!after.isUsable)
                #expect(after.social == state.social)
            }
        }
    }

    @Test func onlyAReleaseRemovesARestrictionAndOnlyTheNamedOnes() throws {
        for state in everyState() where !state.social.isEnded {
            for act in try everyCardAct() {
                guard let after = try outcome(act, on: state) else { continue }
                let removed = Set(state.restrictions.subtracting(after.restrictions).map(\.openedBy))
                switch act {
                case .released(let named): #expect(removed == named)
                case .ranOut(let loss, _): #expect(removed == [loss])
                case .corrected(let correction): #expect(removed.isSubset(of: [correction.event]))
                default: #expect(removed.isEmpty)
                }
            }
        }
    }

    @Test func onlyEnablingAndReleasingMakeACardUsable() throws {
        for state in everyState() where !state.isUsable {
            for act in try everyCardAct() {
                guard let after = try outcome(act, on: state), after.isUsable else { continue }
                switch act {
                case .enabled: #expect(state.restrictions.isEmpty)
                case .released, .ranOut, .corrected: #expect(state.social == .enabled)
                default: Issue.record("\(act) made a card usable")
                }
            }
        }
    }

    /// Whatever brings a card into a hand: only the undoing of an error puts one back that is stopped for good or by an office.
    @Test func noCardThatIsHeldOrCancelledComesIntoItsHoldersHand() throws {
        var handed = 0
        for state in everyState() where state.physical != .withHolder {
            for act in try everyCardAct() {
                guard let after = try outcome(act, on: state), after.physical == .withHolder else { continue }
                if case .corrected = act { continue }
                handed += 1
                #expect(!state.isRestricted(by: .hold) && !state.isRestricted(by: .cancellation), "\(act) on \(state)")
            }
        }
        #expect(handed > 0)
    }

    /// A new card bears none of the old one's restrictions: whoever could end a card that is stopped would undo the stop alone.
    @Test func noNewCardTakesThePlaceOfOneThatIsHeldOrToBeCancelled() throws {
        let successor = try Samples.card(2)
        for kind in [Restriction.Kind.hold, .cancellation] {
            let opener = try #require(opening[kind])
            let loss = Restriction(.loss, openedBy: try #require(opening[.loss]))
            let state = CardState(
                physical: .withHolder, social: .enabled, restrictions: [Restriction(kind, openedBy: opener), loss])
            for reason in ReplacementReason.allCases {
                let act = Act.replaced(successor: successor, reason: reason)
                let refusal = try #require(throws: LifecycleRefusal.self) {
                    try state.applying(
                        act, as: next, handledBy: try Samples.handling(of: act, on: state),
                        among: CardSurroundings(card: try Samples.card(), personHasOtherCard: false), under: policy)
                }
                #expect(refusal.reasons == [.restricted(kind)])
            }
        }
    }

    @Test func socialActsNeverChangeTheBanksSide() throws {
        for state in everyState() {
            for act in try everyCardAct() { #expect(state.following(act, as: next).bank == state.bank) }
        }
    }

    @Test func aSecondCardForAPersonIsRefused() throws {
        let act = Act.personalized(try Samples.facts())
        #expect(try outcome(act, on: .beginning, other: false) != nil)
        #expect(throws: LifecycleRefusal.self) {
            try CardState.beginning.applying(
                act, as: next, handledBy: try Samples.handling(of: act),
                among: CardSurroundings(card: try Samples.card(), personHasOtherCard: true),
                under: policy)
        }
    }

    @Test func aNumberOutsideTheCountersRangeIsRefused() throws {
        let policy = try LifecyclePolicy.parse(
            site: "version: x-1\ncard-numbers: {letter: E, first: 0, last: 99}", file: "site.yaml")
        let act = Act.personalized(try Samples.facts())
        let refusal = try #require(
            throws: LifecycleRefusal.self,
            performing: {
                try CardState.beginning.applying(
                    act, as: next, handledBy: try Samples.handling(of: act),
                    among: CardSurroundings(card: try Samples.card(), personHasOtherCard: false), under: policy)
            })
        #expect(refusal.reasons == [.numberOutOfRange(try CardNumber("D2143569X"))])
    }

    @Test func replacementEndsTheOldCardWithItsReason() throws {
        var state = CardState(physical: .withHolder, social: .enabled)
        let renewed = try #require(
            try outcome(.replaced(successor: try Samples.card(2), reason: .damaged), on: state))
        #expect(renewed.social == .ended(.renewed))
        #expect(renewed.physical == .recovered)
        state = state.following(.formalLoss(LossReport(channel: .counter, reporter: .holder)), as: next)
        let replaced = try #require(
            try outcome(.replaced(successor: try Samples.card(2), reason: .lost), on: state))
        #expect(replaced.social == .ended(.replaced))
        #expect(replaced.physical == .withHolder)
        #expect(try outcome(.replaced(successor: try Samples.card(1), reason: .lost), on: state) == nil)
    }
}
