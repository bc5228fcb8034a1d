import CardData
import ISO7816
import Lifecycle
import Registry

/// The end of a renewed card's chip: before its successor leaves over the desk, the old chip refuses every command, or the log says why not.
extension InstantIssueDesk {
    func blockOld(_ progress: inout IssueProgress, _ input: IssueInput, _ channel: (any CardChannel)?) throws {
        guard let replacement = progress.replacement, let old = try registry.card(number: replacement.number) else {
            throw IssueFlowError.notTheCard
        }
        // Recorded before the note of it could be written.
        let earlier = try registry.events(of: old.reference).last { $0.body.act.kind == .chipEnded }
        if let earlier {
            progress.events.append(earlier.event.identifier)
            return
        }
        // Cut by two persons meanwhile: nothing is left that could be blocked.
        if old.state.physical == .destroyed { return }
        let outcome = input.oldCardHindrance ?? .blocked
        var proofs = input.handling.proofs
        if outcome == .blocked { proofs.formUnion(.cardRead) }
        let handling = Handling(by: input.handling.officer, second: input.handling.second, proofs: proofs)
        // What the log would refuse is refused before the card is blocked, which nobody can undo.
        try registry.check([ActEntry(.chipEnded(outcome), on: old.reference, handledBy: handling)])
        if outcome == .blocked {
            guard let channel else { throw IssueFlowError.cardMissing }
            try OldCardDesk(
                registry: registry, preparation: tellerPreparation(input), visits: desk.visits,
                journalFolder: journalFolder, sealingKey: sealingKey
            ).block(old, through: channel)
        }
        progress.events.append(
            try registry.record(.chipEnded(outcome), on: old.reference, handledBy: handling).identifier)
    }
}
