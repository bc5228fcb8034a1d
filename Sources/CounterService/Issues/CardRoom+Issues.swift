import Foundation
import ISO7816
import IssuerKeys
import Issuing
import Lifecycle
import Personalization
import Registry

extension CardRoom {
    /// The issues of this counter, to look at.
    var shelf: IssueShelf { IssueShelf(folder: dataFolder + "/issue", sealingKey: sealingKey) }

    /// Opens an issue; nothing but its file is made.
    func beginIssue(
        layoutName: String, officer: UInt64, replacing replacement: IssuingRequest.Replacement? = nil
    ) async throws -> IssueProgress {
        try await blocking {
            try issueDesk(for: officer).begin(layoutName: layoutName, officer: officer, replacing: replacement)
        }
    }

    /// Does one step of an issue, with the card in the reader where the step wants one.
    func perform(
        _ step: IssueStep, of issue: String, with input: IssueInput, in reader: String
    ) async throws -> IssueProgress {
        let officer = input.handling.officer.number
        let second = input.handling.second?.number
        guard issuesInHand.begin(issue) else { throw IssueFlowError.inHand }
        defer { issuesInHand.leave(issue) }
        guard step.needsCard else {
            return try await blocking {
                try issueDesk(for: officer).perform(step, of: issue, with: input, through: nil)
            }
        }
        return try await withCard(in: reader) { channel in
            try issueDesk(for: officer, second: second, ticket: input.pinResetTicket, watched: issue)
                .perform(step, of: issue, with: input, through: channel)
        }
    }

    /// Gives an issue up; a card that was begun for it is booked as spoiled.
    func abandon(_ issue: String, handledBy handling: Handling) async throws -> IssueProgress {
        guard issuesInHand.begin(issue) else { throw IssueFlowError.inHand }
        defer { issuesInHand.leave(issue) }
        let progress = try await blocking {
            try issueDesk(for: handling.officer.number).abandon(issue, handledBy: handling)
        }
        shelf.dropPhoto(of: issue)
        return progress
    }

    /// The desk of instant issue, its files in `DATA/issue`, with the keys in an officer's name.
    private func issueDesk(
        for officer: UInt64, second: UInt64? = nil, ticket: String? = nil, watched issue: String = ""
    ) throws -> InstantIssueDesk {
        guard let keys else { throw CardKeyError.notConfigured }
        func preparation(as role: KeyRole) throws -> CardPreparation {
            let session = KeyUseSession(
                try KeyOperator(String(officer), role: role.rawValue), ticket: try ticket.map(WorkTicket.init),
                second: second.map { .named(String($0)) })
            return CardPreparation(
                library: library, keys: try keys.service(for: session), policy: registry.policy, today: try today,
                comparison: try keys.comparison(), keyVersions: try keys.liveVersions())
        }
        let making = try preparation(as: .personalizer)
        let runs = runs
        let desk = IssuingDesk(
            registry: registry, preparation: making, journalFolder: journalFolder, sealingKey: sealingKey,
            visits: visits, inHand: personsInHand, watching: { runs.note($0, of: issue) })
        return try InstantIssueDesk(
            registry: registry, preparation: making, desk: desk,
            pinDesk: PINDesk(
                registry: registry, preparation: try preparation(as: .teller), visits: visits,
                cards: try library.compiledCards()), folder: dataFolder + "/issue", journalFolder: journalFolder,
            sealingKey: sealingKey, clock: clock)
    }
}
