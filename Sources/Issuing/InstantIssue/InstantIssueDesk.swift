import ByteText
public import CardCryptography
public import CardData
import Foundation
public import ISO7816
public import Lifecycle
public import Personalization
public import Registry
import Synchronization

/// What an officer brings to a step of an issue.
public struct IssueInput: Sendable {
    /// The person's data, from the second step on until the card is made.
    public let person: PersonRecord?
    /// Who does it, with whom, on what proof.
    public let handling: Handling
    /// Whether the holder looked at the data and agreed.
    public let isConfirmed: Bool
    /// The PIN that the holder chose.
    public let pin: PersonalIdentificationNumber?
    /// On what paper the PIN is reset when nobody knows whether it was set; nil otherwise.
    public let pinResetTicket: String?

    /// An input from its parts.
    public init(
        person: PersonRecord? = nil, handling: Handling, isConfirmed: Bool = false,
        pin: PersonalIdentificationNumber? = nil, pinResetTicket: String? = nil
    ) {
        self.person = person
        self.handling = handling
        self.isConfirmed = isConfirmed
        self.pin = pin
        self.pinResetTicket = pinResetTicket
    }
}

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
    let pinDesk: PINDesk
    let journalFolder: String
    let sealingKey: SealingKey
    let file: IssueFile
    private let clock: @Sendable () -> UInt64
    private let inHand = Mutex<Set<String>>([])

    /// A desk from its parts.
    ///
    /// - Parameters:
    ///   - folder: `DATA/issue`, made when it is not there.
    ///   - clock: Unix time in milliseconds; kept for people, read by no rule.
    public init(
        registry: Registry, preparation: CardPreparation, desk: IssuingDesk, pinDesk: PINDesk, folder: String,
        journalFolder: String, sealingKey: SealingKey, clock: @escaping @Sendable () -> UInt64
    ) throws(IssueFlowError) {
        do {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw .file(folder, reason: error.localizedDescription)
        }
        self.registry = registry
        self.preparation = preparation
        self.desk = desk
        self.pinDesk = pinDesk
        self.journalFolder = journalFolder
        self.sealingKey = sealingKey
        file = IssueFile(folder: folder)
        self.clock = clock
    }

    /// Begins an issue; nothing but its file is made.
    ///
    /// - Parameter replacement: the old card that the new one takes the place of (补换卡); it stays as it is until the new one is made.
    public func begin(
        layoutName: String, officer: UInt64, replacing replacement: IssuingRequest.Replacement? = nil
    ) throws -> IssueProgress {
        _ = try preparation.library.entry(layoutName)
        if let replacement { try checkEnd(by: replacement) }
        let identifier = try SecureRandom.bytes(8).hexadecimal
        var progress = IssueProgress(
            identifier: identifier, layoutName: layoutName, officer: officer, begunAt: clock())
        progress.replacement = replacement
        try file.write(progress)
        return progress
    }

    /// How far an issue has come.
    public func progress(_ identifier: String) throws(IssueFlowError) -> IssueProgress { try file.read(identifier) }

    /// The issues that have not ended, the oldest first: each of them somebody has to finish or give up.
    public func unfinished() throws(IssueFlowError) -> [IssueProgress] {
        try file.all().filter { $0.end == nil }
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
            try file.write(progress)
            return progress
        }
    }

    /// Gives an issue up.
    ///
    /// A card that was begun or made for it is booked as spoiled; one that its holder has is not given up.
    public func abandon(_ identifier: String, handledBy handling: Handling) throws -> IssueProgress {
        try withInHand(identifier) {
            var progress = try file.read(identifier)
            if let end = progress.end { throw IssueFlowError.ended(end) }
            progress.end = try spoilCard(of: progress, handling) ? .spoiled : .abandoned
            progress.sealedPIN = []
            try file.write(progress)
            return progress
        }
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
