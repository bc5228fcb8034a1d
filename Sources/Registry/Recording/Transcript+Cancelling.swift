import Lifecycle

/// Cancellations, which one office reports and another makes final.
extension Transcript {
    /// What stands against reporting a cancellation, or making it final, beside what the rules of the card say.
    func checkCancellation(_ act: Act, standing: RegisteredCard?, _ handling: Handling) throws {
        switch act {
        case .cancellationConfirmed(let cancellation): try checkConfirmer(of: cancellation, handling, act)
        case .cancelled: try checkNotCancelled(standing, act)
        default: break
        }
    }

    /// Whoever reported a cancellation, or signed beside who did, does not make it final, nor signs beside who does: it would end a card
    /// for good on the word of one office.
    ///
    /// A cancellation that came from another counter was signed by its people.
    private func checkConfirmer(of cancellation: EventIdentifier, _ handling: Handling, _ act: Act) throws {
        guard cancellation.counter == counter,
            let reported = try? LogReader.event(cancellation.sequence, in: database).event
        else { return }
        let signed: Set = [reported.officer, reported.secondPerson]
        let confirming = [handling.officer.number, handling.second?.number].compactMap(\.self)
        guard signed.isDisjoint(with: confirming) else { return try refuse(act, [.confirmsOwn(cancellation)]) }
    }

    /// A card that waits for its cancellation is not cancelled once more: two reasons would stand for one end.
    private func checkNotCancelled(_ standing: RegisteredCard?, _ act: Act) throws {
        guard let open = standing?.state.restrictions.first(where: { $0.kind == .cancellation }) else { return }
        try refuse(act, [.alreadyCancelled(open.openedBy)])
    }
}
