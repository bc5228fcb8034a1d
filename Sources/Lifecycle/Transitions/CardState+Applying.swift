import CardData

extension CardState {
    /// The state after an act, if the table, the policy and the proofs allow it.
    ///
    /// - Parameters:
    ///   - act: an act about a card; others leave the state as it is.
    ///   - identifier: the event that will carry the act; it names the restriction that the act opens.
    ///   - handling: who does it, and what was shown.
    ///   - surroundings: the card and what stands beside it.
    /// - Throws: a ``LifecycleRefusal`` with every reason.
    public func applying(
        _ act: Act, as identifier: EventIdentifier, handledBy handling: Handling, among surroundings: CardSurroundings,
        under policy: LifecyclePolicy
    ) throws(LifecycleRefusal) -> CardState {
        try act.check(handling, under: policy, on: self)
        if let refusal = LifecycleRefusal(act.mainTransition, reasonsAgainst(act, surroundings, policy)) {
            throw refusal
        }
        return following(act, as: identifier)
    }

    private func reasonsAgainst(
        _ act: Act, _ surroundings: CardSurroundings, _ policy: LifecyclePolicy
    ) -> [LifecycleRefusal.Reason] {
        if let reason = social.endReason { return [.ended(reason)] }
        let row = TransitionTable.row(act.mainTransition)
        var reasons: [LifecycleRefusal.Reason] = []
        if !row.physical.contains(physical) { reasons.append(.physicalState(physical, allowed: row.physical)) }
        if !row.social.contains(social) { reasons.append(.alreadyEnabled) }
        if case .released = act {
        } else if let kind = row.restriction, !isRestricted(by: kind) {
            reasons.append(.restrictionMissing(kind))
        }
        switch act {
        case .personalized(let facts):
            if surroundings.personHasOtherCard { reasons.append(.personHasCard) }
            if !policy.cardNumbers.contains(facts.number) { reasons.append(.numberOutOfRange(facts.number)) }
        case .released(let identifiers): reasons += reasonsAgainstReleasing(identifiers, policy)
        // A card in hand after a report of its loss is a found card or a fraud: the report is dealt with first.
        case .pinServed:
            reasons += [.loss, .temporaryLoss, .hold].filter(isRestricted).map { .restricted($0) }
        case .replaced(let successor, _):
            if successor == surroundings.card { reasons.append(.successorIsTheSame) }
        default: break
        }
        return reasons
    }

    /// A release removes what it names and nothing else: whoever did not know of a restriction cannot lift it.
    private func reasonsAgainstReleasing(
        _ identifiers: Set<EventIdentifier>, _ policy: LifecyclePolicy
    ) -> [LifecycleRefusal.Reason] {
        guard !identifiers.isEmpty else { return [.nothingNamed] }
        var reasons: [LifecycleRefusal.Reason] = []
        for identifier in identifiers.sorted() {
            guard let restriction = restrictions.first(where: { $0.openedBy == identifier }) else {
                reasons.append(.restrictionNotOpen(identifier))
                continue
            }
            if restriction.kind == .loss && !policy.formalLossMayBeReleased { reasons.append(.formalLossIsFinal) }
        }
        return reasons
    }

    /// The state after an act that stands in a log and was allowed when it was done; nothing is judged.
    public func following(_ act: Act, as identifier: EventIdentifier) -> CardState {
        guard !social.isEnded else { return self }
        var next = self
        switch act {
        // A PIN lock is lifted by the release that goes with the service, which names it.
        case .personRegistered, .personLookedUp, .cardNumberReserved, .pinServed: break
        case .personalized: next.physical = .personalized
        case .spoiled:
            next.physical = .spoiled
            next.social = .ended(.spoiled)
        case .handedOver: next.physical = .withHolder
        case .enabled: next.social = .enabled
        case .temporaryLoss: next.restrictions.insert(Restriction(.temporaryLoss, openedBy: identifier))
        case .formalLoss: next.restrictions.insert(Restriction(.loss, openedBy: identifier))
        case .held: next.restrictions.insert(Restriction(.hold, openedBy: identifier))
        case .pinLocked: next.restrictions.insert(Restriction(.pinLock, openedBy: identifier))
        case .released(let identifiers):
            next.restrictions = restrictions.filter { !identifiers.contains($0.openedBy) }
        case .replaced(_, let reason):
            if reason != .lost { next.physical = .recovered }
            next.social = .ended(reason.endReason)
        case .cancelled: next.social = .ended(.cancelled)
        }
        return next
    }
}
