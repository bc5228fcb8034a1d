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
        let row = TransitionTable.row(act.mainTransition)
        if let reason = social.endReason, row.ended == .refused { return [.ended(reason)] }
        var reasons = reasonsAgainstStarting(row)
        switch act {
        case .released: break
        case .ranOut(let hold, _) where isOpen(hold, .hold): break
        default:
            reasons += reasonsAgainstRestrictions(row)
        }
        switch act {
        case .personalized(let facts):
            if surroundings.personHasOtherCard { reasons.append(.personHasCard) }
            if !policy.cardNumbers.contains(facts.number) { reasons.append(.numberOutOfRange(facts.number)) }
        case .released(let identifiers): reasons += reasonsAgainstReleasing(identifiers, policy)
        case .pinServed, .dataChanged: reasons += reasonsAgainstWriting
        // Nobody is given a card that an office or a court stops, or whose holder is reported dead or gone; a lost card that was found is
        // given back to whoever reported it, and the report is released with the card in hand.
        case .handedOver: reasons += [.loss, .hold, .cancellation].filter(isRestricted).map { .restricted($0) }
        case .givenBack: reasons += [.hold, .cancellation].filter(isRestricted).map { .restricted($0) }
        case .ranOut(let loss, let end):
            // A hold that has a last day is released by it; whether the day is over is judged where the hold can be looked up.
            let wanted = isOpen(loss, .hold) ? TemporaryLossEnd.release : policy.temporaryLossEnd
            if !isOpen(loss, .temporaryLoss), !isOpen(loss, .hold) { reasons.append(.restrictionNotOpen(loss)) }
            if end != wanted { reasons.append(.policySaysOtherwise(wanted)) }
        case .cancellationConfirmed(let cancellation):
            if !isOpen(cancellation, .cancellation) { reasons.append(.restrictionNotOpen(cancellation)) }
        case .corrected(let correction):
            if !correction.kind.isCorrectable {
                reasons.append(.notCorrectable(correction.kind))
            } else if !follows(correction) {
                reasons.append(.nothingToCorrect(correction.event))
            }
        case .replaced(let successor, _):
            if successor == surroundings.card { reasons.append(.successorIsTheSame) }
            reasons += stopsAgainstReplacing
        case .duplicate(let first): if first == surroundings.card { reasons.append(.duplicateOfItself) }
        default: break
        }
        return reasons
    }

    /// What stands against starting a transition from where the card is.
    private func reasonsAgainstStarting(_ row: TransitionRow) -> [LifecycleRefusal.Reason] {
        var reasons: [LifecycleRefusal.Reason] = []
        if !row.physical.contains(physical) { reasons.append(.physicalState(physical, allowed: row.physical)) }
        if !social.isEnded {
            if row.ended == .only {
                reasons.append(.notEnded)
            } else if !row.social.contains(social) {
                reasons.append(.alreadyEnabled)
            }
        }
        return reasons
    }

    private func reasonsAgainstRestrictions(_ row: TransitionRow) -> [LifecycleRefusal.Reason] {
        guard let kind = row.restriction, !isRestricted(by: kind) else { return [] }
        return [.restrictionMissing(kind)]
    }

    /// What stands against the end of this card by one that is ordered to take its place, before there is such a card.
    ///
    /// - Parameter isApproved: whether the second person, who approves the order, has signed.
    public func reasonsAgainstReplacing(
        for reason: ReplacementReason, handledBy handling: Handling, isApproved: Bool, under policy: LifecyclePolicy
    ) -> [LifecycleRefusal.Reason] {
        let row = TransitionTable.row(reason == .lost ? .replaceLost : .renew)
        if let reason = social.endReason { return [.ended(reason)] }
        return row.reasonsAgainst(
            handling, secondPersonWanted: isApproved && policy.twoPersonActs.contains(row.transition),
            needs: row.needs(under: policy)) + reasonsAgainstStarting(row) + reasonsAgainstRestrictions(row)
            + stopsAgainstReplacing
    }

    /// A new card bears no restriction of the old one: what an office or a court stops, or what waits for its cancellation, is never freed
    /// by ending the card that it stands on.
    private var stopsAgainstReplacing: [LifecycleRefusal.Reason] {
        [.hold, .cancellation].filter(isRestricted).map { .restricted($0) }
    }

    private func isOpen(_ identifier: EventIdentifier, _ kind: Restriction.Kind) -> Bool {
        restrictions.contains(Restriction(kind, openedBy: identifier))
    }

    /// Whether the card is still where the act that is to be undone has put it.
    public func follows(_ correction: Correction) -> Bool {
        switch correction.kind {
        case .handedOver: physical == .withHolder && social == .sealed
        case .enabled: social == .enabled
        case .dispatched: physical == .inTransit
        case .arrived: physical == .awaitingCollection
        case .recovered: physical == .recovered
        case .givenBack: physical == .withHolder
        default: restrictions.contains { $0.openedBy == correction.event }
        }
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
}
