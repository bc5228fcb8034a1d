public import CardApplication
public import CardCryptography
import CardData
public import CardLayout
public import ISO7816
public import IssuerKeys
import Lifecycle
public import Personalization

/// Brings issued cards to another layout, and takes up what a tear or a crash left behind.
///
/// All calls block on card and disk: they belong on the thread of the card's reader.
public struct MigrationDesk: Sendable {
    /// What is asked for one card.
    public struct Request: Sendable {
        /// The layout the card was made by.
        public let from: String
        /// The layout it shall have.
        public let to: String
        /// Values to write beside the card's own, by the new layout's names.
        public let values: [String: String]
        /// The PIN, where it is to be presented for reading and for reading back.
        public let pin: PersonalIdentificationNumber?
        /// Whether read keys are presented.
        public let presentsKeys: Bool
        /// The versions of the keys that the card was made with; nil for the live ones.
        public let keyVersions: CardKeyVersions?
        /// What whoever asks wants to find again when the migration is taken up.
        public let mark: String

        /// Whether what the card shows of itself and its holder stays as it is, because nobody here changes the record with it.
        public let keepsRecord: Bool

        /// A request from its parts.
        public init(
            from: String, to: String, values: [String: String] = [:], pin: PersonalIdentificationNumber? = nil,
            presentsKeys: Bool = true, keyVersions: CardKeyVersions? = nil, mark: String = "", keepsRecord: Bool = false
        ) {
            self.mark = mark
            self.keepsRecord = keepsRecord
            self.keyVersions = keyVersions
            self.from = from
            self.to = to
            self.values = values.filter { !$0.value.isEmpty }
            self.pin = pin
            self.presentsKeys = presentsKeys
        }

        /// Bytes of the PIN as packed digits; nil without one.
        var pinLength: Int? { pin.map { ($0.count + 1) / 2 } }
    }

    /// A migration that is planned, or was begun.
    public struct Preparation {
        /// The plan and what stands in its way.
        public let migration: CardMigration
        /// The plan's hash.
        public let hash: [UInt8]
        /// The mark that it was begun with.
        public var mark: String { content.mark }
        /// The layouts that it was begun with.
        public var layouts: (from: String, to: String) { (content.from, content.to) }
        /// Commands done by an earlier run; nil when there was none.
        public let done: Int?
        let content: MigrationContent
        let pin: PersonalIdentificationNumber?
        let torn: (journal: Journal, position: Journal.Position)?
    }

    let preparation: CardPreparation
    let journalFolder: String
    let sealingKey: SealingKey
    let visits: VisitPolicy

    /// A desk.
    ///
    /// - Parameters:
    ///   - journalFolder: `DATA/journal`.
    ///   - sealingKey: seals personal data in journals.
    public init(
        preparation: CardPreparation, journalFolder: String, sealingKey: SealingKey, visits: VisitPolicy
    ) {
        self.preparation = preparation
        self.journalFolder = journalFolder
        self.sealingKey = sealingKey
        self.visits = visits
    }

    /// The migration of the card: the one that was begun, or a new plan from what the card holds.
    ///
    /// Nothing is changed.
    ///
    /// - Parameter progress: told after each file that was read.
    public func prepare(
        _ request: Request, through channel: any CardChannel, progress: (FileReading) -> Void = { _ in }
    ) throws(IssuingError) -> Preparation {
        do {
            let rule = try preparation.library.entry(request.to).compiled.profile.identity
            guard let card = CardIdentity(channel.answerToReset, rule: rule) else { throw IssuingError.noIdentity }
            if let (journal, content, position) = try Journal.resume(
                MigrationContent.self, in: journalFolder, card: card, key: sealingKey)
            {
                return try begun(content, journal, position, request)
            }
            guard try Journal.resume(in: journalFolder, card: card, key: sealingKey) == nil else {
                throw Faults("migrate.card-torn")
            }
            return try planned(request, channel, progress)
        } catch {
            throw IssuingError(wrapping: error)
        }
    }

    /// The layout that the unfinished migration of a card was begun with; nil for a card without one.
    public func layoutBegunWith(on answer: AnswerToReset, _ rule: CardIdentityRule) throws(IssuingError) -> String? {
        guard let card = CardIdentity(answer, rule: rule) else { throw IssuingError.noIdentity }
        do {
            return try Journal.resume(MigrationContent.self, in: journalFolder, card: card, key: sealingKey)?.1.from
        } catch {
            throw IssuingError(wrapping: error)
        }
    }

    /// Runs a migration to its end; its journal is removed when the card has been read back, with the PIN what only the PIN opens.
    ///
    /// The card must have been reset since it was read.
    ///
    /// - Parameter onWritten: told once the card has been read back and while the journal still stands: the place to book it. After a
    ///   crash it is told again.
    public func run(
        _ prepared: Preparation, through channel: any CardChannel, progress: (PlanRunner.Progress) -> Void = { _ in },
        onWritten: () throws -> Void = {}
    ) throws(IssuingError) {
        do {
            if let faults = Faults(prepared.migration.obstacles) { throw faults }
            let plan = prepared.migration.plan
            let channel = SameCardChannel(channel)
            // The plan is for the card that was read, and for no other one of its kind that was put in its place.
            guard prepared.content.dump.answerToReset == channel.answerToReset.bytes else {
                throw CardError.channel(.cardRemoved)
            }
            let compiled = try preparation.library.entry(prepared.content.to).compiled
            let conversation = try conversation(
                channel, compiled, pin: prepared.pin, CardKeyVersions(prepared.content.keyVersions),
                isBegun: prepared.torn != nil)
            let readBack = prepared.migration.readBack
            let all = plan.keyNeeds + readBack.keyNeeds
            // how much of the plan a torn card still needs it has not said yet
            try preparation.keys.check(prepared.torn == nil ? all : all.eachOnce, of: conversation.context)
            try conversation.explaining(of: compiled.layout) {
                if try conversation.meet(compiled) { try conversation.reset() }
                if let (journal, position) = prepared.torn {
                    let torn = TornMigration(plan, to: compiled, conversation)
                    let entry = try entry(of: torn, after: position, prepared.content, journal)
                    try PlanRunner(plan, conversation).run(
                        from: entry, journal: journal, preparing: torn.prepare, progress: progress)
                    try PlanRunner(readBack, conversation).readBack(progress: progress)
                    try onWritten()
                    try journal.remove()
                } else if !plan.stages.isEmpty {
                    guard let card = CardIdentity(channel.answerToReset, rule: compiled.profile.identity) else {
                        throw IssuingError.noIdentity
                    }
                    let journal = try Journal.begin(
                        in: journalFolder, card: card, content: prepared.content, key: sealingKey)
                    try PlanRunner(plan, conversation).run(journal: journal, progress: progress)
                    try PlanRunner(readBack, conversation).readBack(progress: progress)
                    try onWritten()
                    try journal.remove()
                }
            }
        } catch let error as PersonalizationError {
            throw .migration(error)
        } catch {
            throw IssuingError(wrapping: error)
        }
    }

    // MARK: -

    /// Where a torn card goes on.
    ///
    /// Where its new directory is lost it goes on by its old layout, as a card of which nothing is unfinished: the journal goes.
    private func entry(
        of torn: TornMigration, after position: Journal.Position, _ content: MigrationContent, _ journal: Journal
    ) throws -> PlanRunner.Entry {
        do {
            return try torn.entry(after: position, dump: content.dump)
        } catch PersonalizationError.directoryLost(let name) {
            try journal.remove()
            throw PersonalizationError.directoryLost(name)
        }
    }

    /// A card goes on with the data its migration was begun with.
    private func begun(
        _ content: MigrationContent, _ journal: Journal, _ position: Journal.Position, _ request: Request
    ) throws -> Preparation {
        // Who left a mark books what was written; finished by somebody else it never would be.
        guard content.mark.isEmpty || !request.mark.isEmpty else { throw Faults("migrate.marked") }
        guard content.to == request.to, request.values.isEmpty || request.values == content.values else {
            throw Faults("migrate.begun-otherwise", ["layout": content.to])
        }
        let migration = try preparation.migration(content, pinLength: request.pinLength)
        return Preparation(
            migration: migration, hash: content.planHash, done: position.commandsDone(of: migration.plan),
            content: content, pin: request.pin, torn: (journal, position))
    }

    private func planned(
        _ request: Request, _ channel: any CardChannel, _ progress: (FileReading) -> Void
    ) throws -> Preparation {
        let old = try preparation.library.entry(request.from).compiled
        let target = try preparation.library.entry(request.to).compiled
        let readOnly = ReadOnlyChannel(channel)
        let versions = request.keyVersions ?? preparation.keyVersions
        let conversation = try conversation(readOnly, old, pin: request.pin, versions)
        let readings = try conversation.explaining(of: old.layout) {
            var readings = try CardReader(
                conversation, old, presentsKeys: request.presentsKeys, pinLength: request.pinLength
            ).read(progress: progress)
            guard !readings.isEmpty else { throw Faults("card.not-personalized") }
            // What an earlier migration made, the old layout does not know.
            let added = Set(target.directories.map(\.name)).subtracting(old.directories.map(\.name))
            if !added.isEmpty, target.profile.answerToResetPrefix == old.profile.answerToResetPrefix {
                readings += try CardReader(
                    self.conversation(readOnly, target, pin: nil, versions), target, presentsKeys: request.presentsKeys
                ).read(directories: added, progress: progress)
            }
            // A file that is new in an application, an earlier migration may have given records.
            let grown = target.profile.globalPlatform == nil ? [] : target.directoriesWithMoreFiles(than: old)
            if !grown.isEmpty, target.profile.answerToResetPrefix == old.profile.answerToResetPrefix {
                readings += try CardReader(
                    self.conversation(readOnly, target, pin: nil, versions), target, presentsKeys: request.presentsKeys
                ).read(directories: grown).filter { old.directory($0.directory)?.file($0.file) == nil }
            }
            return readings
        }
        let dump = CardDump(
            layoutName: old.layout.name, answerToReset: channel.answerToReset.bytes, readings: readings)
        if request.keepsRecord { try Self.checkRecord(request.values, dump.content(by: old.layout), target.layout) }
        let content = MigrationContent(
            planHash: [UInt8](repeating: 0, count: 32), from: request.from, to: request.to,
            area: preparation.policy.area, keyVersions: versions?.description ?? "", mark: request.mark,
            largestBlock: channel.largestCommandData, values: request.values, dump: dump)
        let migration = try preparation.plan(content, pinLength: request.pinLength)
        let hash = try migration.plan.hash
        return Preparation(
            migration: migration, hash: hash, done: nil,
            content: MigrationContent(
                planHash: hash, from: content.from, to: content.to, area: content.area,
                keyVersions: content.keyVersions, mark: content.mark, largestBlock: content.largestBlock,
                values: content.values, dump: content.dump),
            pin: request.pin, torn: nil)
    }

    /// Checks that no given value differs from one that the card has and that is kept on a record.
    ///
    /// - Throws: `card.update-issue` and `card.update-holder`, every one.
    private static func checkRecord(
        _ values: [String: String], _ content: CardContent, _ layout: CardLayout
    ) throws(Faults) {
        var faults = FaultCollector()
        for directory in layout.directories {
            for file in directory.files {
                for element in file.elements {
                    let full = "\(directory.name).\(file.name).\(element.name)"
                    guard let record = element.record, let given = values[full] ?? values[element.name],
                        let own = content[directory.name, file.name, element.name]?.text, !own.isEmpty, own != given
                    else { continue }
                    faults.add(
                        record == .issue ? "card.update-issue" : "card.update-holder",
                        ["element": element.name, "title": element.title])
                }
            }
        }
        try faults.check()
    }

    private func conversation(
        _ channel: any CardChannel, _ compiled: CompiledCard, pin: PersonalIdentificationNumber?,
        _ versions: CardKeyVersions?, isBegun: Bool = false
    ) throws -> CardConversation {
        guard
            let context = CardKeyContext(
                channel.answerToReset, profile: compiled.profile, area: preparation.policy.area)
        else { throw IssuingError.noIdentity }
        return CardConversation(
            channel, with: compiled, keys: preparation.keys, context: context.withVersions(versions), pin: pin,
            visit: try visits.visit(of: channel.answerToReset, by: compiled.profile, isBegun: isBegun))
    }
}

extension CardPreparation {
    /// The migration that was begun, made again.
    ///
    /// - Parameter pinLength: bytes of the PIN, where it is there for reading back.
    /// - Throws: ``PersonalizationError/planHasChanged`` when layouts, profile or area are not what they were.
    func migration(_ content: MigrationContent, pinLength: Int? = nil) throws -> CardMigration {
        // Keys of another area would cost the card a try.
        guard content.area == policy.area else { throw PersonalizationError.planHasChanged }
        let migration = try plan(content, pinLength: pinLength)
        guard try migration.plan.hash == content.planHash else { throw PersonalizationError.planHasChanged }
        return migration
    }

    func plan(_ content: MigrationContent, pinLength: Int?) throws(Faults) -> CardMigration {
        let target = try library.entry(content.to)
        return try MigrationPlanner(
            from: library.entry(content.from).compiled, to: target.compiled, encoder: target.encoder,
            readerTakes: content.largestBlock
        ).plan(for: content.dump, values: content.values, pinLength: pinLength)
    }
}
