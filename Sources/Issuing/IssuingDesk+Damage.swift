public import CardData
public import Lifecycle
public import Personalization
import Registry

extension IssuingDesk {
    /// What became of a card whose journal is damaged.
    public struct DamagedCard: Hashable, Sendable {
        /// Its number, or the one that was reserved for it; nil for a card that this registry does not know, of which a migration was begun.
        public let number: CardNumber?
        /// Where the card is now, as it was booked; nil where there was nothing to book: its end stood in the registry already and the journal was
        /// left over, or the registry does not know it.
        public let booked: PhysicalState?
        /// Where the journal lies now.
        public let journal: String
    }

    /// Gives up a card that was begun, or was being changed, and whose journal cannot be read any more; the journal is put aside.
    ///
    /// A card in the making: its blank is booked as spoiled under the number that was reserved for the chip, and its person free for another card.
    /// The identification code is not known: the act names the card by the code of its area and number with the authentication code
    /// that unpersonalised blanks have, FFFFFFFF.
    ///
    /// An issued card on its way to another layout or other data: nobody knows what it holds. In the office it is booked as spoiled; one that
    /// is out is booked as taken back, with the proof that asks for.
    ///
    /// - Throws: `issuing.damaged-second` unless two different persons act; `issuing.journal-not-damaged` and
    ///   `migrate.journal-not-damaged`; `migrate.damaged-waits`; ``IssuingError/nothingBegun``.
    @discardableResult
    public func spoilDamaged(
        _ card: CardIdentity, handledBy handling: Handling
    ) throws(IssuingError) -> DamagedCard {
        do {
            guard let second = handling.second, second.number != handling.officer.number else {
                throw Faults("issuing.damaged-second")
            }
            switch try state(ofJournal: JournalContent.self, of: card) {
            case .damaged:
                guard let person = PersonClaim.claimant(of: card, in: journalFolder) else {
                    return try bookDamaged(card, handling)
                }
                return try withPersonInHand(person) { _ in try bookDamaged(card, handling) }
            case .sound: throw Faults("issuing.journal-not-damaged", ["card": card.text])
            case .none: break
            }
            switch try state(ofJournal: MigrationContent.self, of: card) {
            case .damaged: return try bookDamagedMigration(card, handling)
            case .sound: throw Faults("migrate.journal-not-damaged", ["card": card.text])
            case .none: throw IssuingError.nothingBegun
            }
        } catch {
            throw IssuingError(wrapping: error)
        }
    }

    private enum JournalState {
        case none, sound, damaged
    }

    private func state(
        ofJournal kind: (some JournalHeader).Type, of card: CardIdentity
    ) throws(JournalError) -> JournalState {
        do throws(JournalError) {
            return try Journal.resume(kind, in: journalFolder, card: card, key: sealingKey) == nil ? .none : .sound
        } catch {
            guard case .damaged = error else { throw error }
            return .damaged
        }
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
        return try putAside(JournalContent.self, of: card, number: number, booked: isBooked ? .spoiled : nil)
    }

    private func bookDamagedMigration(_ card: CardIdentity, _ handling: Handling) throws -> DamagedCard {
        // A card of another office is in no book here.
        guard let reference = try registry.reference(onChip: card.bytes), let standing = try registry.card(reference)
        else { return try putAside(MigrationContent.self, of: card, number: nil, booked: nil) }
        let number = standing.facts?.number
        var booked: PhysicalState?
        switch standing.state.physical {
        case .personalizing, .personalized:
            let spoilage = Spoilage(.writingFailed, number: number, blankSerial: card.bytes)
            try registry.record(.spoiled(spoilage), on: reference, handledBy: handling)
            booked = .spoiled
        case .withHolder, .inTransit, .missing:
            try registry.record(.recovered(.retained), on: reference, handledBy: handling)
            booked = .recovered
        case .awaitingCollection where !standing.state.social.isEnded:
            throw Faults("migrate.damaged-waits", ["card": number?.printed ?? card.text])
        case .awaitingCollection, .recovered, .destroyed, .spoiled: break
        }
        return try putAside(MigrationContent.self, of: card, number: number, booked: booked)
    }

    private func putAside(
        _ kind: (some JournalHeader).Type, of card: CardIdentity, number: CardNumber?, booked: PhysicalState?
    ) throws -> DamagedCard {
        guard let journal = try Journal.putAside(kind, in: journalFolder, card: card) else {
            throw IssuingError.nothingBegun
        }
        return DamagedCard(number: number, booked: booked, journal: journal)
    }
}
