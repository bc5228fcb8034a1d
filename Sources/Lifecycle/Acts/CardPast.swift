/// What has been done with a card, the oldest first: what a correction is judged by.
public struct CardPast: Sendable {
    private let acts: [(event: EventIdentifier, act: Act)]
    /// What has been corrected already.
    private let undone: Set<EventIdentifier>

    /// A card's acts, the oldest first.
    public init(_ acts: [(event: EventIdentifier, act: Act)]) {
        self.acts = acts
        undone = Set(
            acts.compactMap { entry in
                if case .corrected(let correction) = entry.act { correction.event } else { nil }
            })
    }

    /// The kind of an act; nil for one that is not this card's, or undone already.
    public func kind(of event: EventIdentifier) -> ActKind? {
        undone.contains(event) ? nil : acts.last { $0.event == event }?.act.kind
    }

    /// Whether nothing that stands has moved the card on since: the undoing of an older move would put it where it has long left.
    ///
    /// What opens a restriction stands for itself.
    public func isNewest(_ event: EventIdentifier) -> Bool {
        guard let kind = kind(of: event), kind.movesPlastic || kind == .enabled else { return true }
        let later = acts.last { entry in
            let other = entry.act.kind
            return !undone.contains(entry.event) && (kind.movesPlastic ? other.movesPlastic : other == kind)
        }
        return later?.event == event
    }

    /// Where the plastic was before an act.
    public func place(before event: EventIdentifier) -> PhysicalState {
        acts.prefix { $0.event != event }.reduce(CardState.beginning) { $0.following($1.act, as: $1.event) }.physical
    }

    /// Whether the card was in its holder's hand before an act, by one that stands.
    public func wasHandedOver(before event: EventIdentifier) -> Bool {
        acts.prefix { $0.event != event }.contains {
            [.handedOver, .givenBack].contains($0.act) && !undone.contains($0.event)
        }
    }
}

extension ActKind {
    /// Whether such an act puts the plastic somewhere.
    fileprivate var movesPlastic: Bool {
        switch self {
        case .personalized, .spoiled, .dispatched, .arrived, .handedOver, .givenBack, .missing, .recovered, .destroyed,
            .replaced:
            true
        default: false
        }
    }
}
