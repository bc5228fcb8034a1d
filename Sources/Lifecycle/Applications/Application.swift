/// 申领: one application as its acts have left it, named by the event that brought it in.
public struct Application: Hashable, Sendable {
    /// The event that brought it in.
    public let identifier: EventIdentifier
    /// What was fixed then.
    public let facts: ApplicationFacts
    /// Who entered it, and therefore may not approve it.
    public let enteredBy: UInt64
    /// Where it stands.
    public private(set) var state: ApplicationState
    /// The card made for it.
    public private(set) var card: CardReference?

    /// An application from its parts, for stores that keep them.
    public init(
        identifier: EventIdentifier, facts: ApplicationFacts, enteredBy: UInt64,
        state: ApplicationState = .submitted, card: CardReference? = nil
    ) {
        self.identifier = identifier
        self.facts = facts
        self.enteredBy = enteredBy
        self.state = state
        self.card = card
    }

    /// The application after a step, if the table, the policy and the proofs allow it.
    ///
    /// - Parameter preparers: the others who added to it.
    /// - Throws: a ``LifecycleRefusal`` with every reason.
    public func applying(
        _ step: ApplicationStep, handledBy handling: Handling, preparedBy preparers: Set<UInt64> = [],
        under policy: LifecyclePolicy
    ) throws(LifecycleRefusal) -> Application {
        let act = Act.application(identifier, step)
        try act.check(handling, under: policy)
        var reasons: [LifecycleRefusal.Reason] = []
        if !step.from.contains(state) { reasons.append(.applicationState(state, allowed: step.from)) }
        // Nobody approves what they entered or added to themselves, nor signs beside who does.
        let signers = [handling.officer.number] + (handling.second.map { [$0.number] } ?? [])
        if step.isRuling, !preparers.union([enteredBy]).isDisjoint(with: signers) { reasons.append(.approvesOwn) }
        if let refusal = LifecycleRefusal(step.transition, reasons) { throw refusal }
        return following(step)
    }

    /// The application after a step that stands in a log; nothing is judged.
    public func following(_ step: ApplicationStep) -> Application {
        guard !state.isFinal || step.from == [state] else { return self }
        var next = self
        next.state = step.to
        if case .ready(let card) = step { next.card = card }
        if case .productionFailed = step { next.card = nil }
        return next
    }
}
