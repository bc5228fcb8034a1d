import CardApplication
import CardData
import CardLayout
import ISO7816
import Lifecycle
import Personalization

extension CardAtHand {
    /// Blocks the chip of a card that was begun, as far as its keys are on it by now; done already, it is not asked again.
    ///
    /// - Parameter area: where its keys would be derived for.
    /// - Returns: what stands against it; nil where it is blocked.
    /// - Throws: what the reader says, and keys that do not answer just now.
    func refusalOfBlocking(_ content: JournalContent, area: String) throws -> (any FaultReporting)? {
        let layout = entry.compiled.layout
        switch try CardClassification.of(conversation(pin: nil, versions: content.keyVersions), layout: layout) {
        case .blocked: return nil
        case .blank: return Faults("issuing.nothing-to-block")
        case .issued, .unknown, .foreign: break
        }
        // Keys of another area would cost it a try.
        guard content.notes["area"] == area else { return PersonalizationError.planHasChanged }
        let conversation = conversation(pin: nil, versions: content.keyVersions)
        do {
            try conversation.explaining(of: layout) { try conversation.blockCard(entry.compiled) }
        } catch let refusal as RefusedKey {
            return refusal
        } catch let error as CardError where error.leavesTheCardUnblocked {
            // The key for it is the last that is written: most cards that are torn have none yet.
            if case .refused(_, .keyIndexNotSupported) = error { return Faults("issuing.nothing-to-block") }
            if case .refused(_, .referencedDataNotFound) = error { return Faults("issuing.nothing-to-block") }
            return error
        }
        return try CardClassification.of(conversation, layout: layout) == .blocked
            ? nil : IssueFlowError.oldCardNotBlocked
    }
}
