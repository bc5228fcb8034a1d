import CardData
public import ISO7816
public import Lifecycle
public import Personalization
import Registry

extension IssuingDesk {
    /// Gives up a card that was begun and will not be finished: it is booked as spoiled, and its journal removed.
    ///
    /// What was written of it could be read, and a card on which only the registry's word is missing could be used: its chip is blocked first,
    /// as far as its keys are on it, and both are booked together. A chip that does not let itself be blocked keeps nothing up; it is told.
    ///
    /// - Throws: what the registry would refuse, before the chip is touched, and what the reader says: then nothing is booked, and the same call does it.
    @discardableResult
    public func spoil(
        through channel: any CardChannel, layoutName: String, handledBy handling: Handling
    ) throws(IssuingError) -> SpoiledCard {
        do {
            let card = try CardAtHand(channel, preparation, layoutName: layoutName, visits)
            return try spoil(card.identity, handledBy: handling) { content in
                // The layout it was begun with says which keys are on it.
                let begun = try CardAtHand(
                    channel, preparation, layoutName: content.notes["layout"] ?? layoutName, visits)
                let refusal = try begun.refusalOfBlocking(content, area: registry.policy.area)
                return refusal.map { .unblocked($0.faults) } ?? .blocked
            }
        } catch {
            throw IssuingError(wrapping: error)
        }
    }

    /// Gives up a card that was begun and cannot be put into a reader any more, because it is lost or broken.
    @discardableResult
    public func spoil(_ card: CardIdentity, handledBy handling: Handling) throws(IssuingError) -> SpoiledCard {
        do {
            return try spoil(card, handledBy: handling, foreseeing: .absent) { _ in .absent }
        } catch {
            throw IssuingError(wrapping: error)
        }
    }

    private func spoil(
        _ card: CardIdentity, handledBy handling: Handling, foreseeing chip: SpoiledCard.Chip = .blocked,
        ending: (JournalContent) throws -> SpoiledCard.Chip
    ) throws -> SpoiledCard {
        guard let (journal, content, _) = try Journal.resume(in: journalFolder, card: card, key: sealingKey) else {
            throw IssuingError.nothingBegun
        }
        let person = try registry.reference(of: SocialSecurityNumber(content.values["citizenNumber"] ?? ""))
        return try withPersonInHand(person) { _ in
            // What the registry refuses is refused while the card still answers.
            try registry.check(spoiling(content, card, handling, chip: chip))
            let chip = try ending(content)
            try bookSpoiled(content, card, handling, chip: chip)
            try journal.remove()
            return SpoiledCard(number: try content.cardNumber, chip: chip)
        }
    }

    /// Books the blank of a card that was begun as spoiled, once, and with it that its chip is blocked.
    func bookSpoiled(
        _ content: JournalContent, _ card: CardIdentity, _ handling: Handling, chip: SpoiledCard.Chip = .absent
    ) throws {
        let entries = try spoiling(content, card, handling, chip: chip)
        if !entries.isEmpty { try registry.record(entries) }
    }

    /// The acts by which a card that was begun is given up; none where they stand in the log: a crash between the commit and the journal's
    /// removal leaves both.
    private func spoiling(
        _ content: JournalContent, _ card: CardIdentity, _ handling: Handling, chip: SpoiledCard.Chip
    ) throws -> [ActEntry] {
        let code = try content.identificationCode
        if let standing = try registry.card(identificationCode: code) {
            if standing.state.physical == .spoiled { return try ended(standing, handling, chip: chip) }
            guard standing.facts?.blankSerial == card.bytes else {
                throw IssuingError.identificationCodeTaken(code)
            }
        }
        let spoilage = Spoilage(
            .writingFailed, number: try content.cardNumber, blankSerial: card.bytes)
        let spoiled = ActEntry(.spoiled(spoilage), on: CardReference(code), handledBy: handling)
        guard chip == .blocked else { return [spoiled] }
        return [spoiled, blocked(CardReference(code), handling)]
    }

    /// What is still to be said of a card that was booked as spoiled before: that its chip is blocked by now.
    private func ended(
        _ card: RegisteredCard, _ handling: Handling, chip: SpoiledCard.Chip
    ) throws -> [ActEntry] {
        guard chip == .blocked,
            try !registry.events(of: card.reference).contains(where: { $0.body.act.kind == .chipEnded })
        else { return [] }
        return [blocked(card.reference, handling)]
    }

    private func blocked(_ card: CardReference, _ handling: Handling) -> ActEntry {
        let reading = Handling(
            by: handling.officer, second: handling.second, proofs: handling.proofs.union(.cardRead))
        return ActEntry(.chipEnded(.blocked), on: card, handledBy: reading)
    }
}
