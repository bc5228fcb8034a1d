import Lifecycle

/// Corrections: an act that was entered in error is undone by another, which puts the card and its application back where they were.
extension Transcript {
    /// What was done with a card up to now, what this transaction has written down among it.
    func past(of card: RegisteredCard) throws -> CardPast {
        // What this transaction has written down is not in the log yet.
        let here = entries.filter { $0.event.card == card.reference }
        var acts = here.reversed().map { (event: $0.event.identifier, act: $0.act) }
        try LogReader.forEachEvent(
            of: card.reference, from: here.first?.event.seen ?? card.lastSequence, in: database
        ) {
            acts.append(($0.event.identifier, $0.body.act))
            return true
        }
        return CardPast(acts.reversed())
    }

    /// A correction with where the plastic goes back to, which the log tells and nobody has to say.
    ///
    /// - Throws: `eventUnknown` when the act that it names is not the card's, of another kind, or undone already.
    func completed(_ correction: Correction, of past: CardPast) throws -> Correction {
        guard past.kind(of: correction.event) == correction.kind else {
            throw RegistryError.eventUnknown(correction.event)
        }
        return Correction(
            of: correction.event, kind: correction.kind, reason: correction.reason,
            before: past.place(before: correction.event))
    }

    /// Sets the application of a card that was never handed over back to ready; one that was handed over before stays collected.
    func undoCollection(
        by correction: Correction, of card: CardReference, _ standing: RegisteredCard?, _ handling: Handling
    ) throws {
        guard [.handedOver, .givenBack].contains(correction.kind), let standing, let person = standing.facts?.person,
            let application = try ApplicationTable.find(person: person, in: database).first(where: {
                $0.card == card && $0.state == .collected
            }), try !past(of: standing).wasHandedOver(before: correction.event)
        else { return }
        try add(.application(application.identifier, .collectionUndone), on: nil, handledBy: handling)
    }
}
