import CardData
import Lifecycle
import Personalization
import Registry

/// How an issue ends that is not finished: by what became of its card.
extension InstantIssueDesk {
    /// The card that was made for an issue, also where the note of it was lost; nil when there is none in the registry.
    func madeCard(of progress: IssueProgress) throws -> RegisteredCard? {
        if let card = progress.card { return try registry.card(card) }
        guard let chip = progress.chip, let made = try registry.making(onChip: chip.bytes),
            made.facts.person == progress.person
        else { return nil }
        return try registry.card(made.reference)
    }

    /// Books what was begun or made for an issue as spoiled; false when there is no such card.
    func spoilCard(of progress: IssueProgress, _ handling: Handling) throws -> Bool {
        guard let chip = progress.chip else { return false }
        let personalizer = Handling(
            by: Officer(number: handling.officer.number, role: .personalizer), second: handling.second,
            proofs: handling.proofs)
        if let (_, content, _) = try Journal.resume(in: journalFolder, card: chip, key: sealingKey) {
            // Somebody else's card that was begun on this chip since is not this issue's to spoil.
            let begun = try SocialSecurityNumber(content.values["citizenNumber"] ?? "")
            guard try registry.reference(of: begun) == progress.person else { return false }
            try desk.spoil(chip, handledBy: personalizer)
            return true
        }
        guard let made = try registry.making(onChip: chip.bytes), made.facts.person == progress.person else {
            // A card that was torn beyond repair was booked when that was found out.
            return try registry.reference(onChip: chip.bytes).flatMap { try registry.card($0) }?.state.physical
                == .spoiled
        }
        if made.state.physical == .withHolder { throw IssueFlowError.cardIsOut }
        if made.state.physical != .spoiled {
            let spoilage = Spoilage(.abandoned, number: made.facts.number, blankSerial: chip.bytes)
            try registry.record(.spoiled(spoilage), on: made.reference, handledBy: personalizer)
        }
        return true
    }
}

extension CardState {
    /// How an issue ends whose card is in this state; nil while the card is the issue's own to finish or to spoil.
    var endOfIssue: IssueProgress.End? {
        if let reason = social.endReason { return reason == .spoiled ? nil : .cardEnded }
        return switch physical {
        case .recovered, .missing, .destroyed: .cardEnded
        case .withHolder, .awaitingCollection, .inTransit: social == .sealed ? .leftSealed : nil
        case .personalizing, .personalized, .spoiled: nil
        }
    }

    /// Whether no issue makes this card any more: it has left the window, or its record has ended.
    var isPastIssuing: Bool { social.isEnded || ![.personalizing, .personalized].contains(physical) }
}
