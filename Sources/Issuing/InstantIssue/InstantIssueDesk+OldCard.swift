import ISO7816
import Lifecycle
import Registry

/// The end of a renewed card's chip: before its successor leaves over the desk, the old chip refuses every command, or the log says why not.
extension InstantIssueDesk {
    func blockOld(_ progress: inout IssueProgress, _ input: IssueInput, _ channel: (any CardChannel)?) throws {
        guard let replacement = progress.replacement, let old = try registry.card(number: replacement.number) else {
            throw IssueFlowError.notTheCard
        }
        let event = try OldCardDesk(
            registry: registry, preparation: tellerPreparation(input), visits: desk.visits,
            journalFolder: journalFolder, sealingKey: sealingKey
        ).end(
            old, unless: input.oldCardHindrance, handledBy: input.handling, expecting: input.seen, through: channel)
        if let event { progress.events.append(event) }
    }
}
