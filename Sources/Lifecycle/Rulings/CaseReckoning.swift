/// Works the acts of a case off in the order of their positions.
struct CaseReckoning {
    private let acts: [PositionedAct]
    private var cards: [CardReference: CaseOutcome.Card] = [:]
    private var rulings: [UInt64: Ruling] = [:]
    /// Removals, also of restrictions that have not arrived yet.
    private var lifted: Set<EventIdentifier> = []
    /// Cards that lost the race to replace another, before they were made.
    private var duplicates: Set<CardReference> = []

    init(_ acts: [PositionedAct]) {
        self.acts = acts
        for act in acts { lifted.formUnion(act.act.lifts) }
    }

    mutating func outcome() -> CaseOutcome {
        for act in acts { rulings[act.position] = rule(act) }
        let lifted = self.lifted
        return CaseOutcome(
            cards: cards.mapValues { card in
                var card = card
                card.state.restrictions = card.state.restrictions.filter { !lifted.contains($0.openedBy) }
                return card
            },
            rulings: rulings)
    }

    private mutating func rule(_ act: PositionedAct) -> Ruling {
        switch act.act {
        case .personalized: make(act)
        case .temporaryLoss(let report), .formalLoss(let report): lose(act, report)
        case .replaced(let successor, let reason): replace(act, by: successor, reason)
        case .cancelled: cancel(act)
        case .cancellationConfirmed(let cancellation): confirm(act, cancellation)
        case .pinServed(.reset, _), .pinServed(.unblock, _):
            follow(act, unless: .pinResetDuringLoss) { $0.act.isLoss && act.crossed($0) && $0.card == act.card }
        default: follow(act)
        }
    }

    private func state(_ card: CardReference) -> CardState {
        cards[card]?.state ?? CardState(physical: .withHolder, social: .sealed)
    }

    private mutating func set(_ card: CardReference, _ state: CardState) {
        cards[card, default: CaseOutcome.Card(state: state, successor: nil)].state = state
    }

    /// The act as it would stand at its own counter; the reason of an end is the strongest of all.
    private mutating func follow(_ act: PositionedAct) -> Ruling {
        let before = state(act.card)
        var after = before.following(act.act, as: act.identifier)
        after.end(
            with: CardState(physical: .withHolder, social: .enabled).following(act.act, as: act.identifier).social)
        set(act.card, after)
        if before.social.isEnded { return act.act.movesPlastic ? .applied : .superseded }
        if case .released = act.act, !after.restrictions.filter({ !lifted.contains($0.openedBy) }).isEmpty {
            return .restricted
        }
        if case .enabled = act.act, !after.restrictions.isEmpty { return .restricted }
        return .applied
    }

    private mutating func follow(
        _ act: PositionedAct, unless task: RulingTask, _ isTrouble: (PositionedAct) -> Bool
    ) -> Ruling {
        let ruling = follow(act)
        return acts.contains(where: isTrouble) ? .needsPerson(task) : ruling
    }

    private mutating func make(_ act: PositionedAct) -> Ruling {
        var state = cards[act.card]?.state ?? .beginning
        state = state.following(act.act, as: act.identifier)
        if duplicates.contains(act.card) { state.end(with: .ended(.duplicate)) }
        set(act.card, state)
        return duplicates.contains(act.card) ? .superseded : .applied
    }

    /// A report stands on the card it names.
    ///
    /// One that names the person stops every card the person has; a card whose making it crossed is put on hold instead, for a
    /// person to decide.
    private mutating func lose(_ act: PositionedAct, _ report: LossReport) -> Ruling {
        let ruling = follow(act)
        guard report.subject == .person else { return ruling }
        var crossedMaking = false
        for replacement in acts where act.crossed(replacement) {
            guard replacement.card == act.card, case .replaced(let successor, _) = replacement.act else { continue }
            hold(successor, for: act)
            crossedMaking = true
        }
        let others = cards.keys.filter { $0 != act.card && !crossedSuccessors(of: act).contains($0) }
        for card in others where knownOrEarlier(card, act) {
            set(card, state(card).following(act.act, as: act.identifier))
        }
        return crossedMaking ? .needsPerson(.successorOnHold) : ruling
    }

    private func crossedSuccessors(of act: PositionedAct) -> Set<CardReference> {
        Set(
            acts.compactMap { other in
                guard other.card == act.card, case .replaced(let successor, _) = other.act, act.crossed(other) else {
                    return nil
                }
                return successor
            })
    }

    /// Whether the card existed at the report's position.
    private func knownOrEarlier(_ card: CardReference, _ act: PositionedAct) -> Bool {
        acts.contains { $0.card == card && $0.position < act.position }
    }

    private mutating func hold(_ card: CardReference, for act: PositionedAct) {
        var state = cards[card]?.state ?? .beginning
        if !state.social.isEnded { state.restrictions.insert(Restriction(.hold, openedBy: act.identifier)) }
        set(card, state)
    }

    /// The lowest position gives the successor; whoever came later has made a duplicate.
    private mutating func replace(
        _ act: PositionedAct, by successor: CardReference, _ reason: ReplacementReason
    ) -> Ruling {
        let first = cards[act.card]?.successor
        var old = state(act.card).following(act.act, as: act.identifier)
        old.end(with: .ended(reason.endReason))
        set(act.card, old)
        if let first, first != successor {
            duplicates.insert(successor)
            if cards[successor] != nil { cards[successor]?.state.end(with: .ended(.duplicate)) }
            return .needsPerson(.duplicateReplacement)
        }
        cards[act.card]?.successor = successor
        if let task = stopSuccessor(of: act, successor) { return .needsPerson(task) }
        return .applied
    }

    /// What crossed a replacement binds to the new card, whichever came first.
    private mutating func stopSuccessor(of act: PositionedAct, _ successor: CardReference) -> RulingTask? {
        var task: RulingTask?
        for other in acts where other.card == act.card && act.crossed(other) {
            switch other.act {
            case .temporaryLoss(let report) where report.subject == .person,
                .formalLoss(let report) where report.subject == .person:
                hold(successor, for: other)
                task = task ?? .successorOnHold
            case .cancelled:
                stop(successor, for: other)
                task = .successorCancelled
            default: continue
            }
        }
        return task
    }

    private mutating func stop(_ card: CardReference, for cancellation: PositionedAct) {
        var state = cards[card]?.state ?? .beginning
        if !state.social.isEnded {
            state.restrictions.insert(Restriction(.cancellation, openedBy: cancellation.identifier))
        }
        set(card, state)
    }

    /// A cancellation holds the card, and the successor whose making it crossed; it is final only when confirmed.
    private mutating func cancel(_ act: PositionedAct) -> Ruling {
        let ruling = follow(act)
        let successors = crossedSuccessors(of: act)
        for successor in successors { stop(successor, for: act) }
        return successors.isEmpty ? ruling : .needsPerson(.successorCancelled)
    }

    /// A confirmation ends every card that its cancellation holds; the reason `cancelled` is the strongest.
    private mutating func confirm(_ act: PositionedAct, _ cancellation: EventIdentifier) -> Ruling {
        // A cancellation that was lifted before holds nothing any more.
        guard let cancelled = acts.first(where: { $0.identifier == cancellation }), case .cancelled = cancelled.act,
            !isLifted(cancellation, before: act.position)
        else { return .superseded }
        for card in Set([cancelled.card]).union(crossedSuccessors(of: cancelled)) {
            var state = cards[card]?.state ?? .beginning
            state.end(with: .ended(.cancelled))
            set(card, state)
        }
        return .applied
    }

    private func isLifted(_ identifier: EventIdentifier, before position: UInt64) -> Bool {
        acts.contains { $0.position < position && $0.act.lifts.contains(identifier) }
    }
}

extension CardState {
    /// Ends with the strongest reason: what stands here, or the other.
    mutating func end(with other: SocialFunction) {
        guard let reason = other.endReason else { return }
        guard let standing = social.endReason else {
            social = other
            return
        }
        if reason.strength > standing.strength { social = other }
    }
}

extension EndReason {
    /// The fixed order in which reasons win; no two are alike.
    var strength: Int {
        switch self {
        case .cancelled: 8
        case .duplicate: 7
        case .spoiled: 6
        case .missingBeforeDelivery: 5
        case .replaced: 4
        case .renewed: 3
        case .unclaimed: 2
        case .expired: 1
        }
    }
}

extension Act {
    /// The restrictions that the act removes.
    var lifts: Set<EventIdentifier> {
        switch self {
        case .released(let identifiers): identifiers
        case .ranOut(let loss, let end): end == .keep ? [] : [loss]
        case .corrected(let correction): [correction.event]
        default: []
        }
    }

    /// Whether it reports a loss.
    var isLoss: Bool {
        switch self {
        case .temporaryLoss, .formalLoss: true
        default: false
        }
    }

    /// Whether it says where the plastic is, which goes on after the card has ended.
    var movesPlastic: Bool {
        switch self {
        case .recovered, .destroyed, .handedOver, .givenBack, .dispatched, .arrived: true
        default: false
        }
    }
}
