import CardData
import ISO7816
public import Lifecycle
public import Registry

/// The acts by which the card leaves: the chip is read at each, so that the log says of no card that it was read when it was not.
extension InstantIssueDesk {
    /// As ``IssueProgress/needsCard(for:unless:in:)``, of an issue by its name.
    ///
    /// - Throws: ``IssueFlowError`` when there is no such issue, ``RegistryError``.
    public func needsCard(
        for step: IssueStep, of identifier: String, unless hindrance: ChipEnd? = nil
    ) throws -> Bool {
        try file.read(identifier).needsCard(for: step, unless: hindrance, in: registry)
    }

    /// Records an act on the issue's card, which is the one in the reader and proves itself; once.
    func act(
        _ act: Act, of step: IssueStep, _ progress: inout IssueProgress, _ input: IssueInput,
        _ channel: (any CardChannel)?
    ) throws {
        guard let reference = progress.card, let card = try registry.card(reference) else {
            throw IssueFlowError.notTheCard
        }
        if step.isRecorded(in: card.state) {
            // Recorded before the note of it could be written.
            let event = try registry.events(of: reference).last { $0.body.act == act }
            if let event { progress.events.append(event.event.identifier) }
            return
        }
        let seen: Proofs = step == .enable ? [.cardRead, .pinChanged] : .cardRead
        let handling = Handling(
            by: input.handling.officer, second: input.handling.second, proofs: input.handling.proofs.union(seen),
            agent: input.handling.agent)
        // What the log would refuse is refused before anybody is asked for the card.
        let entry = ActEntry(act, on: reference, handledBy: handling, expecting: input.seen)
        try registry.check([entry])
        let teller = try tellerPreparation(input)
        try ChipDesk(
            registry: registry, library: teller.library, today: teller.today, keys: teller.keys,
            journalFolder: journalFolder, sealingKey: sealingKey
        ).check(try self.card(channel), is: card)
        progress.events += try registry.record([entry]).prefix(1).map(\.identifier)
    }
}

extension IssueProgress {
    /// Whether a card has to lie in a reader for a step: not for an act that the log has already, and whose note alone is missing.
    ///
    /// - Throws: ``RegistryError``.
    public func needsCard(
        for step: IssueStep, unless hindrance: ChipEnd? = nil, in registry: Registry
    ) throws(RegistryError) -> Bool {
        guard step.needsCard(unless: hindrance) else { return false }
        guard let card, let made = try registry.card(card) else { return true }
        return !step.isRecorded(in: made.state)
    }
}

extension IssueStep {
    /// Whether the step's act is one that a card in this state has had.
    fileprivate func isRecorded(in state: CardState) -> Bool {
        switch self {
        case .handOver: state.physical == .withHolder
        case .enable: state.social == .enabled
        default: false
        }
    }
}
