import CardData
import Lifecycle
import Registry

/// What the rules say of an act on a card before anybody has filled in its screen.
struct RuleAnswer {
    /// Why it cannot be done on this card now; empty when it can.
    let faults: [Fault]
    /// The rows that judge it.
    let rows: [TransitionRow]
    /// Whether the policy wants a second person.
    let wantsSecond: Bool
    /// Whether one of the operator's roles may do it.
    let isMine: Bool

    /// Asks the rules, all proofs given and the right people there: only the card's own state can stand against it then.
    init(_ act: Act, on card: RegisteredCard, by person: Operator, under policy: LifecyclePolicy) {
        let transitions = act.transitions(on: card.state)
        rows = transitions.map(TransitionTable.row)
        wantsSecond = transitions.contains(where: policy.wantsTwo)
        let allowed = rows.dropFirst().reduce(rows.first?.officers ?? []) { $0.intersection($1.officers) }
        isMine = person.role(among: allowed, under: policy).map(allowed.contains) ?? false
        let seconds = rows.dropFirst().reduce(rows.first?.secondPersons ?? []) { $0.intersection($1.secondPersons) }
        let officer = Officer(number: person.number, role: allowed.min { $0.rawValue < $1.rawValue } ?? .teller)
        let second = seconds.min { $0.rawValue < $1.rawValue }.map { Officer(number: UInt64.max, role: $0) }
        do {
            _ = try card.state.applying(
                act, as: EventIdentifier(counter: .max, sequence: .max),
                handledBy: Handling(by: officer, second: second, proofs: Proofs(Proofs.named.map(\.proof))),
                among: CardSurroundings(card: card.reference, personHasOtherCard: false), under: policy)
            faults = []
        } catch {
            faults = error.faults
        }
    }

    /// Whether the screen may be opened.
    var isPossible: Bool { faults.isEmpty && isMine }
}
