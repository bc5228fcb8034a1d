import CardData
public import ISO7816
public import Lifecycle
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
    ///
    /// A finished card could be used: its chip is blocked, or the log says why it is not. One that was begun is blocked as far as its keys are on
    /// it, where it lies in the reader.
    func spoilCard(
        of progress: IssueProgress, _ handling: Handling, _ chip: GivenUpChip?, inserted: (any CardChannel)?
    ) throws -> Bool {
        guard let blank = progress.chip else { return false }
        let personalizer = Handling(
            by: Officer(number: handling.officer.number, role: .personalizer), second: handling.second,
            proofs: handling.proofs)
        if let (_, content, _) = try Journal.resume(in: journalFolder, card: blank, key: sealingKey) {
            // Somebody else's card that was begun on this chip since is not this issue's to spoil.
            let begun = try SocialSecurityNumber(content.values["citizenNumber"] ?? "")
            guard try registry.reference(of: begun) == progress.person else { return false }
            if let channel = try begunCard(of: progress, chip, inserted: inserted) {
                try desk.spoil(through: channel, layoutName: progress.layoutName, handledBy: personalizer)
            } else {
                try desk.spoil(blank, handledBy: personalizer)
            }
            return true
        }
        guard let made = try registry.making(onChip: blank.bytes), made.facts.person == progress.person else {
            // A card that was torn beyond repair was booked when that was found out.
            return try registry.reference(onChip: blank.bytes).flatMap { try registry.card($0) }?.state.physical
                == .spoiled
        }
        if made.state.physical == .withHolder { throw IssueFlowError.cardIsOut }
        let isAnswered = try registry.events(of: made.reference).contains { $0.body.act.kind == .chipEnded }
        if !isAnswered { try check(chip, of: progress) }
        if made.state.physical != .spoiled {
            let spoilage = Spoilage(.abandoned, number: made.facts.number, blankSerial: blank.bytes)
            try registry.record(.spoiled(spoilage), on: made.reference, handledBy: personalizer)
        }
        if !isAnswered, let chip, let card = try registry.card(made.reference) { try end(card, as: chip) }
        return true
    }

    /// The card that was begun, where it lies in the reader and nobody has said that its chip cannot be blocked.
    private func begunCard(
        of progress: IssueProgress, _ chip: GivenUpChip?, inserted: (any CardChannel)?
    ) throws -> (any CardChannel)? {
        if let chip {
            guard chip.hindrance == nil else { return nil }
            let channel = try card(chip.channel)
            try checkChip(progress, channel)
            return channel
        }
        // Another card in the reader is none of the issue's.
        guard let inserted, (try? checkChip(progress, inserted)) != nil else { return nil }
        return inserted
    }

    /// Nothing is booked before it is said what becomes of the chip, and the right card lies in the reader where it is blocked.
    private func check(_ chip: GivenUpChip?, of progress: IssueProgress) throws {
        guard let chip else { throw IssueFlowError.chipUnanswered }
        guard chip.hindrance == nil else { return }
        try checkChip(progress, try card(chip.channel))
    }

    private func end(_ card: RegisteredCard, as chip: GivenUpChip) throws {
        // Whoever gives an issue up keeps its card, which is cut.
        let handling = Handling(
            by: chip.handling.officer, second: chip.handling.second, proofs: chip.handling.proofs.union(.oldCardTaken))
        _ = try OldCardDesk(
            registry: registry, preparation: tellerPreparation(IssueInput(handling: handling)), visits: desk.visits,
            journalFolder: journalFolder, sealingKey: sealingKey
        ).end(card, unless: chip.hindrance, handledBy: handling, through: chip.channel)
    }
}

/// What becomes of the chip of a finished card whose issue is given up.
public struct GivenUpChip {
    /// Why it cannot be blocked; nil where it lies in the reader and can.
    let hindrance: ChipEnd?
    /// Who answers for it.
    let handling: Handling
    /// The card; nil where there is a hindrance.
    let channel: (any CardChannel)?

    /// A chip's end from its parts.
    public init(unless hindrance: ChipEnd?, handledBy handling: Handling, through channel: (any CardChannel)?) {
        self.hindrance = hindrance
        self.handling = handling
        self.channel = channel
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
