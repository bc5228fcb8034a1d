import ByteText
import CardData
import IssuerKeys
import Issuing
import Lifecycle
import Registry

extension CardRoom {
    /// The card in a reader, which has proved itself by this counter's keys with challenges drawn now, and is in use.
    ///
    /// No PIN is presented, and nothing on the card changes.
    ///
    /// - Parameters:
    ///   - reader: the reader that was chosen; empty for the only one with a card.
    ///   - officer: in whose name the keys are used.
    /// - Throws: ``ChipError``, `operator.card-not-usable` for one that is lost, held, expired or not handed over, and what reading throws.
    func provenCard(in reader: String, for officer: Operator) async throws -> OperatorCard {
        guard keys != nil else { throw CardKeyError.notConfigured }
        let today = try today
        return try await withCard(in: reader, for: officer) { channel, desk in
            let card = try desk.provenCard(through: channel)
            guard card.state.isUsable, let facts = card.facts, facts.expires >= today else {
                throw Faults("operator.card-not-usable")
            }
            return OperatorCard(identificationCode: card.reference.text, chip: facts.blankSerial.hexadecimal)
        }
    }
}
