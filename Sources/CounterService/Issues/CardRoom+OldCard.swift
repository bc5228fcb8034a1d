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
        guard let keys else { throw CardKeyError.notConfigured }
        return try await withCard(in: reader) { channel in
            let session = KeyUseSession(
                try KeyOperator(String(handling.officer.number), role: KeyRole(of: handling.officer.role).rawValue),
                second: handling.second.map { .named(String($0.number)) })
            let preparation = CardPreparation(
                library: library, keys: try keys.service(for: session), policy: registry.policy, today: try today)
            return try OldCardDesk(
                registry: registry, preparation: preparation, visits: visits, journalFolder: journalFolder,
                sealingKey: sealingKey
            ).end(card, handledBy: handling, expecting: shown, through: channel)
        }
    }
}
