import CardApplication
import CardCryptography
import CardData
import ISO7816
import Lifecycle
import Personalization

/// The holder's own PIN takes the place of the one that the card was made with.
extension InstantIssueDesk {
    func setPIN(_ progress: inout IssueProgress, _ input: IssueInput, _ channel: any CardChannel) throws {
        guard let pin = input.pin else { throw IssueFlowError.pinMissing }
        try checkChip(progress, channel)
        let wasBeingSet = progress.pinIsBeingSet
        // Never tried blindly, nor taken for done: what was broken off may have reached one application and not the next.
        guard !wasBeingSet || input.pinReset != nil else { throw IssueFlowError.pinUnknown }
        if let second = input.handling.second { try input.pinReset?.approval?.check(second: second.number) }
        let act: HolderPIN.Act =
            if input.pinReset != nil { .reset(to: pin) } else { .change(from: try open(progress), to: pin) }
        do {
            try serve(act, input, channel) {
                progress.pinIsBeingSet = true
                try self.file.write(progress)
            }
        } catch {
            // Where card and log are as they were, it can be asked for again; but a card that refuses the drawn PIN has another one, and each
            // further try with it would cost the holder one: a reset is due.
            if let error = error as? PINDeskError, error.isUnchanged, !error.isOfWrongPIN {
                progress.pinIsBeingSet = wasBeingSet
                try file.write(progress)
            }
            throw error
        }
        progress.sealedPIN = []
        progress.pinIsBeingSet = false
    }

    /// - Parameter beforeChange: called when nothing stands against the service and the card is about to be changed.
    private func serve(
        _ act: HolderPIN.Act, _ input: IssueInput, _ channel: any CardChannel, beforeChange: () throws -> Void
    ) throws {
        let handling = Handling(
            by: input.handling.officer, second: input.handling.second, proofs: input.handling.proofs.union(.cardRead))
        let request = try PINRequest(
            act, ticket: input.pinReset?.ticket ?? "", handling: handling, expecting: input.seen)
        let preparation = try tellerPreparation(input)
        let pinDesk = PINDesk(
            registry: registry, preparation: preparation, visits: desk.visits,
            cards: try preparation.library.compiledCards(), journalFolder: journalFolder)
        _ = try pinDesk.serve(request, through: channel, onReady: { _, _ in try beforeChange() })
    }

    /// The drawn PIN as the issue's file keeps it.
    func seal(_ pin: PersonalIdentificationNumber, for progress: IssueProgress) throws -> [UInt8] {
        let digits = pin.withDigits { digits in
            SecretBytes.filling(count: digits.count) { span in
                for index in span.indices { span[index] = digits[index] }
            }
        }
        return try sealingKey.seal(digits, for: "issue \(progress.identifier)")
    }

    private func open(_ progress: IssueProgress) throws -> PersonalIdentificationNumber {
        let digits = try sealingKey.unseal(progress.sealedPIN, for: "issue \(progress.identifier)")
        return try digits.withSpan { try PersonalIdentificationNumber(digits: $0) }
    }
}
