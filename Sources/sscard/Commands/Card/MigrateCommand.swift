import ArgumentParser
import ByteText
import CardApplication
import CardCryptography
import CardData
import CardLayout
import ISO7816
import IssuerKeys
import Issuing
import Lifecycle
import Personalization
import Registry

/// `sscard card migrate`: an issued card brought to another layout, as far as its chip lets it.
struct MigrateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate",
        abstract: "迁移布局 Bring an issued card to another layout, or say why it cannot be.",
        discussion: """
            例 Examples:
              sscard card migrate --to national-3.0 --plan-only
              sscard card migrate --to national-2.0 --people Fixtures/people.csv --row 1 --expect-hash HASH
              sscard card migrate --to national-2.0 --people Fixtures/people.csv --row 1 --pin ask

            退出码 Exit code: 0 done · 1 not possible on this card, nothing was changed. 文件大小、结构、权限和密钥建立后不能改变，逐条列出。What was fixed when the
            card was made (sizes, structures, rights, keys) is listed. A card pulled meanwhile is finished by running the same command again: its
            journal binds it to its target and values. 只有持卡人密码能打开的数据，用 --pin 写入前核对、写入后读回 What only the holder's PIN opens is compared
            with --pin, before and after it is written; without it the places that are not read back are named. 旧版卡上含义已变的标签按 EE 规则改写 Tags whose meaning changed are rewritten on an old card and
            filled with EE: name the card's own layout and the new values.
            """)

    @OptionGroup var access: CardAccess
    @Option(help: "目标布局 The layout the card shall have.") var to: String
    @Option(help: "人员文件 CSV file with values to write beside the card's own.") var people: String?
    @Option(help: "第几行 Its row, from 1.") var row = 1
    @Flag(help: "只打印计划 Print the plan and change nothing.") var planOnly = false
    @Option(help: "计划哈希不是此值则不执行 Run only the plan of this hash.") var expectHash: String?
    @Flag(help: "允许建立目录 Let the plan create directories, which cannot be undone.")
    var createDirectories = false
    @Flag(help: "输出 JSON.") var json = false

    func run() async throws {
        let site = try Site(access.site).acting(access.officers)
        let values = try self.values(site)
        let pin = try access.pin?.presentedPIN()
        let preparation = try site.preparation()
        let journals = try access.site.dataFolder() + "/journal"
        let desk = MigrationDesk(
            preparation: preparation, journalFolder: journals, sealingKey: try SealingKey.load(in: journals),
            visits: try site.visits(
                lastTry: try access.lastTry.permission(access.officers),
                acceptedBy: access.firstContact.acceptance(by: access.officers)))
        // A trace shows what would be done; there is no card to do it to.
        let runs = !planOnly && access.replay == nil
        let report = try await access.changingCard { channel in
            let channel = SameCardChannel(channel)
            let (from, code) = try standing(of: channel, site, desk)
            let booking = try runs ? self.booking(of: code, site) : nil
            let rule = try site.library.entry(to).compiled.profile.identity
            let prepared = try desk.prepare(
                MigrationDesk.Request(
                    from: from, to: to, values: values, pin: pin, presentsKeys: !access.withoutKeys,
                    keyVersions: try site.keyVersions(ofChip: CardIdentity(channel.answerToReset, rule: rule)),
                    keepsRecord: true),
                through: channel
            ) { Terminal.progress("\($0.directory)/\($0.file)") }
            Terminal.endProgress()
            let wasRun = runs && prepared.migration.isPossible
            if wasRun {
                try check(prepared)
                try channel.reset()
                try desk.run(prepared, through: channel) { step in
                    Terminal.progress("\(step.done)/\(step.total)  \(step.purpose.text)")
                } onWritten: {
                    try book(booking, site)
                }
                // On one that was so already nothing was written: it may have been brought there before anybody told the registry.
                try book(booking, site)
                Terminal.endProgress()
            }
            return MigrationReport(
                prepared, channel.answerToReset, wasRun: wasRun, wasBooked: wasRun && booking != nil)
        }
        if json { try Terminal.say(json: report) } else { print(report) }
        if report.possible { Terminal.tell(report.notices) }
        if let faults = Faults(report.faults) { throw faults }
    }

    /// The layout that the card has, and the code that it shows: the layout was named, is on record, is what its migration was begun with, or
    /// the only one that its kind and version leave; asked without a key, and the card is reset afterwards.
    ///
    /// - Throws: `card.other-version` for a card of another version than the layout that was named; `migrate.which-layout` where several layouts are left: what one of them lacks cannot be seen from the others.
    private func standing(
        of channel: any CardChannel, _ site: Site, _ desk: MigrationDesk
    ) throws -> (layout: String, code: IdentificationCode?) {
        let compiled = try access.kind(of: channel, site)
        if case .making = try access.unfinishedWork(on: channel, compiled) { throw Faults("migrate.card-torn") }
        let conversation = try access.conversation(
            ReadOnlyChannel(channel), compiled, site, CardPreparation.absentKeys, nil)
        let code = try access.code(on: conversation, compiled)
        if !access.withoutKeys { try access.checkArea(of: code, site) }
        let begunWith = try desk.layoutBegunWith(on: channel.answerToReset, compiled.profile.identity)
        // A migration that was begun is finished, whatever was reported meanwhile: half a directory helps nobody.
        if begunWith == nil, !planOnly, access.replay == nil {
            try access.checkRecord(of: code, conversation, compiled, site)
        }
        // A card that was torn on its way may say either.
        if begunWith == nil, try access.asksForVersion() { try access.checkVersion(of: conversation, compiled, site) }
        if let name = access.layout ?? begunWith {
            try channel.reset()
            return (name, code)
        }
        if let code, let facts = try? site.existingRegistry()?.card(identificationCode: code)?.facts,
            let name = try? site.library.name(ofLayoutOf: facts),
            try site.library.entry(name).compiled.profile == compiled.profile
        {
            try channel.reset()
            return (name, code)
        }
        let environment = Set(compiled.layout.directories.prefix(1).map(\.name))
        let readings = try CardReader(conversation, compiled, presentsKeys: false).read(directories: environment)
        try channel.reset()
        let version = try site.card(ofVersionIn: readings, insteadOf: compiled) ?? compiled
        let fitting = try site.compiledCards(answering: channel.answerToReset.bytes).filter {
            $0.profile == version.profile
                && $0.layout.specificationVersion.first == version.layout.specificationVersion.first
        }
        guard fitting.count <= 1 else {
            throw Faults("migrate.which-layout", ["fitting": fitting.map(\.name).joined(separator: " ")])
        }
        return (version.name, code)
    }

    /// What the registry, where it has the card, is to be told of the migration.
    private func booking(of code: IdentificationCode?, _ site: Site) throws -> MigrationBooking? {
        guard let code, let registry = try site.existingRegistry(),
            let card = try registry.card(identificationCode: code)
        else { return nil }
        return try MigrationBooking(
            of: card, to: site.library.entry(to).compiled, in: registry,
            handledBy: access.officers.handling(as: .personalizer))
    }

    /// The registry is opened for it alone: whatever looks into it while the card is written finds it closed.
    private func book(_ booking: MigrationBooking?, _ site: Site) throws {
        if let booking, let registry = try site.existingRegistry() { try booking.book(in: registry) }
    }

    private func check(_ prepared: MigrationDesk.Preparation) throws(Faults) {
        let hash = prepared.hash.hexadecimal
        if let expectHash, expectHash.uppercased() != hash {
            throw Faults("migrate.other-plan", ["hash": hash])
        }
        let directories = prepared.migration.newDirectories
        // What was begun was accepted then.
        guard createDirectories || prepared.done != nil || directories.isEmpty else {
            throw Faults("migrate.creates-directories", ["directories": directories.joined(separator: " ")])
        }
    }

    /// The columns of the row that have a value.
    private func values(_ site: Site) throws -> [String: String] {
        guard let people else { return [:] }
        // Any of the layout's columns: what has none stays as it is on the card.
        let columns = PersonColumns(mandatory: [], optional: try site.library.entry(to).encoder.valueNames)
        let rows = try PersonFile.read(path: people, expectedColumns: columns)
        guard row >= 1, rows.indices.contains(row - 1) else { throw Faults("tool.no-such-row", ["row": String(row)]) }
        return rows[row - 1].values.filter { !$0.value.isEmpty }
    }

    private func print(_ report: MigrationReport) {
        if !report.steps.isEmpty {
            Terminal.say(PlanReport.lines(of: report.steps + report.readBack))
            Terminal.say()
        }
        let isAsItShall = report.possible && report.steps.isEmpty
        let state =
            isAsItShall
            ? "卡上已是如此，未写入 the card is so already, nothing written"
            : report.done ? "已迁移 migrated" : report.possible ? "可以迁移 possible" : "不能迁移 not possible"
        Terminal.say("\(report.migration)  \(state)  指令 commands \(report.commands)  字节 bytes \(report.bytes)")
        Terminal.say(report.minimum.text)
        Terminal.say("预计 predicted  9600 baud \(Double(Int(report.secondsAt9600 * 10)) / 10) s")
        if let offer = report.offer {
            Terminal.say("卡片 TA1=\(offer.ta1)  \(offer.baud) baud \(Double(Int(offer.seconds * 10)) / 10) s")
        }
        if !report.readBack.isEmpty {
            Terminal.say("凭密码读回 read back with the PIN  指令 commands \(report.readBack.count)")
            Terminal.say(report.readBackMinimum.text)
        }
        Terminal.say("计划哈希 plan hash \(report.hash)")
        if report.booked { Terminal.say("登记库已记为此布局 the registry has the card by this layout now") }
        if let begun = report.resumedAfter { Terminal.say("续作 resumed after \(begun) / \(report.commands)") }
        for name in report.keptDirectories { Terminal.say("保留 kept: \(name)") }
    }
}

/// A migration for programs.
private struct MigrationReport: Encodable, Sendable {
    struct Obstacle: Encodable, Sendable {
        let code: String
        let chinese: String
        let english: String
        let place: String?
    }

    let migration: String
    let possible: Bool
    let done: Bool
    /// Whether the registry was told of it.
    let booked: Bool
    let resumedAfter: Int?
    let commands: Int
    /// As a plan tells them (`sscard card plan`).
    let minimumCommands: Int
    let resumingCommands: Int
    let bytes: Int
    let secondsAt9600: Double
    let secondsAt115200: Double
    /// At the speed that the card offers; nil where it offers none.
    let offer: SpeedOffer?
    let hash: String
    let newDirectories: [String]
    let keptDirectories: [String]
    let obstacles: [Obstacle]
    let steps: [PlanReport.Step]
    /// What is compared with the PIN after the plan; not part of its commands, bytes and hash.
    let readBack: [PlanReport.Step]
    let notReadBack: [String]
    let faults: [Fault]
    let notices: [Fault]
    let minimum: CommandMinimum
    let readBackMinimum: CommandMinimum

    private enum CodingKeys: CodingKey {
        case migration, possible, done, booked, resumedAfter, commands, minimumCommands, resumingCommands, bytes
        case secondsAt9600, secondsAt115200, offer, hash
        case newDirectories, keptDirectories, obstacles, steps, readBack, notReadBack
    }

    init(_ prepared: MigrationDesk.Preparation, _ answer: AnswerToReset, wasRun: Bool, wasBooked: Bool) {
        let migration = prepared.migration
        faults = migration.obstacles
        notices = migration.notices
        notReadBack = migration.unread
        readBack = migration.readBack.steps.map { PlanReport.Step($0, profile: migration.readBack.profile) }
        resumedAfter = prepared.done
        let plan = migration.plan
        self.migration = plan.layoutName
        possible = migration.isPossible
        done = wasRun
        booked = wasBooked
        commands = plan.commandCount
        minimum = plan.minimum
        readBackMinimum = migration.readBack.minimum
        minimumCommands = minimum.fewest
        resumingCommands = minimum.forResuming
        bytes = plan.byteCount
        secondsAt9600 = CostModel.slow.seconds(of: plan)
        secondsAt115200 = CostModel.fast.seconds(of: plan)
        offer = SpeedOffer(answer, plan)
        hash = prepared.hash.hexadecimal
        newDirectories = migration.newDirectories
        keptDirectories = migration.keptDirectories
        let catalogue = MessageCatalogue.standard
        obstacles = migration.obstacles.map {
            Obstacle(
                code: $0.code.rawValue, chinese: catalogue.text(for: $0, language: .chinese).what,
                english: catalogue.text(for: $0, language: .english).what, place: $0.place?.fileAndLine)
        }
        steps = plan.steps.map { PlanReport.Step($0, profile: plan.profile) }
    }
}
