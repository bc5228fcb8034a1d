import CardData
import Lifecycle
import Registry

/// What the rules say of an act that has a screen.
struct CardActAnswer {
    let form: CardActForm
    /// The act as it could be done.
    let sample: Act
    private let rule: RuleAnswer

    /// Asks the rules; nil when the card offers nothing that the act could name.
    init?(
        _ form: CardActForm, on card: RegisteredCard, _ events: [LoggedEvent], by person: Operator,
        under policy: LifecyclePolicy
    ) {
        guard let sample = form.sample(on: card, events) else { return nil }
        self.form = form
        self.sample = sample
        rule = RuleAnswer(sample, on: card, by: person, under: policy)
    }

    /// Why it cannot be done on this card now; empty when it can.
    var faults: [Fault] { rule.faults }

    /// The rows that judge it.
    var rows: [TransitionRow] { rule.rows }

    /// Whether the policy wants a second person.
    var wantsSecond: Bool { rule.wantsSecond }

    /// Whether the screen may be opened.
    var isPossible: Bool { rule.isPossible }
}
