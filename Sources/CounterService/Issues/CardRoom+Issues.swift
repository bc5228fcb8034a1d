import Foundation
import ISO7816
import IssuerKeys
import Issuing
import Lifecycle
import Personalization
import Registry
import Synchronization

extension CardRoom {
    /// The issues of this counter, to look at.
    var shelf: IssueShelf { IssueShelf(folder: dataFolder + "/issue", sealingKey: sealingKey) }

    /// The issues of this counter that are open: what they stand against, they tell.
    var openIssues: IssueListing {
        get async throws {
            let shelf = shelf
            return try await blocking { try shelf.unfinished() }
        }
    }

    /// Why the replacement of a card cannot be begun: an open issue replaces it already; nil when none does.
    func hindrance(ofReplacing card: RegisteredCard) async throws -> IssueFlowError? {
        guard let number = card.facts?.number else { return nil }
        let shelf = shelf
        return try await blocking { try shelf.unfinished().hindrance(ofReplacing: number) }
    }

    /// Opens an issue; nothing but its file is made.
    func beginIssue(
        layoutName: String, officer: UInt64, replacing replacement: IssuingRequest.Replacement? = nil,
        for person: PersonReference? = nil
    ) async throws -> IssueProgress {
        try await blocking {
            try issueDesk(for: officer).begin(
                layoutName: layoutName, officer: officer, replacing: replacement, for: person)
        }
    }

    /// Does one step of an issue, with the card in the reader where the step wants one.
    func perform(
        _ step: IssueStep, of issue: String, with input: IssueInput, in reader: String
    ) async throws -> IssueProgress {
        let officer = input.handling.officer.number
        guard issuesInHand.begin(issue) else { throw IssueFlowError.inHand }
        defer { issuesInHand.leave(issue) }
        let isCardless = try await blocking {
            try !shelf.progress(issue).needsCard(for: step, unless: input.oldCardHindrance, in: registry)
        }
        guard !isCardless else {
            return try await blocking {
                try issueDesk(for: officer).perform(step, of: issue, with: input, through: nil)
            }
        }
        return try await withCard(in: reader) { channel in
            try issueDesk(for: officer, second: input.handling.second?.number, watched: issue)
                .perform(step, of: issue, with: input, through: channel)
        }
    }

    /// Gives an issue up; a card that was begun for it is booked as spoiled.
    ///
    /// - Parameters:
    ///   - end: what becomes of the chip of a finished card; nil where nobody said it.
    ///   - ending: who answers for that.
    ///   - reader: where the card lies that is blocked; empty for the only one with a card.
    func abandon(
        _ issue: String, handledBy handling: Handling, chip end: ChipEnd?, ending: Handling?, in reader: String
    ) async throws -> IssueProgress {
        guard issuesInHand.begin(issue) else { throw IssueFlowError.inHand }
        defer { issuesInHand.leave(issue) }
        let officer = handling.officer.number
        let progress: IssueProgress
        if end == .blocked, let ending {
            progress = try await withCard(in: reader) { channel in
                try issueDesk(for: officer).abandon(
                    issue, handledBy: handling,
                    ending: GivenUpChip(unless: nil, handledBy: ending, through: channel))
            }
        } else if end == nil, try await hasBegunCard(issue, officer),
            let spoiled = try await abandon(issue, inReader: reader, handledBy: handling)
        {
            progress = spoiled
        } else {
            progress = try await blocking {
                let chip = end.flatMap { end in
                    ending.map { GivenUpChip(unless: end, handledBy: $0, through: nil) }
                }
                return try issueDesk(for: officer).abandon(issue, handledBy: handling, ending: chip)
            }
        }
        shelf.dropPhoto(of: issue)
        return progress
    }

    private func hasBegunCard(_ issue: String, _ officer: UInt64) async throws -> Bool {
        try await blocking { try issueDesk(for: officer).hasBegunCard(issue) }
    }

    /// The same for a card that was begun, with whatever lies in the reader; nil where no card was reached, and nothing done.
    private func abandon(
        _ issue: String, inReader reader: String, handledBy handling: Handling
    ) async throws -> IssueProgress? {
        let isReached = Atomic(false)
        do {
            return try await withCard(in: reader) { channel in
                isReached.store(true, ordering: .relaxed)
                return try issueDesk(for: handling.officer.number).abandon(
                    issue, handledBy: handling, inserted: channel)
            }
        } catch {
            // A card that is lost, or several of which none was chosen, keep nobody from giving it up.
            guard isReached.load(ordering: .relaxed) else { return nil }
            throw error
        }
    }

    /// Says what became of the fee of an issue that ended without a card.
    func settleFee(of issue: String, _ way: FeeAnswer.Way, handledBy handling: Handling) async throws {
        _ = try await blocking {
            try issueDesk(for: handling.officer.number).settleFee(of: issue, way, handledBy: handling)
        }
    }

    /// Takes the damaged file of an issue out of the way.
    func putAside(_ issue: String, by officer: UInt64) async throws -> DamagedIssue {
        try await blocking {
            let damaged = try issueDesk(for: officer).putAside(issue)
            shelf.dropPhoto(of: issue)
            return damaged
        }
    }

    /// What two officers signed for the reset of a PIN, as the form brings it; nil where it brings nothing.
    func approval(_ text: String) throws -> ApprovedRequest? {
        guard let keys else { throw CardKeyError.notConfigured }
        return try text.isEmpty ? nil : keys.approved(Data(text.utf8), at: now)
    }

    /// The desk of instant issue, its files in `DATA/issue`, with the keys in an officer's name.
    private func issueDesk(
        for officer: UInt64, second: UInt64? = nil, watched issue: String = ""
    ) throws -> InstantIssueDesk {
        guard let keys else { throw CardKeyError.notConfigured }
        let today = try today
        let making = KeyUseSession(
            try KeyOperator(String(officer), role: KeyRole.personalizer.rawValue),
            second: second.map { .named(String($0)) })
        let preparation = CardPreparation(
            library: library, keys: try keys.service(for: making), policy: registry.policy, today: today,
            comparison: try keys.comparison(), keyVersions: try keys.liveVersions())
        let (runs, registry, library) = (runs, registry, library)
        let desk = IssuingDesk(
            registry: registry, preparation: preparation, journalFolder: journalFolder, sealingKey: sealingKey,
            visits: visits, inHand: personsInHand, watching: { runs.note($0, of: issue) })
        return try InstantIssueDesk(
            registry: registry, preparation: preparation, desk: desk,
            tellerPreparation: { input in
                CardPreparation(
                    library: library, keys: try keys.service(for: input.officerKeySession), policy: registry.policy,
                    today: today)
            }, folder: dataFolder + "/issue", journalFolder: journalFolder, sealingKey: sealingKey, clock: clock)
    }
}
