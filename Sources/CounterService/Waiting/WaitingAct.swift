import Lifecycle

/// An act that one officer has asked for, judged by all but the second person, and that waits for them.
///
/// It holds what its event will hold, and tells nothing of a person but what the event tells.
struct WaitingAct: Hashable, Sendable {
    /// What became of it.
    enum Outcome: Hashable, Sendable {
        /// Another person has confirmed it: where it led. Of an act that is done at the reader, nothing was done yet.
        case confirmed(by: Officer, path: String)
        /// Another person has sent it back, and says why.
        case sentBack(by: UInt64, reason: String)
        /// Whoever asked for it, or could have confirmed it, has read that it was sent back or has expired.
        case closed(by: UInt64)
        /// Whoever asked for it has taken it back before anybody ruled on it.
        case withdrawn(by: UInt64)

        /// Who ruled on the act by this; nil where it is no ruling.
        fileprivate var ruledBy: UInt64? {
            switch self {
            case .confirmed(let person, _): person.number
            case .sentBack(let person, _): person
            case .closed, .withdrawn: nil
            }
        }
    }

    /// Where it stands at a moment.
    enum State: String, CaseIterable {
        case waiting
        case expired
        case confirmed
        case sentBack = "sent-back"
        case closed
        case withdrawn
    }

    /// How long it waits, in milliseconds: a day, for what was shown and checked is not good for longer.
    static let patience: UInt64 = 86_400_000

    /// Names it: sixteen hexadecimal digits.
    let identifier: String
    /// What is to be done.
    let act: Act
    /// On which card; nil for an act that is about none.
    let card: CardReference?
    /// The card's newest event when it was judged.
    let seen: UInt64?
    /// Who asks for it, and in which role.
    let officer: Officer
    /// What was seen and checked.
    let proofs: Proofs
    /// Who came in the holder's place.
    var agent: Agent?
    /// The policy that it was judged by.
    let policyVersion: String
    /// The layout of the new card, where the act is the end of an old one and an issue is begun with it; nil for any other.
    let layout: String?
    /// Who has signed what it makes final, and therefore may not sign it too.
    let signers: Set<UInt64>
    /// When it was asked for, Unix milliseconds.
    let madeAt: UInt64
    /// What became of it; nil while it waits.
    var outcome: Outcome? {
        didSet { ruledBy = outcome?.ruledBy ?? ruledBy }
    }
    /// Who ruled on it, whichever way, also when that was read and put away since; nil where nobody has.
    private(set) var ruledBy: UInt64?

    /// - Parameter ruledBy: who ruled on it before that was read and put away.
    init(
        identifier: String, act: Act, card: CardReference?, seen: UInt64?, officer: Officer, proofs: Proofs,
        agent: Agent? = nil, policyVersion: String, layout: String?, signers: Set<UInt64> = [], madeAt: UInt64,
        outcome: Outcome? = nil, ruledBy: UInt64? = nil
    ) {
        self.identifier = identifier
        self.act = act
        self.card = card
        self.seen = seen
        self.officer = officer
        self.proofs = proofs
        self.agent = agent
        self.policyVersion = policyVersion
        self.layout = layout
        self.signers = signers
        self.madeAt = madeAt
        self.outcome = outcome
        self.ruledBy = outcome?.ruledBy ?? ruledBy
    }

    /// Where it stands at a moment by the wall's clock.
    func state(at now: UInt64) -> State {
        let isOver = now >= expiresAt
        return switch outcome {
        case nil: isOver ? .expired : .waiting
        case .confirmed: isDoneAtReader && isOver ? .expired : .confirmed
        case .sentBack: .sentBack
        case .closed: .closed
        case .withdrawn: .withdrawn
        }
    }

    /// When it can be confirmed no more.
    var expiresAt: UInt64 { madeAt + Self.patience }

    /// Whether the act is done on a chip after it was confirmed, by whoever asked for it.
    var isDoneAtReader: Bool { act.kind == .pinServed }

    /// Who may confirm it on a card in this state, by role.
    func confirmingRoles(on state: CardState?) -> Set<Role> {
        let rows = act.transitions(on: state ?? .beginning).map(TransitionTable.row)
        return rows.dropFirst().reduce(rows.first?.secondPersons ?? []) { $0.intersection($1.secondPersons) }
    }

    /// In which role somebody may confirm it; nil for whoever may not: who asked for it, who has signed what it makes final, and who has
    /// none of the roles.
    func role(of person: Operator, on state: CardState?, under policy: LifecyclePolicy) -> Role? {
        guard person.number != officer.number, !signers.contains(person.number) else { return nil }
        // A hand-over is signed by its taker.
        if case .stock(.handedOver(_, _, _, let taker)) = act, taker != person.number { return nil }
        let roles = confirmingRoles(on: state)
        return person.role(among: roles, under: policy).flatMap { roles.contains($0) ? $0 : nil }
    }
}
