import ISO7816
import IssuerKeys
import Issuing
import Lifecycle
import Registry

extension CardRoom {
    /// Blocks the chip of a card that has ended and was taken back; it lies in the reader.
    ///
    /// - Returns: the event, an earlier one where it was blocked already; nil where the card was destroyed meanwhile.
    func blockChip(
        of card: RegisteredCard, handledBy handling: Handling, expecting shown: UInt64?, in reader: String
    ) async throws -> EventIdentifier? {
        try await withCard(in: reader) { channel in
            guard let desk = try oldCardDesk(for: handling) else { throw CardKeyError.notConfigured }
            return try desk.end(card, handledBy: handling, expecting: shown, through: channel)
        }
    }

    /// Blocks the chip of an ended card that lies in the reader, where it lets itself be blocked, and books its destruction.
    ///
    /// Without keys a card is known by its code on its chip and not blocked, which is booked as well.
    ///
    /// - Returns: the event of the destruction.
    func destroy(
        _ card: RegisteredCard, handledBy handling: Handling, expecting shown: UInt64?, in reader: String
    ) async throws -> EventIdentifier {
        try await withCard(in: reader) { channel in
            if let desk = try oldCardDesk(for: handling) {
                return try desk.destroy(card, handledBy: handling, expecting: shown, through: channel).event
            }
            try ChipDesk(
                registry: registry, library: library, today: try today, keys: nil, journalFolder: journalFolder,
                sealingKey: sealingKey
            ).check(channel, is: card)
            return try CardDestruction(of: card, in: registry, handledBy: handling, expecting: shown)
                .record(chip: .other)
        }
    }

    /// Where old cards are ended in the name of whoever does it; nil where no keys are configured.
    private func oldCardDesk(for handling: Handling) throws -> OldCardDesk? {
        guard let keys else { return nil }
        let session = KeyUseSession(
            try KeyOperator(String(handling.officer.number), role: KeyRole(of: handling.officer.role).rawValue),
            second: handling.second.map { .named(String($0.number)) })
        let preparation = CardPreparation(
            library: library, keys: try keys.service(for: session), policy: registry.policy, today: try today)
        return OldCardDesk(
            registry: registry, preparation: preparation, visits: visits, journalFolder: journalFolder,
            sealingKey: sealingKey)
    }
}
