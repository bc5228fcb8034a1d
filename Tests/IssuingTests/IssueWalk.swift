import CardApplication
import CardCryptography
import CardData
import Foundation
import Lifecycle
import Personalization
import Registry
import Testing
import VirtualCard

@testable import Issuing

/// Instant issue at a counter of its own: one blank, one child who needs no photo, and a desk for each step.
struct IssueWalk {
    static let handling = Handling(
        by: Officer(number: 1002, role: .teller), second: Officer(number: 2001, role: .supervisor),
        proofs: [.identityDocument, .signature])

    let counter: Counter
    let card: VirtualCard

    /// - Parameter policy: what the site's policy file says beside its version; the built-in policy when nil.
    init(policy: String? = nil) throws {
        counter = try Counter(policy: policy)
        card = try counter.blank()
    }

    var folder: String { counter.folder + "/issue" }

    func path(of issue: String) -> String { folder + "/\(issue).issue" }

    func path(ofEnded issue: String) -> String { folder + "/ended/\(issue).issue" }

    /// A desk that knows of what came before only what stands on the disk.
    ///
    /// - Parameter tellerKeys: the keys of the teller; the counter's own when nil.
    func desk(
        tellerKeys: (@Sendable (IssueInput) throws -> CardPreparation)? = nil
    ) throws -> InstantIssueDesk {
        let (registry, preparation) = (counter.registry, counter.preparation)
        return try InstantIssueDesk(
            registry: registry, preparation: preparation, desk: try counter.anotherDesk(),
            tellerPreparation: { try tellerKeys?($0) ?? preparation }, folder: folder,
            journalFolder: counter.folder + "/journal",
            sealingKey: try SealingKey.load(in: counter.folder + "/journal"), clock: { 1_795_000_000_000 })
    }

    /// An invented child; check character by GB 11643, computed with Python.
    var child: PersonRecord { counter.row(["citizenNumber": "990165202201016817", "birthDate": "20220101"]) }

    func input(
        _ row: PersonRecord?, pin: String = "739146", ticket: String? = nil, handling: Handling = IssueWalk.handling,
        oldCard: ChipEnd? = nil, expecting seen: UInt64? = nil
    ) throws -> IssueInput {
        IssueInput(
            person: row, handling: handling, isConfirmed: true, pin: try PersonalIdentificationNumber(digits: pin),
            oldCardHindrance: oldCard, pinReset: ticket.map { IssueInput.PINReset(ticket: $0) },
            expecting: seen)
    }

    func begin() throws -> String { try desk().begin(layoutName: "national-2.0", officer: 1002).identifier }

    /// Does the steps up to one, each at a desk of its own, as after a restart.
    @discardableResult
    func advance(
        _ issue: String, through last: IssueStep, _ row: PersonRecord? = nil, _ blank: VirtualCard? = nil,
        handling: Handling = IssueWalk.handling
    ) throws -> IssueProgress {
        var progress = try desk().progress(issue)
        while let step = progress.next, step <= last {
            progress = try desk().perform(
                step, of: issue, with: input(row ?? child, handling: handling),
                through: VirtualCardChannel(blank ?? card))
        }
        return progress
    }
}
