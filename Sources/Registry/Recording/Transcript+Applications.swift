import Lifecycle

/// What an act brings with it, in the same transaction: the steps of the application that a card was made for, the end of cards that were
/// destroyed.
extension Transcript {
    /// Writes down the steps of an application that an act on a card brings with it.
    func followUp(
        _ act: Act, on card: CardReference, standing: RegisteredCard?, handledBy handling: Handling
    ) throws {
        switch act {
        case .personalized(let facts):
            guard let application = try waiting(for: facts, as: card) else { return }
            if application.state == .approved {
                try add(.application(application.identifier, .productionBegun), on: nil, handledBy: handling)
            }
            try add(.application(application.identifier, .ready(card)), on: nil, handledBy: handling)
        // A card that was found on its way to its holder comes into their hand for the first time when it is given back.
        case .handedOver, .givenBack: try step(.collected(), of: card, standing, handling)
        case .corrected(let correction): try undoCollection(by: correction, of: card, standing, handling)
        case .unclaimed: try step(.lapsed(), of: card, standing, handling)
        case .spoiled, .missing: try step(.productionFailed(), of: card, standing, handling)
        default: return
        }
    }

    /// Writes down what an act on stock brings with it: cards on chips that were destroyed end as destroyed, each by an event of its own.
    func followUp(_ act: Act, handledBy handling: Handling) throws {
        guard case .stock(.destroyed(_, let serials)) = act else { return }
        for serial in serials.serials {
            guard let card = try CardTable.newest(onChip: serial, in: database), card.state.physical != .destroyed
            else { continue }
            try add(.destroyed, on: card.reference, handledBy: handling)
        }
    }

    /// The application that a card which is made now answers: of the kind that its making is, else the one that has waited longest; nil
    /// when there is none, or when a step has named the card already.
    ///
    /// A card that was made here answers what was applied for here; a factory's, which has no plan of this counter's, what was ordered there.
    private func waiting(for facts: CardFacts, as card: CardReference) throws -> Application? {
        let applications = try ApplicationTable.find(person: facts.person, in: database)
        let way: ApplicationFacts.Way = facts.planHash.isEmpty ? .factory : .instant
        guard !applications.isEmpty, !applications.contains(where: { $0.card == card }) else { return nil }
        let open = applications.filter { $0.facts.way == way && [.approved, .inProduction].contains($0.state) }
        let kind = kind(of: card)
        return open.filter { $0.facts.kind == kind }.min { $0.identifier < $1.identifier }
            ?? open.min { $0.identifier < $1.identifier }
    }

    /// What a card that is made now is made for: its predecessor ends in the same transaction.
    private func kind(of card: CardReference) -> ApplicationFacts.Kind {
        for entry in entries.reversed() {
            if case .replaced(card, let reason) = entry.act { return reason == .lost ? .replacement : .renewal }
        }
        return .first
    }

    /// A step of the application whose card is ready.
    private func step(
        _ step: ApplicationStep, of card: CardReference, _ standing: RegisteredCard?, _ handling: Handling
    ) throws {
        guard let person = standing?.facts?.person,
            let application = try ApplicationTable.find(person: person, in: database).first(where: {
                $0.card == card && $0.state == .ready
            })
        else { return }
        try add(.application(application.identifier, step), on: nil, handledBy: handling)
    }
}
