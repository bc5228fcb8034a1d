import ByteText
import CardCryptography
import CardData
import Foundation
public import ISO7816
public import Lifecycle
public import Personalization
public import Registry
import Synchronization

/// 即时制卡: issues cards in front of their holders, step by step, each noted on the disk before the next can be done.
///
/// Every step may fail and be done again, also after a restart; a step that was done is not done twice. All calls block on card and
/// disk: they belong on the thread of the card's reader.
///
/// ```swift
/// var issue = try desk.begin(layoutName: "national-2.0", officer: 1001)
/// while let step = issue.next { issue = try desk.perform(step, of: issue.identifier, with: input, through: channel) }
/// ```
public final class InstantIssueDesk: Sendable {
    /// From this age on a card bears a photo (card.md §5.5: children below seven may have none).
    public static let ageWithPhoto = 7

    let registry: Registry
    let preparation: CardPreparation
    let desk: IssuingDesk
    let tellerPreparation: @Sendable (IssueInput) throws -> CardPreparation
    let journalFolder: String
    let sealingKey: SealingKey
    let file: IssueFile
    private let clock: @Sendable () -> UInt64
    private let inHand = Mutex<Set<String>>([])

    /// A desk from its parts.
    ///
    /// - Parameters:
    ///   - tellerPreparation: with which keys the holder's PIN is set and an old card is blocked: in the name of the input's officer in
    ///     the role of the step, and for the reset of a PIN where the input brings one.
    ///   - folder: `DATA/issue`, made when it is not there.
    ///   - clock: Unix time in milliseconds; kept for people, read by no rule.
    public init(
        registry: Registry, preparation: CardPreparation, desk: IssuingDesk,
        tellerPreparation: @escaping @Sendable (IssueInput) throws -> CardPreparation, folder: String,
        journalFolder: String, sealingKey: SealingKey, clock: @escaping @Sendable () -> UInt64
    ) throws(IssueFlowError) {
        do {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw .file(folder, reason: error.systemReason(at: folder))
        }
        self.registry = registry
        self.preparation = preparation
        self.desk = desk
        self.tellerPreparation = tellerPreparation
        self.journalFolder = journalFolder
        self.sealingKey = sealingKey
        file = IssueFile(folder: folder)
        self.clock = clock
    }

    /// Begins an issue; nothing but its file is made.
    ///
    /// - Parameters:
    ///   - replacement: the old card that the new one takes the place of (补换卡); it stays as it is until the new one is made.
    ///   - person: for whom, where that is known already: what stands against a card for them is told before anything is begun.
    public func begin(
        layoutName: String, officer: UInt64, replacing replacement: IssuingRequest.Replacement? = nil,
        for person: PersonReference? = nil
    ) throws -> IssueProgress {
        _ = try preparation.library.entry(layoutName)
        try registry.checkMaking(
            ofBlank: nil, handledBy: Handling(by: Officer(number: officer, role: .personalizer)))
        if let person { try checkApplication(of: person, replacing: replacement, second: nil) }
        if let replacement {
            try checkEnd(by: replacement)
            if let other = try unfinished().hindrance(ofReplacing: replacement.number) { throw other }
        }
        if let person { try checkNothingOpen(for: person, replacing: replacement) }
        let identifier = try SecureRandom.bytes(8).hexadecimal
        var progress = IssueProgress(
            identifier: identifier, layoutName: layoutName, officer: officer, begunAt: clock())
        progress.replacement = replacement?.expecting(nil)
        progress.intended = person
        try file.write(progress)
        return progress
    }

    /// How far an issue has come.
    public func progress(_ identifier: String) throws(IssueFlowError) -> IssueProgress { try file.read(identifier) }

    /// The issues that have not ended, the oldest first: each of them somebody has to finish or give up; and the files that are damaged.
    ///
    /// Those that have ended are put away where that was left undone.
    public func unfinished() throws(IssueFlowError) -> IssueListing {
        let listing = try file.all()
        for issue in listing.issues where issue.end != nil {
            // It is told as ended wherever it lies; the next look tries again.
            try? file.putAway(issue)
        }
        return listing.unfinished
    }

    /// Takes a damaged file out of the way, so that the chip and the person whom it may concern are free again.
    ///
    /// The file is kept. What was made of its card stands in the registry and in the card's journal, which stay as they are.
    ///
    /// - Throws: ``IssueFlowError/notDamaged(_:)`` for an issue that can be read.
    public func putAside(_ identifier: String) throws(IssueFlowError) -> DamagedIssue {
        guard let damaged = try file.all().damaged.first(where: { $0.identifier == identifier }) else {
            _ = try file.read(identifier)
            throw .notDamaged(identifier)
        }
        try file.putAside(damaged)
        return damaged
    }

    /// Does the step whose turn it is, or nothing when it is done already.
    ///
    /// - Parameter channel: the card in the reader; nil is for steps that need none.
    /// - Throws: ``IssueFlowError`` or what the step failed of, which the issue's file notes too.
    public func perform(
        _ step: IssueStep, of identifier: String, with input: IssueInput, through channel: (any CardChannel)?
    ) throws -> IssueProgress {
        try withInHand(identifier) {
            var progress = try file.read(identifier)
            guard try progress.takes(step) else { return progress }
            do {
                try work(step, &progress, input, channel)
            } catch {
                // What the step noted before it failed stays noted.
                progress = try file.read(identifier)
                progress.failure = IssueProgress.Failure(
                    step: step, code: Self.code(of: error), at: clock())
                try file.write(progress)
                throw error
            }
            progress.finish(step)
            try note(progress)
            return progress
        }
    }

    /// Gives an issue up.
    ///
    /// A card that was begun or made for it is booked as spoiled. Where the card has left the window, or its own record has ended, the
    /// issue ends with a name for that, and nothing is booked.
    ///
    /// - Parameters:
    ///   - chip: what becomes of the chip of a finished card, where somebody said it.
    ///   - inserted: the card in the reader, where nobody did: one that was begun for the issue is blocked.
    /// - Throws: ``IssueFlowError/cardIsOut`` where the card is enabled: then no step is left that needs it;
    ///   ``IssueFlowError/chipUnanswered`` where a finished card is to be spoiled and nobody says what becomes of its chip.
    public func abandon(
        _ identifier: String, handledBy handling: Handling, ending chip: GivenUpChip? = nil,
        inserted: (any CardChannel)? = nil
    ) throws -> IssueProgress {
        try withInHand(identifier) {
            var progress = try file.read(identifier)
            if let end = progress.end { throw IssueFlowError.ended(end) }
            progress.end =
                try madeCard(of: progress)?.state.endOfIssue
                ?? (spoilCard(of: progress, handling, chip, inserted: inserted) ? .spoiled : .abandoned)
            progress.sealedPIN = []
            try note(progress)
            return progress
        }
    }

    /// Says what became of the fee of an issue that ended without a card: an event about the card that was to be replaced, once, and a
    /// note in the issue's file.
    ///
    /// - Throws: ``IssueFlowError/owesNothing(_:)`` for an issue whose fee nobody waits for, and what the registry refuses.
    public func settleFee(
        of identifier: String, _ way: FeeAnswer.Way, handledBy handling: Handling
    ) throws -> IssueProgress {
        try withInHand(identifier) {
            var progress = try file.read(identifier)
            guard progress.owesFee, let replacement = progress.replacement else {
                throw IssueFlowError.owesNothing(identifier)
            }
            guard let old = try registry.card(number: replacement.number) else {
                throw IssuingError.notTheirCard(replacement.number)
            }
            // Recorded before the note of it could be written: what the log says holds.
            let earlier = try registry.events(of: old.reference).compactMap { logged -> FeeAnswer? in
                if case .feeAnswered(let answer) = logged.body.act, answer.issue == identifier { answer } else { nil }
            }.last
            if earlier == nil {
                let fen = UInt32(clamping: registry.policy.replacementFee)
                let event = try registry.record(
                    .feeAnswered(FeeAnswer(way, issue: identifier, fen: fen)), on: old.reference, handledBy: handling)
                progress.events.append(event.identifier)
            }
            progress.feeSettlement = FeeSettlement(
                earlier?.way ?? way, officer: handling.officer.number, at: clock())
            try note(progress)
            return progress
        }
    }

    /// Writes an issue down, and puts it away when it has ended; where that fails, the next look at the folder does it.
    private func note(_ progress: IssueProgress) throws(IssueFlowError) {
        try file.write(progress)
        if progress.end != nil { try? file.putAway(progress) }
    }

    /// Whether a card was begun for an issue and is not finished.
    public func hasBegunCard(_ identifier: String) throws -> Bool {
        guard let chip = try file.read(identifier).chip else { return false }
        return try Journal.resume(in: journalFolder, card: chip, key: sealingKey) != nil
    }

    private func withInHand<Value>(_ identifier: String, _ body: () throws -> Value) throws -> Value {
        guard inHand.withLock({ $0.insert(identifier).inserted }) else { throw IssueFlowError.inHand }
        defer { _ = inHand.withLock { $0.remove(identifier) } }
        return try body()
    }

    private static func code(of error: any Error) -> String {
        (error as? any FaultReporting)?.faults.first?.code.rawValue ?? "issuing.failed"
    }
}
