import Foundation
import ISO7816
import IssuerKeys
import Issuing
import Lifecycle
import Personalization
import Registry

extension CardRoom {
    /// Serves the PIN of this card, if it lies in the reader.
    ///
    /// - Parameter approval: what two officers signed for the service, as its file has it; production wants it for what loosens.
    func serve(
        _ request: PINRequest, on card: RegisteredCard, in reader: String, approval: String
    ) async throws -> PINOutcome {
        guard let keys else { throw CardKeyError.notConfigured }
        let officer = request.handling.officer
        return try await withCard(in: reader) { channel in
            let second = request.handling.second.map { KeyUseSession.SecondPerson.named(String($0.number)) }
            let approved = try self.approval(approval)
            if let second = request.handling.second { try approved?.check(second: second.number) }
            let session = KeyUseSession(
                try KeyOperator(String(officer.number), role: KeyRole(of: officer.role).rawValue),
                ticket: try request.ticket.isEmpty ? nil : WorkTicket(request.ticket),
                second: approved.map { .approved($0) } ?? second)
            let preparation = CardPreparation(
                library: library, keys: try keys.service(for: session), policy: registry.policy, today: try today)
            try ChipDesk(
                registry: registry, library: library, today: try today, journalFolder: journalFolder,
                sealingKey: sealingKey
            ).check(channel, is: card)
            let desk = PINDesk(
                registry: registry, preparation: preparation, visits: visits,
                cards: try library.compiledCards(answering: channel.answerToReset.bytes), journalFolder: journalFolder)
            return try desk.serve(request, through: channel)
        }
    }

    /// How tries are counted here; nobody at a window may spend a last one, or answer for a card that cannot prove itself.
    var visits: VisitPolicy {
        VisitPolicy(
            folder: dataFolder + "/tries", isDevelopment: registry.policy.mode == .development,
            liveVersions: keys.flatMap { try? $0.liveVersions() }, firstContact: FirstContactRule(of: registry))
    }
}
