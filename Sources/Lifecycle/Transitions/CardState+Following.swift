extension CardState {
    /// The state after an act that stands in a log and was allowed when it was done; nothing is judged.
    ///
    /// An ended card stays ended and keeps its restrictions as they were; only its plastic moves on.
    public func following(_ act: Act, as identifier: EventIdentifier) -> CardState {
        var next = self
        next.move(act)
        guard !social.isEnded else { return next }
        next.restrict(act, identifier)
        next.changeFunction(act, identifier)
        return next
    }

    /// Part B: where the plastic is.
    private mutating func move(_ act: Act) {
        switch act {
        case .personalized: if physical == .personalizing { physical = .personalized }
        case .spoiled: if !social.isEnded { physical = .spoiled }
        case .dispatched: physical = .inTransit
        case .arrived: physical = .awaitingCollection
        case .handedOver, .givenBack: physical = .withHolder
        case .missing: physical = .missing
        case .recovered: physical = .recovered
        case .destroyed: physical = .destroyed
        case .replaced(_, let reason): if reason != .lost, !social.isEnded { physical = .recovered }
        case .corrected(let correction): if let before = correction.goesBackTo { physical = before }
        default: break
        }
    }

    /// Part C: what restricts it.
    private mutating func restrict(_ act: Act, _ identifier: EventIdentifier) {
        switch act {
        case .temporaryLoss: restrictions.insert(Restriction(.temporaryLoss, openedBy: identifier))
        case .formalLoss: restrictions.insert(Restriction(.loss, openedBy: identifier))
        case .held: restrictions.insert(Restriction(.hold, openedBy: identifier))
        case .pinLocked: restrictions.insert(Restriction(.pinLock, openedBy: identifier))
        case .cancelled: restrictions.insert(Restriction(.cancellation, openedBy: identifier))
        case .released(let identifiers): lift(identifiers)
        case .ranOut(let loss, let end): runOut(loss, end, identifier)
        case .corrected(let correction): lift([correction.event])
        default: break
        }
    }

    private mutating func lift(_ identifiers: Set<EventIdentifier>) {
        // As a rule it is the only one.
        let liftsAll = restrictions.allSatisfy { identifiers.contains($0.openedBy) }
        restrictions = liftsAll ? [] : restrictions.filter { !identifiers.contains($0.openedBy) }
    }

    private mutating func runOut(_ loss: EventIdentifier, _ end: TemporaryLossEnd, _ identifier: EventIdentifier) {
        switch end {
        case .keep: return
        case .release: break
        case .formalLoss: restrictions.insert(Restriction(.loss, openedBy: identifier))
        case .cancel: restrictions.insert(Restriction(.cancellation, openedBy: identifier))
        }
        lift([loss])
    }

    /// Part C: its base.
    private mutating func changeFunction(_ act: Act, _ identifier: EventIdentifier) {
        switch act {
        case .spoiled: social = .ended(.spoiled)
        case .enabled: social = .enabled
        case .replaced(_, let reason): social = .ended(reason.endReason)
        case .cancellationConfirmed(let cancellation):
            if restrictions.contains(where: { $0.openedBy == cancellation }) { social = .ended(.cancelled) }
        case .missing: social = .ended(.missingBeforeDelivery)
        case .unclaimed: social = .ended(.unclaimed)
        case .expired: social = .ended(.expired)
        case .duplicate: social = .ended(.duplicate)
        case .corrected(let correction): if correction.kind == .enabled { social = .sealed }
        default: break
        }
    }
}
