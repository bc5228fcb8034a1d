public import CardData
public import Lifecycle
public import Personalization
import Registry

extension IssuingDesk {
    /// What became of a card whose journal is damaged.
    public struct DamagedCard: Hashable, Sendable {
        /// The number that was reserved for it.
        public let number: CardNumber
        /// False where the registry had its end already: it was finished or booked as spoiled before, and the journal was left over.
        public let isBooked: Bool
        /// Where the journal lies now.
        public let journal: String
    }

    /// Gives up a card that was begun and whose journal cannot be read any more: its blank is booked as spoiled under the number that was
    /// reserved for the chip, the journal put aside, and its person free for another card.
    ///
    /// The identification code is not known: the act names the card by the code of its area and number with the authentication code
    /// that unpersonalised blanks have, FFFFFFFF.
    ///
    /// - Throws: `issuing.damaged-second` unless two different persons act; `issuing.journal-not-damaged`;
    ///   ``IssuingError/nothingBegun``.
    @discardableResult
    public func spoilDamaged(
        _ card: CardIdentity, handledBy handling: Handling
    ) throws(IssuingError) -> DamagedCard {
        do {
            guard let second = handling.second, second.number != handling.officer.number else {
                throw Faults("issuing.damaged-second")
            }
            try checkThatJournalIsDamaged(card)
            guard let person = PersonClaim.claimant(of: card, in: journalFolder) else {
                return try bookDamaged(card, handling)
            }
            return try withPersonInHand(person) { _ in try bookDamaged(card, handling) }
        } catch {
            throw IssuingError(wrapping: error)
        }
    }

    private func checkThatJournalIsDamaged(_ card: CardIdentity) throws {
        let isThere: Bool
        do throws(JournalError) {
            isThere = try Journal.resume(in: journalFolder, card: card, key: sealingKey) != nil
        } catch {
            guard case .damaged = error else { throw error }
            return
        }
        guard isThere else { throw IssuingError.nothingBegun }
        throw Faults("issuing.journal-not-damaged", ["card": card.text])
    }

    private func bookDamaged(_ card: CardIdentity, _ handling: Handling) throws -> DamagedCard {
        guard let number = try registry.number(reservedFor: card.text) else { throw IssuingError.nothingBegun }
        // A crash between the commit and the journal's end leaves both; the act is recorded once.
        let isBooked = try registry.state(of: number) == .reserved
        if isBooked {
            let serial = CardValues.serial(of: number)
            let code = try IdentificationCode(areaCode: registry.policy.area, serial: serial)
            try registry.record(
                .spoiled(Spoilage(.writingFailed, number: number, blankSerial: card.bytes)),
                on: CardReference(code), handledBy: handling)
        }
        guard let journal = try Journal.putAside(in: journalFolder, card: card) else {
            throw IssuingError.nothingBegun
        }
        return DamagedCard(number: number, isBooked: isBooked, journal: journal)
    }
}
