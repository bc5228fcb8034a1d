import ISO7816
import IssuerKeys
import Issuing
import Lifecycle
import Registry

extension CardRoom {
    /// What a change would write onto the card in the reader.
    func look(at card: RegisteredCard, holder: Person, in reader: String, by officer: UInt64) async throws
        -> DataChangeDesk.Finding
    {
        try await withCard(in: reader) { channel in
            try dataChangeDesk(for: officer).look(at: channel, for: card, holder: holder)
        }
    }

    /// Writes what is on record of the holder onto the card in the reader.
    func changeData(
        on card: RegisteredCard, to holder: Person, handledBy handling: Handling, expecting shown: UInt64?,
        in reader: String
    ) async throws -> DataChangeDesk.Outcome {
        try await withCard(in: reader) { channel in
            try dataChangeDesk(for: handling.officer.number)
                .change(card, to: holder, handledBy: handling, expecting: shown, through: channel)
        }
    }

    private func dataChangeDesk(for officer: UInt64) throws -> DataChangeDesk {
        guard let keys else { throw CardKeyError.notConfigured }
        let session = KeyUseSession(try KeyOperator(String(officer), role: KeyRole.teller.rawValue))
        return DataChangeDesk(
            registry: registry,
            preparation: CardPreparation(
                library: library, keys: try keys.service(for: session), policy: registry.policy, today: try today),
            journalFolder: journalFolder, sealingKey: sealingKey, visits: visits)
    }
}
