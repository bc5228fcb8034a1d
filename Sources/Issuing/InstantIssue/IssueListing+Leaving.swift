public import CardData
public import Lifecycle
import Personalization
public import Registry

/// A card never leaves with an unfinished record: not by another way than the steps of its own issue.
extension IssueListing {
    /// Why nothing is done with a card but by the steps of its issue: an open one has made it, or may have, its file being damaged.
    ///
    /// - Returns: nil when the card belongs to no issue, or to one that has ended.
    public func hindrance(of card: RegisteredCard) -> IssueFlowError? {
        // The issue may have stopped between the recording of its card and the note of it: then the chip tells.
        let chip = card.facts?.blankSerial ?? []
        let open = issues.first { issue in
            issue.card.map { $0 == card.reference } ?? (!chip.isEmpty && issue.chip?.bytes == chip)
        }
        if let open { return .cardOfOpenIssue(open.identifier) }
        let damaged = self.damaged.first { file in
            file.chip.map { !chip.isEmpty && $0.bytes == chip }
                ?? (file.person != nil && file.person == card.facts?.person)
        }
        return damaged.map { .damagedConcerns($0.identifier) }
    }

    /// Why the replacement of a card is not begun: an open issue replaces it already; nil when none does.
    public func hindrance(ofReplacing number: CardNumber) -> IssueFlowError? {
        issues.first { $0.replacement?.number == number }.map { .replacementOpen($0.identifier, number) }
    }

    /// Why an act is not done on a card outside of its issue; nil for every act by which the card does not leave.
    ///
    /// Once an issue has done its hand-over it does it not again: a card whose hand-over was undone as an error is handed over as any
    /// other, one that was found is given back to its holder, and the issue goes on.
    public func hindrance(of act: Act, on card: RegisteredCard) -> IssueFlowError? {
        guard act.letsTheCardLeave, let hindrance = hindrance(of: card) else { return nil }
        let isHandedOver = issues.contains { issue in
            issue.card == card.reference && issue.done.map { $0 >= .handOver } == true
        }
        return isHandedOver && act != .dispatched ? nil : hindrance
    }

    /// Checks that an act may be done on a card, as far as open issues are concerned.
    ///
    /// - Throws: ``IssueFlowError/cardOfOpenIssue(_:)`` or ``IssueFlowError/damagedConcerns(_:)`` for an act by which the card leaves.
    public func check(_ act: Act, on card: RegisteredCard) throws(IssueFlowError) {
        if let hindrance = hindrance(of: act, on: card) { throw hindrance }
    }

    /// Checks that a PIN may be served outside of an issue: the one that an open issue has drawn is that issue's own to change.
    ///
    /// - Throws: ``IssueFlowError/cardOfOpenIssue(_:)`` or ``IssueFlowError/damagedConcerns(_:)``.
    public func check(pinOf card: RegisteredCard) throws(IssueFlowError) {
        if let hindrance = hindrance(of: card) { throw hindrance }
    }
}

extension Act {
    /// Whether the card leaves the counter by it; one that was found on its way, and that its holder never had, also by being given back.
    public var letsTheCardLeave: Bool { self == .handedOver || self == .dispatched || self == .givenBack }
}
