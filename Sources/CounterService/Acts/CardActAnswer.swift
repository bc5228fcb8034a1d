import CardData
import Issuing
import Lifecycle
import Registry

/// What the rules say of an act that has a screen.
struct CardActAnswer {
    let form: CardActForm
    /// The act as it could be done.
    let sample: Act
    private let rule: RuleAnswer
    private let hindrance: IssueFlowError?
    private let known: Fault?

    /// Asks the rules; nil when the card offers nothing that the act could name.
    ///
    /// - Parameter open: the issues that are open, one of which may have made the card.
    init?(
        _ form: CardActForm, on card: RegisteredCard, _ events: [LoggedEvent], by person: Operator,
        under policy: LifecyclePolicy, besides open: IssueListing
    ) {
        guard let sample = form.sample(on: card, events) else { return nil }
        self.form = form
        self.sample = sample
        known = LossForm.known(form, on: card, events) ?? Self.blocked(form, events)
        hindrance = open.hindrance(of: sample, on: card)
        rule = RuleAnswer(sample, on: card, by: person, under: policy)
    }

    /// A chip that was blocked is not blocked again; nil for one that was not.
    private static func blocked(_ form: CardActForm, _ events: [LoggedEvent]) -> Fault? {
        guard form == .endChip, let found = events.last(where: { $0.body.act == .chipEnded(.blocked) }) else {
            return nil
        }
        return Fault("counter.chip-blocked-already", ["event": found.event.identifier.description])
    }

    /// Why it cannot be done on this card now; empty when it can.
    var faults: [Fault] {
        if !rule.faults.isEmpty { return rule.faults }
        return known.map { [$0] } ?? hindrance?.faults ?? []
    }

    /// The open issue whose steps lead further; nil where none stands against the act.
    var openIssue: String? {
        if case .cardOfOpenIssue(let issue) = hindrance { issue } else { nil }
    }

    /// The rows that judge it.
    var rows: [TransitionRow] { rule.rows }

    /// Whether the policy wants a second person.
    var wantsSecond: Bool { rule.wantsSecond }

    /// Whether the screen may be opened.
    var isPossible: Bool { rule.isPossible && hindrance == nil && known == nil }
}
